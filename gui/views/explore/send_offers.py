"""What a selection can become, as the entries of a menu: which datasets fit, how many rows it makes. Nothing here draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.dataset.formats import DatasetInfo, Format
from core.project.chosen import Chosen, Kind, Sending
from gui.models import score_text
from gui.widgets.basic import brief

_LONGEST = 26


@dataclass(frozen=True)
class Kept:
    """Positives that wait for their negatives."""

    anchor: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Offer:
    """One entry, or with `parts` a menu of entries; without either it cannot be chosen. `keeps`: the texts are kept as positives."""

    key: str
    title: str
    detail: str = ""
    icon: str = ""
    tone: str = ""
    sending: Sending | None = None
    parts: tuple[Offer, ...] = ()
    keeps: bool = False


def offers(
    datasets: Sequence[DatasetInfo], current: int | None, chosen: Chosen, kept: Kept | None = None
) -> list[Offer]:
    """From what is done most to what is done least; the current dataset comes first wherever it fits."""
    ordered = sorted(datasets, key=lambda info: info.id != current)
    return [
        *_labels(ordered, chosen),
        *_triplets(ordered, chosen, kept),
        Offer(
            "flag",
            f"&Flag {_the_rows(chosen)}",
            icon="flag",
            sending=Sending(Kind.FLAG),
        ),
        Offer("view", f"Save {_the_rows(chosen)} as a &view", icon="table", sending=Sending(Kind.VIEW)),
    ]


def heading(chosen: Chosen) -> str:
    """What is chosen, in a few words."""
    if chosen.ids:
        return _rows(len(chosen.ids))
    if chosen.pairs:
        count = len(chosen.pairs)
        return f"{count:,} pair{'' if count == 1 else 's'} of texts"
    count = len(chosen.texts)
    words = f"{count:,} text{'' if count == 1 else 's'}"
    return f"{words}  ·  anchor “{_short(chosen.main)}”" if chosen.count else words


def _the_rows(chosen: Chosen) -> str:
    if chosen.ids:
        return "the row" if len(chosen.ids) == 1 else "these rows"
    return "the rows with both" if chosen.pairs else "the rows with them"


def _labels(datasets: Sequence[DatasetInfo], chosen: Chosen) -> list[Offer]:
    count, together = chosen.count, len(chosen.together())
    found = []
    if count:
        whose = f" of “{_short(chosen.main)}”" if chosen.main else ""
        many = " pairs" if not chosen.main else "s" if count > 1 else ""
        found = [
            _offer(
                "positives",
                f"&Positive{many}{whose}",
                "plus",
                "positive",
                _places(datasets, Kind.POSITIVES, count),
            ),
            _offer(
                "negatives",
                f"&Negative{many}{whose}",
                "minus",
                "negative",
                _places(datasets, Kind.NEGATIVES, count),
            ),
            _scores(datasets, whose, count),
        ]
    if together:
        places = _places(datasets, Kind.POSITIVES, together, together=True)
        found.append(_offer("together", "Similar to &each other", "similar", "", places))
    return found


def _offer(key: str, title: str, icon: str, tone: str, places: Sequence[Offer]) -> Offer:
    """The one place, or a menu of the places."""
    if len(places) == 1:
        (place,) = places
        return Offer(key, title, f"{place.detail} · {place.title}", icon, tone, place.sending)
    return Offer(key, title, "", icon, tone, parts=tuple(places))


def _places(
    datasets: Sequence[DatasetInfo], kind: Kind, count: int, *, together: bool = False
) -> list[Offer]:
    """The datasets with a place for such labels; where there is none, one that would be made."""
    plain = Format.PAIRS if kind is Kind.POSITIVES else Format.TRIPLETS
    found = []
    for info in datasets:
        words = _place(info, kind, together)
        if words:
            sending = Sending(kind, info.id, info.format, together=together)
            found.append(Offer(f"{kind}.{info.id}", words, _at_most(count), sending=sending))
    return found or [_new(kind, plain, count, together)]


def _place(info: DatasetInfo, kind: Kind, together: bool) -> str:
    """What such a label would be in the dataset; "" where its format has no place for one."""
    positive = kind is Kind.POSITIVES
    if info.format is Format.SCORED:
        return f"{_name(info)}, score {_end(info, kind)}"
    if info.format is (Format.PAIRS if positive else Format.TRIPLETS):
        return _name(info)
    if info.format is Format.CATEGORIES and positive and not together:
        return f"{_name(info)}, same category"
    return ""


def _new(kind: Kind, format: Format, count: int, together: bool = False, score: str = "") -> Offer:
    words = f"a new dataset, {format.title}"
    sending = Sending(kind, 0, format, score, together)
    return Offer(f"{kind}.new", words, _rows(count), sending=sending)


def _scores(datasets: Sequence[DatasetInfo], whose: str, count: int) -> Offer:
    fitting = [info for info in datasets if info.format is Format.SCORED]
    fitting = fitting or [DatasetInfo(0, "a new dataset, Scored pairs", Format.SCORED)]
    several = len(fitting) > 1
    parts = (
        tuple(Offer(f"scores.{info.id}", _name(info), parts=_steps(info)) for info in fitting)
        if several
        else _steps(fitting[0])
    )
    many = _at_most(count) if fitting[0].id else _rows(count)
    where = "" if several else f"{many} · {_name(fitting[0])}"
    return Offer("scores", f"&Scored {'row' if count == 1 else 'rows'}{whose}", where, "scored", parts=parts)


def _steps(info: DatasetInfo) -> tuple[Offer, ...]:
    steps = [
        Offer(
            f"scores.{info.id}.{score_text.plain(value)}",
            f"Score {score_text.step_title(value)}",
            sending=Sending(Kind.SCORES, info.id, Format.SCORED, score_text.plain(value)),
        )
        for value in reversed(score_text.steps(info.scale))
    ]
    later = Offer(
        f"scores.{info.id}.later", "To be scored", sending=Sending(Kind.SCORES, info.id, Format.SCORED)
    )
    return (*steps, later)


def _triplets(datasets: Sequence[DatasetInfo], chosen: Chosen, kept: Kept | None) -> list[Offer]:
    """Two steps: the positives are kept, then their negatives are chosen."""
    found = []
    count = chosen.count
    if kept is not None and chosen.every_text():
        fitting = [info for info in datasets if info.format is Format.TRIPLETS]
        fitting = fitting or [DatasetInfo(0, "a new dataset, Triplets", Format.TRIPLETS)]
        texts = len(chosen.every_text())
        detail = f"{texts:,} negative{'' if texts == 1 else 's'}"
        places = [
            Offer(f"triplets.{info.id}", _name(info), detail, sending=_kept(kept, info.id))
            for info in fitting
        ]
        title = f"&Triplets: negatives of the {len(kept.texts):,} kept for “{_short(kept.anchor)}”"
        found.append(_offer("triplets", title, "triplets", "", places))
    if count and chosen.main:
        detail = "then choose negatives"
        found.append(Offer("keep", "&Keep as positives for triplets", detail, "triplets", keeps=True))
    return found


def _kept(kept: Kept, dataset_id: int) -> Sending:
    return Sending(Kind.TRIPLETS, dataset_id, Format.TRIPLETS, positives=kept.texts, anchor=kept.anchor)


def _name(info: DatasetInfo) -> str:
    return f"“{_short(info.name)}”" if info.id else info.name


def _end(info: DatasetInfo, kind: Kind) -> str:
    return score_text.plain(info.scale.high if kind is Kind.POSITIVES else info.scale.low)


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _at_most(count: int) -> str:
    """Into a dataset: what is there already is not added again, and nobody has looked yet."""
    return f"up to {_rows(count)}"


def _short(text: str) -> str:
    """A text of the data in a menu, where an ampersand would be a mnemonic and a tab the end of the title."""
    return brief(text, _LONGEST).replace("&", "&&")
