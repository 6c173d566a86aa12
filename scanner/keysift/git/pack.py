"""A pack of git's objects, read as it lies on the disk; https://git-scm.com/docs/gitformat-pack.

Only packs with SHA-1 names and version 2 indexes; all else is left to git itself.
"""

from __future__ import annotations

import mmap
import os
import struct
import sys
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from keysift.git import delta
from keysift.git.delta import DamagedError

COMMIT, TREE, BLOB, TAG = 1, 2, 3, 4
NAME_BYTES: Final = 20
_FAN_OUT = 8 + 256 * 4
_LARGE = 1 << 31
NO_PARENT = -1


@dataclass(frozen=True)
class Pack:
    """The objects of a pack, numbered in the order in which they lie in it.

    Arrays, not lists: a fifth of the memory, and processes that only read them go on sharing it.
    """

    path: Path
    data: mmap.mmap = field(repr=False)
    names: bytes = field(repr=False)
    """All names in order, `NAME_BYTES` each."""
    by_offset: array[int] = field(repr=False)
    """For each object the place of its name in `names`."""
    ends: array[int] = field(repr=False)
    kinds: bytearray = field(repr=False)
    """`COMMIT`, `TREE`, `BLOB`, `TAG`; 0 where no base says it."""
    parents: array[int] = field(repr=False)
    starts: array[int] = field(repr=False)
    sizes: array[int] = field(repr=False)
    """Inflated; of a delta, its own."""

    def __reduce__(self) -> tuple[Callable[[Path], Pack], tuple[Path]]:
        """To another process only the place travels."""
        return opened, (self.path,)

    def __len__(self) -> int:
        return len(self.by_offset)

    def oid(self, number: int) -> str:
        """The name of an object, in hexadecimal digits."""
        place = self.by_offset[number] * NAME_BYTES
        return self.names[place : place + NAME_BYTES].hex()

    def holds(self, oid: str) -> bool:
        """Whether an object of this name is in it."""
        return _place(self, bytes.fromhex(oid)) >= 0

    def inflated(self, number: int) -> bytes:
        """The bytes of an object, or of its delta.

        Raises:
            DamagedError: they cannot be inflated, or are not as many as they should be.
        """
        try:
            with memoryview(self.data) as view, view[self.starts[number] : self.ends[number]] as stretch:
                found = _inflate(stretch)
        except Exception as error:
            raise DamagedError("compressed bytes that cannot be read") from error
        if len(found) != self.sizes[number]:
            raise DamagedError("an object of another size than it says")
        return found


def _inflater() -> Callable[[memoryview], bytes]:
    """The fastest there is: Intel's library inflates three times as fast as zlib."""
    try:
        from isal import isal_zlib  # noqa: PLC0415 - only histories need it, and not every platform has it
    except ImportError:
        return zlib.decompress
    decompress: Callable[[memoryview], bytes] = isal_zlib.decompress
    return decompress


_inflate = _inflater()


def opened(path: Path) -> Pack:
    """The pack whose `.pack` file is `path`.

    Raises:
        DamagedError: it or its index cannot be read, or is of a kind that is left to git.
    """
    try:
        index = path.with_suffix(".idx").read_bytes()
        with path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise DamagedError(f"a pack that cannot be opened: {error}") from error
    names, offsets = _index(index)
    order = sorted(range(len(offsets)), key=offsets.__getitem__)
    places = [offsets[one] for one in order]
    end = len(data) - NAME_BYTES
    if data[:8] not in (b"PACK\0\0\0\2", b"PACK\0\0\0\3") or (places and places[-1] >= end):
        raise DamagedError("no pack of version 2 or 3, or one that ends too soon")
    types, parents, starts, sizes = delta.headers(data, places, {place: number for number, place in enumerate(places)})
    columns = order, [*places[1:], end] if places else [], parents, starts, sizes
    by_offset, ends, *rest = (array("q", one) for one in columns)
    pack = Pack(path, data, names, by_offset, ends, types, *rest)
    _settle(pack)
    return pack


def _index(index: bytes) -> tuple[bytes, list[int]]:
    """The names, and where each object stands."""
    try:
        if index[:8] != b"\xfftOc\0\0\0\2":
            raise DamagedError("an index that is not of version 2")
        count: int = struct.unpack_from(">I", index, _FAN_OUT - 4)[0]
        after_names = _FAN_OUT + NAME_BYTES * count
        after_sums = after_names + 4 * count
        small = array("I", index[after_sums : after_sums + 4 * count])
        if sys.byteorder == "little":
            small.byteswap()
        large = index[after_sums + 4 * count :]
        offsets = [one if one < _LARGE else struct.unpack_from(">Q", large, 8 * (one - _LARGE))[0] for one in small]
    except (struct.error, ValueError) as error:
        raise DamagedError("an index that ends too soon") from error
    if len(offsets) != count or len(large) < 2 * NAME_BYTES:
        raise DamagedError("an index that ends too soon")
    return index[_FAN_OUT:after_names], offsets


def _settle(pack: Pack) -> None:
    """Finds the bases that deltas name, and gives these deltas, and those of them, the kind of the base."""
    kinds, parents = pack.kinds, pack.parents
    named = [number for number, parent in enumerate(parents) if parent < NO_PARENT]
    if not named:
        return
    numbers = {place: number for number, place in enumerate(pack.by_offset)}
    for number in named:
        name = -2 - parents[number]
        parents[number] = numbers.get(_place(pack, pack.data[name : name + NAME_BYTES]), NO_PARENT)
        pack.starts[number] += NAME_BYTES
    for number in range(len(pack)):
        chain = [number]
        while kinds[chain[-1]] > TAG and parents[chain[-1]] >= 0 and len(chain) <= len(pack):
            chain.append(parents[chain[-1]])
        kind = kinds[chain[-1]] if kinds[chain[-1]] <= TAG else 0
        for one in chain:
            kinds[one] = kind


def _place(pack: Pack, name: bytes) -> int:
    """Where a name stands among the names; -1 where it does not."""
    count = len(pack.names) // NAME_BYTES
    place = bisect_left(range(count), name, key=lambda one: pack.names[one * NAME_BYTES : (one + 1) * NAME_BYTES])
    return place if place < count and pack.names[place * NAME_BYTES : (place + 1) * NAME_BYTES] == name else -1


@dataclass(frozen=True, slots=True)
class Children:
    """For each object of a pack the deltas of which it is the base: the first, and for each delta the next."""

    first: array[int] = field(repr=False)
    following: array[int] = field(repr=False)

    def __contains__(self, number: int) -> bool:
        return self.first[number] != _NONE

    def of(self, number: int) -> Iterator[int]:
        """The deltas of one object, as they lie in the pack."""
        child = self.first[number]
        while child != _NONE:
            yield child
            child = self.following[child]


_NONE: Final = -1


def children(pack: Pack, *, trees: bool = False) -> Children:
    """The deltas of all objects that are no trees; or of the trees."""
    kinds, parents = pack.kinds, pack.parents
    first, following = (array("q", [_NONE]) * len(parents) for _ in range(2))
    for number in range(len(parents) - 1, -1, -1):
        parent = parents[number]
        if parent >= 0 and (kinds[number] == TREE) == trees:
            following[number], first[parent] = first[parent], number
    return Children(first, following)


def packs(objects: Path) -> list[Path]:
    """The packs of a directory of objects, the largest first."""
    folder = objects / "pack"
    found = [folder / name for name in os.listdir(folder) if name.endswith(".pack")] if folder.is_dir() else []  # noqa: PTH208
    return sorted(found, key=lambda path: (-path.stat().st_size, path.name))
