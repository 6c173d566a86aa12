"""Read a pack of git's objects as it lies on the disk; https://git-scm.com/docs/gitformat-pack.

Only packs with SHA-1 names and version 2 indexes; all else is left to git itself.
"""

from __future__ import annotations

import hashlib
import mmap
import struct
import sys
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from keysift.git import delta
from keysift.git.delta import DamagedError, TooLargeError

try:
    from isal.isal_zlib import decompress as _inflate  # Intel's library is three times as fast as zlib
    from isal.isal_zlib import decompressobj as _inflating
except ImportError:  # it has no wheel for this platform
    from zlib import decompress as _inflate
    from zlib import decompressobj as _inflating  # type: ignore[assignment] # the same, by other names

COMMIT, TREE, BLOB, TAG = 1, 2, 3, 4
NAME_BYTES: Final = 20
_FAN_OUT = 8 + 256 * 4
_LARGE = 1 << 31
_SHORT = 1 << 16
"""Compressed bytes that are sooner copied than looked at where they lie; they inflate to 64 MiB at most."""
NO_PARENT: Final = -1
_NO_CHILD: Final = -1


@dataclass(frozen=True)
class Pack:
    """The objects of a pack, numbered in the order in which they lie in it.

    Arrays, not lists: a fifth of the memory, and processes that only read them go on sharing it.
    """

    path: Path
    data: mmap.mmap = field(repr=False)
    names: bytes = field(repr=False)
    """All ids in order, `NAME_BYTES` each."""
    by_offset: array[int] = field(repr=False)
    """For each object the place of its id in `names`."""
    ends: array[int] = field(repr=False)
    """Where the compressed bytes of each object end, and the next object begins."""
    kinds: bytearray = field(repr=False)
    """`COMMIT`, `TREE`, `BLOB`, `TAG`; 0 where no base says it."""
    parents: array[int] = field(repr=False)
    """Of a delta, the number of its base in this pack; else `NO_PARENT`."""
    starts: array[int] = field(repr=False)
    """Where the compressed bytes begin."""
    sizes: array[int] = field(repr=False)
    """Bytes when inflated; of a delta, its own."""
    lost: frozenset[int] = frozenset()
    """The places in `names` of objects that begin behind the end of the pack."""

    def __reduce__(self) -> tuple[Callable[[Path], Pack], tuple[Path]]:
        """Return how to open it again: to another process only the path travels."""
        return open_pack, (self.path,)

    def __len__(self) -> int:
        return len(self.by_offset)

    def oid(self, number: int) -> str:
        """Return the id of an object, in hexadecimal digits."""
        place = self.by_offset[number] * NAME_BYTES
        return self.names[place : place + NAME_BYTES].hex()

    def holds(self, oid: str) -> bool:
        """Return whether an object of this id is in it."""
        place = _find_place(self.names, bytes.fromhex(oid))
        return place >= 0 and place not in self.lost

    def read(self, oid: str, limit: int) -> bytes | None:
        """Return the bytes of an object; None where it is not in this pack, is damaged, or longer than `limit`."""
        place = _find_place(self.names, bytes.fromhex(oid))
        try:
            chain = [self.by_offset.index(place)]
            while (parent := self.parents[chain[-1]]) >= 0 and len(chain) <= len(self):
                chain.append(parent)
            data = self.inflate(chain.pop()) if self.kinds[chain[-1]] else None
            while chain and data is not None:
                data, _ = delta.apply(data, self.inflate(chain.pop()), limit)
        except (DamagedError, TooLargeError, ValueError):
            return None
        return data if data is not None and len(data) <= limit else None

    def inflate(self, number: int) -> bytes:
        """Return the bytes of an object, or of its delta.

        Raises:
            DamagedError: they cannot be inflated, or are not as many as they should be.
        """
        try:
            start, end = self.starts[number], self.ends[number]
            if end - start <= _SHORT:
                data = _inflate(self.data[start:end])
            else:
                with memoryview(self.data) as view, view[start:end] as stretch:
                    data = _inflating().decompress(stretch, self.sizes[number] + 1)  # more may be a bomb
        except Exception as error:
            raise DamagedError("compressed bytes that cannot be read") from error
        if len(data) != self.sizes[number]:
            raise DamagedError("an object of another size than it says")
        return data


@dataclass(frozen=True)
class PackNames:
    """The ids of the objects of a pack, of which nothing else is read."""

    path: Path
    names: bytes = field(repr=False)
    """All ids in order, `NAME_BYTES` each."""

    @cached_property
    def digest(self) -> bytes:
        """The same for packs of the same objects, and for no others."""
        return hashlib.blake2b(self.names, digest_size=NAME_BYTES).digest()

    def holds(self, oid: str) -> bool:
        """Return whether an object of this id is in it."""
        return _find_place(self.names, bytes.fromhex(oid)) >= 0

    def list_ids(self) -> list[bytes]:
        """Return the ids of all objects."""
        names = self.names
        return [names[place : place + NAME_BYTES] for place in range(0, len(names), NAME_BYTES)]


