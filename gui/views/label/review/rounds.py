"""What the review does besides going through rows: a blind second pass, agreement, another person's copy, ranking."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from core.dataset.formats import Example, Format
from core.dataset.normalise import normalise
from core.project import Change
from core.project.passes import Judge, Judged, Pass
from gui.views.label.review.agreement_page import AgreementPage
from gui.views.label.review.deciding import ORIGIN, STEP
from gui.views.label.review.judge import Verdict
from gui.views.label.review.merging_flow import MergeFlow
from gui.views.label.review.ranking_page import RankingPage, find_rows
from gui.views.label.review.second_pass import SecondPass
from gui.workers.job import Job

if TYPE_CHECKING:
    from gui.views.label.review.panel import ReviewPanel

RANKED = (Format.SCORED, Format.PAIRS)


class Rounds(QObject):
    changed = Signal()  # a second pass began or ended

    def __init__(self, panel: ReviewPanel) -> None:
        super().__init__(panel)
        self._panel = panel
        context = panel.context
        self.blind: Pass | None = None
        self._again: dict[int, Judged] = {}
        self._looking: Job | None = None
        self.agreement = AgreementPage(context)
        self.ranking = RankingPage(context)
        for page in (self.agreement, self.ranking):
            panel.places.addWidget(page)
            page.left.connect(self.back)
        self.agreement.go_on.connect(self.begin)
        self._second = SecondPass(context, panel, self.begin)
        self._merging = MergeFlow(context, panel, self._merged)
        header = panel.header
        header.second_pass_requested.connect(self.ask_second_pass)
        header.merge_requested.connect(self.ask_merge)
        header.agreement_requested.connect(self.show_agreement)

    # -- which page ---------------------------------------------------------------------------------------------

    @property
    def page(self) -> AgreementPage | RankingPage | None:
        """The page that lies over the example, if any."""
        found = self._panel.places.currentWidget()
        return found if isinstance(found, (AgreementPage, RankingPage)) else None

    def press(self, key: str) -> bool:
        """A key for the page over the example; Escape ends a second pass. False when it is for the example."""
        page = self.page
        if page is not None:
            page.press(key)
            return True
        if self._looking is not None:  # a key meant for what comes must not decide what is there
            if key == "Escape":
                self._stop_looking()
            return True
        if key == "Escape" and self.blind is not None:
            self.end()
            return True
        return False

    def back(self) -> None:
        """The example again."""
        panel = self._panel
        panel.places.setCurrentWidget(panel.desk)
        panel.header.setVisible(True)
        panel.show_example()
        panel.take_focus()

    def _stop_looking(self) -> None:
        job, self._looking = self._looking, None
        if job is not None:
            job.cancel()
            self._panel.desk.say("")

    def close(self) -> None:
        """Another dataset."""
        self._stop_looking()
        self.agreement.stop()
        self._panel.places.setCurrentWidget(self._panel.desk)
        self._panel.header.setVisible(True)
        if self.blind is not None:
            self.blind = None
            self._panel.header.for_blind(False)
            self.changed.emit()

    # -- the second pass ----------------------------------------------------------------------------------------

    def ask_second_pass(self) -> None:
        if self._panel.info is not None:
            self._second.ask(self._panel.info, self._panel.deck.listed)

    def begin(self, found: Pass) -> None:
        """Judge the rows of a pass again, those first that have no second judgement."""
        panel = self._panel
        self.blind = found
        self._learn(found)
        panel.places.setCurrentWidget(panel.desk)
        panel.header.setVisible(True)
        panel.header.for_blind(True)
        self.changed.emit()
        ids = array("q", (row.example_id for row in found.rows))
        panel.deck.take_pass(ids, {row.example_id for row in found.rows if row.second})
        panel.desk.say("Your first judgements are hidden. Esc leaves; you can go on later.")
        panel.take_focus()

    def _learn(self, found: Pass) -> None:
        self.blind = found
        self._again = {row.example_id: row for row in found.rows}

    def end(self) -> None:
        """Back to the rows of the table."""
        panel = self._panel
        self.blind = None
        panel.header.for_blind(False)
        self.changed.emit()
        panel.leave_pass()

    def again(self, example: Example) -> str:
        """The second judgement that a row has already."""
        row = self._again.get(example.id)
        return row.second if row is not None else ""

    def judge(self, example: Example, verdict: Verdict) -> bool:
        """Keep a second judgement. False when it could not be stored."""
        blind = self.blind
        assert blind is not None
        edit = Judge(blind.id, example.id, verdict.judgement)
        label = f"{STEP} row {example.number:,}: second judgement"
        if self._panel.context.edit(lambda project: project.apply(edit, label, ORIGIN)) is None:
            return False
        self._again[example.id] = Judged(example.id, "", verdict.judgement)
        self._panel.deck.mark(example.id, True)
        return True

    def finish(self) -> None:
        """The last row of the sample: what came out, or the rows that were passed over."""
        panel, blind = self._panel, self.blind
        assert blind is not None
        if panel.deck.left:
            panel.desk.say(f"{panel.deck.left:,} rows of the sample were passed over: U goes to them.")
            panel.show_example()
            return
        self.end()
        self.show_agreement(blind.id)

    # -- agreement and merging ----------------------------------------------------------------------------------

    def show_agreement(self, wanted: int = 0) -> None:
        panel = self._panel
        if panel.info is None:
            return
        if self.blind is not None:
            wanted = wanted or self.blind.id
            self.end()
        if self.agreement.open(panel.info, wanted):
            panel.header.setVisible(False)
            panel.places.setCurrentWidget(self.agreement)
        else:
            panel.context.messages.note(
                "No row of this dataset was judged twice yet.",
                "A second pass, or another person’s copy of the project, gives something to compare.",
            )
        panel.take_focus()

    def ask_merge(self) -> None:
        if self._panel.info is not None:
            self._merging.ask(self._panel.info)

    def _merged(self, pass_id: int) -> None:
        if pass_id and self._panel.isVisible():
            self.show_agreement(pass_id)

    # -- ranking ------------------------------------------------------------------------------------------------

    def rank(self) -> None:
        """All rows of the anchor in front, to be put in order."""
        panel = self._panel
        info, example = panel.info, panel.example
        if info is None or example is None or info.format not in RANKED or self.blind is not None:
            return

        def found(rows: list[Example]) -> None:
            self._looking = None
            panel.desk.say("")
            if len({normalise(row.texts[1]) for row in rows}) < 2:
                panel.desk.say("This anchor has no other candidate: there is nothing to put in order.")
                return
            self.ranking.open(info, rows)
            panel.header.setVisible(False)
            panel.places.setCurrentWidget(self.ranking)
            panel.take_focus()

        panel.desk.say("Looking for the candidates of this anchor…")
        self._looking = find_rows(panel.context, info, example.texts[0], found)
        if self._looking is not None:
            self._looking.finished.connect(self._looked)

    def _looked(self) -> None:
        """Whatever became of it: the keys mean the example again."""
        if self.sender() is self._looking:
            self._looking = None

    # -- news ---------------------------------------------------------------------------------------------------

    def heard(self, change: Change) -> None:
        """Judgements changed here or by an undo."""
        if change.origin == ORIGIN or "passes" not in change.kinds:
            return
        if self.page is self.agreement:
            self.agreement.reload(change.ids[0] if change.ids else 0)
        project, blind = self._panel.context.project, self.blind
        if project is None or blind is None or self._panel.info is None:
            return
        now = next((one for one in project.passes(self._panel.info.id) if one.id == blind.id), None)
        if now is None:  # the pass itself was taken back
            self.end()
            return
        self._learn(now)
        for row in now.rows:
            self._panel.deck.mark(row.example_id, bool(row.second))
