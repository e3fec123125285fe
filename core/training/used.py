"""The settings of past runs: every one of them for reading, what differs between runs, and a run's recipe for use again. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from core.dataset.formats import DatasetInfo
from core.dataset.stats import DataStats
from core.errors import UsageError
from core.training import presets
from core.training.losses import BY_NAME
from core.training.options import EVALUATION, GENERAL
from core.training.recipe import Recipe, make_recipe, validate
from core.training.spec import Spec

_TITLES = {
    **{option.key: option.title for option in (*GENERAL, *EVALUATION)},
    "preset": "Preset",
    "dataset_name": "Dataset",
    "format": "Format",
    "negatives": "Negatives",
    "checkpoint_seconds": "Checkpoint every … seconds",
    "threads": "Threads",
    "packed": "Packed forward",
    "packing_overhead": "Packing overhead",
    "allow_download": "Download allowed",
    "trust_remote_code": "Code of the model trusted",
}
_FIRST = ("preset", "dataset_name", "format", "negatives")
_LAST = (
    "checkpoint_seconds",
    "threads",
    "packed",
    "packing_overhead",
    "allow_download",
    "trust_remote_code",
)
_NO_SETTINGS = {
    "run_dir",
    "loss_parameters",
    "reasons",
    "sources",
    "notes",
    "probes",
    "probe_queries",
    "probe_sample",
    "project_name",
}
_ROUNDS = 4  # settings depend on one another; what is fixed in one round changes few others


@dataclass(frozen=True)
class Used:
    """One setting of a run. `source`: automatic, preset, project, user, or "" where that is not known."""

    key: str
    title: str
    value: Any
    reason: str = ""
    source: str = ""


def settings_used(spec: Spec) -> list[Used]:
    """Every setting of a run, those that people look at first; also of one that a newer program made."""
    values = {item.name: getattr(spec, item.name) for item in fields(spec) if item.name not in _NO_SETTINGS}
    general = [option.key for option in (*GENERAL, *EVALUATION) if option.key in values]
    others = [key for key in values if key not in (*_FIRST, *general, *_LAST)]
    found: list[Used] = []
    for key in (*_FIRST, *general, *others, *_LAST):
        if key == "negatives" and spec.format.value != "triplets":
            continue
        found.append(_used(spec, key, values[key]))
        if key == "loss":
            found += _of_loss(spec)
    return found


def _used(spec: Spec, key: str, value: Any) -> Used:
    title = _TITLES.get(key, key.replace("_", " ").capitalize())
    return Used(key, title, value, spec.reasons.get(key, ""), spec.sources.get(key, ""))


def _of_loss(spec: Spec) -> list[Used]:
    loss = BY_NAME.get(spec.loss)
    known = {item.name: item for item in loss.parameters} if loss is not None else {}
    found = []
    for name, value in spec.loss_parameters.items():
        item = known.get(name)
        key = f"loss.{item.key if item is not None else name}"
        title = item.title if item is not None else name.replace("_", " ")
        found.append(Used(key, title, value, spec.reasons.get(key, ""), spec.sources.get(key, "")))
    return found


def side_by_side(specs: Sequence[Spec | None]) -> list[tuple[str, list[Any]]]:
    """Every setting that one of them has: title, and the value of each spec (None where it has none)."""
    lists = [{used.key: used for used in settings_used(spec)} if spec is not None else {} for spec in specs]
    keys = list(dict.fromkeys(key for found in lists for key in found))
    return [
        (
            next(found[key].title for found in lists if key in found),
            [found[key].value if key in found else None for found in lists],
        )
        for key in keys
    ]


def difference(specs: Sequence[Spec | None]) -> list[tuple[str, list[Any]]]:
    """As `side_by_side`, only what is not the same in all."""
    return [row for row in side_by_side(specs) if len({repr(value) for value in row[1]}) > 1]


def again(
    spec: Spec, info: DatasetInfo, stats: DataStats, card: Mapping[str, Any] | None = None
) -> tuple[str, dict[str, Any]]:
    """The preset, and the settings to fix in the project, with which its recipe for `info` is the run's.

    What the recipe computes to the same value is left to it, so that its reasons stay; an automatic warm-up is left to it too.

    Raises:
        UsageError: the run's loss or settings do not fit the dataset's format.
    """
    preset = presets.usable(spec.preset, info, card)
    wanted = _values(spec)
    if spec.sources.get("warmup_steps") == "automatic":
        wanted.pop("warmup_steps", None)
    try:
        wanted = validate(wanted, info.format)
    except UsageError as error:
        raise UsageError(
            f"The settings of {spec.run} do not fit {info.name}: {error.message}",
            "Choose the dataset it was trained on.",
        ) from error
    fixed = {key: value for key, value in wanted.items() if spec.sources.get(key) in ("project", "user")}
    for _ in range(_ROUNDS):
        recipe = make_recipe(info, stats, project=fixed, preset=preset, card=card)
        other = {key: value for key, value in wanted.items() if _differs(recipe, key, value)}
        if not other:
            break
        fixed |= other
    return preset, fixed


def _values(spec: Spec) -> dict[str, Any]:
    keys = [option.key for option in (*GENERAL, *EVALUATION)]
    values = {key: getattr(spec, key) for key in keys if hasattr(spec, key)}
    values |= {used.key: used.value for used in _of_loss(spec)}
    return values


def _differs(recipe: Recipe, key: str, value: Any) -> bool:
    return key in recipe.settings and recipe.value(key) != value
