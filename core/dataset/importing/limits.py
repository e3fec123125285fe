"""How much of a file is believed: bounds that no real data set meets and that keep hostile files from filling the memory."""

from __future__ import annotations

MAX_CELL = 1_000_000  # characters of one text
MAX_LINE = 16_000_000  # characters of one physical line
MAX_ROWS_PER_RECORD = 10_000  # examples that one record with lists of positives and negatives may expand to
MAX_COLUMNS = 20_000  # of a table
MAX_JSON_OBJECT = 32 * 2**20  # bytes of a .json file that is one object, which can only be read as a whole
MAX_SHEET = 2**30  # bytes of a spreadsheet after decompression
MAX_SHEET_RATIO = 200  # decompressed to compressed; sheets reach about 20, zip bombs 1000
SHEET_UNSUSPECTED = 50 * 2**20  # bytes of a spreadsheet that may have any ratio
SAMPLE = 2 * 2**20  # characters that the shape of a text file is judged by
SAMPLE_ROWS = 2_000  # rows that the roles of columns are judged by
SAMPLE_CELLS = 2_000_000  # that those rows may have; of very wide tables fewer rows are looked at
PREVIEW = 50  # rows shown before an import
MAX_UNPACKED = 16 * 2**30  # bytes of one file inside an archive
MAX_UNPACKED_RATIO = 200  # unpacked to packed; tables reach about 30, zip bombs 1000
UNPACKED_UNSUSPECTED = 64 * 2**20  # bytes; a small file may well be the same line all over
MAX_IN_MEMORY = 512 * 2**20  # bytes of a workbook or Parquet file inside an archive
MAX_SKIP = 1_000_000  # lines above a table
