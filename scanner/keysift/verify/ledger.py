"""The ledger: what was done about each key, by whom, when, and what proves it; a line of JSON each, without the key."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from keysift.errors import UsageError

SCHEMA = "keysift-ledger/1"
LARGEST = 64 << 20
"""Bytes of a ledger that is read."""
_HELP = "`keysift respond` writes one"


class Entry(msgspec.Struct, frozen=True):
    """One deed."""

    fingerprint: str
    rule_id: str
    rule_name: str
    key: str
    """Masked and shortened."""
    what: str
    """`mapped`, `revoked by request`, `revoked by hand`, `found dead`, `not revoked`."""
    state: str
    """Of the key, after it."""
    evidence: str
    """What hosts answered."""
    who: str = ""
    when: str = ""
    """RFC 3339, UTC."""
    schema: str = SCHEMA

    @property
    def closed(self) -> bool:
        """True if nothing is left to do: the vendor says that it is dead, or nobody can ask and a person says so."""
        return self.state == "dead" or self.what in {"revoked by hand", "revoked by request"}


def read(path: Path) -> list[Entry]:
    """Return the entries of a ledger, the oldest first; none if there is no file.

    Raises:
        UsageError: it is not a ledger.
    """
    try:
        if path.exists() and not path.is_file():  # opening a pipe would wait for its other end
            raise UsageError(f"{path} is not a file", help=_HELP)
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise UsageError(f"{path} has more than {LARGEST:,} bytes", help="begin another ledger with --ledger")
        return [msgspec.json.decode(line, type=Entry) for line in data.splitlines() if line.strip()]
    except FileNotFoundError:
        return []
    except (OSError, msgspec.DecodeError) as error:
        raise UsageError(f"{path} is not a ledger of keysift", help=_HELP) from error


def append(path: Path, entry: Entry) -> None:
    """Add an entry, with the time, so that it is on the disk before this returns.

    Raises:
        OSError: it cannot be written.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    line = msgspec.json.encode(msgspec.structs.replace(entry, when=now)) + b"\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        os.write(descriptor, line)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def closed(entries: Iterable[Entry]) -> set[str]:
    """Return the fingerprints of the keys about which nothing is left to do."""
    return {entry.fingerprint for entry in entries if entry.closed}


def text(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield the lines of a ledger for people, key by key, in the order in which each first came up."""
    by_key: dict[str, list[Entry]] = {}
    for entry in entries:
        by_key.setdefault(entry.fingerprint, []).append(entry)
    for several in by_key.values():
        first, last = several[0], several[-1]
        state = "closed" if any(entry.closed for entry in several) else "open"
        yield f"{first.rule_name} {first.key} ({first.fingerprint[:8]}): {state}, {last.state}"
        for entry in several:
            yield f"  {entry.when}  {entry.who or 'unknown'}  {entry.what}: {entry.evidence}"
    if not by_key:
        yield "the ledger is empty"


def as_json(entries: Iterable[Entry]) -> str:
    """Return all entries as one JSON array."""
    return json.dumps([msgspec.to_builtins(entry) for entry in entries], indent=2)
