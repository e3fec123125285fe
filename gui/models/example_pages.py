"""A small window into a big table: pages of examples, fetched when looked at, forgotten when long unseen."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Sequence

from core.dataset.formats import Example

PAGE = 200
KEPT = 24  # pages: a few screens around every place one jumps between, some megabytes at most

Fetch = Callable[[Sequence[int]], list[Example]]


class ExamplePages:
    """Rows of the current view by position. `fetch` asks the store for examples by id (missing ones left out)."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._pages: OrderedDict[int, list[Example | None]] = OrderedDict()

    def at(self, ids: array[int], row: int) -> Example | None:
        """The example at `row` of `ids`; None where it is gone from the store."""
        key = row // PAGE
        page = self._pages.get(key)
        if page is None:
            wanted = ids[key * PAGE : (key + 1) * PAGE]
            found = {example.id: example for example in self._fetch(wanted)}
            page = [found.get(id) for id in wanted]
            self._pages[key] = page
            if len(self._pages) > KEPT:
                self._pages.popitem(last=False)
        else:
            self._pages.move_to_end(key)
        offset = row - key * PAGE
        return page[offset] if offset < len(page) else None

    def clear(self) -> None:
        self._pages.clear()

    def forget_from(self, row: int) -> None:
        """Positions from `row` on have shifted."""
        first = row // PAGE
        for key in [key for key in self._pages if key >= first]:
            del self._pages[key]

    def forget(self, changed: Collection[int]) -> Iterator[tuple[int, int]]:
        """Drop the pages that hold one of the ids (all pages for none); yields the rows (first, last) they covered.

        A page that is not kept needs no news: whoever looks at it next fetches it anew.
        """
        for key in list(self._pages):
            page = self._pages[key]
            if not changed or any(example is not None and example.id in changed for example in page):
                del self._pages[key]
                yield key * PAGE, key * PAGE + len(page) - 1

    def __len__(self) -> int:
        return len(self._pages)
