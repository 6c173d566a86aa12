"""`.keysift-baseline`: the keys that someone has accepted, or knows to be real; made to be committed.

JSON Lines: a header with the salt, then one entry a line, sorted. A line that did not change is never written anew, so
that two branches that both add entries merge with git's `union` driver, which `ATTRIBUTE` asks for. So there may be two
headers (two branches that began a baseline), and two lines for a key (two that changed it): the stricter one counts.

What it reveals: rule, place, who, why and when. The key is kept as a salted hash that is slow on purpose (scrypt), so
that a reader can test a guess at a rate of some hundred a second, and no table made before is of use.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from keysift.errors import ConfigError
from keysift.model import Finding

NAME = ".keysift-baseline"
ATTRIBUTE = f"{NAME} merge=union"
"""The line of .gitattributes with which git keeps the lines of both sides: https://git-scm.com/docs/gitattributes."""
ACCEPTED, REAL = "", "real"
LARGEST = 64 << 20
MOST_SALTS = 4
"""Each costs a hash a finding, and a stranger's file may hold any number."""
_HEADER = "keysift-baseline"


@dataclass(frozen=True, slots=True)
class Entry:
    """One key that is known."""

    id: str
    """The start of the salt, and the hash."""
    rule: str
    seen: str = ""
    """Where it stood when it was accepted, from the top of the repository; for readers alone."""
    who: str = ""
    why: str = ""
    since: str = ""
    until: str = ""
    """The last day on which it holds; empty means for ever."""
    path: str = ""
    """Where stated, it holds only in files that match; written as in .gitignore."""
    status: str = ACCEPTED
    """`real`: known, but not accepted."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What one file says."""

    origin: str
    salts: tuple[bytes, ...]
    entries: Mapping[str, Entry] = field(default_factory=dict)
    rules: frozenset[str] = frozenset()
    """Those that the entries name: findings of others need no hash."""

    def entry(self, finding: Finding) -> Entry | None:
        """The entry of a finding's key, whether it still holds or not."""
        if finding.rule.id not in self.rules:
            return None
        known = (self.entries.get(identify(salt, finding)) for salt in self.salts)
        return next((one for one in known if one), None)


def identify(salt: bytes, finding: Finding) -> str:
    """The `id` of an entry for this key: 32 hex digits of scrypt, in groups that no scanner takes for a key."""
    digest = _digest(salt, finding.rule.id, finding.secret or os.fsencode(path_in_repository(finding)))
    groups = (digest[start : start + 4] for start in range(0, len(digest), 4))
    return f"{salt.hex()[:4]}.{'-'.join(groups)}"


def path_in_repository(finding: Finding) -> str:
    """Return the path of a finding from the top of the repository, whether it has the name of reports yet or not."""
    return next((place.repository_path or place.path for place in finding.locations), "")


@functools.lru_cache(maxsize=1 << 16)
def _digest(salt: bytes, rule_id: str, secret: bytes) -> str:
    """The cost is part of the format: a file that could state it could also make a scan take for ever."""
    return hashlib.scrypt(secret, salt=salt + rule_id.encode(), n=1 << 11, r=8, p=1, dklen=16).hex()


def find(directory: Path) -> Path | None:
    """The baseline of a directory: its own, or the nearest above it inside the same repository."""
    for place in (directory, *directory.parents):
        if (place / NAME).is_file():
            return place / NAME
        if (place / ".git").exists():
            break
    return None


def read(path: Path) -> Baseline:
    """The baseline in a file.

    Raises:
        ConfigError: it cannot be read, or holds a line that is no entry.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise ConfigError(
            f"cannot read {path}: {error.strerror}", help="`keysift baseline create` makes one"
        ) from error
    return parse(data, str(path))


def parse(data: bytes, origin: str) -> Baseline:
    """The baseline in the bytes of a file; `origin` is its path, or `COMMIT:NAME` at the top of a repository.

    Raises:
        ConfigError: a line is no entry.
    """
    if len(data) > LARGEST:
        raise ConfigError(f"{origin} is longer than {LARGEST:,} bytes")
    salts: list[bytes] = []
    entries: dict[str, Entry] = {}
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.strip():
            found = _line(line, f"{origin}:{number}")
            if isinstance(found, bytes):
                salts.append(found)
            else:
                entries[found.id] = min(found, entries.get(found.id, found), key=_strictness)
    salts = list(dict.fromkeys(salts))
    if not 1 <= len(salts) <= MOST_SALTS:
        advice = "`keysift baseline create` makes one"
        raise ConfigError(f"{origin} has {len(salts)} headers, and needs 1 to {MOST_SALTS}", help=advice)
    return Baseline(origin, tuple(salts), entries, frozenset(entry.rule for entry in entries.values()))


def _strictness(entry: Entry) -> tuple[bool, str]:
    """Of two lines for one key: known to be real comes first, then what ends first."""
    return entry.status != REAL, entry.until or "9999"


def _line(line: bytes, where: str) -> bytes | Entry:
    """A header's salt, or an entry."""
    try:
        content = json.loads(line)
        if _HEADER in content:
            if content[_HEADER] != 1:
                raise ConfigError(f"{where}: a later version of keysift wrote this", help="update keysift")
            return bytes.fromhex(content["salt"])
        if not content.keys() <= _NAMES or not all(isinstance(value, str) for value in content.values()):
            raise ConfigError(f"{where}: an entry has the texts {', '.join(sorted(_NAMES))}, and no others")
        entry = Entry(**content)
        _check_dates(entry)
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        advice = "keep the lines of both sides of a conflict, without its marks" if line[:1] in b"<=>" else ""
        raise ConfigError(f"{where} is no line of a baseline", help=advice) from error
    return entry


_NAMES = {one.name for one in fields(Entry)}


def _check_dates(entry: Entry) -> None:
    from datetime import date  # noqa: PLC0415 - most repositories have no baseline

    for text in (entry.since, entry.until):
        if text:
            date.fromisoformat(text)


# --- Writing ----------------------------------------------------------------------------------------------------------


def header(salt: bytes = b"") -> bytes:
    """The line with which a file starts; with a new salt, unless one is given."""
    return json.dumps({_HEADER: 1, "salt": (salt or os.urandom(16)).hex()}).encode() + b"\n"


def changed(data: bytes, add: Iterable[Entry] = (), remove: Collection[str] = ()) -> bytes:
    """The file with some entries more, replaced or gone; every other line stays as it is, byte for byte."""
    new = {entry.id: formatted(entry) for entry in add}
    gone = {*new, *remove}
    lines = [line for line in data.split(b"\n") if line.strip()]
    heads = [line for line in lines if isinstance(_line(line, ""), bytes)]
    kept = [(entry.id, line) for line in lines if isinstance(entry := _line(line, ""), Entry) and entry.id not in gone]
    entries = sorted([*kept, *new.items()], key=lambda one: one[0])
    return b"".join(line + b"\n" for line in [*heads, *(line for _, line in entries)])


def formatted(entry: Entry) -> bytes:
    """One line, plain ASCII; what is empty is left out."""
    return json.dumps({name: value for name, value in asdict(entry).items() if value}).encode()


def write(path: Path, data: bytes) -> None:
    """Whole or not at all, and not at all where nothing changed.

    Raises:
        ConfigError: the file cannot be written.
    """
    try:
        if path.exists() and path.read_bytes() == data:
            return
        aside = path.with_name(f".keysift-{os.urandom(8).hex()}.tmp")
        aside.write_bytes(data)
        aside.replace(path)
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}") from error
