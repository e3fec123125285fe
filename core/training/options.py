"""The settings of a recipe: their keys, titles, kinds and limits, and how text for them is read. No torch."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.dataset.formats import Format
from core.errors import UsageError
from core.training.losses import BY_NAME, Loss, Parameter, for_format

DROPOUTS = ("off", "model")
PRECISIONS = ("auto", "fp32", "tf32", "bf16", "fp16")


@dataclass(frozen=True)
class Option:
    """One setting. Limits are inclusive unless `above_minimum`."""

    key: str
    title: str
    kind: str  # int, float, choice, text
    choices: tuple[Any, ...] | None = None
    minimum: float | None = None
    maximum: float | None = None
    above_minimum: bool = False
    pattern: str = ""  # what a text must match, and `pattern_words` says so
    pattern_words: str = ""


KEEP = ("safe", "best", "last")

GENERAL: tuple[Option, ...] = (
    Option("loss", "Loss", "choice"),
    Option("batch_size", "Batch size", "int", minimum=1, maximum=65_536),
    Option("epochs", "Epochs", "float", minimum=0, maximum=10_000, above_minimum=True),
    Option("learning_rate", "Learning rate", "float", minimum=0, maximum=1, above_minimum=True),
    Option("warmup_steps", "Warm-up steps", "int", minimum=0, maximum=10**9),
    Option("weight_decay", "Weight decay", "float", minimum=0, maximum=1),
    Option("seed", "Seed", "int", minimum=0, maximum=2**32 - 1),
    Option("holdout", "Hold-out share", "float", minimum=0, maximum=0.9),
    Option("folds", "Cross-validation folds", "int", minimum=0, maximum=20),
    Option("precision", "Precision", "choice", PRECISIONS),
    Option("dropout", "Dropout", "choice", DROPOUTS),
    Option(
        "matryoshka",
        "Shorter embeddings",
        "text",
        pattern=r"(\d{1,5}(\s*,\s*\d{1,5})*)?",
        pattern_words="lengths such as 256,128,64, or nothing",
    ),
    Option("lora", "Rank of adapters", "int", minimum=0, maximum=256),
    Option("base_model", "Base model", "text", pattern=r".*\S.*", pattern_words="a model's name or folder"),
)
EVALUATION: tuple[Option, ...] = (
    Option("keep", "Keep", "choice", KEEP),
    Option(
        "blend",
        "Blend with the base model",
        "text",
        pattern=r"auto|0?\.(?!0*$)\d+|1(\.[0-4]\d*|\.50*)?",
        pattern_words="auto, or a number above 0 and up to 1.5 (1 = no blending)",
    ),
    Option(
        "evaluation_name",
        "Evaluation name",
        "text",
        pattern=r"[\w.-]{0,80}",
        pattern_words="letters, digits, and the signs _ - . without spaces",
    ),
    Option("include_texts", "Texts in the card", "choice", (True, False)),
    Option("eval_steps", "Evaluate every … steps", "int", minimum=0, maximum=10**9),
    Option("search_minutes", "Search time in minutes", "float", minimum=0, maximum=1_440),
    Option("search_trials", "Search trials", "int", minimum=0, maximum=50),
)


def known_keys() -> frozenset[str]:
    """The keys of every setting that belongs to no loss."""
    return frozenset(option.key for option in (*GENERAL, *EVALUATION))


def options(loss: Loss, format: Format) -> dict[str, Option]:
    """Every option that applies to `loss` on rows of `format`, by key, in display order."""
    losses = tuple(item.name for item in for_format(format))
    general = [Option("loss", "Loss", "choice", losses), *GENERAL[1:]]
    own = [_of_parameter(parameter) for parameter in loss.parameters]
    return {option.key: option for option in (*general, *own, *EVALUATION)}


def _of_parameter(parameter: Parameter) -> Option:
    text = parameter.kind == "text"
    return Option(
        f"loss.{parameter.key}",
        parameter.title,
        parameter.kind,
        parameter.choices or None,
        minimum=parameter.minimum,
        above_minimum=parameter.above_minimum,
        pattern=r".*\S.*" if text else "",
        pattern_words="base, a model's name or folder" if text else "",
    )


def parse_set(assignments: Iterable[str]) -> dict[str, Any]:
    """`["batch_size=8", "loss.scale=1"]` → `{"batch_size": "8", "loss.scale": "1"}`; values are read by `validate`.

    Raises:
        UsageError: an item is not KEY=VALUE.
    """
    values: dict[str, Any] = {}
    for item in assignments:
        key, equals, value = item.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"--set needs KEY=VALUE, not {item!r}.", "For example --set batch_size=16.")
        values[key.strip()] = value.strip()
    return values


def validate(overrides: Mapping[str, Any], format: Format, loss: str = "") -> dict[str, Any]:
    """`overrides` with canonical keys and typed values. `loss` names the loss whose parameters apply where they set none.

    Raises:
        UsageError: an unknown key or a value that does not fit; the sentence lists what is valid.
    """
    named = str(overrides.get("loss", "") or loss)
    allowed = for_format(format)
    if named and named not in {item.name for item in allowed}:
        names = ", ".join(item.name for item in allowed)
        raise UsageError(f"loss cannot be {named!r} for {format.title.lower()}.", f"Valid values: {names}.")
    entry = BY_NAME[named] if named else None
    known: dict[str, Option] = {}
    for candidate in (entry,) if entry else allowed:
        known.update(options(candidate, format))
    typed: dict[str, Any] = {}
    for key, value in overrides.items():
        canonical = _canonical(key, (entry,) if entry else allowed)
        if canonical not in known:
            raise UsageError(
                f"There is no setting called {key!r}.{_nearest(key, known)}",
                f"Valid keys: {', '.join(known)}.",
            )
        typed[canonical] = read(known[canonical], value)
    _check_together(typed)
    return typed


def _canonical(key: str, losses: Iterable[Loss]) -> str:
    """`loss.triplet_margin` is `loss.margin`: the constructor's own names are understood too."""
    if key.startswith("loss."):
        for loss in losses:
            parameter = loss.parameter(key.removeprefix("loss."))
            if parameter is not None:
                return f"loss.{parameter.key}"
    return key


