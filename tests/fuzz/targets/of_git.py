"""Parsers of what git has and says: packs, deltas, objects, the index, history."""

# atheris instruments what is imported after it.
# ruff: noqa: PLC0415

from __future__ import annotations

import hashlib
import itertools
import os
import subprocess
import tempfile
import zlib
from contextlib import suppress
from pathlib import Path

from tests.fuzz.made import LONGEST, Made


def pack() -> Made:
    """A pack and its index: opened, every object inflated, every delta applied. The length of the pack comes first."""
    from keysift.git import delta, pack
    from keysift.git.delta import DamagedError, TooLargeError

    place = Path(tempfile.mkdtemp(prefix="fuzz-pack-"))

    def one(data: bytes) -> None:
        length = int.from_bytes(data[:3], "big")
        (place / "a.pack").write_bytes(data[3 : 3 + length])
        (place / "a.idx").write_bytes(data[3 + length :])
        with suppress(DamagedError):
            found = pack.open_pack(place / "a.pack")
            below = pack.find_children(found)
            ids = pack.PackNames(found.path, found.names).list_ids()
            sought = all(one < after for one, after in itertools.pairwise(ids))  # else an id leads to another's bytes
            for number in range(len(found)):
                assert len(found.oid(number)) == 40
                with suppress(DamagedError, TooLargeError):
                    data = found.inflate(number)
                    read = found.read(found.oid(number), LONGEST)
                    assert not sought or read in {None, data} or found.parents[number] >= 0
                    for child in below.of(number):
                        delta.apply(data, found.inflate(child), LONGEST)

    return one, [packed()]


def packed() -> bytes:
    """A small pack that git made, with deltas, behind its length; and its index."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:

        def git(*arguments: str) -> None:
            who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
            subprocess.run(["git", "-C", name, *who, *arguments], check=True, capture_output=True)

        git("init", "-q")
        for number in range(4):
            (Path(name) / "a").write_text("".join(f"line {one * number % 7} of the file\n" for one in range(30)))
            git("add", "-A")
            git("commit", "-q", "-m", f"{number}")
        git("repack", "-adq")
        [index] = Path(name).glob(".git/objects/pack/*.idx")
        data = index.with_suffix(".pack").read_bytes()
        return len(data).to_bytes(3, "big") + data + index.read_bytes()


def delta() -> Made:
    """A delta and its base: what it says was copied does stand in the base. The length of the base comes first."""
    from keysift.detect import carry, seams
    from keysift.git import delta
    from keysift.git.delta import DamagedError, TooLargeError

    def one(data: bytes) -> None:
        length = int.from_bytes(data[:2], "big")
        base, changes = data[2 : 2 + length], data[2 + length :]
        with suppress(DamagedError, TooLargeError):
            made, copies = delta.apply(base, changes, LONGEST)
            for start, end, shift in zip(copies[::3], copies[1::3], copies[2::3], strict=True):
                assert 0 <= start < end <= len(made)
                assert made[start:end] == base[start + shift : end + shift]
            zones = carry.zones(copies, len(made), len(base), 5)
            assert all(0 <= low <= high <= len(made) for low, high in zip(zones[::2], zones[1::2], strict=True))
            begins: list[int] = []
            seams.gather(made, zones, [], begins, 0)
            assert len(begins) == len(zones) // 2 * 3

    return one, [b"\0\x0aabcdefghij\x0a\x08\x90\x04\x02xy\x91\x06\x02"]


def history() -> Made:
    """What git says of commits and changes, with paths and authors of a stranger's: they come back as they are."""
    from keysift.git import log
    from keysift.git.diff import parse_changes

    def one(data: bytes) -> None:
        author, *paths = data.split(b"\0")
        rows = [b"0" * 40, author, b"12", b"\n" if paths else b""]
        raw = b""
        oid = b"1" * 40
        for number, path in enumerate(path for path in paths if path):
            colons = number % 3 + 1
            meta = b":" * colons + b" ".join([b"100644"] * (colons + 1) + [oid] * (colons + 1)) + b" M"
            raw += meta + b"\0" + path + b"\0"
            rows += [meta, path]
        wanted = [path for path in paths if path]
        assert [os.fsencode(change.path) for change in parse_changes(raw.split(b"\0"))] == wanted
        commit, changes = log._parse_commit(rows)
        assert [os.fsencode(change.path) for change in changes] == wanted
        assert commit.author.encode("utf-8", "surrogateescape") == author

    return one, [b"A <a@example.org>\0:name\0a b\nc\0\xff\xfe"]


