"""A report as one HTML file: no script, no network, every text escaped, for the screen and for paper."""

from __future__ import annotations

from functools import singledispatch

from core.report.blocks import (
    Block,
    Bullets,
    Cell,
    Code,
    Figures,
    Head,
    Legend,
    Paragraph,
    Report,
    Section,
    Subheading,
    Table,
    Tiles,
    Verdict,
)
from core.report.plain import escaped
from core.report.style import sheet

# Even where something slipped through: a browser runs no script here and fetches nothing.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_TOGETHER = ("scores", "map", "use")  # sections that are kept on one sheet where they fit
_LETTERS = 1400  # and the characters in it
_WHOLE = 14  # rows of a table that is kept on one sheet of paper


def page(report: Report) -> str:
    """The whole file; the same report gives the same text."""
    title = " – ".join(part for part in (report.title, report.subtitle) if part)
    name = f' <span class="name" dir="auto">{escaped(report.subtitle)}</span>' if report.subtitle else ""
    lines = " ".join(f'<span dir="auto">{escaped(line)}</span>' for line in report.lines)
    links = " ".join(f'<a href="#{one.key}">{escaped(one.title)}</a>' for one in report.sections)
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            '<meta name="generator" content="AnchorLab">',
            f"<title>{escaped(title)}</title>",
            f"<style>\n{sheet()}</style>",
            "</head>",
            "<body>",
            "<main>",
            f"<header>\n<h1>{escaped(report.title)}{name}</h1>\n<p>{lines}</p>",
            f'<nav aria-label="Sections">{links}</nav>\n</header>',
            *(_section(one) for one in report.sections),
            f"<footer>{escaped(report.footer)}</footer>",
            "</main>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _section(section: Section) -> str:
    whole = ' class="whole"' if section.key in _TOGETHER else ""
    head = f'<section id="{section.key}"{whole} aria-labelledby="h-{section.key}">\n<h2 id="h-{section.key}">{escaped(section.title)}</h2>'
    return "\n".join([head, *(block(one) for one in section.blocks), "</section>"])


@singledispatch
def block(one: Block) -> str:
    """One block as HTML."""
    raise TypeError(f"a report has no {type(one).__name__}")


@block.register
def _(one: Paragraph) -> str:
    return f'<p{_class(one.tone)} dir="auto">{escaped(one.text)}</p>'


@block.register
def _(one: Subheading) -> str:
    return f"<h3>{escaped(one.text)}</h3>"


@block.register
def _(one: Verdict) -> str:
    classes = f"verdict {one.tone}".strip()
    sentence = f"<p>{escaped(one.sentence)}</p>" if one.sentence else ""
    return f'<div class="{classes}"><strong>{escaped(one.title)}</strong>{sentence}</div>'


@block.register
def _(one: Tiles) -> str:
    tiles = []
    for tile in one.tiles:
        value = f"value {tile.tone}".strip()
        tiles.append(
            f'<li><span class="label">{escaped(tile.label)}</span><span class="{value}">{escaped(tile.value)}</span>'
            f'<span class="note">{escaped(tile.note)}</span></li>'
        )
    return f'<ul class="tiles">{"".join(tiles)}</ul>'


@block.register
def _(one: Table) -> str:
    total = sum(head.weight for head in one.heads) or 1.0
    columns = "".join(f'<col style="width:{100 * head.weight / total:.1f}%">' for head in one.heads)
    heads = "".join(_head(head) for head in one.heads)
    rows = "\n".join(_row(row, one) for row in one.rows)
    note = f'<p class="under">{escaped(one.note)}</p>' if one.note else ""
    letters = sum(len(cell.text) for row in one.rows for cell in row)
    whole = " whole" if len(one.rows) <= _WHOLE and letters <= _LETTERS else ""
    return (
        f'<div class="tablebox{whole}">\n<table>\n<caption>{escaped(one.caption)}</caption>\n<colgroup>{columns}</colgroup>\n'
        f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>{note}\n</div>"
    )


def _head(head: Head) -> str:
    classes = " ".join(part for part in ("n" if head.number else "", head.tone) if part)
    if not head.title:
        return "<td></td>"
    return f'<th scope="col"{_class(classes)}>{escaped(head.title)}</th>'


def _row(row: tuple[Cell, ...], table: Table) -> str:
    cells = []
    for place, (cell, head) in enumerate(zip(row, table.heads, strict=True)):
        marks = ("n" if head.number else "", "s" if cell.strong else "", "d" if cell.data else "", cell.tone)
        classes = _class(" ".join(mark for mark in marks if mark))
        direction = ' dir="auto"' if cell.data else ""
        name, scope = ("th", ' scope="row"') if table.named and not place else ("td", "")
        cells.append(f"<{name}{scope}{classes}{direction}>{escaped(cell.text)}</{name}>")
    return f"<tr>{''.join(cells)}</tr>"


@block.register
def _(one: Figures) -> str:
    drawn = []
    for figure in one.figures:
        caption = f"<figcaption>{escaped(figure.caption)}</figcaption>" if figure.caption else ""
        drawn.append(f"<figure>\n{figure.svg}\n{caption}</figure>")
    return f'<div class="figures">\n{"".join(drawn)}\n</div>'


@block.register
def _(one: Legend) -> str:
    entries = "".join(
        f'<li dir="auto"><i class="b-{colour}" aria-hidden="true"></i>{escaped(words)}</li>'
        for colour, words in one.entries
    )
    return f'<ul class="legend">{entries}</ul>'


@block.register
def _(one: Code) -> str:
    return f"<pre><code>{escaped(one.text)}</code></pre>"


@block.register
def _(one: Bullets) -> str:
    items = "".join(f'<li dir="auto">{escaped(item)}</li>' for item in one.items)
    return f'<ul class="items">{items}</ul>'


def _class(names: str) -> str:
    return f' class="{names}"' if names else ""
