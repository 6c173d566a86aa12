"""SQLite databases: the rows as lines of JSON, read from memory by SQLite itself, which opens no file for it."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator

from keysift.containers import kinds
from keysift.containers.stream import Container, DamagedError, Inside, Member, MissingError, of_bytes, of_pieces

_SECONDS = 60
_LONGEST_VALUE = 16 << 20
_STEPS = 10_000


def members(container: Container, _family: str) -> Inside:
    """The tables. Views, triggers and virtual tables are not asked: they would run what the file says."""
    data = bytearray(container.data())
    data[18:20] = b"\1\1"  # a database with a write-ahead log opens only beside it; without the log it is a plain one
    connection = sqlite3.connect(":memory:")
    try:
        if not hasattr(connection, "deserialize"):
            raise MissingError("a Python whose sqlite3 can deserialize")
        _restrict(connection)
        connection.deserialize(bytes(data))
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        for (name,) in connection.execute(query).fetchall():
            kept: list[tuple[str, bytes]] = []
            yield Member(str(name), of_pieces(_rows(connection, str(name), kept)))
            for place, value in kept:
                yield Member(f"{name}/{place}", of_bytes(value))
    except sqlite3.Error as error:
        raise DamagedError(f"damaged, or a database of another kind ({error.sqlite_errorname})") from error
    finally:
        connection.close()


def _restrict(connection: sqlite3.Connection) -> None:
    deadline = time.monotonic() + _SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.text_factory = bytes
    for pragma in ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")


def _rows(connection: sqlite3.Connection, table: str, kept: list[tuple[str, bytes]]) -> Iterator[bytes]:
    """The rows of a table; what holds something else is put aside."""
    quoted = table.replace('"', '""')
    cursor = connection.execute(f'SELECT * FROM "{quoted}"')  # noqa: S608 - a name cannot be a parameter
    columns = [description[0] for description in cursor.description]
    for number, row in enumerate(cursor, 1):
        fields = {}
        for column, value in zip(columns, row, strict=True):
            if isinstance(value, bytes):
                if kinds.kind(value[:33_000], value[-22:]) is not None and sum(len(one[1]) for one in kept) < 1 << 26:
                    kept.append((f"{column} {number}", value))
                fields[column] = value.decode("utf-8", "surrogateescape")
            elif value is not None:
                fields[column] = value
        line = json.dumps(fields, ensure_ascii=False) + "\n"
        yield line.encode("utf-8", "surrogateescape")
