"""Find and replace in the texts of rows: what would change, counted and shown before it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.dataset.formats import Column, Example, Role
from core.errors import Cancelled, DataProblem

# A pattern such as (a+)+$ can take longer than the universe on thirty letters: one text gets this long, then it is refused.
SECONDS_A_TEXT = 0.5
SAMPLES = 200
_BREATH = 500  # rows between two questions whether to stop


@dataclass(frozen=True)
class Search:
    """`pattern` is taken literally unless `regex`; the keys of the columns to look in, none for every text column."""

    pattern: str
    replacement: str = ""
    regex: bool = False
    match_case: bool = False
    whole_words: bool = False
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sample:
    """One cell that would change. `found` are the places (start, end) in `before`, `put` those in `after`."""

    id: int
    number: int
    column: str
    before: str
    after: str
    found: tuple[tuple[int, int], ...]
    put: tuple[tuple[int, int], ...]


@dataclass
class Found:
    """`cells` are the changes as edits want them; `unchanged` matches replace a text by itself."""

    matches: int = 0
    rows: int = 0
    unchanged: int = 0
    cells: list[tuple[int, str, Any]] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)


class Replacer:
    """A search made ready.

    Raises:
        DataProblem: the pattern or the replacement is no regular expression.
    """

    def __init__(self, search: Search) -> None:
        import regex

        self.search = search
        pattern = search.pattern if search.regex else regex.escape(search.pattern, special_only=True)
        if search.whole_words:
            pattern = rf"(?<!\w)(?:{pattern})(?!\w)"
        flags = regex.VERSION0 | (0 if search.match_case else regex.IGNORECASE)
        self._timeout = TimeoutError
        try:
            self._pattern = regex.compile(pattern, flags)
            if search.regex:  # a reference to a group that is not there shows only when it is used
                regex.compile(rf"(?:{pattern})|", flags).sub(search.replacement, "", count=1)
        except (regex.error, IndexError) as error:
            raise DataProblem(
                f"“{search.pattern[:60]}” is no regular expression: {error}.",
                "Correct it, or search for the text as it stands.",
            ) from error

    def replace(self, text: str) -> tuple[str, list[tuple[int, int]], list[tuple[int, int]]]:
        """The new text, where the pattern was found, and where the replacements are.

        Raises:
            DataProblem: the pattern takes too long on this text.
        """
        found: list[tuple[int, int]] = []
        put: list[tuple[int, int]] = []
        parts: list[str] = []
        end = length = 0
        try:
            for match in self._pattern.finditer(text, timeout=SECONDS_A_TEXT, concurrent=True):
                new = match.expand(self.search.replacement) if self.search.regex else self.search.replacement
                kept = text[end : match.start()]
                parts += (kept, new)
                length += len(kept)
                found.append(match.span())
                put.append((length, length + len(new)))
                length += len(new)
                end = match.end()
        except self._timeout as error:
            raise DataProblem(
                f"The pattern “{self.search.pattern[:60]}” takes too long on a text of {len(text):,} characters.",
                "Make it more exact; nested repetitions such as (a+)+ are what takes long.",
            ) from error
        return "".join([*parts, text[end:]]), found, put


def searched_columns(search: Search, columns: Sequence[Column]) -> list[Column]:
    texts = [column for column in columns if column.role is not Role.SCORE]
    return [column for column in texts if not search.columns or column.key in search.columns]


def find(
    examples: Iterable[Example],
    columns: Sequence[Column],
    search: Search,
    *,
    samples: int = SAMPLES,
    on_progress: Callable[[int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Found:
    """What the replacement would change. An empty pattern finds nothing.

    Raises:
        DataProblem: the pattern is none, or takes too long. Cancelled.
    """
    found = Found()
    if not search.pattern:
        return found
    replacer, looked = Replacer(search), searched_columns(search, columns)
    for number, example in enumerate(examples):
        if number % _BREATH == 0:
            if should_stop is not None and should_stop():
                raise Cancelled
            if on_progress is not None:
                on_progress(number)
        here = found.matches
        for column in looked:
            _look(replacer, example, column, found, samples)
        found.rows += found.matches > here
    return found


def _look(replacer: Replacer, example: Example, column: Column, found: Found, samples: int) -> None:
    text = example.texts[column.slot]
    after, places, put = replacer.replace(text)
    if not places:
        return
    found.matches += len(places)
    if after == text:
        found.unchanged += 1
        return
    found.cells.append((example.id, column.key, after))
    if len(found.samples) < samples:
        found.samples.append(
            Sample(example.id, example.number, column.title, text, after, tuple(places), tuple(put))
        )
