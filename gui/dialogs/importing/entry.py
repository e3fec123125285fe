"""One file of the import wizard: what was asked for, what was found, where its rows go."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.dataset.formats import DatasetInfo, Example, Format, columns
from core.dataset.importing import ImportResult, Inspection, Reading, TextsResult
from core.dataset.importing.known import Known
from core.project.reimport import Policy
from core.project.taking import WithSplit

NEW = "new"

_SPLIT_WORDS = {
    "train": "train", "training": "train", "dev": "eval", "valid": "eval", "validation": "eval", "eval": "eval", "test": "test",
}  # fmt: skip


@dataclass
class Entry:
    """A file in the list. The window's thread alone changes it."""

    path: Path
    title: str  # what the list shows
    asked: Reading = field(default_factory=Reading)  # what the person has chosen; the rest is detected
    looked: Reading | None = None  # the reading that `inspection` or `problem` belongs to
    inspection: Inspection | None = None
    problem: str = ""  # why the file cannot be read at all
    hint: str = ""
    destination: str = NEW  # NEW, or the id of the dataset to append to
    name: str = ""  # of the new dataset
    split: str = ""  # for all rows of a file without a column of splits
    result: ImportResult | TextsResult | None = None
    unread: str = ""  # why reading all of it failed
    known: Known | None = None  # which of its rows the dataset has already
    policy: Policy = Policy.SKIP  # what becomes of those
    texts_known: int = 0  # unpaired texts that are there already
    wants_texts: bool = False  # judgements by id, whose texts were not found
    chosen: bool = False  # the person chose the destination

    @property
    def waiting(self) -> bool:
        """Whether the preview is behind what was asked for."""
        return self.looked != self.asked

    def forget_result(self) -> None:
        """What was read of all of the file no longer holds."""
        self.result = self.known = None
        self.unread = ""
        self.texts_known = 0

    @property
    def dataset_id(self) -> int:
        """Of the dataset to add to; 0 for a new one."""
        return int(self.destination) if self.destination.isdecimal() else 0

    def rows(self) -> Sequence[Example]:
        """The rows that were read, with the split of the file where it has no column of splits."""
        result = self.result
        if not isinstance(result, ImportResult):
            return []
        if not self.split or "split" in result.mapping.columns:
            return result.examples
        return WithSplit(result.examples, self.split)

    @property
    def to_import(self) -> int:
        """How many rows or texts an import would add or change."""
        if self.result is None:
            return 0
        if isinstance(self.result, TextsResult):
            return len(self.result.texts) - self.texts_known
        if self.known is None or self.policy is Policy.ADD:
            return len(self.result.examples)
        return len(self.known.new) + (len(self.known.changed) if self.policy is Policy.UPDATE else 0)

    @property
    def corpus(self) -> bool:
        return self.inspection is not None and self.inspection.reading.corpus is not None

    @property
    def format(self) -> Format | None:
        mapping = self.inspection.mapping if self.inspection is not None else None
        return mapping.format if mapping is not None else None

    @property
    def open_question(self) -> str:
        """What the person still has to say before the file can be imported."""
        found = self.inspection
        if found is None:
            return self.problem
        if found.mapping is not None and (question := self._of_columns(found)):
            return question
        if found.mapping is None and not self.corpus:
            return found.problem or "Choose which column is what."
        if found.problem:
            return found.problem
        if not self.corpus and self.destination == NEW and not self.name.strip():
            return "Give the new dataset a name."
        return ""

    @staticmethod
    def _of_columns(found: Inspection) -> str:
        mapping = found.mapping
        assert mapping is not None
        names = list(mapping.columns.values())
        wanted = [item.key for item in columns(mapping.format, mapping.negatives) if item.key != "score"]
        if any(key not in mapping.columns for key in wanted):
            return "Choose a column for every role."
        if len(set(names)) < len(names):
            return "One column cannot have two roles."
        if found.labels and found.reading.labels is None:
            return "Say what the words in the score column mean."
        return ""

    @property
    def ready(self) -> bool:
        return self.inspection is not None and not self.waiting and not self.open_question

    def state(self) -> tuple[str, str]:
        """(tone, words) of the list's second line; the tone is "", positive, warning or error."""
        if self.unread:
            return "error", self._short(self.unread)
        if self.result is not None:
            return self._read_state(self.result)
        if self.inspection is None:
            return ("error", self._short(self.problem)) if self.problem else ("", "Looking at it…")
        if self.open_question:
            return "warning", self.open_question
        kind = "Unpaired texts" if self.corpus else self.format.title if self.format else ""
        return "positive", f"{kind} · {self.inspection.found or self.inspection.kind.upper()}"

    @staticmethod
    def _read_state(result: ImportResult | TextsResult) -> tuple[str, str]:
        """After all of the file was read."""
        texts = isinstance(result, TextsResult)
        count = len(result.texts) if isinstance(result, TextsResult) else len(result.examples)
        words = f"{count:,} {'text' if texts else 'row'}{'' if count == 1 else 's'}"
        if not result.rejected:
            return "positive", words
        return "warning", f"{words} · {len(result.rejected):,} not taken"

    def _short(self, words: str) -> str:
        """Without the folder, which would fill the line."""
        return words.replace(str(self.path), self.path.name)


def new_entry(path: Path, title: str = "") -> Entry:
    stem = path.name
    while Path(stem).suffix and path.is_file() and len(Path(stem).suffix) <= 8:
        stem = Path(stem).stem  # "train.csv.gz" is "train"
    words = re.split(r"[^a-z]+", stem.lower())
    split = next((_SPLIT_WORDS[word] for word in reversed(words) if word in _SPLIT_WORDS), "")
    return Entry(path, _plain(title or path.name), name=_plain(stem or path.name), split=split)


def _plain(name: str) -> str:
    """A file's name as one line of text: it may hold line breaks, and bytes that are no text."""
    return " ".join(name.encode("utf-8", "replace").decode("utf-8").split()) or "file"


def fits(entry: Entry, info: DatasetInfo) -> bool:
    """Whether the rows of the file could be added to this dataset."""
    mapping = entry.inspection.mapping if entry.inspection is not None else None
    if mapping is None or mapping.format is not info.format:
        return False
    return info.format is not Format.TRIPLETS or mapping.negatives == info.negatives
