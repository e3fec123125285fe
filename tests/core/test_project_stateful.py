"""Thousands of random edits: undo leads back through every state exactly, redo forward again."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from core.dataset.formats import DatasetInfo, Example, Format, Scale, slots
from core.project import Project, View
from core.project.edits import Compound, DeleteDataset, DeleteExamples, RenameDataset, SetMeta
from core.project.passes import DropPass, Judge, Judged, Pass, PutPass
from core.project.verdicts import KINDS, SetVerdicts, verdict
from core.project.views import FILTERS

TEXT = st.sampled_from(["", "a", "Größe", "x\ny", "100%", "soft girl"]) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=8
)
SCORE = st.sampled_from(["", "0", "1", "0,5", "0.25"])
PICK = st.integers(0, 10**6)


class Histories(RuleBasedStateMachine):
    """`states` are the digests of every state on the way here, `place` the one we are at."""

    def __init__(self) -> None:
        super().__init__()
        self.base = Path(tempfile.mkdtemp(prefix="anchorlab-history-"))
        self.project = Project.create(self.base / "p", "Shop")
        # Commits need no disk here: this is about what they hold. Durability has tests of its own.
        self.project._connection.execute("PRAGMA synchronous=OFF")
        self.states = [self.project.data_hash()]
        self.place = 0
        self.owners: dict[tuple[int, int], int] = {}  # (dataset, number) -> the only row that ever had it

    def teardown(self) -> None:
        for place in range(self.place - 1, -1, -1):
            assert self.project.undo() is not None and self.project.data_hash() == self.states[place]
        assert self.project.undo() is None
        for state in self.states[1:]:
            assert self.project.redo() is not None and self.project.data_hash() == state
        assert self.project.redo() is None
        assert self.project._connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        self.project.close()
        shutil.rmtree(self.base)

    def edited(self, kinds: frozenset[str]) -> None:
        state = self.project.data_hash()
        assert bool(kinds) == (state != self.states[self.place])
        if kinds:
            self.states = [*self.states[: self.place + 1], state]
            self.place += 1

    def pick(self, number: int) -> DatasetInfo | None:
        infos = self.project.datasets()
        return infos[number % len(infos)] if infos else None

    def rows(self, info: DatasetInfo, picks: list[int]) -> list[int]:
        ids = self.project.ids(info.id)
        return [ids[number % len(ids)] for number in picks] if ids else []

    @rule(name=TEXT, format=st.sampled_from(Format), negatives=st.integers(1, 3), count=st.integers(0, 5))
    def create(self, name: str, format: Format, negatives: int, count: int) -> None:
        examples = [Example(tuple("abcde"[: slots(format, negatives)])) for _ in range(count)]
        self.edited(
            self.project.create_dataset(name.strip() or "d", format, negatives, Scale(), examples).kinds
        )

    @rule(data=st.data(), which=PICK, count=st.integers(1, 8))
    def add(self, data: st.DataObject, which: int, count: int) -> None:
        if info := self.pick(which):
            width = slots(info.format, info.negatives)
            texts = data.draw(st.lists(TEXT, min_size=width, max_size=width))
            split = data.draw(st.sampled_from(["", "train", "eval", "test"]))
            example = Example(tuple(texts), split=split, flag=data.draw(st.booleans()))
            self.edited(self.project.add_examples(info.id, [example] * count).kinds)

    @rule(data=st.data(), which=PICK, picks=st.lists(PICK, min_size=1, max_size=6))
    def set_cells(self, data: st.DataObject, which: int, picks: list[int]) -> None:
        if info := self.pick(which):
            cells = []
            for id in self.rows(info, picks):
                key = data.draw(
                    st.sampled_from([*(column.key for column in info.columns), "split", "flag", "note"])
                )
                values = {
                    "score": SCORE,
                    "split": st.sampled_from(["", "train", "eval", "test"]),
                    "flag": st.booleans(),
                }
                cells.append((id, key, data.draw(values.get(key, TEXT))))
            self.edited(self.project.set_cells(cells).kinds)

    @rule(which=PICK, picks=st.lists(PICK, min_size=1, max_size=6))
    def delete(self, which: int, picks: list[int]) -> None:
        if info := self.pick(which):
            self.edited(self.project.delete_examples(self.rows(info, picks)).kinds)

    @rule(which=PICK, picks=st.lists(PICK, max_size=3), value=TEXT)
    def several(self, which: int, picks: list[int], value: str) -> None:
        if info := self.pick(which):
            edits = (
                DeleteExamples(self.rows(info, picks)),
                SetMeta("k", value or None),
                SetMeta("last", str(which)),
            )
            change = self.project.apply(Compound(edits), "Several")
            self.edited(change.kinds)

    @rule(which=PICK, picks=st.lists(PICK, max_size=4, unique=True), kind=st.sampled_from(["blind", "merge"]))
    def second_pass(self, which: int, picks: list[int], kind: str) -> None:
        if info := self.pick(which):
            rows = tuple(Judged(id, "=1") for id in dict.fromkeys(self.rows(info, picks)))
            value = Pass(0, info.id, kind, "Ada", which, "2026-01-02", rows)
            self.edited(self.project.apply(PutPass(value), "Second pass").kinds)

    @rule(which=PICK, second=st.sampled_from(["", "=0.5", "skipped"]), settled=st.sampled_from(["", "mean"]))
    def judge_again(self, which: int, second: str, settled: str) -> None:
        if (info := self.pick(which)) and (passes := self.project.passes(info.id)) and passes[0].rows:
            row = passes[0].rows[which % len(passes[0].rows)]
            edit = Judge(passes[0].id, row.example_id, second, settled)
            self.edited(self.project.apply(edit, "Judge again").kinds)

    @rule(which=PICK)
    def drop_pass(self, which: int) -> None:
        if (info := self.pick(which)) and (passes := self.project.passes(info.id)):
            self.edited(self.project.apply(DropPass(passes[which % len(passes)].id), "Forget").kinds)

    @rule(which=PICK)
    def delete_dataset(self, which: int) -> None:
        if info := self.pick(which):
            self.edited(self.project.apply(DeleteDataset(info.id), "Delete").kinds)

    @rule(which=PICK, name=st.text("abcdefgh", min_size=9, max_size=12))
    def rename(self, which: int, name: str) -> None:
        info = self.pick(which)
        if info and all(name != other.name for other in self.project.datasets()):
            self.edited(self.project.apply(RenameDataset(info.id, name), "Rename").kinds)

    @rule(texts=st.lists(TEXT, max_size=5), source=TEXT)
    def add_texts(self, texts: list[str], source: str) -> None:
        self.edited(self.project.add_texts([text.replace("\0", "") for text in texts], source).kinds)

    @rule(picks=st.lists(PICK, min_size=1, max_size=4))
    def remove_texts(self, picks: list[int]) -> None:
        if there := self.project.corpus_texts():
            self.edited(self.project.remove_texts([there[pick % len(there)].id for pick in picks]).kinds)

    @rule(pairs=st.lists(st.tuples(TEXT, TEXT, st.sampled_from(KINDS)), min_size=1, max_size=4))
    def judge(self, pairs: list[tuple[str, str, str]]) -> None:
        verdicts = tuple(verdict(*pair) for pair in pairs)
        self.edited(self.project.apply(SetVerdicts(verdicts), "Judge").kinds)

    @rule(times=st.integers(1, 6))
    def undo(self, times: int) -> None:
        for _ in range(times):
            assert (self.project.undo() is not None) == (self.place > 0)
            self.place = max(0, self.place - 1)

    @rule(times=st.integers(1, 6))
    def redo(self, times: int) -> None:
        for _ in range(times):
            assert (self.project.redo() is not None) == (self.place + 1 < len(self.states))
            self.place = min(len(self.states) - 1, self.place + 1)

    @rule()
    def reopen(self) -> None:
        self.project.close()
        self.project = Project.open(self.base / "p")
        self.project._connection.execute("PRAGMA synchronous=OFF")

    @rule()
    def tidy(self) -> None:
        self.project.tidy()

    @invariant()
    def the_state_is_the_expected_one(self) -> None:
        assert self.project.data_hash() == self.states[self.place]

    @invariant()
    def counts_are_right_and_numbers_are_never_given_twice(self) -> None:
        for info in self.project.datasets():
            found = {name: len(self.project.ids(info.id, View(filter=name))) for name in FILTERS}
            assert self.project.counts(info.id) == found and info.rows == found["all"]
            rows = list(self.project.rows(info.id))
            assert [row.number for row in rows] == sorted({row.number for row in rows})
            for row in rows:
                assert self.owners.setdefault((info.id, row.number), row.id) == row.id


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=30, stateful_step_count=60, deadline=None)
