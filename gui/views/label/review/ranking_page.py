"""Several candidates for one anchor put in order by keys, best first: it becomes scores, or triplets, as one step."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from core.dataset.agreement.judgements import ACCEPTED
from core.dataset.formats import DatasetInfo, Example, Format, Role, Scale
from core.dataset.normalise import normalise
from core.dataset.reviewing import Ranking, ranked_scores, ranked_triplets, score_cells
from core.errors import Cancelled
from core.project import Change, Project
from core.project.edits import CreateDataset, Edit, InsertExamples, SetCells
from gui.context import Context
from gui.models.score_text import plain
from gui.views.label.review.big_text import TextCard, size_for
from gui.views.label.review.candidate import Candidate
from gui.views.label.review.deciding import ORIGIN, STEP
from gui.views.label.review.keys import KeyBar, KeyHint
from gui.widgets.basic import ElidedLabel, brief, label
from gui.workers.job import Job

MOST = 9  # candidates that have a key
_LARGEST = 20  # type size
_LOW = 640


class RankingPage(QFrame):
    left = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("review.ranking")
        self.context = context
        self.info: DatasetInfo | None = None
        self.rows: list[list[Example]] = []  # a candidate's rows
        self.ranking = Ranking(0)
        self._more = 0
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        area = QScrollArea()
        area.setObjectName("ranking.scroll")
        area.setAccessibleName("The candidates")
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        inside.setObjectName("scrolled")
        texts = QVBoxLayout(inside)
        texts.setContentsMargins(24, 14, 24, 12)
        texts.setSpacing(8)
        self.words = label("", "secondary", wrap=True, name="ranking.words")
        texts.addWidget(self.words)
        self.anchor = TextCard("ranking.anchor", "Anchor", Role.ANCHOR)
        texts.addWidget(self.anchor)
        self.cards = [Candidate(n) for n in range(1, MOST + 1)]
        for card in self.cards:
            texts.addWidget(card)
        texts.addStretch(1)
        area.setWidget(inside)
        column.addWidget(area, 1)
        foot = QFrame()
        foot.setObjectName("review.foot")
        bottom = QVBoxLayout(foot)
        bottom.setContentsMargins(16, 8, 16, 8)
        bottom.setSpacing(4)
        self.keys = KeyBar("ranking.keys", large=True, centred=True)
        self.keys.pressed.connect(self.press)
        self.last = ElidedLabel("", "caption")
        self.last.setObjectName("ranking.last")
        self.last.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.last.setFixedHeight(18)
        bottom.addWidget(self.keys)
        bottom.addWidget(self.last)
        column.addWidget(foot)

    def open(self, info: DatasetInfo, rows: list[Example]) -> None:
        """Rows of one anchor; the same text twice is one candidate, and the first nine can be put in order."""
        groups: dict[str, list[Example]] = {}
        for row in rows:
            groups.setdefault(normalise(row.texts[1]), []).append(row)
        self.info, self.rows, self._more = info, list(groups.values())[:MOST], max(len(groups) - MOST, 0)
        self.ranking = Ranking(len(self.rows))
        self.last.setText("")
        self._show()

    # -- showing ------------------------------------------------------------------------------------------------

    @property
    def texts(self) -> list[str]:
        return [group[0].texts[1] for group in self.rows]

    def _show(self) -> None:
        size = min(size_for(self.texts, compact=self.height() < _LOW), _LARGEST)
        self.anchor.set_compact(self.height() < _LOW)
        if self.rows:
            self.anchor.show_text(self.rows[0][0].texts[0], size + 4)
        for place, card in enumerate(self.cards):
            card.setVisible(place < len(self.rows))
            if place < len(self.rows):
                card.show_text(self.texts[place], size)
                card.show_place(self._place(place))
        more = f" {self._more:,} more have this anchor." if self._more else ""
        self.words.setText(
            f"{len(self.rows)} candidates for one anchor: press their keys from the best to the worst.{more}"
        )
        self._show_keys()

    def _place(self, candidate: int) -> str:
        """ "2nd", and the score that comes of it once all have a place."""
        place = self.ranking.place(candidate)
        if place is None:
            return ""
        assert self.info is not None
        words = f"{place + 1}{('st', 'nd', 'rd')[place] if place < 3 else 'th'}"
        if not self.ranking.complete:
            return words
        scale = self.info.scale if self.info.format is Format.SCORED else Scale()
        return f"{words} · {plain(ranked_scores(scale, self.ranking)[candidate]).replace('-', '−')}"

    def _show_keys(self) -> None:
        complete, begun = self.ranking.complete, bool(self.ranking.ranks)
        scored = self.info is not None and self.info.format is Format.SCORED
        self.keys.show_keys(
            [
                KeyHint(
                    "Enter",
                    "store as scores" if scored else "store as scored pairs",
                    enabled=complete,
                    tone="accent",
                ),
                KeyHint("T", "store as triplets", enabled=complete and len(self.ranking.ranks) > 1),
                KeyHint("=", "next is as good", on=self.ranking.tie, enabled=begun and not complete),
                KeyHint("Z", "one back", enabled=begun or self.ranking.tie),
                KeyHint("Escape", "leave", cap="Esc"),
            ]
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.rows:
            self._show()

    # -- keys ---------------------------------------------------------------------------------------------------

    def press(self, key: str) -> bool:
        if key == "Escape":
            self.left.emit()
        elif key == "Z":
            self.ranking.back()
            self._show()
        elif key == "=":
            self.ranking.tie = bool(self.ranking.ranks) and not self.ranking.complete
            self._show()
        elif key.isdecimal():
            if not self.ranking.name(int(key) - 1):
                self.last.setText(
                    f"{key} has its place already."
                    if 0 < int(key) <= len(self.rows)
                    else f"There is no candidate {key}."
                )
            self.ranking.finish()
            self._show()
        elif key == "Enter" and self.ranking.complete:
            self._store(self._as_scores())
        elif key == "T" and self.ranking.complete and len(self.ranking.ranks) > 1:
            self._store(self._as_triplets())
        else:
            return False
        return True

    def _as_scores(self) -> Callable[[Project], Edit]:
        assert self.info is not None
        info, rows = self.info, list(self.rows)
        if info.format is Format.SCORED:
            scores = ranked_scores(info.scale, self.ranking)
            cells = tuple(
                cell
                for place, value in scores.items()
                for row in rows[place]
                for cell in score_cells(info.scale, row.id, value)
            )
            return lambda _project: SetCells(cells)
        scores = ranked_scores(Scale(), self.ranking)
        new = tuple(
            Example(
                rows[place][0].texts, score, f"{score:.6g}", status=ACCEPTED, source=f"ranking of {info.name}"
            )
            for place, score in sorted(scores.items())
        )
        return lambda project: _into(project, f"{info.name}: ranked", Format.SCORED, new)

    def _as_triplets(self) -> Callable[[Project], Edit]:
        assert self.info is not None
        info = self.info
        found = ranked_triplets(self.rows[0][0].texts[0], self.texts, self.ranking)
        new = tuple(Example(texts, status=ACCEPTED, source=f"ranking of {info.name}") for texts in found)
        return lambda project: _into(project, f"{info.name}: ranked triplets", Format.TRIPLETS, new)

    def _store(self, make: Callable[[Project], Edit]) -> None:
        if not self.context.editable:
            return
        words = f"{STEP}: rank {len(self.rows)} candidates of “{brief(self.rows[0][0].texts[0], 30)}”"

        def apply(project: Project) -> Change:
            return project.apply(make(project), words, ORIGIN)

        if self.context.edit(apply) is not None:
            self.left.emit()


def _into(project: Project, name: str, format: Format, rows: tuple[Example, ...]) -> Edit:
    """New rows, in the dataset of this name, which is made where there is none."""
    for other in project.datasets():
        if other.format is format and other.negatives == 1 and other.name.casefold() == name.casefold():
            return InsertExamples(other.id, rows)
    return CreateDataset(name, format, examples=rows)


def find_rows(
    context: Context, info: DatasetInfo, anchor: str, found: Callable[[list[Example]], object]
) -> Job | None:
    """Hand over the rows with this anchor, in their order, compared as texts are everywhere."""
    project = context.project
    if project is None:
        return None
    reader = project.reader()
    wanted = normalise(anchor)

    def work(job: Job) -> list[Example]:
        try:
            known: dict[str, bool] = {anchor: True}
            ids: list[int] = []
            for place, (id, text) in enumerate(reader.column(info.id, 0)):
                if place % 1024 == 0 and job.stopped():
                    raise Cancelled
                same = known.get(text)
                if same is None:
                    same = known[text] = normalise(text) == wanted
                if same:
                    ids.append(id)
            return reader.examples(ids[:500])
        finally:
            reader.close()

    job = context.run("", work, on_done=found)
    job.on_cancel(reader.interrupt)
    return job
