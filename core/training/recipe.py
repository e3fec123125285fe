"""The recipe: every setting of a run, computed from the data, with one sentence that says why. No torch, instant."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.dataset.formats import DatasetInfo
from core.models import catalogue
from core.training import automatic, presets
from core.training.loss_parameters import Parameter
from core.training.losses import BY_NAME
from core.training.options import Option, options, parse_set, validate
from core.training.spec import Spec

if TYPE_CHECKING:
    from core.dataset.stats import DataStats
    from core.project import Project, Reader

__all__ = [
    "Recipe",
    "Setting",
    "make_recipe",
    "parse_set",
    "recipe_for",
    "settings_of",
    "to_spec",
    "validate",
]


@dataclass(frozen=True)
class Setting:
    """One value of a recipe. `source`: automatic, preset, project (set in this project), user (set for this run)."""

    key: str
    value: Any
    reason: str
    source: str
    title: str
    choices: tuple[Any, ...] | None
    kind: str  # int, float, choice, text
    help: str = ""
    automatic: Any = None  # what it would be if nobody had set it


@dataclass(frozen=True)
class Recipe:
    """`settings` by key in display order. Counts are estimates until the hold-out is drawn."""

    settings: dict[str, Setting]
    train_rows: int
    holdout_rows: int
    steps_per_epoch: int
    steps: int
    preset: str = presets.AUTOMATIC  # its key

    @property
    def fold_steps(self) -> int:
        """The steps of the cross-validation, besides those of the run itself."""
        folds = int(self.value("folds"))
        if folds < 2 or self.holdout_rows:
            return 0
        rows = self.train_rows * (folds - 1) / folds
        return folds * math.ceil(math.ceil(rows / self.value("batch_size")) * self.value("epochs"))

    def value(self, key: str) -> Any:
        return self.settings[key].value

    def values(self) -> dict[str, Any]:
        return {key: setting.value for key, setting in self.settings.items()}

    def reasons(self) -> dict[str, str]:
        return {key: setting.reason for key, setting in self.settings.items()}

    def sources(self) -> dict[str, str]:
        return {key: setting.source for key, setting in self.settings.items()}


def make_recipe(
    info: DatasetInfo,
    stats: DataStats,
    overrides: Mapping[str, Any] | None = None,
    *,
    project: Mapping[str, Any] | None = None,
    preset: str = presets.AUTOMATIC,
    card: Mapping[str, Any] | None = None,
) -> Recipe:
    """The recipe for a dataset. `overrides` were given for this run, `project` holds what the project itself sets.

    `preset` fills in what neither sets, see `core.training.presets`; `card` is what the preset of that name gives. What the
    project sets for a loss that does not fit the format, or for another loss than the one in use, is passed over: it belongs to
    another dataset of the project.

    Raises:
        UsageError: an unknown key, a value that does not fit, or a preset that this dataset does not have.
    """
    user = validate(
        overrides or {}, info.format, str((project or {}).get("loss", "")) if _fits(project, info) else ""
    )
    own = _project_values(project or {}, user, info)
    title = presets.find(preset, info, card).title
    filled = presets.given(preset, stats, card, lambda: make_recipe(info, stats, overrides, project=project))
    filled = _of_preset(filled, {**own, **user}, info)
    chosen = {**{key: item.value for key, item in filled.items()}, **own, **user}
    maker = automatic.Maker(info, stats, chosen)
    settings: dict[str, Setting] = {}
    loss = BY_NAME[chosen.get("loss") or maker.loss().value]
    validate(
        user, info.format, loss.name
    )  # a parameter of another loss than the one in use is a mistake, not a wish
    for key, option in options(loss, info.format).items():
        found = maker.make(key, loss)
        if key in filled:
            found = _from_preset(filled[key], found, title)
        settings[key] = _setting(option, found, user.get(key), own.get(key), _help(loss.name, key))
        if key in filled and settings[key].source == "automatic":
            settings[key] = replace(settings[key], source="preset")
        maker.values[key] = settings[key].value
    if "loss" in chosen:
        settings["loss"] = replace(settings["loss"], automatic=filled.get("loss", maker.loss()).value)
    return Recipe(settings, maker.train_rows, maker.holdout_rows, maker.steps_per_epoch, maker.steps, preset)


def recipe_for(
    project: Project | Reader,
    info: DatasetInfo,
    stats: DataStats,
    overrides: Mapping[str, Any] | None = None,
    preset: str | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Recipe:
    """The recipe for a dataset of `project`, with its own settings and its preset, or with `settings` and `preset` in their place.

    Raises:
        UsageError: as `make_recipe`. The project's own preset is passed over where it does not fit the dataset.
        DataProblem: the project's settings are damaged.
    """
    card = project.card_recipe()
    if preset is None:
        preset = presets.usable(project.preset(), info, card)
    own = project.recipe() if settings is None else settings
    return make_recipe(info, stats, overrides, project=own, preset=preset, card=card)


def _of_preset(
    filled: Mapping[str, presets.Given], chosen: Mapping[str, Any], info: DatasetInfo
) -> dict[str, presets.Given]:
    """What a preset gives, typed, without the parameters of its loss where the person chose another."""
    named = filled.get("loss")
    if named is not None and chosen.get("loss", named.value) != named.value:
        filled = {key: item for key, item in filled.items() if key != "loss" and not key.startswith("loss.")}
    typed = validate({key: item.value for key, item in filled.items()}, info.format)
    return {key: presets.Given(value, filled[key].reason) for key, value in typed.items()}


def _from_preset(given: presets.Given, found: automatic.Choice, title: str) -> automatic.Choice:
    if given.reason:
        return replace(found, value=given.value, reason=given.reason)
    same = given.value == found.value
    words = "the automatic value is the same" if same else f"automatic would be {shown(found.value)}"
    return replace(found, value=given.value, reason=f"{title}; {words}.")


def _fits(project: Mapping[str, Any] | None, info: DatasetInfo) -> bool:
    return presets.fits(project or {}, info)


def _project_values(project: Mapping[str, Any], user: Mapping[str, Any], info: DatasetInfo) -> dict[str, Any]:
    """The project's settings that apply here, typed."""
    foreign = not _fits(project, info) or (
        "loss" in user and user["loss"] != project.get("loss", user["loss"])
    )
    applicable = {
        key: value
        for key, value in project.items()
        if not (foreign and (key == "loss" or key.startswith("loss.")))
    }
    return validate(applicable, info.format, str(user.get("loss", "")))


