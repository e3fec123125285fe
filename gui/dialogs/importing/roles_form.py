"""What the columns of a file mean: the format of its rows, a column for every role, the scale of the scores."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QVBoxLayout, QWidget

from core.dataset.formats import MAX_NEGATIVES, Format, Role, Scale
from core.dataset.importing import Inspection, Mapping, Reading
from core.dataset.importing.roles import METADATA
from gui.dialogs.importing.reading_form import combo, fill
from gui.dialogs.importing.roles import role_columns, suggest
from gui.dialogs.importing.scale_field import ScaleField
from gui.theme.tokens import CONTROL_HEIGHT
from gui.widgets.basic import brief, button, label
from gui.widgets.roles import RoleHeading

TEXTS = "texts"  # unpaired ones


class RolesForm(QWidget):
    """`changed` carries the wished `Reading`."""

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._asked = Reading()
        self._found: Inspection | None = None
        self._mapping: Mapping | None = None  # as it is on show
        self.choices: dict[str, QComboBox] = {}
        self.scale: ScaleField | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(label("What the columns are", "section"))
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(12)
        self._form.setVerticalSpacing(4)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        column.addLayout(self._form)
        self.format = combo("import.format", "What the rows are")
        kinds: list[tuple[str, Any]] = [(format.title, format.value) for format in Format]
        fill(self.format, [*kinds, ("Unpaired texts", TEXTS)], None)
        title = label("Rows are")
        title.setMinimumHeight(CONTROL_HEIGHT)
        self._form.addRow(title, self.format)
        self.more = button("One more negative", kind="link", name="import.more", clicked=self._one_more)
        column.addWidget(self.more)
        column.addStretch(1)
        self.format.currentIndexChanged.connect(self._format_chosen)

    def show_reading(self, found: Inspection, asked: Reading) -> None:
        self._found, self._asked = found, asked
        mapping = asked.mapping or found.mapping
        corpus = asked.corpus or (found.reading.corpus if asked.mapping is None else None)
        self._mapping = None if corpus else mapping
        key = TEXTS if corpus else mapping.format.value if mapping is not None else None
        self.format.blockSignals(True)
        self.format.setCurrentIndex(self.format.findData(key) if key else -1)
        self.format.blockSignals(False)
        self._show_roles(self._wanted(), corpus)
        self.more.setVisible(
            self._mapping is not None
            and self._mapping.format is Format.TRIPLETS
            and len(self._mapping.columns) < len(found.columns)
            and self._mapping.negatives < MAX_NEGATIVES
        )

    def _wanted(self) -> list[tuple[str, str, Role]]:
        """(key, title, role) of the rows of the form after the first."""
        if self._mapping is None:
            return [("corpus", "Text", Role.TEXT)] if self.format.currentData() == TEXTS else []
        parts = [
            (item.key, item.title, item.role)
            for item in role_columns(self._mapping.format, _highest(self._mapping))
        ]
        return [*parts, ("split", "Split", Role.CATEGORY)]

    def _show_roles(self, wanted: list[tuple[str, str, Role]], corpus: str | None) -> None:
        if list(self.choices) != [key for key, _title, _role in wanted]:
            self._build(wanted)
        found, mapping = self._found, self._mapping
        if found is None:
            return
        names: list[tuple[str, Any]] = [(brief(name, 60) or "(no name)", name) for name in found.columns]
        for key, box in self.choices.items():
            chosen = (
                corpus if key == "corpus" else mapping.columns.get(key, "") if mapping is not None else ""
            )
            none = "(choose a column)"
            if key in ("split", "score") or _optional(key):
                none = "(none: to be labelled)" if key == "score" else "(none)"
            fill(box, [(none, ""), *names], chosen or "")
        self._show_scale()

    def _build(self, wanted: list[tuple[str, str, Role]]) -> None:
        while self._form.rowCount() > 1:
            taken = self._form.takeRow(1)
            for item in (taken.labelItem, taken.fieldItem):
                widget = item.widget()
                assert widget is not None
                widget.hide()
                widget.deleteLater()  # later: it may be the box that is telling its choice just now
        self.choices, self.scale = {}, None
        for key, title, role in wanted:
            box = combo(f"import.role.{key}", f"Column for {title}")
            box.currentIndexChanged.connect(self._role_chosen)
            heading = RoleHeading(title, role)
            heading.setFixedHeight(CONTROL_HEIGHT)
            self._form.addRow(heading, box)
            self.choices[key] = box
            if key == "score":
                self._add_scale()
        order: list[QWidget] = [self.format, *self.choices.values(), self.more]
        if self.scale is not None:
            order.insert(order.index(self.choices["score"]) + 1, self.scale.box)
            order.insert(order.index(self.scale.box) + 1, self.scale.typed)
        for before, after in pairwise(order):
            QWidget.setTabOrder(before, after)

    def _add_scale(self) -> None:
        self.scale = ScaleField()
        self.scale.chosen.connect(self._scale_chosen)
        heading = RoleHeading("Scale", Role.SCORE)
        heading.setFixedHeight(CONTROL_HEIGHT)
        self._form.addRow(heading, self.scale)

    def _show_scale(self) -> None:
        found, mapping = self._found, self._mapping
        if self.scale is None or found is None or mapping is None:
            return
        self._form.setRowVisible(self.scale, "score" in mapping.columns and not found.labels)
        asked = self._asked.mapping.scale if self._asked.mapping is not None else None
        self.scale.show_scale(asked, found.scale)

    # -- choosing -------------------------------------------------------------------------------------------------

    def _format_chosen(self, _index: int) -> None:
        found = self._found
        if found is None:
            return
        key = str(self.format.currentData())
        if key == TEXTS:
            before = self._mapping.columns if self._mapping is not None else {}
            name = before.get("text") or before.get("anchor") or before.get("text_a") or found.columns[0]
            self._wish(mapping=None, corpus=name, labels=None)
            return
        self._wish(mapping=suggest(Format(key), list(found.columns), self._mapping), corpus=None, labels=None)

    def _role_chosen(self, _index: int) -> None:
        if self._mapping is None:
            name = str(self.choices["corpus"].currentData() or "")
            if name:
                self._wish(mapping=None, corpus=name)
            return
        chosen = {key: str(box.currentData()) for key, box in self.choices.items() if box.currentData()}
        if self._mapping.format is Format.TRIPLETS:
            chosen = _renumbered(chosen, list(self.choices))
        before = self._mapping.columns
        chosen |= {
            key: before[key] for key in METADATA if key in before and before[key] not in chosen.values()
        }
        other_score = chosen.get("score") != self._mapping.columns.get("score")
        wish: dict[str, Any] = {"labels": None} if other_score else {}
        asked = self._asked.mapping.scale if self._asked.mapping is not None and not other_score else None
        self._wish(mapping=Mapping(self._mapping.format, chosen, asked), corpus=None, **wish)

    def _scale_chosen(self, scale: Scale | None) -> None:
        if self._mapping is not None:
            self._wish(mapping=replace(self._mapping, scale=scale), corpus=None)

    def _one_more(self) -> None:
        found, mapping = self._found, self._mapping
        if found is None or mapping is None:
            return
        unused = [name for name in found.columns if name not in mapping.columns.values()]
        if unused:
            keys = [key for key in mapping.columns if key.startswith("negative")]
            chosen = dict(mapping.columns)
            chosen[f"negative_{len(keys) + 1}"] = unused[0]
            self._wish(mapping=Mapping(mapping.format, _renumbered(chosen, list(chosen)), mapping.scale))

    def _wish(self, **choices: Any) -> None:
        self._asked = replace(self._asked, **choices)
        self.changed.emit(self._asked)


def _highest(mapping: Mapping) -> int:
    return sum(key.startswith("negative") for key in mapping.columns) or 1


def _optional(key: str) -> bool:
    return key.startswith("negative_") and key != "negative_1"


def _renumbered(chosen: dict[str, str], order: list[str]) -> dict[str, str]:
    """Negatives without gaps, in the order on show: one is `negative`, several are numbered."""
    negatives = [chosen[key] for key in order if key.startswith("negative") and key in chosen]
    result = {key: name for key, name in chosen.items() if key in ("anchor", "positive")}
    keys = ["negative"] if len(negatives) == 1 else [f"negative_{n}" for n in range(1, len(negatives) + 1)]
    result.update(zip(keys, negatives))
    result |= {key: chosen[key] for key in (*METADATA, "split") if key in chosen}
    return result
