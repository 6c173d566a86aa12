"""Reads tables: each cell that may be a key becomes a field with the name of its column, `password = "x"`.

Tables are CSV and its kin, Markdown and what command lines print, and SQL's `INSERT` and `COPY`. The name is that of
the column; or, in a table of names and values, that which stands in the same row.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice, pairwise

from keysift.detect.decode import identifiers
from keysift.detect.decode.columns import MARKUP, STEMS, Columns, columns_of
from keysift.detect.decode.parts import Part

Hits = Sequence[tuple[int, int]]
Cell = identifiers.Cell
STEP = "a table"
MOST_ROWS = 5_000
_AGAIN = 4
"""How often the statements of SQL in a text are read, as far as they seem to reach into one another."""
_SHORT = 256
LONGEST_TABLE = 1 << 20
"""Bytes. No one keeps more passwords in one table by hand."""
LONGEST_HEADER = 2_000
MOST_COLUMNS = 200
_DELIMITERS = (b",", b";", b"\t", b"|")
_CELLS = {
    delimiter: re.compile(
        rb'[ ]*(?:"(?P<quoted>(?:[^"]|"")*)"[ ]*|(?P<bare>[^' + delimiter + rb"\r\n]*))(?P<end>" + re.escape(delimiter)
        + rb"|\r?\n|\r|\Z)"
    )
    for delimiter in _DELIMITERS
}  # fmt: skip
_LINE = re.compile(rb"[^\n]*\n?")
_RULED = re.compile(rb"[ \t]*[|+]?[ \t:]*-{2,}[-+|: \t]*\r?\n?")
_DASHES = re.compile(rb"-{2,}|={2,}")
_SQL = re.compile(
    rb"'(?P<text>(?:[^'\\]|\\.|'')*)'|\"(?P<other>(?:[^\"\\]|\\.|\"\")*)\"|(?P<mark>[(),;])|[^'\"(),;]+", re.DOTALL
)


def read(data: bytes, hits: Hits) -> Iterator[Part]:
    """Read the tables at these hits: of a header at the start of the data, a ruled line, or the words of SQL."""
    done = 0
    inserted = _Inserted(_AGAIN * len(data))
    above: identifiers.Above = {}
    for _, end in hits:
        if end < done:
            continue
        if data[end - 1] == ord("("):
            cells, done = inserted.cells(data, end), end
        elif data[end - 5 : end].lower() == b"stdin":
            cells, done = _copied(data, end)
        elif data.find(b"\n", 0, end) == end - 1:
            cells, done = _separated(data, end)
        else:
            cells, done = _ruled(data, end)
        yield from _parts(data, identifiers.without_columns(data, cells, above))


def _parts(data: bytes, cells: Iterable[tuple[str, Cell]]) -> Iterator[Part]:
    """Yield the parts that turn cells into fields: what is before each and behind it, and the cell itself."""
    waiting: Part | None = None
    for name, (start, end) in cells:
        value = data[start:end]
        quote = b"'" if b'"' in value else b'"'
        lead = b"\n" + name.encode() + b" = " + quote
        if waiting and waiting.start == start - 1:
            lead = waiting.decoded + lead
        elif waiting:
            yield waiting
        yield Part(start - 1, start, lead, (STEP,))
        yield Part(start, end, value, (STEP,), (1, 1))
        waiting = Part(end, min(end + 1, len(data)), quote + b"\n", (STEP,))
    if waiting:
        yield waiting


# --- Lines of cells ---------------------------------------------------------------------------------------------------


def _separated(data: bytes, end: int) -> tuple[Iterator[tuple[str, Cell]], int]:
    """Return the cells of CSV whose header ends at `end`, and the end of the table."""
    delimiter, columns = _header(data[:end])
    if not columns:
        return iter(()), end
    limit = min(len(data), end + LONGEST_TABLE)
    return _named(data, _rows(data, end, limit, delimiter), columns), limit


def is_header(data: bytes, end: int) -> bool:
    """Return True if the first line, which ends at `end`, is a header of CSV with a column that keys may be in."""
    return bool(_header(data[:end])[1])


@functools.lru_cache(maxsize=1 << 12)
def _header(line: bytes) -> tuple[bytes, Columns | None]:
    """Return the delimiter of CSV with this first line, and its columns. Cached, since all versions of a file ask."""
    header = line.removeprefix(b"\xef\xbb\xbf")
    delimiter = max(_DELIMITERS, key=header.count)
    if delimiter not in header:
        return delimiter, None
    return delimiter, columns_of([line[slice(*cell)] for cell in next(_rows(line, 0, len(line), delimiter), [])])


def _rows(data: bytes, start: int, end: int, delimiter: bytes) -> Iterator[list[Cell]]:
    row: list[Cell] = []
    cells = _CELLS[delimiter]
    while start < end and (cell := cells.match(data, start, end)):
        row.append(_trimmed(data, *cell.span("quoted" if cell["quoted"] is not None else "bare")))
        start = cell.end()
        if cell["end"] != delimiter or len(row) > MOST_COLUMNS:
            yield row
            row = []
    if row:
        yield row


def _trimmed(data: bytes, start: int, end: int) -> Cell:
    """Return a cell without blanks and marks of code around it."""
    text = data[start:end]
    left = text.lstrip(b" \t`*")
    return end - len(left), end - len(left) + len(left.rstrip(b" \t`*\r\\"))


def _named(data: bytes, rows: Iterable[list[Cell]], columns: Columns) -> Iterator[tuple[str, Cell]]:
    """Yield the cells that may be keys, with their names."""
    for row in islice(rows, MOST_ROWS):
        yield from columns.keys(data, row)


def _ruled(data: bytes, end: int) -> tuple[Iterator[tuple[str, Cell]], int]:
    """Return the cells of a table with a line under its header, which `end` is in, and the end of that line."""
    begin = data.rfind(b"\n", 0, end) + 1
    low = data.rfind(b"\n", max(0, begin - 1 - LONGEST_HEADER), max(0, begin - 1)) + 1
    rule = _LINE.match(data, begin)
    if not rule or low == begin:
        return iter(()), end
    split = _splitter(data[low:begin], rule[0])
    columns = split and columns_of([data[slice(*cell)] for cell in split(data, low, begin - 1)])
    if not split or not columns:
        return iter(()), rule.end()
    limit = min(len(data), rule.end() + LONGEST_TABLE)
    return _named(data, (split(data, *line) for line in _lines(data, rule.end(), limit)), columns), rule.end()


def _splitter(header: bytes, rule: bytes) -> Callable[[bytes, int, int], list[Cell]] | None:
    """Return what splits a line of a table with this header, and this line under it, into cells; None if it is none."""
    if b"|" in header:
        return _piped if _RULED.fullmatch(rule) else None
    spans = [dash.span() for dash in _DASHES.finditer(rule)]
    if not 2 <= len(spans) <= MOST_COLUMNS or rule.strip(b"-=+ \t\r\n"):
        return None
    return partial(_placed, spans)


def _lines(data: bytes, start: int, limit: int) -> Iterator[tuple[int, int]]:
    """Yield the lines of a table: up to a blank one."""
    while start < limit:
        end = data.find(b"\n", start, limit)
        end = limit if end < 0 else end
        if not data[start:end].strip():
            return
        yield start, end
        start = end + 1


def _piped(data: bytes, start: int, end: int) -> list[Cell]:
    """Return the cells of a line between `|`."""
    places = [start - 1]
    place = data.find(b"|", start, end)
    while place >= 0 and len(places) < MOST_COLUMNS + 2:
        places.append(place)
        place = data.find(b"|", place + 1, end)
    cells = [_trimmed(data, low + 1, high) for low, high in pairwise((*places, end)[: MOST_COLUMNS + 2])]
    if cells and cells[0][0] >= cells[0][1]:
        cells = cells[1:]
    if cells and cells[-1][0] >= cells[-1][1]:
        cells = cells[:-1]
    return cells


def _placed(spans: Sequence[Cell], data: bytes, start: int, end: int) -> list[Cell]:
    """Return the cells of a line in columns of fixed width; the last one is as long as it is."""
    starts = [low for low, _ in spans]
    ends = [*starts[1:], end - start]
    return [
        _trimmed(data, min(end, start + low), min(end, start + high)) for low, high in zip(starts, ends, strict=True)
    ]


# --- SQL --------------------------------------------------------------------------------------------------------------


class _Inserted:
    """The values of statements. One that does not end seems to hold all behind it, so what is read is counted."""

    def __init__(self, left: int) -> None:
        self._left = left
        """Bytes that all statements together may take; after that each is read for `_SHORT` only."""

    def cells(self, data: bytes, end: int) -> Iterator[tuple[str, Cell]]:
        """Yield the cells of `(a, b) VALUES (x, y), ...`, whose first values begin at `end`."""
        columns = _listed(data, data.rfind(b")", max(0, end - LONGEST_HEADER), end) + 1)
        if columns:
            limit = min(len(data), end + min(LONGEST_TABLE, max(self._left, _SHORT)))
            last = end
            for row in _tuples(data, end, limit):
                last = row[-1][1]
                yield from _named(data, [row], columns)
            self._left -= limit - end if last == end else last - end


def _listed(data: bytes, end: int) -> Columns | None:
    """Return the columns that are listed in brackets up to `end`."""
    text = data[max(0, end - LONGEST_HEADER) : end].rstrip()
    opening = text.rfind(b"(")
    listed = text[opening + 1 : -1]
    return _inserted_columns(listed) if opening >= 0 and text.endswith(b")") and b")" not in listed else None


@functools.lru_cache(maxsize=1 << 10)
def _inserted_columns(listed: bytes) -> Columns | None:
    """Return the columns with these names. Cached, since each statement for a table names them again."""
    if not STEMS.search(listed):
        return None
    return columns_of([name.strip(MARKUP) for name in listed.split(b",")])._replace(name=-1) or None


def _tuples(data: bytes, start: int, end: int) -> Iterator[list[Cell]]:
    """Yield the literals of each tuple, which is empty where the value is no literal."""
    row: list[Cell] = []
    cell, depth = (start, start), 1
    while start < end and (token := _SQL.match(data, start, end)):
        start = token.end()
        group = token.lastgroup
        if group != "mark":
            if group:
                cell = token.span(group)
            continue
        mark = token[0]
        if mark == b";" and not depth:
            return
        if depth == 1 and mark in b",)":
            row.append(cell)
            cell = (start, start)
            if mark == b")":
                yield row
                row = []
        depth += (mark == b"(") - (mark == b")")
        if depth == 0 and data[start : start + 40].lstrip()[:1] not in (b",", b"(", b")", b""):
            return


def _copied(data: bytes, end: int) -> tuple[Iterator[tuple[str, Cell]], int]:
    """Return the cells of PostgreSQL's `COPY t (a, b) FROM stdin;`, whose rows begin on the next line."""
    columns = _listed(data, end - len(" from stdin"))
    begin = data.find(b"\n", end, end + LONGEST_HEADER) + 1
    if not columns or not begin:
        return iter(()), end
    limit = data.find(b"\n\\.", begin, begin + LONGEST_TABLE)
    return _named(data, _rows(data, begin, limit if limit > 0 else begin, b"\t"), columns), max(end, limit)
