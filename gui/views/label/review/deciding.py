"""Decisions as edits of the project: each is one step of the history, durable when the key is done."""

from __future__ import annotations

from collections.abc import Callable

from core.dataset.formats import DatasetInfo, Example, Format
from core.project import Change, Project
from core.project.edits import Compound, CreateDataset, Edit, InsertExamples, SetCells
from gui.context import Context
from gui.views.label.review.judge import Verdict
from gui.workers.job import Job

ORIGIN = "review"
STEP = "Review"  # how the names of its steps in the history begin: Z takes back these and no other
_LOOKED_AT, _FEW = 300, 4  # labels


class Deciding:
    def __init__(self, context: Context) -> None:
        self._context = context

    def decide(self, info: DatasetInfo, example: Example, verdict: Verdict) -> bool:
        """Store a verdict. False when it could not be stored; the reason is in the message bar."""
        label = f"{STEP} row {example.number:,}: {verdict.words}"

        def apply(project: Project) -> Change:
            edits: list[Edit] = [SetCells(verdict.cells)]
            if verdict.found:
                edits.append(self._found(project, info, verdict.found))
            return project.apply(edits[0] if len(edits) == 1 else Compound(tuple(edits)), label, ORIGIN)

        return self._context.edit(apply) is not None

    def mark(self, example: Example, key: str, value: object) -> bool:
        """Flag or note, as a step that Z takes back."""
        label = f"{STEP} row {example.number:,}: {key}"
        cell = (example.id, key, value)
        return self._context.edit(lambda project: project.set_cells([cell], label, ORIGIN)) is not None

    @staticmethod
    def _found(project: Project, info: DatasetInfo, pairs: tuple[tuple[str, str], ...]) -> Edit:
        """Positives that were found among the negatives, as pairs in a dataset of their own."""
        name = f"{info.name}: positives found"
        rows = tuple(Example(pair, status="accepted", source=f"review of {info.name}") for pair in pairs)
        for other in project.datasets():
            if other.format is Format.PAIRS and other.name.casefold() == name.casefold():
                return InsertExamples(other.id, rows)
        return CreateDataset(name, Format.PAIRS, examples=rows)

    def only_ends(self, info: DatasetInfo) -> bool:
        """Whether the first labels of the dataset, a few of them at least, are all at the ends of the scale."""
        project = self._context.project
        if project is None:
            return False
        scores = project.first_scores(info.id, _LOOKED_AT)
        return len(scores) >= _FEW and set(scores) == {0.0, 1.0}

    def find_categories(self, dataset_id: int, know: Callable[[list[str]], object]) -> None:
        """Hand over the categories of a dataset, the most frequent first, once they are counted."""
        project = self._context.project
        if project is None:
            return
        reader = project.reader()

        def work(job: Job) -> list[str]:
            try:
                return reader.categories(dataset_id)
            finally:
                reader.close()

        self._context.run("", work, on_done=know).on_cancel(reader.interrupt)
