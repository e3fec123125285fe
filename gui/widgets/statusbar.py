"""The line at the bottom: counts, issues, background work with its progress, save state."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QWidget

from core.words import duration
from gui.theme.tokens import STATUS_HEIGHT
from gui.widgets.basic import brief, button, label, set_tone
from gui.workers.job import Job, Jobs


class StatusBar(QFrame):
    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("statusbar")
        self.setFixedHeight(STATUS_HEIGHT)
        self._jobs = jobs
        self._shown: Job | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 14, 0)
        row.setSpacing(16)
        self.examples = label(name="status.examples")
        self.labelled = label(name="status.labelled")
        self.issues = button("", kind="plain", name="status.issues")
        self.read_only = label("", name="status.read_only", tone="warning")
        self.work = label(name="status.work")
        self.bar = QProgressBar()
        self.bar.setObjectName("status.progress")
        self.bar.setAccessibleName("Background work")
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(96)
        self.cancel = button("Cancel", kind="plain", name="status.cancel", clicked=self._cancel)
        self.engine = label(name="status.engine")
        self.saved = label(name="status.saved")
        for part in (self.examples, self.labelled, self.issues, self.read_only):
            row.addWidget(part)
        row.addStretch(1)
        for widget in (self.work, self.bar, self.cancel, self.engine, self.saved):
            row.addWidget(widget)
        jobs.changed.connect(self._choose_job)
        self._choose_job()
        self.show_counts({})

    def show_counts(self, counts: dict[str, int]) -> None:
        """`rows`, `labelled` and `issues` of the current dataset; an empty dict clears the line."""
        rows, labelled, issues = counts.get("rows"), counts.get("labelled"), counts.get("issues")
        self.examples.setText("" if rows is None else f"{rows:,} example{'' if rows == 1 else 's'}")
        self.labelled.setText("" if labelled is None else f"{labelled:,} labelled")
        self.issues.setVisible(bool(issues))
        self.issues.setText(f"{issues:,} issue{'' if issues == 1 else 's'}" if issues else "")
        set_tone(self.issues, "warning" if issues else "")

    def _choose_job(self) -> None:
        titled = [job for job in self._jobs.running if job.title and not job.stopped()]
        job = titled[-1] if titled else None
        if job is not self._shown:
            self._shown = job
            if job is not None:
                job.progressed.connect(self._show_progress)
        for part in (self.work, self.bar, self.cancel):
            part.setVisible(job is not None)
        if job is not None:
            self._show_progress()

    def _show_progress(self) -> None:
        """The shown job's, whichever job it was that reported: those shown before are still connected."""
        job = self._shown
        if job is None:
            return
        done, total = job.done, job.total
        self.bar.setRange(0, 1000 if total else 0)
        if total:
            self.bar.setValue(round(1000 * done / total))
        left = job.seconds_left()
        title = brief(job.title)
        self.work.setText(title if left is None else f"{title} · {duration(left)} left")

    def _cancel(self) -> None:
        if self._shown is not None:
            self._shown.cancel()
            self._choose_job()
