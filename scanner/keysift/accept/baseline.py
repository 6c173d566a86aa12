"""`.keysift-baseline`: the keys that someone has accepted or knows to be real; made to be committed.

JSON Lines: a header with the salt, then one entry per line, sorted. An unchanged line is never rewritten, so that two
branches that both add entries merge with git's `union` driver, which `ATTRIBUTE` requests. Hence there may be two
headers (two branches created a baseline), and two lines for a key (two branches changed it): the stricter one counts.

It reveals rule, place, who, why and when. The key itself is a salted hash that is slow on purpose (scrypt), so that a
reader can test only some hundred guesses a second, and no precomputed table helps. What is hashed is the fingerprint of
the key, a hash itself, so that a report without keys is enough to write an entry; in files of the first form, the key.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, field, fields
from datetime import date
from pathlib import Path

from keysift import atomic, wide
from keysift.errors import ConfigError
from keysift.model import Finding
from keysift.records import dataclass

NAME = ".keysift-baseline"
ATTRIBUTE = f"{NAME} merge=union"
"""The line of .gitattributes with which git keeps the lines of both sides: https://git-scm.com/docs/gitattributes."""
ACCEPTED, REAL = "", "real"
HISTORY = "history"
LARGEST = 64 << 20
MOST_SALTS = 4
"""Each salt costs a hash for each finding, and a stranger's file may hold any number."""
CREATE = "create one with `keysift baseline create`"
"""The advice to someone who has no baseline."""
_HEADER = "keysift-baseline"
_OF_KEYS, _OF_FINGERPRINTS = 1, 2
"""The forms of a file, by what its ids are hashes of."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One known key."""

    id: str
    """The first digits of the salt, and the hash."""
    rule: str
    seen: str = ""
    """Its place when it was accepted, from the top of the repository; for human readers only."""
    who: str = ""
    why: str = ""
    since: str = ""
    until: str = ""
    """The last day on which it holds; empty for no end."""
    path: str = ""
    """If not empty, the files in which it holds, as in .gitignore."""
    status: str = ACCEPTED
    """`real`: known, but not accepted."""
    scope: str = ""
    """`history`: an audit found it, so a scan, which sees files alone, does not miss it."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """The content of one baseline file."""

    origin: str
    salts: tuple[bytes, ...]
    entries: Mapping[str, Entry] = field(default_factory=dict)
    rules: frozenset[str] = frozenset()
    """The rules that the entries name: findings of other rules need no hash."""
    of_keys: frozenset[bytes] = frozenset()
    """The salts of the first form, whose ids are hashes of keys."""

    def entry(self, finding: Finding) -> Entry | None:
        """Return the entry for the key of a finding, whether or not it still holds; of several, the strictest."""
        return min(self.all_entries(finding), key=_strictness, default=None)

    def all_entries(self, finding: Finding) -> list[Entry]:
        """Return the entries for the key of a finding: more than one where the file has several salts."""
        if finding.rule.id not in self.rules:
            return []
        entries = (self.entries.get(self._id(salt, finding)) for salt in self.salts)
        return [entry for entry in entries if entry]

    def identify(self, finding: Finding) -> str:
        """Return the `id` of a new entry for the key of a finding."""
        salt = next((salt for salt in self.salts if salt not in self.of_keys), self.salts[0])
        return self._id(salt, finding)

    def _id(self, salt: bytes, finding: Finding) -> str:
        return identify(salt, finding, of_key=salt in self.of_keys)


def identify(salt: bytes, finding: Finding, *, of_key: bool = False) -> str:
    """Return the `id` of an entry for this key: 32 hex digits of scrypt, in groups that no scanner takes for a key."""
    secret = finding.secret if of_key else finding.secret and finding.fingerprint.encode()
    digest = _digest(salt, finding.rule.id, secret or os.fsencode(path_in_repository(finding)))
    groups = (digest[start : start + 4] for start in range(0, len(digest), 4))
    return f"{salt.hex()[:4]}.{'-'.join(groups)}"


def path_in_repository(finding: Finding) -> str:
    """Return the path of a finding from the top of the repository, whether it has the name of reports yet or not."""
    return next((place.repository_path or place.path for place in finding.locations), "")


@functools.lru_cache(maxsize=1 << 16)
def _digest(salt: bytes, rule_id: str, secret: bytes) -> str:
    """Hash a key at a cost that is part of the format: a file that stated its own could make a scan take for ever."""
    return hashlib.scrypt(secret, salt=salt + rule_id.encode(), n=1 << 11, r=8, p=1, dklen=16).hex()


def find(directory: Path) -> Path | None:
    """Return the baseline of a directory: its own, or the nearest above it in the same repository."""
    for place in (directory, *directory.parents):
        if (place / NAME).is_file():
            return place / NAME
        if (place / ".git").exists():
            break
    return None


def read(path: Path) -> Baseline:
    """Return the baseline in a file.

    Raises:
        ConfigError: it cannot be read, or holds a line that is not an entry.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}", help=CREATE) from error
    return parse(data, str(path))