def _nearest(key: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(key, list(known), n=1)
    return f" Did you mean {close[0]}?" if close else ""


def read(option: Option, value: Any) -> Any:
    """`value` (text from a command line, or already typed) as the option's own type.

    Raises:
        UsageError: not of that type or outside of the limits.
    """
    if option.choices is not None:
        return _read_choice(option, option.choices, value)
    if option.kind == "text":
        text = str(value).strip()
        if not re.fullmatch(option.pattern or ".*", text):
            raise UsageError(f"{option.key} cannot be {text!r}.", f"Valid: {option.pattern_words}.")
        return text
    return _read_number(option, value)


def _read_choice(option: Option, choices: tuple[Any, ...], value: Any) -> Any:
    if option.key == "loss.directions" and not isinstance(value, str):
        value = ",".join(str(item) for item in value)
    wanted = str("none" if value is None else value).strip()
    for choice in choices:
        if _same_choice(wanted, str(choice)):
            return choice
    shown = " | ".join(str(choice).lower() if isinstance(choice, bool) else str(choice) for choice in choices)
    raise UsageError(f"{option.key} cannot be {wanted!r}.", f"Valid values: {shown}.")


def _same_choice(wanted: str, choice: str) -> bool:
    """Case does not matter, nor the order of several names, nor the library's "pairwise_" before a similarity's name."""
    first, second = wanted.casefold(), choice.casefold()
    if "," in first or "," in second:
        return sorted(part.strip() for part in first.split(",")) == sorted(second.split(","))
    return first.removeprefix("pairwise_") == second.removeprefix("pairwise_")


def _read_number(option: Option, value: Any) -> int | float:
    limits = _limits(option)
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    whole = option.kind == "int"
    bad = isinstance(value, bool) or not math.isfinite(number) or (whole and number != int(number))
    low = option.minimum is not None and (
        number < option.minimum or (option.above_minimum and number == option.minimum)
    )
    high = option.maximum is not None and number > option.maximum
    if bad or low or high:
        raise UsageError(f"{option.key} cannot be {value!r}.", f"Valid: {limits}.")
    return int(number) if whole or (option.key == "epochs" and number.is_integer()) else number


def _limits(option: Option) -> str:
    words = "a whole number" if option.kind == "int" else "a number"
    if option.minimum is None:
        return words
    low = f"above {option.minimum:g}" if option.above_minimum else f"from {option.minimum:g}"
    high = "" if option.maximum is None or option.maximum >= 10**9 else f" to {option.maximum:g}"
    return f"{words} {low}{high}"


def _check_together(values: Mapping[str, Any]) -> None:
    directions = str(values.get("loss.directions", ""))
    if values.get("loss.partition_mode") == "per_direction" and (
        "query_to_query" in directions or "doc_to_doc" in directions
    ):
        raise UsageError(
            "loss.partition_mode cannot be 'per_direction' with the directions query_to_query or doc_to_doc.",
            "Use loss.partition_mode=joint, or only query_to_doc and doc_to_query.",
        )
