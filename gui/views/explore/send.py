"""*To labelling*: what is selected in a tab becomes positives, negatives, triplets, scored rows, flags, or a saved view.

A tab calls `offer_send` for a list or a picture, with a function that tells what is chosen there: its context menu, the key L and, with
`send_button`, a button then open the menu. What happens is one step of the history, said in the message bar.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QPushButton, QToolButton, QWidget

from core.project import Change, Project
from core.project.chosen import Chosen, Kind, Sending
from core.project.sending import Sent, counted, send
from gui.actions.taking_back import take_back
from gui.context import Context
from gui.theme import icons
from gui.views.explore.lens import Lens
from gui.views.explore.send_offers import Kept, Offer, heading, offers
from gui.widgets.basic import brief, button, tool_button
from gui.widgets.messages import Message

__all__ = ["Chosen", "SendMenu", "Sender", "offer_send", "send_button", "sender"]

KEY = "L"
Choice = Callable[[], Chosen]


@dataclass(frozen=True)
class Offered:
    """One of several sets: its title, how many rows it has, and the set itself for whoever opens its menu."""

    title: str
    count: int
    choose: Choice


class Sender(QObject):
    """Carries out what a menu says. One for all tabs of a page: `sender`."""

    rows_requested = Signal(int, object)  # a dataset and its rows: they are to be shown in Label

    def __init__(self, context: Context, lens: Lens) -> None:
        super().__init__(lens)
        self._context = context
        self.kept: Kept | None = None
        context.project_changed.connect(self._forget)

    def _forget(self) -> None:
        self.kept = None

    def offers(self, chosen: Chosen) -> list[Offer]:
        project = self._context.project
        return (
            offers(project.datasets(), self._context.dataset_id, chosen, self.kept)
            if project is not None
            else []
        )

    def keep(self, chosen: Chosen) -> None:
        """The chosen texts are positives of triplets whose negatives come next."""
        self.kept = Kept(chosen.main, tuple(text for _, text in chosen.labels()))
        count = len(self.kept.texts)
        self._context.messages.note(
            f"{count:,} positive{'' if count == 1 else 's'} of “{brief(chosen.main)}” kept.",
            "Now select their negatives and choose Triplets in the same menu.",
            action="Forget",
            do=self._forget,
        )

    def send(self, chosen: Chosen, sending: Sending) -> None:
        """By a worker; one step that can be undone."""
        found: list[Sent] = []

        def work(project: Project) -> Change | None:
            found.append(send(project, chosen, sending))
            return found[0].change

        title = f"Sending to labelling ({chosen.source})"
        self._context.background.start(title, work, lambda _change: self._done(found[0]))

    def _done(self, sent: Sent) -> None:
        if sent.kind is Kind.TRIPLETS and sent.change is not None:
            self.kept = None
        words, hint = told(sent)
        undo = take_back(self._context, sent.change) if sent.change is not None else None
        show = bool(sent.ids)
        self._context.messages.post(
            Message(
                words,
                hint,
                "positive" if undo is not None else "",
                action="Undo" if undo is not None else "",
                do=undo,
                other=self._which(sent) if show else "",
                do_other=(lambda: self._show(sent)) if show else None,
            )
        )

    def _place(self, sent: Sent) -> int:
        """The dataset whose rows are shown: of several the current one, if it has any."""
        here = self._context.dataset_id
        return here if here in sent.datasets and here is not None else sent.datasets[0]

    def _which(self, sent: Sent) -> str:
        project = self._context.project
        if len(sent.datasets) < 2 or project is None:
            return "Show them"
        name = next((info.name for info in project.datasets() if info.id == self._place(sent)), "")
        return f"Show those in “{brief(name, 24)}”"

    def _show(self, sent: Sent) -> None:
        self.rows_requested.emit(self._place(sent), list(sent.ids))


def sender(context: Context, lens: Lens) -> Sender:
    """The one of this lens, made by whoever asks first."""
    return lens.findChild(Sender) or Sender(context, lens)


def told(sent: Sent) -> tuple[str, str]:
    """What happened, and what was left out and why."""
    there = f"{sent.there:,} {'was' if sent.there == 1 else 'were'} there already" if sent.there else ""
    left = [f"{count:,} left out: {why}" for why, count in sent.left.items()]
    several = f" in {len(sent.datasets)} datasets" if len(sent.datasets) > 1 else ""
    if sent.kind in (Kind.FLAG, Kind.VIEW):
        left = [
            f"{count:,} of what was chosen {'is' if count == 1 else 'are'} {why}"
            for why, count in sent.left.items()
        ]
    if sent.kind is Kind.FLAG:
        done = f"{_rows(sent.changed)} flagged{several}" if sent.changed else ""
        there = there.replace("there already", "flagged already")
    elif sent.kind is Kind.VIEW:
        done = f"{_rows(sent.added)}{several} saved as the view “{sent.name}”" if sent.added else ""
    else:
        where = f"the new dataset “{brief(sent.name)}”" if sent.made else f"“{brief(sent.name)}”"
        added = f"{counted(sent.added, sent.kind)} added" if sent.added else ""
        changed = f"{_rows(sent.changed)} changed" if sent.changed else ""
        done = " and ".join(part for part in (added, changed) if part)
        done += f" {'in' if sent.changed else 'to'} {where}" if done else ""
    words = "; ".join(part for part in (done or "Nothing was changed", there) if part)
    return f"{words}.", f"{'; '.join(left)}." if left else ""


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


class SendMenu(QMenu):
    """Filled each time it opens, for what is chosen then."""

    def __init__(self, where: QWidget, send_by: Sender, chosen: Choice) -> None:
        super().__init__("To labelling", where)
        self.setObjectName(f"{where.objectName()}.send_menu")
        self._sender, self._chosen = send_by, chosen
        icons.attach(self.menuAction(), "label", size=16)
        self.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        self.clear()
        chosen = self._chosen()
        if not chosen:
            self.addAction("Select something first").setEnabled(False)
            return
        self.addAction(heading(chosen)).setEnabled(False)
        for offer in self._sender.offers(chosen):
            if offer.key == "flag":
                self.addSeparator()
            _add(self, offer, lambda one: self._act(chosen, one))

    def _act(self, chosen: Chosen, offer: Offer) -> None:
        if offer.keeps:
            self._sender.keep(chosen)
        elif offer.sending is not None:
            self._sender.send(chosen, offer.sending)

    def open_at(self, at: QPoint) -> None:
        """With the first entry marked, so that Enter and the arrows work at once."""
        self.popup(at)
        first = next((action for action in self.actions() if action.isEnabled()), None)
        if first is not None:
            self.setActiveAction(first)

    def open_over(self, where: QWidget) -> None:
        self.open_at(where.mapToGlobal(QPoint(where.width() // 3, min(where.height() // 3, 160))))


class SetsMenu(SendMenu):
    """Several things that can be sent, each with its menu."""

    def __init__(self, where: QWidget, send_by: Sender, sets: Callable[[], Sequence[Offered]]) -> None:
        super().__init__(where, send_by, lambda: Chosen(""))
        self._sets = sets

    def fill(self) -> None:
        self.clear()
        for number, offered in enumerate(self._sets()):
            inner = SendMenu(self, self._sender, offered.choose)
            inner.setTitle(offered.title)
            inner.menuAction().setObjectName(f"send.set.{number}")
            inner.menuAction().setEnabled(offered.count > 0)
            self.addMenu(inner)
        if self.isEmpty():
            self.addAction("There is nothing to send yet").setEnabled(False)


def _add(menu: QMenu, offer: Offer, act: Callable[[Offer], object]) -> None:
    if offer.parts:
        inner = menu.addMenu(offer.title)
        inner.setObjectName(f"send.{offer.key}")
        action = inner.menuAction()
        for part in offer.parts:
            _add(inner, part, act)
    else:
        action = menu.addAction(f"{offer.title}\t{offer.detail}" if offer.detail else offer.title)
        action.triggered.connect(lambda _checked=False: act(offer))
    action.setObjectName(f"send.{offer.key}")
    if offer.icon:
        icons.attach(action, offer.icon, offer.tone or "secondary", size=16)


def offer_send(context: Context, lens: Lens, chosen: Choice, *places: QWidget) -> SendMenu:
    """Give these lists or pictures the menu: in their context menus and at the key L. `chosen` tells what is selected in them, an empty
    `Chosen` for nothing."""
    return _hang(SendMenu(places[0], sender(context, lens), chosen), places)


def offer_sets(
    context: Context, lens: Lens, sets: Callable[[], Sequence[Offered]], *places: QWidget
) -> SendMenu:
    """As `offer_send` for several sets, each with a title."""
    return _hang(SetsMenu(places[0], sender(context, lens), sets), places)


def _hang(menu: SendMenu, places: Sequence[QWidget]) -> SendMenu:
    for where in places:
        shortcut = QShortcut(QKeySequence(KEY), where)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(partial(menu.open_over, where))
        if where.contextMenuPolicy() == Qt.ContextMenuPolicy.DefaultContextMenu:
            where.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        where.addAction(menu.menuAction())
    return menu


def send_button(menu: SendMenu, name: str) -> QPushButton:
    """A button that opens the menu below itself."""
    made = button("To labelling", "label", name=name, tip=f"Make labels of what is selected ({KEY})")
    made.clicked.connect(lambda _checked=False: menu.open_at(made.mapToGlobal(QPoint(0, made.height()))))
    return made


def send_tool(menu: SendMenu, name: str) -> QToolButton:
    """As `send_button`, only its icon."""
    made = tool_button("label", f"Make labels of what is selected ({KEY})", name=name)
    made.clicked.connect(lambda _checked=False: menu.open_at(made.mapToGlobal(QPoint(0, made.height()))))
    return made