def repository(place: Path) -> None:
    """An empty repository, in which inputs are laid."""
    subprocess.run(["git", "init", "-q", str(place)], check=True, capture_output=True)


def loose() -> Made:
    """A file in which git keeps one object, as it lies there; git says what is wrong with it, if anything."""
    from keysift.git.objects import Object, ObjectReader

    place = Path(tempfile.mkdtemp(prefix="fuzz-loose-"))
    repository(place)
    oid = "ab" + "c" * 38
    file = place / ".git" / "objects" / oid[:2] / oid[2:]
    file.parent.mkdir()

    def one(data: bytes) -> None:
        file.write_bytes(data)
        with ObjectReader(place, limit=LONGEST, objects=str(place / ".git" / "objects")) as reader:
            answer = reader.read(oid)
            assert not isinstance(answer, Object) or len(answer.data) <= LONGEST

    return one, [zlib.compress(b"%s %d\0%s" % (kind, 3, b"abc")) for kind in (b"blob", b"tree", b"commit", b"tag")]


def objects() -> Made:
    """Commits, tags and trees whose bytes are anything; the first byte tells which."""
    from keysift.git import graph, messages, trees
    from keysift.git.objects import Object, ObjectReader
    from keysift.git.repository import open_repository

    place = Path(tempfile.mkdtemp(prefix="fuzz-objects-"))
    repository(place)
    known = open_repository(place)
    oid = "ab" + "c" * 38
    kept = place / ".git" / "objects"
    (kept / "ab").mkdir()
    kinds = ("commit", "tag", "tree")

    def one(data: bytes) -> None:
        kind, body = kinds[data[0] % 3 if data else 0], data[1:]
        (kept / "ab" / oid[2:]).write_bytes(zlib.compress(b"%s %d\0%s" % (kind.encode(), len(body), body), 1))
        with ObjectReader(place, objects=str(kept)) as reader:
            if kind == "commit":
                graph._parse_parents(Object(oid, kind, body))
                *_, (commit, said) = messages.read_messages(reader, [oid])
                commit.author.encode("utf-8", "surrogateescape")
                assert body.endswith(getattr(said, "data", b""))
            elif kind == "tag":
                # What it names is asked of git, which takes a process: only where it may be an object.
                if b"object " + b"a" not in body[:8]:
                    list(messages.read_tag(reader, oid))
            else:
                assert all(name in body for name in trees.list_names(known, reader, [oid]))

    who = b"A <a@example.org> 1700000000 +0100"
    commit = b"tree %s\nparent %s\nauthor %s\ncommitter %s\n\nmessage" % (b"1" * 40, b"2" * 40, who, who)
    tag = b"object %s\ntype blob\ntag a\ntagger %s\n\nsaid" % (b"0" * 40, who)
    return one, [b"\0" + commit, b"\1" + tag, b"\2100644 a b\0" + b"x" * 20 + b"40000 c\0" + b"y" * 20]


def index() -> Made:
    """An index, without the sum at its end: git reads it, and what git lists is read here."""
    from keysift.errors import SourceError
    from keysift.git import index
    from keysift.git.repository import open_repository

    place = Path(tempfile.mkdtemp(prefix="fuzz-index-"))
    repository(place)
    (place / "a b").write_bytes(b"x")
    subprocess.run(["git", "-C", str(place), "add", "-A"], check=True, capture_output=True)
    known = open_repository(place)
    file = place / ".git" / "index"
    kept = file.read_bytes()[:-20]

    def one(data: bytes) -> None:
        file.write_bytes(data + hashlib.sha1(data, usedforsecurity=False).digest())
        summary = index.read_summary(known)
        with suppress(SourceError):
            listed = list(index.list_entries(place))
            # Of an index that says it has more entries than fit into it, git reads beyond the end: each time others.
            if int.from_bytes(data[8:12], "big") * 62 <= len(data):
                assert {*summary.statuses} <= {entry.path for entry in listed}
            index.list_changes(place)

    return one, [kept]


TARGETS = (pack, delta, history, loose, objects, index)
