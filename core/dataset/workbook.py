"""The smallest workbook that Excel, Calc and openpyxl open: one sheet of strings and numbers (ECMA-376, part 1).

openpyxl writes workbooks too, but takes texts that begin with "=" for formulas, loses carriage returns and refuses control
characters; here every text is an inline string, which no program calculates.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable
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


def write_workbook(path: Path, rows: Iterable[tuple[Any, ...]]) -> None:
    """Write `rows` of str, float or None (an empty cell), the first one being the column names.

    Raises:
        DataProblem: more rows than a sheet holds.
        OSError
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        for name, text in _PARTS.items():
            archive.writestr(name, _HEAD + text)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            for number, row in enumerate(rows, start=1):
                if number > MAX_ROWS:
                    raise DataProblem(
                        f"An Excel sheet holds {MAX_ROWS:,} rows, and there are more.",
                        "Export to CSV or Parquet instead.",
                    )
                cells = "".join(_cell(value, column, number) for column, value in enumerate(row))
                sheet.write(f'<row r="{number}">{cells}</row>'.encode())
            sheet.write(b"</sheetData></worksheet>")


def _cell(value: Any, column: int, row: int) -> str:
    if value is None or value == "":
        return ""
    place = f"{chr(ord('A') + column)}{row}"  # at most 18 columns
    if isinstance(value, float):
        return f'<c r="{place}"><v>{value!r}</v></c>'
    text = escape(_UNSAFE.sub(lambda match: f"_x{ord(match[0]):04X}_", value), {"\r": "&#13;"})
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
