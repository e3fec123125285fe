"""What the review remembers between starts: of a dataset its order and its shuffle, of the person whether guidelines are shown."""

from __future__ import annotations

from typing import Any

from gui.context import Context
from gui.views.label.review.deck import ORDERS

_KEY = "review"
_MOST = 60  # datasets that are remembered


class Memory:
    """Kept in the settings: how somebody looks at rows is no edit of the project."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.asked = False  # the pane was asked for in this window, so it is shown however narrow it is

    def _all(self) -> dict[str, Any]:
        found = self._context.settings.extra.get(_KEY)
        if not isinstance(found, dict):
            found = self._context.settings.extra[_KEY] = {}
        return found

    def _of(self, dataset_id: int) -> dict[str, Any]:
        found = self._all().get(f"{self._context.folder}#{dataset_id}")
        return found if isinstance(found, dict) else {}

    def _keep(self, dataset_id: int, name: str, value: object) -> None:
        key = f"{self._context.folder}#{dataset_id}"
        everything = self._all()
        mine = {**self._of(dataset_id), name: value}
        everything.pop(key, None)
        everything[key] = mine
        datasets = [name for name in everything if "#" in name]
        for old in datasets[: max(len(datasets) - _MOST, 0)]:
            del everything[old]
        self._context.save_settings()

    def order(self, dataset_id: int) -> str:
        found = self._of(dataset_id).get("order")
        return found if isinstance(found, str) and found in ORDERS else "listed"

    def keep_order(self, dataset_id: int, order: str) -> None:
        self._keep(dataset_id, "order", order)

    def seed(self, dataset_id: int) -> int:
        found = self._of(dataset_id).get("seed")
        return found if isinstance(found, int) else 1

    def keep_seed(self, dataset_id: int, seed: int) -> None:
        self._keep(dataset_id, "seed", seed)

    def ends(self, dataset_id: int) -> bool | None:
        """Whether only the ends of the scale have keys; None where nobody said."""
        found = self._of(dataset_id).get("ends")
        return found if isinstance(found, bool) else None

    def keep_ends(self, dataset_id: int, ends: bool) -> None:
        self._keep(dataset_id, "ends", ends)

    @property
    def guidelines(self) -> bool:
        return self._all().get("guidelines") is not False

    def show_guidelines(self, shown: bool) -> None:
        self.asked = shown
        self._all()["guidelines"] = shown
        self._context.save_settings()
