"""The map, how to use the model, where it was made, and what the report cannot tell."""

from __future__ import annotations

from core.dataset.formats import Format
from core.models import card_text, catalogue
from core.models.card_threshold import CATEGORY, TEXTS, member
from core.report import chart_map
from core.report.blocks import (
    Block,
    Bullets,
    Code,
    Figures,
    Head,
    Legend,
    Paragraph,
    Section,
    Table,
    cells,
)
from core.report.facts import Facts
from core.report.plain import line, plain
from core.report.section_scores import measured, part_words
from core.report.words import setting
from core.rounding import exact
from core.similarity import cuts
from core.training.events import NoticeEvent, RecipeEvent
from core.training.verdict import ENOUGH_ROWS
from core.words import count, duration, percent

_MOST_NOTICES = 12
_MIDDLE_DOT = " · "


def texts_map(facts: Facts) -> Section:
    found, name = facts.map, "Map of the texts"
    if found.pictures is None or found.classes is None:
        return Section("map", name, (Paragraph(found.missing, "secondary"),))
    shown = found.pictures.shape[1]
    words = [
        f"{count(found.texts, 'text')} under both models, on the first two principal components of the base model: what did not move has the same place."
    ]
    if shown < found.texts:
        words.append(f"{shown:,} of them, drawn by chance, are shown.")
    if found.overlap is not None:
        words.append(
            f"Of a text's {found.k} nearest texts, {percent(found.overlap)} are the same under both models."
        )
    if found.explained is not None:
        words.append(
            f"The plane holds {percent(found.explained)} of the base model's variance; distances on it are not scores."
        )
    alt = f"Two maps of {count(shown, 'text')}, {facts.base} at the left and {facts.tuned} at the right, coloured by {found.by}."
    drawn = chart_map.maps(found.pictures, found.classes, (facts.base, facts.tuned), alt)
    legend = [_map_legend(facts)] if found.names else []
    return Section("map", name, (Paragraph(" ".join(words)), *legend, Figures((drawn,))))


def _map_legend(facts: Facts) -> Legend:
    found = facts.map
    assert found.classes is not None
    title = "Category" if found.by == "category" else "Group"
    names = [
        line(name, 60) if facts.texts and name else f"{title} {number}"
        for number, name in enumerate(found.names, 1)
    ]
    entries = [(chart_map.hue(place), name) for place, name in enumerate(names)]
    if (found.classes < 0).any():
        entries.append((chart_map.OTHERS, "all others"))
    return Legend(tuple(entries))


def usage(facts: Facts) -> Section | None:
    """None where there is no model to use."""
    run = facts.run
    if run.model is None:
        return None
    cut, said, of = _cut(facts)
    code = f"""from sentence_transformers import SentenceTransformer

# the folder of the run, or an export of it
model = SentenceTransformer("path/to/{run.folder.name}/model")
first = model.encode(["one text", "another text"])
second = model.encode(["a third text"])
scores = model.similarity(first, second)"""
    words = "The model is a folder that sentence-transformers loads; it needs nothing of this program."
    if cut is not None:
        code += f"\n\nthreshold = {exact(cut, 4)}  # {said}\n"
        code += "similar = scores >= threshold" if of == TEXTS else member("second", "first")
    blocks = (Paragraph(words), Code(code, "python"))
    return Section("use", "How to use it", blocks)


def _cut(facts: Facts) -> tuple[float | None, str, str]:
    """The threshold, on what it was chosen, and what is compared."""
    chosen, found = facts.threshold, facts.compared.comparison
    if chosen is not None:
        return chosen.threshold, f"chosen on {line(chosen.measured_on, 80)}", chosen.of
    sides = measured(found) if found is not None else None
    best = sides.second.best(cuts.F1) if sides is not None else None
    if found is None or sides is None or best is None:
        return None, "", TEXTS
    of = CATEGORY if found.rows.format is Format.CATEGORIES else TEXTS
    said = f"best F1 on {part_words(sides)}; nobody has chosen one yet"
    return sides.second.cuts.short(best.threshold), said, of


def environment(facts: Facts) -> Section:
    run, spec, found = facts.run, facts.run.spec, facts.run.outcome
    recipes = [one for one in facts.curves.events if isinstance(one, RecipeEvent)]
    last = recipes[-1] if recipes else None
    told: list[tuple[str, str]] = [("Run", run.folder.name), ("Begun", run.created.replace("T", " "))]
    if spec is not None:
        name = "random weights" if spec.base_model == catalogue.RANDOM else card_text.name_of(spec.base_model)
        told += [("Base model", name), ("Seed", setting(spec.seed))]
    if last is not None:
        told += [("Device", last.device_name or last.device), ("Precision", last.precision)]
    if found.training_seconds:
        told.append(("Training", duration(found.training_seconds)))
    if found.evaluation_seconds:
        told.append(("Evaluation", duration(found.evaluation_seconds)))
    if facts.similarity:
        told.append(("Similarity", facts.similarity))
    told += list(facts.versions)
    rows = tuple(cells(line(name, 60), line(value, 120)) for name, value in told if value)
    heads = (Head("What", weight=1), Head("Value", weight=3))
    return Section(
        "environment", "Where it was made", (Table("Environment and versions", heads, rows, named=True),)
    )


def limits(facts: Facts) -> Section:
    """What a reader must not take from this page."""
    run, found = facts.run, facts.run.outcome
    rows = found.rows or run.holdout_rows
    items = []
    if not rows:
        items.append(
            "Nothing was held out, so nothing here says how the model does on texts it has not seen."
        )
    elif rows < ENOUGH_ROWS:
        items.append(
            f"{count(rows, 'held-out row')} are too few for any certainty; with {ENOUGH_ROWS} or more there is an interval."
        )
    elif found.interval is None and run.finished is not None:
        items.append("There is no interval for the change; treat it as a hint.")
    if rows and run.finished is not None and found.kept == "best":
        items.append(
            "The kept model was chosen by these held-out rows, so its figure is a little too good; a test set that no run has seen would tell."
        )
    if facts.compared.comparison is not None:
        items.append("Thresholds were chosen on the rows that they are measured on.")
        if facts.compared.changed:
            items.append(
                f"{count(facts.compared.changed, 'row')} of the run changed since; before and after show the rows of now."
            )
    items.append("Scores are similarities of this model; those of another model are on another scale.")
    items.append(
        "The rows are what somebody labelled; texts of another kind or language may behave otherwise."
    )
    said = [one.text for one in facts.curves.events if isinstance(one, NoticeEvent)]
    noted = list(dict.fromkeys(text for text in said if facts.texts or "“" not in text))
    blocks: list[Block] = [Bullets(tuple(items))]
    if noted:
        words = _MIDDLE_DOT.join(noted[:_MOST_NOTICES])
        blocks.append(Paragraph(f"The run said: {plain(words, 3000)}", "secondary"))
    return Section("limits", "Limits", tuple(blocks))
