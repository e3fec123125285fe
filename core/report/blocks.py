"""What a report is made of, without saying how it looks: `html` writes blocks as a page, the window lays them out on paper."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Paragraph:
    """`tone`: "" (plain), secondary, warning, error."""

    text: str
    tone: str = ""


@dataclass(frozen=True)
class Verdict:
    """`tone`: positive, negative, or "" where nothing is decided."""

    title: str
    sentence: str
    tone: str = ""


@dataclass(frozen=True)
class Tile:
    label: str
    value: str
    note: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Tiles:
    tiles: tuple[Tile, ...]


@dataclass(frozen=True)
class Head:
    """A column. `weight` is its share of the width; 0: only what its figures need. `tone` names a role: anchor, positive, negative."""

    title: str
    number: bool = False
    weight: float = 1.0
    tone: str = ""


@dataclass(frozen=True)
class Cell:
    """`data`: a text of the data, which may be of any language and direction."""

    text: str
    tone: str = ""
    strong: bool = False
    data: bool = False


@dataclass(frozen=True)
class Table:
    """The first column names its row where `named`."""

    caption: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    named: bool = False


@dataclass(frozen=True)
class Figure:
    """`svg` is a whole drawing with its own size; `alt` says in words what it shows."""

    svg: str
    alt: str
    caption: str
    width: float
    height: float


@dataclass(frozen=True)
class Figures:
    """Drawings beside each other where there is room."""

    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Legend:
    """(colour of the palette, words) in the order of the drawing."""

    entries: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Code:
    text: str
    language: str = ""


@dataclass(frozen=True)
class Bullets:
    items: tuple[str, ...]


@dataclass(frozen=True)
class Subheading:
    text: str


Block = Paragraph | Verdict | Tiles | Table | Figures | Legend | Code | Bullets | Subheading


@dataclass(frozen=True)
class Section:
    """`key` is its place in the page's own links."""

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Report:
    title: str
    subtitle: str
    lines: tuple[str, ...]  # what, when, by whom: small print under the title
    sections: tuple[Section, ...]
    footer: str


def cells(*texts: str) -> tuple[Cell, ...]:
    return tuple(Cell(text) for text in texts)