def open_names(path: Path) -> PackNames:
    """Return the ids in the pack whose `.pack` file is `path`.

    Raises:
        DamagedError: it or its index cannot be read, or is of a kind that is left to git.
    """
    try:
        index = path.with_suffix(".idx").read_bytes()
    except OSError as error:
        raise DamagedError(f"a pack that cannot be opened: {error}") from error
    if index[:8] != b"\xfftOc\0\0\0\2":
        raise DamagedError("an index that is not of version 2")
    count = int.from_bytes(index[_FAN_OUT - 4 : _FAN_OUT], "big")
    end = _FAN_OUT + NAME_BYTES * count
    if len(index) < end + 2 * NAME_BYTES:
        raise DamagedError("an index that ends too soon")
    return PackNames(path, index[_FAN_OUT:end])


def open_pack(path: Path) -> Pack:
    """Return the pack whose `.pack` file is `path`.

    Raises:
        DamagedError: it or its index cannot be read, or is of a kind that is left to git.
    """
    try:
        index = path.with_suffix(".idx").read_bytes()
        with path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise DamagedError(f"a pack that cannot be opened: {error}") from error
    names, offsets = _parse_index(index)
    # Whatever its head and its end say, of which a damaged byte makes git refuse all: the index says where objects are.
    end = len(data) - NAME_BYTES
    by_offset = array("q", sorted(range(len(offsets)), key=offsets.__getitem__))
    begins = [begin for place in by_offset if (begin := offsets[place]) < end]
    lost = frozenset(by_offset[len(begins) :])
    del by_offset[len(begins) :]
    numbers = {begin: number for number, begin in enumerate(begins)}
    kinds, *headers = delta.headers(data, begins, numbers)
    try:
        parents, starts, sizes = (array("q", column) for column in headers)
    except OverflowError as error:
        raise DamagedError("an object of a size that no file has") from error
    ends = array("q", [*begins[1:], end] if begins else [])
    pack = Pack(path, data, names, by_offset, ends, kinds, parents, starts, sizes, lost)
    _find_named_bases(pack)
    return pack


def _parse_index(index: bytes) -> tuple[bytes, list[int]]:
    """Return the ids in order, and where each of their objects begins."""
    try:
        if index[:8] != b"\xfftOc\0\0\0\2":
            raise DamagedError("an index that is not of version 2")
        count: int = struct.unpack_from(">I", index, _FAN_OUT - 4)[0]
        after_names = _FAN_OUT + NAME_BYTES * count
        after_sums = after_names + 4 * count
        short = array("I", index[after_sums : after_sums + 4 * count])
        if sys.byteorder == "little":
            short.byteswap()
        long = index[after_sums + 4 * count :]
        offsets = [word if word < _LARGE else struct.unpack_from(">Q", long, 8 * (word - _LARGE))[0] for word in short]
    except (struct.error, ValueError) as error:
        raise DamagedError("an index that ends too soon") from error
    if len(offsets) != count or len(long) < 2 * NAME_BYTES:
        raise DamagedError("an index that ends too soon")
    return index[_FAN_OUT:after_names], offsets


def _find_named_bases(pack: Pack) -> None:
    """Find the bases that deltas name by their ids, and give these deltas, and those of them, the kind of the base."""
    kinds, parents = pack.kinds, pack.parents
    named = [number for number, parent in enumerate(parents) if parent < NO_PARENT]
    if not named:
        return
    numbers = {place: number for number, place in enumerate(pack.by_offset)}
    for number in named:
        name = -2 - parents[number]
        parents[number] = numbers.get(_find_place(pack.names, pack.data[name : name + NAME_BYTES]), NO_PARENT)
        pack.starts[number] += NAME_BYTES
    for number in range(len(pack)):
        chain = [number]
        while kinds[chain[-1]] > TAG and parents[chain[-1]] >= 0 and len(chain) <= len(pack):
            chain.append(parents[chain[-1]])
        kind = kinds[chain[-1]] if kinds[chain[-1]] <= TAG else 0
        for link in chain:
            kinds[link] = kind


def _find_place(names: bytes, name: bytes) -> int:
    """Return the place of an id among all ids of a pack; -1 where it is not."""
    count = len(names) // NAME_BYTES
    place = bisect_left(range(count), name, key=lambda at: names[at * NAME_BYTES : (at + 1) * NAME_BYTES])
    return place if place < count and names[place * NAME_BYTES : (place + 1) * NAME_BYTES] == name else -1


@dataclass(frozen=True, slots=True)
class Children:
    """The deltas of each object of a pack that have it as their base: the first, and for each delta the next."""

    first: array[int] = field(repr=False)
    following: array[int] = field(repr=False)

    def __contains__(self, number: int) -> bool:
        return self.first[number] != _NO_CHILD

    def of(self, number: int) -> Iterator[int]:
        """Yield the deltas of one object, as they lie in the pack."""
        child = self.first[number]
        while child != _NO_CHILD:
            yield child
            child = self.following[child]


def find_children(pack: Pack, *, trees: bool = False) -> Children:
    """Return the deltas of all objects that are no trees; or of the trees."""
    kinds, parents = pack.kinds, pack.parents
    first, following = (array("q", [_NO_CHILD]) * len(parents) for _ in range(2))
    for number in range(len(parents) - 1, -1, -1):
        parent = parents[number]
        if parent >= 0 and (kinds[number] == TREE) == trees:
            following[number], first[parent] = first[parent], number
    return Children(first, following)
