"""The file of a remembered audit: what is in it, and how it is written and read.

No bytes of a key are in it as they are: each is sealed with all bytes of an object that has it. So whoever has the
repository can read it, who has the key anyway, and nobody else.
"""

from __future__ import annotations

import hashlib

import msgspec

from keysift.model import Confidence, Label

FORMAT = 3
_MARK = b"keysift-state\n"
_DIGEST_BYTES = 32


class Header(msgspec.Struct, frozen=True):
    """Whose audit it was, and what its results depend on."""

    format: int
    version: str
    """Of keysift."""
    rules: bytes
    """A digest of the rules, and of which of them were off."""
    limit: int
    """Bytes of the longest object that was read."""
    identity: str
    """The name of the repository that the caller gave; empty if none."""
    path: bytes
    """A digest of the path of the repository."""
    roots: list[str]
    """The first commits."""
    shallow: bool
    """True if the history was cut off: then only the reading of objects is remembered."""
    when: str
    """RFC 3339, UTC."""
    each: dict[str, bytes] = {}
    """A digest of each rule, by its id."""
    off: list[str] = []
    """The ids of the rules that were off."""


class KeyRecord(msgspec.Struct, frozen=True, array_like=True):
    """A key, sealed with an object that has it."""

    rule: str
    fingerprint: str
    blob: str
    """The id of the object."""
    sealed: bytes


class VerdictRecord(msgspec.Struct, frozen=True, array_like=True):
    """A verdict; many places have the same."""

    label: str
    confidence: str
    reasons: tuple[str, ...]
    distance: int


class FoundRecord(msgspec.Struct, frozen=True, array_like=True):
    """A key in an object at a path: numbers of the key and of the verdict, and the span."""

    key: int
    verdict: int
    start: int
    end: int
    steps: tuple[str, ...]


class BlobRecord(msgspec.Struct, frozen=True, array_like=True):
    """An object that may have a key, by number, and what is a key in it at each path that it was judged at."""

    oid: int
    judged: list[tuple[int, list[FoundRecord]]]
    """Number of the path, and the keys; none for most."""
    message: bool
    """True for a commit or a tag."""
    inside: list[int] | None
    """The numbers of the keys inside of a container; None if it is none."""


class InsideRecord(msgspec.Struct, frozen=True, array_like=True):
    """The findings inside of a container at a path, sealed with the container."""

    blob: str
    """The id of the object."""
    path: bytes
    sealed: bytes
    """What `encode_findings` returns."""


class ChangeRecord(msgspec.Struct, frozen=True, array_like=True):
    """A change of one path by a commit: numbers of the path and of objects; -1 for none."""

    path: int
    before: list[int]
    after: int


class CommitRecord(msgspec.Struct, frozen=True, array_like=True):
    """A commit that touches an object which may have a key."""

    oid: int
    author: int
    time: int
    changes: list[ChangeRecord]


class StandingRecord(msgspec.Struct, frozen=True, array_like=True):
    """Which objects stand at which paths in the trees of commits; see `git.trees.find_standing`."""

    commits: list[str]
    paths: list[int]
    """All paths that were looked at."""
    found: list[tuple[int, int, bytes]]
    """Number of the path, number of the object, and the commits in bits, least significant byte first."""


class Record(msgspec.Struct, frozen=True):
    """All that is remembered of one repository."""

    seen: bytes
    """The ids of all objects that were looked at, in order, without anything between them."""
    packs: list[bytes]
    """A digest of the ids in each pack whose objects were looked at."""
    unread: list[str]
    """The ids of the objects that were not, or not fully: they are read again."""
    unwanted: list[str]
    """Those of them of which nobody asked which commits have them."""
    loose: list[str]
    """The ids of those objects that the rest needs and that were in no pack."""
    trees: list[str]
    """Those whose names may contain a key."""
    oids: list[str]
    """The objects that the rest names, by number."""
    paths: list[bytes]
    authors: list[bytes]
    keys: list[KeyRecord]
    verdicts: list[VerdictRecord]
    blobs: list[BlobRecord]
    commits: list[str]
    """All commits, parents before children."""
    parents: list[list[int]]
    """The numbers of the parents of each; empty unless `logged`."""
    logged: bool
    """True if all of these commits were asked for what they touch."""
    touching: list[CommitRecord]
    missing: list[str]
    """The ids of objects that commits name and the repository did not have."""
    standing: list[StandingRecord]
    """Of tips, then of merges."""
    inside: list[InsideRecord]


