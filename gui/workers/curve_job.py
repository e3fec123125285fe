"""A learning curve in a process of its own, driven from a job's thread."""

from __future__ import annotations

from pathlib import Path

from core.engine.trainer_client import TrainerProcess
from core.training.events import Event, LearningCurveEvent, ProgressEvent
from gui.workers.job import Job

PARTS = 1_000  # of the job's progress


def draw_curve(job: Job, folder: Path, dataset_id: int, threads: int) -> LearningCurveEvent:
    """Draw it and hand every event over as a part. A cancelled job ends the process: what is trained is on disk.

    Raises:
        AnchorLabError: why it failed.
    """
    with TrainerProcess(threads) as process:
        job.on_cancel(process.kill)

        def tell(event: Event) -> None:
            if job.stopped():
                process.kill()
            if isinstance(event, ProgressEvent) and event.total:
                job.report(round(PARTS * event.done / event.total), PARTS)
            job.partial.emit(event)

        return process.learning_curve(folder, dataset_id, {}, tell)
