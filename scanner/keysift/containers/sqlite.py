"""Reads the rows of SQLite databases as lines of JSON. SQLite itself reads them from memory and opens no file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from itertools import count
from json.encoder import encode_basestring

from keysift.containers import kinds
from keysift.containers.stream import PIECE, Container, DamagedError, Inside, Member, Trouble, of_bytes, of_pieces

_MOST_STEPS = 3_000_000_000
"""Instructions of SQLite's machine for one database, a minute or so: counted, so that a busy machine reads as much."""
_LONGEST_VALUE = 16 << 20
"""Bytes of a value."""
_MOST_HELD = 64 << 20
"""Bytes of the containers in one table that are held until its rows are read; the rest is not opened."""
_STEPS = 10_000
"""Instructions between two looks at the count."""


def members(container: Container, _family: str) -> Inside:
    """Yield the tables, and the values that are containers. Views and virtual tables would run what the file says."""
    if not hasattr(sqlite3.Connection, "deserialize"):
        yield Trouble("", "not opened: the SQLite library of this Python cannot read a database from memory")
        return
    data = bytearray(container.data())
    # One in write-ahead mode opens only beside its log; marked as a plain one, it opens without.
    # https://www.sqlite.org/fileformat.html#file_format_version_numbers
    data[18:20] = b"\1\1"
    connection = sqlite3.connect(":memory:")
    try:
        _restrict(connection)
        connection.deserialize(bytes(data))
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        for (name,) in connection.execute(query).fetchall():
            containers: list[tuple[str, bytes]] = []
            yield Member(str(name), of_pieces(_rows(connection, str(name), containers)))
            for place, value in containers:
                yield Member(f"{name}/{place}", of_bytes(value))
    except sqlite3.Error as error:
        raise DamagedError(f"a damaged or encrypted SQLite database ({error.sqlite_errorname})") from error
    finally:
        connection.close()


def _restrict(connection: sqlite3.Connection) -> None:
    """Take from a connection what a hostile database could abuse: https://www.sqlite.org/security.html."""
    looks = count(_STEPS, _STEPS)
    connection.set_progress_handler(lambda: next(looks) > _MOST_STEPS, _STEPS)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.text_factory = bytes
    for pragma in ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")


def _rows(connection: sqlite3.Connection, table: str, containers: list[tuple[str, bytes]]) -> Iterator[bytes]:
    """Yield the rows of a table as JSON, many at a time; add the values that are containers to `containers`."""
    lines: list[bytes] = []
    size = 0
    try:
        for line in _lines(connection, table, containers):
            lines.append(line)
            size += len(line)
            if size >= PIECE:
                yield b"".join(lines)
                lines, size = [], 0
    except sqlite3.Error:
        yield b"".join(lines)  # those before the damage
        raise
    yield b"".join(lines)


def _lines(connection: sqlite3.Connection, table: str, containers: list[tuple[str, bytes]]) -> Iterator[bytes]:
    quoted = table.replace('"', '""')
    cursor = connection.execute(f'SELECT * FROM "{quoted}"')  # noqa: S608 - a name cannot be a parameter
    columns = [description[0] for description in cursor.description]
    names = [f"{encode_basestring(column)}: " for column in columns]
    held = 0
    for number, row in enumerate(cursor, 1):
        fields: list[str] = []
        for column, name, value in zip(columns, names, row, strict=True):
            if isinstance(value, bytes):
                if held < _MOST_HELD and kinds.kind(value[:33_000], value[-22:]) is not None:
                    held += len(value)
                    containers.append((f"{column} {number}", value))
                fields.append(name + encode_basestring(value.decode("utf-8", "surrogateescape")))
            elif isinstance(value, str):
                fields.append(name + encode_basestring(value))
            elif value is not None:
                fields.append(name + json.dumps(value))
        yield f"{{{', '.join(fields)}}}\n".encode("utf-8", "surrogateescape")