def check(record: Record, width: int) -> None:
    """Look at all numbers and names of a record, whose ids have so many bytes.

    Raises:
        DamagedRecordError: one of them is out of range.
    """
    ids = [*record.unread, *record.unwanted, *record.loose, *record.trees, *record.oids, *record.commits]
    ids += [*record.missing, *(oid for known in record.standing for oid in known.commits)]
    ids += [*(key.blob for key in record.keys), *(container.blob for container in record.inside)]
    paths = [number for blob in record.blobs for number, _ in blob.judged]
    oids = [blob.oid for blob in record.blobs]
    for commit in record.touching:
        oids += [
            commit.oid,
            *(number for change in commit.changes for number in (*change.before, max(change.after, 0))),
        ]
        paths += [change.path for change in commit.changes]
    for known in record.standing:
        paths += [*known.paths, *(path for path, _, _ in known.found)]
        oids += [oid for _, oid, _ in known.found]
    found = [entry for blob in record.blobs for _, several in blob.judged for entry in several]
    inside = [number for blob in record.blobs for number in blob.inside or ()]
    sound = (
        len(record.seen) % width == 0
        and {len(oid) for oid in ids} <= {2 * width}
        and _is_hexadecimal("".join(ids))
        and _are_below(len(record.paths), paths)
        and _are_below(len(record.oids), oids)
        and _are_below(len(record.authors), [commit.author for commit in record.touching])
        and _are_below(len(record.keys), [*inside, *(entry.key for entry in found)])
        and _are_below(len(record.verdicts), [entry.verdict for entry in found])
        and _are_below(len(record.commits), [number for above in record.parents for number in above])
        and len(record.parents) in {0, len(record.commits)}
        and all(0 <= entry.start <= entry.end for entry in found)
        and {verdict.label for verdict in record.verdicts} <= set(Label)
        and {verdict.confidence for verdict in record.verdicts} <= set(Confidence)
        and len(record.standing) in {0, 2}
    )
    if not sound:
        raise DamagedRecordError


def _are_below(count: int, numbers: list[int]) -> bool:
    return not numbers or (min(numbers) >= 0 and max(numbers) < count)


def _is_hexadecimal(text: str) -> bool:
    try:
        bytes.fromhex(text)
    except ValueError:
        return False
    return True


class Seal:
    """A seal made of the bytes of an object, which are read once for all that is sealed with it."""

    def __init__(self, data: bytes) -> None:
        """Take the bytes in."""
        self._stream = hashlib.shake_256(b"keysift-key\0")
        self._stream.update(data)

    def apply(self, text: bytes, name: str) -> bytes:
        """Return a text sealed, or a sealed one as it was.

        Each text that is sealed with an object has a name of its own, without a NUL: two under the same stream would
        tell of each other.
        """
        named = self._stream.copy()
        named.update(b"\0" + name.encode())
        stream = named.digest(len(text))
        return (int.from_bytes(text, "big") ^ int.from_bytes(stream, "big")).to_bytes(len(text), "big")


class DamagedRecordError(Exception):
    """A file that `encode` did not write, or that was changed since."""


def encode(header: Header, record: Record) -> bytes:
    """Return the bytes of the file."""
    first, rest = msgspec.msgpack.encode(header), msgspec.msgpack.encode(record)
    body = len(first).to_bytes(8, "big") + first + rest
    return _MARK + _digest(body) + body


def decode_header(data: bytes) -> Header:
    """Return the first part of the file, after a look at the whole.

    Raises:
        DamagedRecordError: it is damaged.
    """
    start = len(_MARK) + _DIGEST_BYTES
    body = memoryview(data)[start:]
    if not data.startswith(_MARK) or data[len(_MARK) : start] != _digest(body):
        raise DamagedRecordError
    try:
        return msgspec.msgpack.decode(body[8 : 8 + int.from_bytes(body[:8], "big")], type=Header)
    except msgspec.DecodeError as error:
        raise DamagedRecordError from error


def decode_record(data: bytes) -> Record:
    """Return the rest of the file, of which `decode_header` has been called.

    Raises:
        DamagedRecordError: it is damaged.
    """
    body = memoryview(data)[len(_MARK) + _DIGEST_BYTES :]
    try:
        return msgspec.msgpack.decode(body[8 + int.from_bytes(body[:8], "big") :], type=Record)
    except msgspec.DecodeError as error:
        raise DamagedRecordError from error


def _digest(body: bytes | memoryview) -> bytes:
    return hashlib.blake2b(body, digest_size=_DIGEST_BYTES, person=b"keysift-state").digest()
