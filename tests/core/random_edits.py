"""A person who does anything at all, quickly: every kind of edit, on several datasets, with undo and redo in between."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

from core.dataset.formats import DatasetInfo, Example, Format, Scale, slots
from core.errors import DataProblem
from core.project import Project, frozen
from core.project.edits import (
    Compound,
    DeleteDataset,
    DeleteExamples,
    Edit,
    InsertExamples,
    RenameDataset,
    SetMeta,
)
from core.project.passes import DropPass, Judge, Judged, Pass, PutPass
from core.project.saved_views import SavedView, saved_views, store
from core.project.swap import SwapColumns
from core.project.verdicts import SetVerdicts, verdict

TEXTS = ("", "a", "Größe", "x\ny", "100%", "soft girl", 'say "hi"', "\u0000nul", "日本語", "😀", "a" * 300)
_MOST_DATASETS, _MOST_ROWS = 6, 60


class RandomEdits:
    """`done` counts what was done, by kind."""

    def __init__(self, project: Project, chance: random.Random) -> None:
        self.project = project
        self.chance = chance
        self.done: Counter[str] = Counter()
        self._kinds: list[tuple[str, int, Callable[[], Edit | None]]] = [
            ("cells", 30, self._cells),
            ("insert", 14, self._insert),
            ("delete", 10, self._delete),
            ("create", 3, self._create),
            ("drop dataset", 2, self._drop),
            ("rename", 2, self._rename),
            ("meta", 4, self._meta),
            ("probe", 3, self._probe),
            ("texts", 4, self._texts),
            ("remove texts", 2, self._remove_texts),
            ("pass", 2, self._pass),
            ("judge", 3, self._judge),
            ("verdicts", 3, self._verdicts),
            ("swap", 2, self._swap),
            ("views", 2, self._views),
            ("freeze", 1, self._freeze),
            ("compound", 4, self._compound),
        ]
        self._weights = [weight for _, weight, _ in self._kinds]

    def step(self) -> None:
        """One operation. What does not fit the data is refused, and must leave it alone."""
        roll = self.chance.random()
        if roll < 0.06:
            self.done["undo"] += self.project.undo() is not None
        elif roll < 0.10:
            self.done["redo"] += self.project.redo() is not None
        else:
            name, _, make = self.chance.choices(self._kinds, self._weights)[0]
            edit = make()
            if edit is not None:
                self._apply(name, edit)

    def _apply(self, name: str, edit: Edit) -> None:
        try:
            if self.project.apply(edit, name).kinds:
                self.done[name] += 1
        except DataProblem:
            self.done["refused"] += 1

    @property
    def total(self) -> int:
        return sum(self.done.values())

    # -- choosing -----------------------------------------------------------------------------------------------

    def _info(self) -> DatasetInfo | None:
        infos = self.project.datasets()
        return self.chance.choice(infos) if infos else None

    def _ids(self, info: DatasetInfo, most: int = 6) -> list[int]:
        ids = self.project.ids(info.id)
        return [self.chance.choice(ids) for _ in range(self.chance.randint(1, most))] if ids else []

    def _text(self) -> str:
        return self.chance.choice(TEXTS)

    def _word(self) -> str:
        return f"{self.chance.choice('abcdefgh')}{self.chance.randrange(40)}"

    # -- making -------------------------------------------------------------------------------------------------

    def _example(self, info: DatasetInfo) -> Example:
        scored = info.format is Format.SCORED and self.chance.random() < 0.7
        return Example(
            tuple(self._text() for _ in range(slots(info.format, info.negatives))),
            score=0.5 if scored else None,
            raw_score="0.5" if scored else "",
            split=self.chance.choice(("", "train", "eval", "test")),
            flag=self.chance.random() < 0.2,
            note=self.chance.choice(("", "look")),
            source="made",
            status=self.chance.choice(("", "accepted", "rejected", "skipped")),
        )

    def _insert(self) -> Edit | None:
        info = self._info()
        if info is None or info.rows >= _MOST_ROWS:
            return None
        return InsertExamples(info.id, [self._example(info) for _ in range(self.chance.randint(1, 8))])

    def _delete(self) -> Edit | None:
        info = self._info()
        return DeleteExamples(self._ids(info)) if info is not None else None

    def _cells(self) -> Edit | None:
        from core.project.edits import SetCells

        info = self._info()
        ids = self._ids(info) if info is not None else []
        if info is None or not ids:
            return None
        values = {
            "score": lambda: self.chance.choice(("", "0", "1", "0,5")),
            "split": lambda: self.chance.choice(("", "train", "eval", "test")),
            "flag": lambda: self.chance.random() < 0.5,
            "status": lambda: self.chance.choice(("", "accepted", "rejected", "skipped")),
        }
        keys = [*(column.key for column in info.columns), "split", "flag", "note", "status"]
        cells = []
        for id in ids:
            key = self.chance.choice(keys)
            cells.append((id, key, values.get(key, self._text)()))
        return SetCells(tuple(cells))

    def _create(self) -> Edit | None:
        from core.project.edits import CreateDataset

        if len(self.project.datasets()) >= _MOST_DATASETS:
            return None
        format, negatives = self.chance.choice(list(Format)), self.chance.randint(1, 3)
        info = DatasetInfo(0, "", format, negatives)
        rows = [self._example(info) for _ in range(self.chance.randint(0, 10))]
        return CreateDataset(self._word(), format, negatives, Scale(), rows)

    def _drop(self) -> Edit | None:
        info = self._info()
        return DeleteDataset(info.id) if info is not None else None

    def _rename(self) -> Edit | None:
        info = self._info()
        return RenameDataset(info.id, self._word()) if info is not None else None

    def _meta(self) -> Edit:
        return SetMeta(
            self.chance.choice(("recipe", "preset", "k")), self.chance.choice((None, "{}", self._word()))
        )

    def _probe(self) -> Edit:
        from core.project.probes import Probe, SetProbe, put

        probes = self.project.probes()
        if probes and self.chance.random() < 0.4:
            return SetProbe(
                self.chance.choice(probes).id, self.chance.choice((None, (self._word(), "", "", "")))
            )
        if self.chance.random() < 0.5:
            return put(
                Probe(0, self._word(), "", k=self.chance.randint(1, 5), expected=(self._word(), self._text()))
            )
        return SetProbe(0, (self._word(), self._text(), "similar", ""))

    def _texts(self) -> Edit:
        from core.project.corpus import AddTexts

        return AddTexts([self._word() for _ in range(self.chance.randint(1, 5))], "list.txt")

    def _remove_texts(self) -> Edit:
        from core.project.corpus import RemoveTexts

        return RemoveTexts([self.chance.randint(1, 60) for _ in range(3)])

    def _passes(self) -> list[int]:
        return [id for (id,) in self.project._all("SELECT id FROM passes")]

    def _pass(self) -> Edit | None:
        passes, info = self._passes(), self._info()
        if passes and self.chance.random() < 0.4:
            return DropPass(self.chance.choice(passes))
        if info is None or not info.rows:
            return None
        rows = tuple(Judged(id, "1") for id in dict.fromkeys(self._ids(info)))
        return PutPass(Pass(0, info.id, "blind", self._word(), self.chance.randrange(99), "2026-01-01", rows))

    def _judge(self) -> Edit | None:
        found = self.project._all("SELECT pass_id, example_id FROM judgements")
        if not found:
            return None
        return Judge(*self.chance.choice(found), self.chance.choice("01"), self.chance.choice(("", "1")))

    def _verdicts(self) -> Edit:
        kinds = ("negative", "positive", "skip")
        return SetVerdicts([verdict(self._word(), self._word(), self.chance.choice(kinds)) for _ in range(2)])

    def _swap(self) -> Edit | None:
        info = self._info()
        return SwapColumns(info.id, 0, self.chance.randint(1, 2)) if info is not None else None

    def _views(self) -> Edit:
        views = saved_views(self.project)[-4:]
        return store([*views, SavedView(self._word(), 1, search=self._text())])

    def _freeze(self) -> Edit | None:
        info = self._info()
        value = self.chance.choice((None, None, "1"))
        return SetMeta(frozen.key(info.id), value) if info is not None else None

    def _compound(self) -> Edit | None:
        parts = [edit for edit in (self._cells(), self._meta(), self._texts()) if edit is not None]
        return Compound(tuple(parts))
