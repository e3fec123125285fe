"""What to know before a run starts: how long it takes, and what in the data or the recipe will hurt. No torch.

`core.dataset.validation` finds what is wrong with rows as such; this adds what follows from the recipe and the base model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.dataset.formats import DatasetInfo, Example, Format
from core.dataset.issues import Issue
from core.dataset.normalise import normalise
from core.dataset.stats import describe
from core.errors import UsageError
from core.models import catalogue
from core.training import fitting, pace
from core.training.losses import BY_NAME
from core.training.recipe import Recipe

FEWEST_STEPS = 20
_NAMED = 6  # rows


@dataclass(frozen=True)
class Preflight:
    """`steps` of the run, `seconds` it will take (None: nothing to go by yet), `issues` with the blocking ones first; `where`
    names the rows of those that block, by kind."""

    steps: int
    seconds: float | None
    issues: tuple[Issue, ...]
    where: Mapping[str, str] = field(default_factory=dict)

    @property
    def blocked(self) -> bool:
        return any(issue.blocking for issue in self.issues)


def preflight(
    info: DatasetInfo,
    rows: Sequence[Example],
    recipe: Recipe,
    issues: Iterable[Issue],
) -> Preflight:
    """`issues`: what `core.dataset.validation.check` found in `rows`, whose ids the new ones use as well. O(rows)."""
    found = [*issues, *_refused(info, rows, recipe), *_of_recipe(recipe)]
    found += _repeated(info, rows, recipe)
    found.sort(key=lambda issue: not issue.blocking)
    work = pace.work(info, rows) * recipe.train_rows / max(len(rows), 1) * float(recipe.value("epochs"))
    blocking = [issue for issue in found if issue.blocking and issue.ids]
    return Preflight(recipe.steps, _seconds(recipe, work), tuple(found), _named(rows, blocking))


def _named(rows: Sequence[Example], issues: Sequence[Issue]) -> dict[str, str]:
    """ "Rows 3, 17 and 4 more" for each issue."""
    wanted = {id for issue in issues for id in issue.ids[:_NAMED]}
    numbers = {row.id: f"{row.number:,}" for row in rows if row.id in wanted} if wanted else {}
    found = {}
    for issue in issues:
        shown = [numbers[id] for id in issue.ids[:_NAMED] if id in numbers]
        more = f" and {len(issue.ids) - len(shown):,} more" if len(issue.ids) > len(shown) else ""
        found[issue.kind] = f"{'Row' if len(issue.ids) == 1 else 'Rows'} {', '.join(shown)}{more}"
    return found


def _seconds(recipe: Recipe, work: float) -> float | None:
    """How long a run takes whose steps are so much `work`, with its cross-validation or its search."""
    folds = recipe.fold_steps / max(recipe.steps, 1)
    minutes, trials = float(recipe.value("search_minutes")), int(recipe.value("search_trials"))
    if trials:
        work *= 1 + trials * (folds or 1)
    elif not minutes:
        work *= 1 + folds
    seconds = pace.seconds(str(recipe.value("base_model")), work)
    return None if seconds is None else seconds + (0 if trials else minutes * 60)


def _of_recipe(recipe: Recipe) -> list[Issue]:
    found = []
    if recipe.steps < FEWEST_STEPS:
        found.append(
            Issue(
                "few_steps",
                f"Only {recipe.steps:,} step{'' if recipe.steps == 1 else 's'}",
                f"A run of fewer than {FEWEST_STEPS} steps changes little. More epochs, a smaller batch or more rows help.",
            )
        )
    function = str(recipe.values().get("loss.similarity_fct", ""))
    dot = catalogue.similarity(str(recipe.value("base_model"))) == "dot"
    if dot and function.endswith("cos_sim"):
        found.append(
            Issue(
                "other_similarity",
                "The loss and the base model compare differently",
                "The base model compares by dot product, this loss by cosine similarity. Set its similarity to the dot product "
                "and its scale to 1.",
            )
        )
    return found


def _refused(info: DatasetInfo, rows: Sequence[Example], recipe: Recipe) -> list[Issue]:
    """What a run would refuse to start for."""
    try:
        fitting.check(recipe, describe(info, rows), info)
    except UsageError as error:
        return [Issue("setting_refused", error.message.rstrip("."), error.hint, blocking=True)]
    return []


def _repeated(info: DatasetInfo, rows: Sequence[Example], recipe: Recipe) -> list[Issue]:
    """An anchor in so many rows that batches must hold it twice, where the batch serves as negatives."""
    loss = BY_NAME[str(recipe.value("loss"))]
    if not loss.in_batch or info.format is Format.CATEGORIES:
        return []
    batches = max(recipe.steps_per_epoch, 1)
    counts = Counter(normalise(row.texts[0]) for row in rows if row.texts)
    often = {text for text, count in counts.items() if count > batches}
    if not often:
        return []
    ids = tuple(row.id for row in rows if row.texts and normalise(row.texts[0]) in often)
    which = "1 anchor is" if len(often) == 1 else f"{len(often):,} anchors are"
    return [
        Issue(
            "repeated_anchor",
            f"{which} in more rows than there are batches",
            "This loss takes the other rows of a batch as negatives; with the same anchor twice in a batch some of them are right "
            "answers. A smaller batch or another loss avoids that.",
            ids,
        )
    ]
