"""Read object headers and apply deltas: the inner loops of reading a pack.

One source in two forms: the build compiles it with mypyc where it finds a C compiler, and elsewhere it runs as it is.
So it holds only loops over integers and slices. Formats: https://git-scm.com/docs/gitformat-pack.

A *copy* is a stretch of the new bytes that stands in the base as well: three integers in a flat list, its start, its
end, and what to add to a place in it to get the place in the base. Copies are in order and lie apart.
"""

from __future__ import annotations

from mmap import mmap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_extensions import i64

_LONGEST_HEADER = 32
_OFFSET_DELTA, _REFERENCE_DELTA = 6, 7


class DamagedError(Exception):
    """Bytes that are no object header, no delta, or no delta of this base."""


class TooLargeError(Exception):
    """An object that is longer than was allowed."""


def headers(
    pack: mmap, offsets: list[int], position: dict[int, int]
) -> tuple[bytearray, list[int], list[int], list[int]]:
    """Return type, parent, start of the compressed bytes, and inflated size in bytes of the objects at `offsets`.

    `offsets` rise, and `position` numbers them. The type of a delta is that of its base. The parent is the number of
    the base in this pack, or -1 where there is none. A delta that names its base by its id has type 7 and the parent
    -2 - (place of the id in the pack).

    Raises:
        DamagedError: a header that cannot be read, or a base that is not there.
    """
    types = bytearray(len(offsets))
    parents: list[int] = []
    starts: list[int] = []
    sizes: list[int] = []
    number: i64 = 0
    try:
        for offset in offsets:
            head: bytes = pack[offset : offset + _LONGEST_HEADER]
            place: i64 = 0
            byte: i64 = head[place]
            place += 1
            kind: i64 = (byte >> 4) & 7
            size: i64 = byte & 15
            shift: i64 = 4
            while byte & 128:
                byte = head[place]
                place += 1
                size |= (byte & 127) << shift
                shift += 7
            parent: i64 = -1
            if kind == _OFFSET_DELTA:
                byte = head[place]
                place += 1
                back: i64 = byte & 127
                while byte & 128:
                    byte = head[place]
                    place += 1
                    back = ((back + 1) << 7) | (byte & 127)
                parent = position[offset - back]
                kind = types[parent]
            elif kind == _REFERENCE_DELTA:
                parent = -2 - (offset + place)
            types[number] = kind
            number += 1
            parents.append(parent)
            starts.append(offset + place)
            sizes.append(size)
    except (IndexError, KeyError, OverflowError) as error:
        raise DamagedError("a pack with an object header that cannot be read") from error
    return types, parents, starts, sizes


def apply(base: bytes, delta: bytes, limit: int) -> tuple[bytes, list[int]]:
    """Return the new bytes, at most `limit`, and the copies in them.

    Raises:
        DamagedError: the delta does not fit the base.
        TooLargeError: the new bytes would be more than `limit`.
    """
    parts: list[bytes] = []
    copies: list[int] = []
    length: i64 = len(delta)
    total: i64 = len(base)
    place: i64 = 0
    made: i64 = 0
    copied: i64 = -1  # where the last copy begins in the new bytes
    source: i64 = 0  # and in the base
    low: i64 = 0
    size: i64 = 0
    try:
        while delta[place] & 128:
            place += 1
        place += 1
        wanted: i64 = 0
        shift: i64 = 0
        code: i64 = 128
        while code & 128:
            code = delta[place]
            place += 1
            wanted |= (code & 127) << shift
            shift += 7
        if wanted > limit:
            raise TooLargeError
        while place < length:
            code = delta[place]
            place += 1
            if code & 128:
                low = 0
                size = 0
                if code & 1:
                    low = delta[place]
                    place += 1
                if code & 2:
                    low |= delta[place] << 8
                    place += 1
                if code & 4:
                    low |= delta[place] << 16
                    place += 1
                if code & 8:
                    low |= delta[place] << 24
                    place += 1
                if code & 16:
                    size = delta[place]
                    place += 1
                if code & 32:
                    size |= delta[place] << 8
                    place += 1
                if code & 64:
                    size |= delta[place] << 16
                    place += 1
                if size == 0:
                    size = 65536
                if low + size > total:
                    raise DamagedError("a delta that reaches beyond its base")
                if copied < 0 or source + (made - copied) != low:
                    if copied >= 0:
                        copies.append(copied)
                        copies.append(made)
                        copies.append(source - copied)
                        parts.append(base[source : source + (made - copied)])
                    copied = made
                    source = low
                made += size
            elif code:
                if copied >= 0:
                    copies.append(copied)
                    copies.append(made)
                    copies.append(source - copied)
                    parts.append(base[source : source + (made - copied)])
                    copied = -1
                parts.append(delta[place : place + code])
                place += code
                made += code
            else:
                raise DamagedError("a delta with a step that does not exist")
    except IndexError as error:
        raise DamagedError("a delta that ends too soon") from error
    if copied >= 0:
        copies.append(copied)
        copies.append(made)
        copies.append(source - copied)
        parts.append(base[source : source + (made - copied)])
    if made != wanted or place != length:
        raise DamagedError("a delta that makes another length than it says")
    return b"".join(parts), copies


if __name__ == "keysift.git.delta":  # but not in the compiled form, which has another name
    from keysift import native

    native.take_over(__name__, __file__)
