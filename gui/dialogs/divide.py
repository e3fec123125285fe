"""Dividing a dataset, and putting datasets together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QListWidget, QListWidgetItem, QWidget

from core.dataset.formats import DatasetInfo, Format
from core.project import Change, Project, Reader, reshaping
from core.project.reshaping import Part
from gui.context import Context
from gui.dialogs.reshape import ReshapeDialog, some
from gui.theme.tokens import ROW_HEIGHT
from gui.widgets.basic import label
from gui.workers.job import Job


class DivideDialog(ReshapeDialog):
    """`shown` are the ids of the rows that the table shows now."""

    def __init__(
        self, context: Context, info: DatasetInfo, shown: Sequence[int], parent: QWidget | None = None
    ) -> None:
        super().__init__(context, "divide", f"Divide “{info.name[:60]}”", "Divide", parent)
        self._info, self._shown = info, shown
        self._parts: list[Part] = []
        self.way = QComboBox()
        self.way.setObjectName("divide.way")
        self.way.setAccessibleName("Divide by")
        for key, title in reshaping.WAYS.items():
            if key != "category" or info.format is Format.CATEGORIES:
                self.way.addItem(title, key)
        if 0 < len(shown) < info.rows:
            self.way.setCurrentIndex(self.way.findData("view"))
        self.keep = self.keep_box("Keep the divided dataset as well")
        self.form.addRow(label("Divide"), self.way)
        self.form.addRow(label(""), self.keep)
        self.way.currentIndexChanged.connect(self.ask)
        self.ask()

    def question(self) -> Callable[[Reader, Job], list[Part]]:
        info, way, shown = self._info, str(self.way.currentData()), self._shown
        return lambda reader, _job: reshaping.parts(reader, info, way, shown)

    def show_answer(self, answer: list[Part]) -> None:
        self._parts = answer
        self.fill(["New dataset", "Rows"], [[part.name, f"{len(part.ids):,}"] for part in answer])
        self.say(f"{len(answer)} datasets will be made of {self._info.rows:,} rows.")

    def work(self) -> tuple[str, Callable[[Project], Change | None]]:
        info, made, keep = self._info, self._parts, self.keep.isChecked()
        return f"Dividing {info.name[:60]}", lambda project: reshaping.divide(project, info, made, keep=keep)


class MergeDialog(ReshapeDialog):
    """`infos` are all datasets of the project; the chosen one gives format and scale."""

    def __init__(
        self,
        context: Context,
        infos: Sequence[DatasetInfo],
        chosen: DatasetInfo,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(context, "merge", "Put datasets together", "Merge", parent)
        self._infos = [chosen, *(info for info in infos if info.id != chosen.id)]
        self.list = QListWidget()
        self.list.setObjectName("merge.datasets")
        self.list.setAccessibleName("Datasets to put together")
        self.list.setMaximumHeight(ROW_HEIGHT * min(max(len(self._infos), 2), 5) + 8)
        self.list.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        for info in self._infos:
            fits = not reshaping.can_merge([chosen, info]) or info is chosen
            item = QListWidgetItem(f"{info.name}  ·  {info.format.title}  ·  {info.rows:,} rows")
            item.setSizeHint(QSize(0, ROW_HEIGHT))
            item.setFlags(Qt.ItemFlag.ItemIsUserCheckable)
            if fits:
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEnabled)
            item.setCheckState(Qt.CheckState.Checked if fits else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        self.name = QLineEdit(f"{chosen.name} and others")
        self.name.setObjectName("merge.name")
        self.name.setAccessibleName("Name of the new dataset")
        self.name.setMaxLength(120)
        self.keep = self.keep_box("Keep these datasets as well")
        self.form.addRow(label("Datasets"), self.list)
        self.form.addRow(label("Name"), self.name)
        self.form.addRow(label(""), self.keep)
        self.list.itemChanged.connect(self.ask)
        self.ask()

    def chosen(self) -> list[DatasetInfo]:
        ticked = Qt.CheckState.Checked
        return [info for n, info in enumerate(self._infos) if self.list.item(n).checkState() == ticked]

    def question(self) -> Callable[[Reader, Job], list[list[str]]] | None:
        infos = self.chosen()
        wrong = reshaping.can_merge(infos)
        if wrong:
            self.preview.setRowCount(0)
            others = len(self._infos) > 1
            self.say(wrong if others else "There is no other dataset in this project.", "warning")
            return None

        def look(reader: Reader, _job: Job) -> list[list[str]]:
            return [
                [info.name, *(row.texts), *([row.raw_score] if info.format is Format.SCORED else [])]
                for info in infos
                for row in some(reader.rows(info.id))[:20]
            ]

        return look

    def show_answer(self, answer: list[list[str]]) -> None:
        infos = self.chosen()
        self.fill(["From", *(column.title for column in infos[0].columns)], answer)
        words = f"{sum(info.rows for info in infos):,} rows of {len(infos)} datasets; the first of each are shown."
        if len({info.scale for info in infos}) > 1:
            words += " The scores are brought to the scale of the first one."
        self.say(words)

    def work(self) -> tuple[str, Callable[[Project], Change | None]]:
        infos, name, keep = self.chosen(), self.name.text(), self.keep.isChecked()
        return "Merging datasets", lambda project: reshaping.merge(project, infos, name, keep=keep)
