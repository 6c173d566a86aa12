"""Packs as git makes them are read as git reads them; damaged ones are said to be so."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest

from keysift.git import delta, pack
from keysift.git.delta import DamagedError, TooLargeError
from keysift.git.pack import Pack

LIMIT = 1 << 24


def git(place: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    command = ["git", "-C", str(place), "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, check=True).stdout


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files that grow, so that there are chains of deltas; commits, trees, tags."""
    place = tmp_path_factory.mktemp("packs") / "repo"
    place.mkdir()
    git(place, "init", "-q", "-b", "main")
    source = random.Random(7)
    lines = [f"line {number} {source.random()}" for number in range(300)]
    for number in range(30):
        lines[source.randrange(300)] = f"changed {number}"
        (place / "file").write_text("\n".join(lines))
        (place / f"other{number}").write_text(str(number) * 40)
        git(place, "add", "-A")
        git(place, "commit", "-q", "-m", f"commit {number}")
    (place / "large").write_bytes(source.randbytes(200_000))
    git(place, "add", "-A")
    git(place, "commit", "-q", "-m", "large")
    git(place, "tag", "-a", "v1", "-m", "tag")
    return place


def packed(repo: Path, folder: Path, *options: str) -> Path:
    """A pack of everything, made with these options."""
    names = git(repo, "rev-list", "--objects", "--all", "--no-object-names")
    tag = git(repo, "rev-parse", "v1")
    folder.mkdir(exist_ok=True)
    git(repo, "pack-objects", "-q", "--no-reuse-delta", *options, str(folder / "pack"), stdin=names + tag)
    (found,) = folder.glob("*.pack")
    return found


KINDS = {
    "offsets": ("--delta-base-offset",),
    "names": (),
    "deep": ("--delta-base-offset", "--window=50", "--depth=200"),
    "shallow": ("--window=2", "--depth=1"),
    "no deltas": ("--window=0",),
    "old index": ("--index-version=1",),
    "far away": ("--index-version=2,0x100",),
}


def contents(found: Pack) -> dict[str, tuple[int, bytes]]:
    """Every object by name, deltas applied."""
    known: dict[int, bytes] = {}

    def of(number: int) -> bytes:
        chain = [number]
        while found.parents[chain[-1]] >= 0 and found.parents[chain[-1]] not in known:
            chain.append(found.parents[chain[-1]])
        for one in reversed(chain):
            raw = found.inflate(one)
            parent = found.parents[one]
            known[one] = raw if parent < 0 else delta.apply(known[parent], raw, LIMIT)[0]
        return known[number]

    return {found.oid(number): (found.kinds[number], of(number)) for number in range(len(found))}


@pytest.mark.parametrize("kind", [name for name in KINDS if name != "old index"])
def test_packs_hold_what_git_says(repo: Path, tmp_path: Path, kind: str) -> None:
    found = pack.open_pack(packed(repo, tmp_path / "packs", *KINDS[kind]))
    told = git(repo, "cat-file", "--batch-all-objects", "--batch-check").decode().split("\n")[:-1]
    kinds = {"commit": pack.COMMIT, "tree": pack.TREE, "blob": pack.BLOB, "tag": pack.TAG}
    expected = {row.split()[0]: (kinds[row.split()[1]], int(row.split()[2])) for row in told}
    assert {oid: (of, len(data)) for oid, (of, data) in contents(found).items()} == expected
    for oid, (of, data) in contents(found).items():
        if of == pack.BLOB:
            name = git(repo, "hash-object", "-t", "blob", "--stdin", stdin=data).decode().strip()
            assert name == oid
            break
    assert any(parent >= 0 for parent in found.parents) == (kind != "no deltas")
    assert found.holds(next(iter(expected)))
    assert not found.holds("0" * 40)


def test_an_old_index_is_left_to_git(repo: Path, tmp_path: Path) -> None:
    with pytest.raises(DamagedError, match="version 2"):
        pack.open_pack(packed(repo, tmp_path / "packs", *KINDS["old index"]))


def test_children_are_the_deltas_of_a_base(repo: Path, tmp_path: Path) -> None:
    found = pack.open_pack(packed(repo, tmp_path / "packs", *KINDS["offsets"]))
    for trees in (False, True):
        below = pack.find_children(found, trees=trees)
        listed = [(parent, child) for parent in range(len(found)) for child in below.of(parent)]
        assert listed == sorted(
            (parent, child)
            for child, parent in enumerate(found.parents)
            if parent >= 0 and (found.kinds[child] == pack.TREE) == trees
        )
        assert listed
        assert {parent for parent in range(len(found)) if parent in below} == {parent for parent, _ in listed}


def read(path: Path) -> None:
    """Everything, as a sweep does."""
    found = pack.open_pack(path)
    for number in range(len(found)):
        parent = found.parents[number]
        try:
            raw = found.inflate(number)
            if parent >= 0:
                delta.apply(found.inflate(parent), raw, LIMIT)
        except (DamagedError, TooLargeError):
            continue


@pytest.mark.parametrize("kind", ["offsets", "names"])
@pytest.mark.parametrize("which", [".pack", ".idx"])
def test_damage_is_said_and_nothing_worse(repo: Path, tmp_path: Path, kind: str, which: str) -> None:
    path = packed(repo, tmp_path / "packs", *KINDS[kind])
    file = path.with_suffix(which)
    whole = file.read_bytes()
    file.chmod(0o644)
    source = random.Random(f"{kind}{which}")
    refused = 0
    for turn in range(60):
        data = bytearray(whole)
        if turn % 3 == 0:
            del data[source.randrange(len(data)) :]
        else:
            place = source.randrange(min(2000, len(data))) if turn % 3 == 1 else source.randrange(len(data))
            data[place : place + 4] = source.randbytes(4)
        file.write_bytes(data)
        try:
            read(path)
        except DamagedError:
            refused += 1
    assert refused or which == ".pack"  # of which everything is read that its index finds
    file.write_bytes(whole)
    read(path)


@pytest.mark.parametrize("data", [b"", b"PACK", b"PACK\0\0\0\2\0\0\0\0", b"x" * 5000])
def test_what_is_no_pack_is_refused(tmp_path: Path, data: bytes) -> None:
    for suffix in (".pack", ".idx"):
        (tmp_path / f"a{suffix}").write_bytes(data)
    with pytest.raises(DamagedError):
        pack.open_pack(tmp_path / "a.pack")
