"""A report as a PDF of A4 sheets. Works on any thread: nothing of it is a widget."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMarginsF
from PySide6.QtGui import QPageLayout, QPageSize, QPainter, QPdfWriter

import gui.paper.tables  # noqa: F401 - tables are one kind of block
from core import atomic
from core.errors import Cancelled, FileProblem
from core.report.blocks import Report
from gui.paper.blocks import line, section, shown, words_box
from gui.paper.box import HEIGHT, INNER, LEFT, TOP, Box, Group, Sheet, sheets
from gui.paper.type import SCALE, Style, Words

Stop = Callable[[], bool]


def write(report: Report, target: Path, should_stop: Stop = lambda: False) -> int:
    """Write the file; returns how many sheets it has.

    Raises:
        Cancelled: an older file is left as it was.
        DiskFull, FileProblem
    """
    laid = sheets(_groups(report))
    rough = target.with_name(f".{target.name}.{os.getpid()}.part")
    with atomic.explained(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        rough.touch()
    try:
        _paint(report, laid, rough, should_stop)
        with atomic.explained(target):
            atomic.sync(rough)
            rough.replace(target)
    finally:
        rough.unlink(missing_ok=True)
    return len(laid)


def _groups(report: Report) -> list[Group]:
    groups = [Group((_title(report),))]
    if report.lines:
        words = words_box("  ·  ".join(report.lines), Style(10.6, "secondary"))
        groups.append(Group((words, Box(12, lambda painter, y: line(painter, y + 11))), before=5))
    for one in report.sections:
        groups += section(one)
    groups.append(Group((words_box(report.footer, Style(9.4, "secondary")),), before=20))
    return groups


def _title(report: Report) -> Box:
    number = Words(shown(report.title), INNER, Style(25, bold=True, spacing=1.2))
    name = Words(shown(report.subtitle), INNER - number.widest - 9, Style(25, "secondary", spacing=1.2))

    def draw(painter: QPainter, y: float) -> None:
        number.draw(painter, LEFT, y)
        name.draw(painter, LEFT + number.widest + 9, y)

    return Box(max(number.height, name.height), draw)


def _paint(report: Report, laid: list[Sheet], rough: Path, should_stop: Stop) -> None:
    writer = QPdfWriter(str(rough))
    writer.setResolution(96 * SCALE)
    writer.setPageLayout(
        QPageLayout(QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, QMarginsF())
    )
    writer.setTitle(shown(f"{report.title} {report.subtitle}".strip()))
    writer.setCreator("AnchorLab")
    painter = QPainter()
    if not painter.begin(writer):
        raise FileProblem(f"Cannot write {rough.parent}.", "Check the folder and its permissions.")
    try:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, sheet in enumerate(laid, 1):
            if should_stop():
                raise Cancelled
            if number > 1:
                writer.newPage()
            for top, box in sheet.placed:
                box.draw(painter, TOP + top)
            _foot(painter, report, number, len(laid))
    finally:
        painter.end()


def _foot(painter: QPainter, report: Report, number: int, of: int) -> None:
    style = Style(9, "secondary")
    y = HEIGHT - 44
    name = " ".join(shown(f"{report.title} {report.subtitle}").split())[:90]
    Words(name, INNER - 80, style).draw(painter, LEFT, y)
    Words(f"{number} / {of}", 80, Style(9, "secondary", right=True)).draw(painter, LEFT + INNER - 80, y)