def parse(data: bytes, origin: str) -> Baseline:
    """Return the baseline in the bytes of a file; `origin` is its path, or `COMMIT:NAME` at the top of a repository.

    Raises:
        ConfigError: a line is not an entry.
    """
    if len(data) > LARGEST:
        raise ConfigError(f"{origin} is larger than {LARGEST:,} bytes")
    data = _without_mark(data, origin)
    salts: dict[bytes, int] = {}
    entries: dict[str, Entry] = {}
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.strip():
            content = _line(line, f"{origin}:{number}")
            if isinstance(content, tuple):
                salts.setdefault(*content)
            else:
                entries[content.id] = min(content, entries.get(content.id, content), key=_strictness)
    if not 1 <= len(salts) <= MOST_SALTS:
        raise ConfigError(f"{origin} has {len(salts)} headers; 1 to {MOST_SALTS} are allowed", help=CREATE)
    of_keys = frozenset(salt for salt, form in salts.items() if form == _OF_KEYS)
    return Baseline(origin, tuple(salts), entries, frozenset(entry.rule for entry in entries.values()), of_keys)


def _without_mark(data: bytes, origin: str) -> bytes:
    try:
        return wide.to_utf8(data)
    except UnicodeDecodeError as error:
        raise ConfigError(f"{origin} is not UTF-8") from error


def _strictness(entry: Entry) -> tuple[bool, str]:
    """Return a rank for lines of one key: those known to be real come first, then those that end first."""
    return entry.status != REAL, entry.until or "9999"


def _line(line: bytes, where: str) -> tuple[bytes, int] | Entry:
    """Return the salt and the form of a header, or an entry."""
    try:
        content = json.loads(line)
        if _HEADER in content:
            if content[_HEADER] not in {_OF_KEYS, _OF_FINGERPRINTS}:
                raise ConfigError(f"{where}: written by a newer version of keysift", help="upgrade keysift")
            return bytes.fromhex(content["salt"]), content[_HEADER]
        if not content.keys() <= _NAMES or not all(isinstance(value, str) for value in content.values()):
            raise ConfigError(f"{where}: an entry has only these fields, all text: {', '.join(sorted(_NAMES))}")
        entry = Entry(**content)
        _check_dates(entry)
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        advice = "keep the lines of both sides of the merge conflict, without its markers" if line[:1] in b"<=>" else ""
        raise ConfigError(f"{where} is not a line of a baseline", help=advice) from error
    return entry


_NAMES = {field.name for field in fields(Entry)}


def _check_dates(entry: Entry) -> None:
    for text in (entry.since, entry.until):
        if text:
            date.fromisoformat(text)


# --- Writing ----------------------------------------------------------------------------------------------------------


def header(salt: bytes = b"") -> bytes:
    """Return the first line of a file; with a new salt, unless one is given."""
    return json.dumps({_HEADER: _OF_FINGERPRINTS, "salt": (salt or os.urandom(16)).hex()}).encode() + b"\n"


def headed(data: bytes, new: bytes, origin: str) -> bytes:
    """Return the content of a file with a header for entries whose ids are hashes of fingerprints: its own, or `new`.

    Raises:
        ConfigError: as for `parse`.
    """
    known = parse(data, origin) if data else None
    return data if known and set(known.salts) - known.of_keys else _without_mark(data, origin) + new


def changed(data: bytes, add: Iterable[Entry] = (), remove: Collection[str] = ()) -> bytes:
    """Return the file with entries added, replaced or removed; all other lines stay as they are, byte for byte."""
    new = {entry.id: formatted(entry) for entry in add}
    gone = {*new, *remove}
    lines = [line for line in _without_mark(data, NAME).split(b"\n") if line.strip()]
    heads = [line for line in lines if isinstance(_line(line, ""), tuple)]
    kept = [(entry.id, line) for line in lines if isinstance(entry := _line(line, ""), Entry) and entry.id not in gone]
    entries = sorted([*kept, *new.items()], key=lambda line: line[0])
    return b"".join(line + b"\n" for line in [*heads, *(line for _, line in entries)])


def formatted(entry: Entry) -> bytes:
    """Return an entry as one line of plain ASCII, without empty fields."""
    return json.dumps({name: value for name, value in asdict(entry).items() if value}).encode()


def write(path: Path, data: bytes) -> None:
    """Write the file, whole or not at all; a file that would not change is left alone.

    Raises:
        ConfigError: the file cannot be written.
    """
    try:
        if path.exists() and path.read_bytes() == data:
            return
        with atomic.replacing(path) as file:
            file.write(data)
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}") from error