def _setting(option: Option, found: automatic.Choice, user: Any, own: Any, help: str) -> Setting:
    value, reason, source = found.value, found.reason, "automatic"
    if user is not None or own is not None:
        source = "user" if user is not None else "project"
        value = user if user is not None else own
        where = "Set for this run" if source == "user" else "Set in this project"
        same = value == found.value
        reason = (
            f"{where}; the automatic value is the same."
            if same
            else f"{where}; automatic would be {shown(found.value)}."
        )
    return Setting(
        option.key,
        value,
        reason,
        source,
        option.title,
        option.choices,
        option.kind,
        help or found.help,
        found.value,
    )


def _help(loss: str, key: str) -> str:
    if key == "loss":
        return BY_NAME[loss].help
    parameter = BY_NAME[loss].parameter(key.removeprefix("loss.")) if key.startswith("loss.") else None
    return parameter.help if parameter else ""


def shown(value: Any) -> str:
    """A value as a sentence has it: 2e-5, not 2e-05."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}".replace("e-0", "e-")
    return str(value) if value != "" else "none"


def to_spec(
    recipe: Recipe, run_dir: Path, info: DatasetInfo, *, train_rows: int, project_name: str = ""
) -> Spec:
    """The spec of a run in `run_dir`, for `train_rows` real training rows: an automatic warm-up follows them."""
    values = recipe.values()
    loss = BY_NAME[values["loss"]]
    general = {key: value for key, value in values.items() if not key.startswith("loss.")}
    general["base_model"] = _absolute(str(values["base_model"]))
    steps = math.ceil(train_rows / values["batch_size"]) * values["epochs"]
    if recipe.settings["warmup_steps"].source == "automatic":
        general["warmup_steps"] = automatic.warmup(math.ceil(steps))
    return Spec(
        run_dir=str(run_dir),
        format=info.format,
        negatives=info.negatives,
        loss_parameters={item.name: _value(item, values) for item in loss.parameters},
        project_name=project_name,
        dataset_name=info.name,
        preset=recipe.preset,
        reasons=recipe.reasons(),
        sources=recipe.sources(),
        **general,
    )


def _value(parameter: Parameter, values: Mapping[str, Any]) -> Any:
    value = values[f"loss.{parameter.key}"]
    return _absolute(value) if parameter.kind == "text" else value


def _absolute(name: str) -> str:
    """A folder's absolute path (a run must not depend on the working folder), any other name as it is."""
    folder = Path(name).expanduser()
    return str(folder.resolve()) if folder.is_dir() and not catalogue.is_embedded(name) else name


def settings_of(spec: Spec) -> dict[str, Any]:
    """Every setting of the spec as the recipe event carries it: value, reason and source by setting key."""
    loss = BY_NAME[spec.loss]
    record = asdict(replace(spec, reasons={}, sources={}))
    order = [
        "loss",
        "batch_size",
        "epochs",
        "learning_rate",
        "warmup_steps",
        "weight_decay",
        "seed",
        "holdout",
        "folds",
        "precision",
        "dropout",
        "matryoshka",
        "lora",
        "base_model",
    ]
    values = {key: record[key] for key in order}
    for parameter in loss.parameters:
        values[f"loss.{parameter.key}"] = spec.loss_parameters.get(parameter.name, parameter.default)
    values |= {"keep": spec.keep, "blend": spec.blend}
    values |= {"evaluation_name": spec.evaluation_name, "include_texts": spec.include_texts}
    values |= {"eval_steps": spec.eval_steps}
    values |= {"search_minutes": spec.search_minutes, "search_trials": spec.search_trials}
    return {
        key: {"value": value, "reason": spec.reasons.get(key, ""), "source": spec.sources.get(key, "")}
        for key, value in values.items()
    }
