"""The smallest workbook that Excel, Calc and openpyxl open: one sheet of strings and numbers (ECMA-376, part 1).

openpyxl writes workbooks too, but takes texts that begin with "=" for formulas, loses carriage returns and refuses control
characters; here every text is an inline string, which no program calculates.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from core.errors import DataProblem

MAX_CELL = 32_767  # UTF-16 units
MAX_ROWS = 1_048_576

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"

_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="Data" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}

# What XML cannot hold is spelled _xHHHH_ (ECMA-376 part 1, 22.4.2.4, ST_Xstring); so is the underscore of a text that
# happens to look like such a spelling.
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


class Workbook:
    """A workbook that is written row by row: str, float, int or None (an empty cell), the first row being the column names.

    Raises:
        DataProblem: more rows than a sheet holds.
        OSError
    """

    def __init__(self, path: Path) -> None:
        self._rows = 0
        self._archive = zipfile.ZipFile(path, "w")
        for name, text in _PARTS.items():
            self._archive.writestr(_part(name), _HEAD + text)
        self._sheet = self._archive.open(_part("xl/worksheets/sheet1.xml"), "w", force_zip64=True)
        self._sheet.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())

    def append(self, row: tuple[Any, ...]) -> None:
        self._rows += 1
        number = self._rows
        if number > MAX_ROWS:
            raise DataProblem(
                f"An Excel sheet holds {MAX_ROWS:,} rows, and there are more.",
                "Export to CSV or Parquet instead.",
            )
        cells = "".join([_cell(value, column, number) for column, value in enumerate(row)])
        self._sheet.write(f'<row r="{number}">{cells}</row>'.encode())

    def close(self) -> None:
        if not self._sheet.closed:
            self._sheet.write(b"</sheetData></worksheet>")
            self._sheet.close()
        self._archive.close()


def too_long(text: str) -> bool:
    """Whether no Excel cell holds it. Excel counts UTF-16 units, of which some characters take two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2 > MAX_CELL


def _part(name: str) -> zipfile.ZipInfo:
    """With a fixed date: the same rows make the same file."""
    part = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    part.compress_type = zipfile.ZIP_DEFLATED
    part._compresslevel = 3  # type: ignore[attr-defined]  # the archive's own level is for parts given by name
    return part


def _cell(value: Any, column: int, row: int) -> str:
    if value is None or value == "":
        return ""
    place = f"{chr(ord('A') + column)}{row}"  # at most 24 columns
    if not isinstance(value, str):
        return f'<c r="{place}"><v>{value!r}</v></c>'
    text = escape(_UNSAFE.sub(lambda match: f"_x{ord(match[0]):04X}_", value), {"\r": "&#13;"})
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
