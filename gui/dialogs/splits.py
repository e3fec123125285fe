"""Dividing a dataset into training, hold-out and test rows, with a preview of what comes out."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from core.dataset.dividing import SPLITS, Division, Wish, divide
from core.dataset.formats import DatasetInfo, Format
from core.engine.check_client import CheckClient
from core.errors import AnchorLabError
from core.project import Project
from core.project.edits import Edit, SetMeta
from core.project.fixing import mark
from core.project.frozen import is_frozen, key
from gui.context import Context
from gui.models.fixing import breathing
from gui.theme import icons
from gui.theme.manager import current
from gui.theme.tokens import CONTROL_HEIGHT
from gui.widgets.basic import Card, button, label, separator
from gui.widgets.share_bar import ShareBar
from gui.widgets.spin import inset
from gui.workers.job import Job

_IN_THE_WINDOW = 20_000  # rows; more are divided in a process of their own
_QUIET_MS = 200
_TITLES = {"train": "Training", "eval": "Hold-out", "test": "Test"}
_TOGETHER = {
    "text": "Rows that share any text",
    "anchor": "Rows with the same anchor",
    "none": "Nothing: row by row",
}


class SplitsDialog(QDialog):
    """`chosen(edit, words, size, told)`: what to carry out, and what to say then; the dialog has closed by that time."""

    chosen = Signal(object, str, int, str)

    def __init__(
        self, context: Context, project: Project, info: DatasetInfo, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.splits")
        self.setWindowTitle("Splits")
        self.resize(640, 560)
        self._context = context
        self._project = project
        self._info = info
        self._job: Job | None = None
        self._client: CheckClient | None = None
        self._before = project.counts(info.id)
        self._frozen = is_frozen(project, info.id)
        self.division: Division | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(10)
        layout.addWidget(label("Divide into splits", "title"))
        layout.addWidget(
            label(
                "Training rows teach, hold-out rows judge every run, test rows are for the very end. What training has seen is no fair "
                "test, so no text should stand in two of them.",
                "secondary",
                wrap=True,
            )
        )
        layout.addLayout(self._fields())
        layout.addWidget(self._result())
        layout.addWidget(self._freezing())
        layout.addStretch(1)
        layout.addLayout(self._foot())
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_QUIET_MS)
        self._timer.timeout.connect(self._look)
        self.finished.connect(lambda _result: self._stop(close=True))
        self._show_frozen()
        self._look()

    # -- parts ------------------------------------------------------------------------------------------------------

    def _fields(self) -> QFormLayout:
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        shares = QHBoxLayout()
        shares.setSpacing(8)
        self.train = label("80 %", "strong", name="splits.train")
        self.eval = self._share("eval", 10)
        self.test = self._share("test", 10)
        self.kept = label("", "strong", name="splits.kept")
        for title, field in (("Training", self.train), ("Hold-out", self.eval), ("Test", self.test)):
            shares.addWidget(label(title, "secondary"))
            shares.addWidget(field)
            if field is self.test:
                shares.addWidget(self.kept)
            shares.addSpacing(8)
        shares.addStretch(1)
        self.together = QComboBox()
        self.together.setObjectName("splits.together")
        self.together.setAccessibleName("Keep together")
        for kind, title in _TOGETHER.items():
            self.together.addItem(title, kind)
        self.together.currentIndexChanged.connect(lambda _index: self._changed())
        self.stratify = QCheckBox(
            "about the same mix of categories in each"
            if self._info.format is Format.CATEGORIES
            else "about the same mix of high and low scores in each"
        )
        self.stratify.setObjectName("splits.stratify")
        self.stratify.setAccessibleName(self.stratify.text().capitalize())
        self.stratify.setChecked(True)
        self.stratify.toggled.connect(lambda _on: self._changed())
        self.seed = inset(QSpinBox())
        self.seed.setObjectName("splits.seed")
        self.seed.setAccessibleName("Seed")
        self.seed.setRange(0, 999_999)
        self.seed.setValue(42)
        self.seed.setFixedWidth(96)
        self.seed.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.seed.setToolTip("The same number divides the same rows in the same way; another one draws anew")
        self.seed.valueChanged.connect(lambda _value: self._changed())
        form.addRow(_left("Shares"), shares)
        form.addRow(_left("Keep together"), self.together)
        if self._info.format in (Format.SCORED, Format.CATEGORIES):
            balance = QHBoxLayout()
            balance.addStrut(CONTROL_HEIGHT)
            balance.addWidget(self.stratify, 0, Qt.AlignmentFlag.AlignVCenter)
            balance.addStretch(1)
            form.addRow(_left("Balance"), balance)
        form.addRow(_left("Seed"), self.seed)
        return form

    def _share(self, split: str, value: int) -> QSpinBox:
        field = inset(QSpinBox())
        field.setObjectName(f"splits.{split}")
        field.setAccessibleName(f"{_TITLES[split]}, percent")
        field.setRange(0, 100)
        field.setValue(value)
        field.setSuffix(" %")
        field.setFixedWidth(72)
        field.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        field.valueChanged.connect(lambda _value: self._changed())
        return field

    def _result(self) -> Card:
        card = Card(spacing=10)
        card.setAccessibleName("What comes out")
        self.bar = ShareBar()
        card.body.addWidget(self.bar)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        heads = ["", "", "Now", "Then", "Share"]
        if self._info.format is Format.SCORED:
            heads.append("High scores")
        for column, head in enumerate(heads):
            grid.addWidget(_right(head, "caption"), 0, column)
        self._cells: dict[tuple[str, int], QLabel] = {}
        self._swatches: list[QLabel] = []
        for row, split in enumerate(SPLITS, start=1):
            swatch = QLabel()
            swatch.setFixedSize(10, 10)
            self._swatches.append(swatch)
            grid.addWidget(swatch, row, 0, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(label(_TITLES[split]), row, 1)
            for column in range(2, len(heads)):
                cell = _right("", "strong" if column == 3 else "secondary")
                cell.setObjectName(f"splits.{split}.{heads[column].split()[0].lower()}")
                self._cells[(split, column)] = cell
                grid.addWidget(cell, row, column)
        self._tint()
        current().changed.connect(self._tint)
        card.body.addLayout(grid)
        card.body.addWidget(separator())
        self.shared = label("", "secondary", wrap=True, name="splits.shared")
        self.notes = label("", tone="warning", wrap=True, name="splits.notes")
        card.body.addWidget(self.shared)
        card.body.addWidget(self.notes)
        return card

    def _tint(self, _tokens: object = None) -> None:
        """The dots before the splits have the colours of the bar, in the theme of the moment."""
        for swatch, tone in zip(self._swatches, ShareBar.tones, strict=True):
            swatch.setStyleSheet(f"background: {getattr(current().tokens, tone)}; border-radius: 5px;")

    def _freezing(self) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.lock = QLabel()
        self.lock.setFixedSize(16, 16)
        self.frozen = label("", "caption", wrap=True, name="splits.frozen")
        self.freeze = button("", name="splits.freeze", clicked=self._toggle_freeze)
        row.addWidget(self.lock, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.frozen, 1)
        row.addWidget(self.freeze)
        return holder

    def _foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self.clear = button("Clear splits", name="splits.clear", clicked=self._clear)
        self.clear.setToolTip("No row is marked: each run divides the rows by itself")
        row.addWidget(self.clear)
        row.addStretch(1)
        row.addWidget(button("Cancel", name="splits.cancel", clicked=self.reject))
        self.go = button("Make splits", kind="primary", name="splits.go", clicked=self._make)
        self.go.setDefault(True)
        row.addWidget(self.go)
        return row

    # -- what is wished ---------------------------------------------------------------------------------------------

    @property
    def wish(self) -> Wish:
        held, tested = self.eval.value() / 100, 0.0 if self._frozen else self.test.value() / 100
        return Wish(
            1 - held - tested,
            held,
            tested,
            self.seed.value(),
            str(self.together.currentData()),
            self.stratify.isChecked(),
            self._frozen,
        )

    def _changed(self) -> None:
        tested = 0 if self._frozen else self.test.value()
        self.eval.setMaximum(100 - tested)
        self.test.setMaximum(100 - self.eval.value())
        self.train.setText(f"{100 - self.eval.value() - tested} %")
        self.go.setEnabled(False)
        self.clear.setEnabled(False)
        self._timer.start()

    # -- what comes out ---------------------------------------------------------------------------------------------

    def _look(self) -> None:
        self._stop()
        wish, info, project = self.wish, self._info, self._project
        if info.rows > _IN_THE_WINDOW:
            client = self._client = CheckClient(project.folder, info.id)

            def work(job: Job) -> Division:
                return client.divide(wish, job.stopped)

        else:

            def work(job: Job) -> Division:
                with project.reader() as reader:
                    return divide(list(breathing(job, reader.rows(info.id))), info.format, wish)

        self.shared.setText("Dividing…")
        self._job = self._context.run("", work, on_done=self._show, on_error=self._failed)

    def _stop(self, *, close: bool = False) -> None:
        if close:
            self._timer.stop()
        job, self._job = self._job, None
        client, self._client = self._client, None
        if job is not None:
            job.cancel()
        if client is not None:
            client.close()

    def _show(self, division: Division) -> None:
        self._job = None
        self.division = division
        total = max(sum(division.counts.values()), 1)
        words = []
        for split in SPLITS:
            count = division.counts[split]
            self._cells[(split, 2)].setText(f"{self._before.get(split, 0):,}")
            self._cells[(split, 3)].setText(f"{count:,}")
            self._cells[(split, 4)].setText(f"{count / total:.1%}")
            if (split, 5) in self._cells:
                mix = division.mix.get(split)
                self._cells[(split, 5)].setText("–" if mix is None else f"{mix:.0%}")
            words.append(f"{_TITLES[split]} {count:,}")
        self.bar.show_parts([division.counts[split] for split in SPLITS], ", ".join(words))
        shared = division.shared
        self.shared.setText(
            "No text stands in two splits."
            if not shared
            else f"{'1 text stands' if shared == 1 else f'{shared:,} texts stand'} in two splits or more."
        )
        self.notes.setText("\n".join(division.notes))
        self.notes.setVisible(bool(division.notes))
        self.go.setEnabled(bool(division.splits))
        marked = ("train", "eval") if self._frozen else SPLITS
        self.clear.setEnabled(any(self._before.get(split) for split in marked))

    def _failed(self, error: BaseException) -> None:
        self._job = None
        self.shared.setText(
            str(error) if isinstance(error, AnchorLabError) else "This could not be worked out."
        )
        if not isinstance(error, AnchorLabError):
            self._context.messages.error(error)

    # -- doing it ---------------------------------------------------------------------------------------------------

    def _make(self) -> None:
        if self.division is not None:
            counts = ", ".join(
                f"{_TITLES[split].lower()} {self.division.counts[split]:,}" for split in SPLITS
            )
            size = len(self.division.splits)
            self._choose(mark(self.division.splits), "Make splits", size, f"Splits made: {counts} rows.")

    def _clear(self) -> None:
        """No row is marked any more, but for a frozen test set."""
        if self.division is not None:
            kept = self._frozen
            free = {id: "" for id, split in self.division.splits.items() if not (kept and split == "test")}
            self._choose(mark(free), "Clear the splits", len(free), "The splits are cleared.")

    def _choose(self, edit: Edit, words: str, size: int, told: str) -> None:
        self.accept()
        self.chosen.emit(edit, words, size, told)

    # -- the test set -----------------------------------------------------------------------------------------------

    def _toggle_freeze(self) -> None:
        """A step of its own, at once: it is about the rows that are marked test now."""
        frozen, name = not self._frozen, key(self._info.id)
        words = "Freeze the test set" if frozen else "Unfreeze the test set"
        edit = SetMeta(name, "1" if frozen else None)
        if self._context.edit(lambda project: project.apply(edit, words, "validation")) is not None:
            self._frozen = frozen
            self._show_frozen()
            self._changed()

    def _show_frozen(self) -> None:
        rows = self._before.get("test", 0)
        tokens = current().tokens
        self.lock.setPixmap(icons.pixmap("lock", tokens.secondary, 16, self.devicePixelRatioF()))
        self.lock.setVisible(self._frozen)
        if self._frozen:
            words = f"The test set of {rows:,} rows is frozen: no edit, fix or new split changes it."
        elif rows:
            words = f"{rows:,} rows are marked test. Frozen, no edit, fix or new split changes them."
        else:
            words = "Once rows are marked test, they can be frozen, so that results stay comparable."
        self.frozen.setText(words)
        self.freeze.setText("Unfreeze" if self._frozen else "Freeze the test set")
        self.freeze.setAccessibleName("Unfreeze the test set" if self._frozen else "Freeze the test set")
        self.freeze.setEnabled(self._frozen or bool(rows))
        self.test.setVisible(not self._frozen)
        self.kept.setText(f"{rows:,} rows, frozen" if self._frozen else "")
        self.kept.setVisible(self._frozen)
        self._changed()


def _left(text: str) -> QLabel:
    """The name of a field, in the middle of its height."""
    made = label(text, "strong")
    made.setMinimumHeight(CONTROL_HEIGHT)
    return made


def _right(text: str, kind: str) -> QLabel:
    made = label(text, kind)
    made.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return made
