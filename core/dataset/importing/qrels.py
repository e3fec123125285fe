"""Judgements by id, as BEIR and TREC keep them: which document suits which query. The texts are in files of their own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from core.atomic import explained
from core.dataset.importing.choices import Reading
from core.dataset.importing.datafile import DataFile
from core.dataset.importing.limits import MAX_LINE, SAMPLE_ROWS
from core.dataset.importing.roles import by_name, canonical
from core.dataset.importing.source import EVERY, Record, Reject, Source, Ticker
from core.errors import ImportProblem, TextsMissing

Judgement = tuple[int, str, str, str]  # (line, query, document, judgement)

_HEADER = ("query", "corpus", "score")
_TREC = re.compile(r"(\S+)[ \t]+(?:0|Q0)[ \t]+(\S+)[ \t]+(-?\d+)\s*")
_BEIR = re.compile(r"([^\t]+)\t([^\t]+)\t(-?\d+(?:\.\d+)?)\s*")
_ENOUGH = 3  # lines of a file that are judgements before it is taken for them
_QUERIES = ("queries", "topics", "questions")
_CORPUS = ("corpus", "collection", "documents", "docs", "passages")
_TEXTS = ("text", "contents", "content", "passage", "body", "query", "question", "title")
_TABLES = (".jsonl", ".tsv", ".csv", ".json", ".txt", ".parquet", ".gz")


def looks_like_judgements(head: str) -> bool:
    """Whether a file that begins like this is TREC or BEIR qrels."""
    lines = [line for line in head.split("\n")[:-1] if line.strip()]
    if lines and _is_header(lines[0]):
        return True
    return len(lines) >= _ENOUGH and all(_TREC.fullmatch(line) for line in lines)


def companions_of(path: Path) -> tuple[Path, ...]:
    """The files of queries and documents that lie beside a file of judgements, or beside its folder."""
    found = []
    for stems in (_QUERIES, _CORPUS):
        for folder in (path.parent, path.parent.parent):
            names = sorted(item for item in folder.iterdir() if item.is_file() and item != path)
            fits = [n for n in names if n.name.lower().split(".")[0] in stems and n.suffix.lower() in _TABLES]
            if fits:
                found.append(fits[0])
                break
    return tuple(found)


class QrelsSource(Source):
    """Pairs of a query and a document judged above 0; with `Reading.zeros` triplets whose negatives were judged 0."""

    kind = "qrels"
    choices = frozenset({"zeros", "companions", "repair"})

    def __init__(
        self,
        path: Path,
        found: str,
        parts: Sequence[tuple[str, DataFile]],
        companions: Sequence[Path],
        reading: Reading,
        open_file: Callable[[Path, Reading], Source],
    ) -> None:
        super().__init__(path)
        self.found = found
        self._parts = list(parts)
        self._zeros = reading.zeros
        self.nested = reading.zeros
        if len(companions) < 2:
            raise TextsMissing(
                f"{path} holds judgements by id ({found}); the texts of the queries and documents are in other files.",
                "Put them beside it as queries.jsonl and corpus.jsonl, or choose them.",
            )
        self._wanted = self._ids()
        if not self._wanted[0]:
            raise ImportProblem(f"{path.name} holds no judgements.", "Choose a file that holds some.")
        self._texts = self._load(companions, open_file)
        self.columns = (
            ["query", "positive", "negative", "split"]
            if self._zeros
            else ["query", "document", "judgement", "split"]
        )
        for _, cells in self._records(range(4), lambda line, reason: None, None):
            self.sample.append([cell if isinstance(cell, str) else str(cell) for cell in cells])
            if len(self.sample) >= SAMPLE_ROWS:
                break
        self.lists = frozenset({1, 2}) if self._zeros else frozenset()

    def records(self, picks: Sequence[int], reject: Reject, ticker: Ticker) -> Iterator[Record]:
        return self._records(picks, reject, ticker)

    def _records(self, picks: Sequence[int], reject: Reject, ticker: Ticker | None) -> Iterator[Record]:
        for number, (split, file) in enumerate(self._parts):
            if ticker is not None:
                ticker(number, len(self._parts))
            rows = _judged(file, reject)
            if ticker is not None:
                rows = _ticking(rows, ticker, number, len(self._parts))
            found = (
                self._grouped(rows, split, reject)
                if self._zeros
                else self._single(rows, split, picks, reject)
            )
            for line, cells in found:
                yield line, [cells[pick] for pick in picks]

    def _single(
        self, rows: Iterable[Judgement], split: str, picks: Sequence[int], reject: Reject
    ) -> Iterator[Record]:
        scored = 2 in picks  # then a judgement of 0 says something, too
        for line, query, document, judgement in rows:
            if not scored and float(judgement) <= 0:
                reject(
                    line, f"document {document} was judged {judgement} for query {query}, which is no pair"
                )
            elif (texts := self._both(line, query, document, reject)) is not None:
                yield line, [*texts, judgement, split]

    def _grouped(self, rows: Iterable[Judgement], split: str, reject: Reject) -> Iterator[Record]:
        by_query: dict[str, tuple[int, list[str], list[str]]] = {}
        for line, query, document, judgement in rows:
            if (texts := self._both(line, query, document, reject)) is not None:
                _, positives, negatives = by_query.setdefault(query, (line, [], []))
                (positives if float(judgement) > 0 else negatives).append(texts[1])
        for query, (line, positives, negatives) in by_query.items():
            if positives and negatives:
                yield line, [self._texts[0][query], positives, negatives, split]
            else:
                missing = "0" if positives else "above 0"
                reject(line, f"no document was judged {missing} for query {query}")

    def _both(self, line: int, query: str, document: str, reject: Reject) -> tuple[str, str] | None:
        for what, id, texts in (("query", query, self._texts[0]), ("document", document, self._texts[1])):
            if id not in texts:
                reject(line, f"the text of {what} {id[:60]} is missing")
                return None
        return self._texts[0][query], self._texts[1][document]

    def _ids(self) -> tuple[set[str], set[str]]:
        queries: set[str] = set()
        documents: set[str] = set()
        for _, file in self._parts:
            for _, query, document, _ in _judged(file, lambda line, reason: None):
                queries.add(query)
                documents.add(document)
        return queries, documents

    def _load(
        self, companions: Sequence[Path], open_file: Callable[[Path, Reading], Source]
    ) -> tuple[dict[str, str], dict[str, str]]:
        """The texts that the judgements name, from files in either order."""
        loaded = []
        for path in companions[:2]:
            source = open_file(path, Reading())
            both = self._wanted[0] | self._wanted[1]
            loaded.append({id: text for id, text in _texts_by_id(source) if id in both})
            self.notes.append(f"Texts from {path.name}.")
        swapped = len(loaded[0].keys() & self._wanted[0]) < len(loaded[1].keys() & self._wanted[0])
        return (loaded[1], loaded[0]) if swapped else (loaded[0], loaded[1])


def _ticking(rows: Iterable[Judgement], ticker: Ticker, number: int, parts: int) -> Iterator[Judgement]:
    for seen, row in enumerate(rows, start=1):
        if seen % EVERY == 0:
            ticker(number, parts)
        yield row


def _judged(file: DataFile, reject: Reject) -> Iterator[Judgement]:
    with explained(file.path, "read"), file.open_text("utf-8-sig", "surrogateescape") as stream:
        number = 0
        while line := stream.readline(MAX_LINE):
            number += 1
            if not line.strip() or (number == 1 and _is_header(line)):
                continue
            match = _TREC.fullmatch(line) or _BEIR.fullmatch(line)
            if match is None:
                reject(number, "it is no judgement (query, document, number)")
            else:
                yield number, match[1], match[2], match[3]


def _is_header(line: str) -> bool:
    names = [canonical(name) for name in re.split(r"[\t,]", line)]
    return len(names) == 3 and all(name.startswith(start) for name, start in zip(names, _HEADER))


def _texts_by_id(source: Source) -> Iterator[tuple[str, str]]:
    """(id, text) of a file of queries or documents. A title stands before its text, as retrieval models are given it."""
    id_place, text_place, title_place = _places(source)
    picks = [id_place, text_place, *([] if title_place is None else [title_place])]
    for _, cells in source.records(picks, lambda line, reason: None, Ticker(None, None)):
        id, text, *title = [cell if isinstance(cell, str) else " ".join(cell) for cell in cells]
        yield id, f"{title[0]} {text}" if title and title[0].strip() else text


def _places(source: Source) -> tuple[int, int, int | None]:
    """Where a file has its ids, texts and titles; ids and texts are the first two columns where no names say so."""
    names = [canonical(name) for name in source.columns]
    if len(names) < 2:
        raise ImportProblem(f"{source.name} has no ids beside its texts.", "Choose a file of ids and texts.")
    ids = by_name(source.columns).ids if source.header else []
    id_place = ids[0] if ids else 0
    text_place = next((names.index(name) for name in _TEXTS if name in names), 1 if id_place == 0 else 0)
    title = names.index("title") if "title" in names and names[text_place] != "title" else None
    return id_place, text_place, title


def of_file(file: DataFile, reading: Reading, open_file: Callable[[Path, Reading], Source]) -> QrelsSource:
    """A single file of judgements."""
    found = (
        "BEIR qrels"
        if _is_header(file.head(1 << 12).decode("utf-8-sig", "replace").split("\n")[0])
        else "TREC qrels"
    )
    companions = reading.companions or companions_of(file.path)
    return QrelsSource(file.path, found, [("", file)], companions, replace(reading, companions=()), open_file)
