"""Each kind of block as groups of boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial, singledispatch

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtSvg import QSvgRenderer

from core.report.blocks import (
    Block,
    Bullets,
    Code,
    Figure,
    Figures,
    Legend,
    Paragraph,
    Section,
    Subheading,
    Tiles,
    Verdict,
)
from core.report.plain import plain
from core.report.svg import FONT
from gui.paper.box import INNER, LEFT, Box, Group
from gui.paper.type import SCALE, Style, Words, colour
from gui.theme.manager import interface_font

_LONGEST = 4000  # characters of a paragraph
_GAP = 8.0


def section(one: Section) -> list[Group]:
    head = words_box(one.title, Style(16.5, bold=True))
    groups = [group for each in one.blocks for group in block(each)]
    if len(one.blocks) > 1 and isinstance(one.blocks[0], Paragraph):  # it tells what comes
        groups[0] = replace(groups[0], with_next=True)
    return [Group((head,), before=22, with_next=True), *groups]


@singledispatch
def block(one: Block) -> list[Group]:
    """One block, as groups that may be parted by the end of a sheet."""
    raise TypeError(f"a report has no {type(one).__name__}")


@block.register
def _(one: Paragraph) -> list[Group]:
    return [Group((words_box(one.text, Style(colour=one.tone or "text")),), before=_GAP)]


@block.register
def _(one: Subheading) -> list[Group]:
    return [Group((words_box(one.text, Style(12.6, bold=True)),), before=14, with_next=True)]


@block.register
def _(one: Verdict) -> list[Group]:
    inside = INNER - 34
    title = Words(shown(one.title), inside, Style(15.5, one.tone or "text", bold=True))
    sentence = Words(shown(one.sentence), inside, Style()) if one.sentence else None
    height = 24 + title.height + (sentence.height + 3 if sentence else 0)

    def draw(painter: QPainter, y: float) -> None:
        frame(painter, QRectF(LEFT, y, INNER, height), "raised")
        bar = QRectF(LEFT, y, 4, height)
        painter.fillRect(_dots(bar), colour(one.tone or "line_strong"))
        title.draw(painter, LEFT + 18, y + 12)
        if sentence is not None:
            sentence.draw(painter, LEFT + 18, y + 15 + title.height)

    return [Group((Box(height, draw),), before=_GAP)]


@block.register
def _(one: Tiles) -> list[Group]:
    count, gap = max(len(one.tiles), 1), 7.0
    width = min((INNER - gap * (count - 1)) / count, 160.0)
    made = []
    for tile in one.tiles:
        inside = width - 18
        made.append(
            (
                Words(shown(tile.label), inside, Style(9.6, "secondary")),
                Words(shown(tile.value), inside, Style(16.5, tile.tone or "text", bold=True)),
                Words(shown(tile.note), inside, Style(9.2, "secondary", spacing=1.25)),
            )
        )
    height = max((sum(part.height for part in parts) for parts in made), default=0.0) + 16

    def draw(painter: QPainter, y: float) -> None:
        for place, parts in enumerate(made):
            left, top = LEFT + place * (width + gap), y + 8
            frame(painter, QRectF(left, y, width, height))
            for part in parts:
                part.draw(painter, left + 9, top)
                top += part.height

    return [Group((Box(height, draw),), before=10)] if made else []


@block.register
def _(one: Figures) -> list[Group]:
    """Beside each other where two of them have room, else below each other."""
    found, row, gap = [], list(one.figures), 18.0
    while row:
        many = 2 if len(row) > 1 and row[0].width + row[1].width + gap <= INNER * 1.2 else 1
        width = (INNER - gap * (many - 1)) / many if many > 1 or row[0].width > INNER / 2 else row[0].width
        found.append(Group((_drawings(row[:many], width, gap),), before=10))
        row = row[many:]
    return found


def _drawings(figures: Sequence[Figure], width: float, gap: float) -> Box:
    made = []
    for one in figures:
        caption = Words(shown(one.caption), width, Style(9.4, "secondary")) if one.caption else None
        made.append((_renderer(one), one.height * width / one.width, caption))
    height = max(tall + (caption.height if caption else 0.0) for _, tall, caption in made)

    def draw(painter: QPainter, y: float) -> None:
        for place, (renderer, tall, caption) in enumerate(made):
            left = LEFT + place * (width + gap)
            renderer.render(painter, _dots(QRectF(left, y, width, tall)))
            if caption is not None:
                caption.draw(painter, left, y + tall)

    return Box(height, draw)


def _renderer(one: Figure) -> QSvgRenderer:
    """Qt takes the name of one family, where a browser takes a list."""
    family = interface_font().families()[0] if interface_font().families() else interface_font().family()
    text = one.svg.replace(FONT, family.replace('"', "").replace("&", ""))
    return QSvgRenderer(QByteArray(text.encode()))


@block.register
def _(one: Legend) -> list[Group]:
    rows: list[list[tuple[str, Words, float]]] = [[]]
    x = 0.0
    for name, text in one.entries:
        words = Words(shown(text), INNER - 20, Style(10.2, "secondary"))
        if x and x + 15 + words.widest > INNER:
            rows.append([])
            x = 0.0
        rows[-1].append((name, words, x))
        x += 15 + words.widest + 18
    height = rows[0][0][1].height if rows[0] else 0.0

    def draw(row: list[tuple[str, Words, float]], painter: QPainter, y: float) -> None:
        for name, words, left in row:
            painter.fillRect(_dots(QRectF(LEFT + left, y + height / 2 - 4.5, 9, 9)), colour(name))
            words.draw(painter, LEFT + left + 15, y)

    return [Group(tuple(Box(height, partial(draw, row)) for row in rows), before=_GAP, with_next=True)]


@block.register
def _(one: Code) -> list[Group]:
    words = Words(plain(one.text, _LONGEST), INNER - 28, Style(10.6, fixed=True, spacing=1.45))
    height = words.height + 22

    def draw(painter: QPainter, y: float) -> None:
        frame(painter, QRectF(LEFT, y, INNER, height), "raised")
        words.draw(painter, LEFT + 14, y + 11)

    return [Group((Box(height, draw),), before=_GAP)]


@block.register
def _(one: Bullets) -> list[Group]:
    return [Group((_bullet(item),), before=_GAP if not place else 3) for place, item in enumerate(one.items)]


def _bullet(item: str) -> Box:
    words = Words(shown(item), INNER - 18, Style())

    def draw(painter: QPainter, y: float) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("secondary"))
        painter.drawEllipse(_dots(QRectF(LEFT + 4, y + 6.4, 4, 4)))
        words.draw(painter, LEFT + 18, y)

    return Box(words.height, draw)


def words_box(text: str, style: Style, width: float = INNER) -> Box:
    words = Words(shown(text), width, style)
    return Box(words.height, lambda painter, y: words.draw(painter, LEFT, y))


def shown(text: str) -> str:
    """Nothing that reorders or hides its neighbours comes onto the paper either."""
    return plain(text, _LONGEST)


def frame(painter: QPainter, rect: QRectF, ground: str = "") -> None:
    pen = QPen(colour("line"))
    pen.setWidthF(SCALE * 0.9)
    painter.setPen(pen)
    painter.setBrush(colour(ground) if ground else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(_dots(rect), 5 * SCALE, 5 * SCALE)


def line(painter: QPainter, y: float, name: str = "line", left: float = LEFT, width: float = INNER) -> None:
    painter.fillRect(_dots(QRectF(left, y, width, 0.8)), colour(name))


def _dots(rect: QRectF) -> QRectF:
    return QRectF(rect.x() * SCALE, rect.y() * SCALE, rect.width() * SCALE, rect.height() * SCALE)
