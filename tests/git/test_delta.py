"""Deltas of packs, in both forms of the source, against the plainest way to say the same."""

from __future__ import annotations

import importlib.util
import itertools
import mmap
import struct
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysift.detect import carry as installed_carry
from keysift.git import delta as installed_delta

PACKAGE = Path(__file__).parents[2] / "scanner" / "keysift"


def interpreted(source: str) -> ModuleType:
    """The source as it stands, whether or not the installed form is compiled."""
    spec = importlib.util.spec_from_file_location("plain_source", PACKAGE / source)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module", params=["installed", "interpreted"])
def delta(request: pytest.FixtureRequest) -> Any:  # noqa: ANN401 - a module
    return installed_delta if request.param == "installed" else interpreted("git/delta.py")


@pytest.fixture(scope="module")
def deltas() -> tuple[Any, ...]:
    """Both forms, for examples that take longer to make up than to try."""
    return installed_delta, interpreted("git/delta.py")


@pytest.fixture(scope="module")
def carries() -> tuple[Any, ...]:
    return installed_carry, interpreted("detect/carry.py")


Step = bytes | tuple[int, int]
"""What to insert, or where to copy from and how much."""


def number(value: int) -> bytes:
    """As sizes stand in a delta: seven bits a byte, the lowest first."""
    found = b""
    while value > 127:
        found += bytes([value & 127 | 128])
        value >>= 7
    return found + bytes([value])


def copying(start: int, size: int) -> bytes:
    """A step that copies; zero bytes are left out."""
    code, rest = 128, b""
    for bit, byte in enumerate(struct.pack("<I", start)):
        if byte:
            code |= 1 << bit
            rest += bytes([byte])
    for bit, byte in enumerate(struct.pack("<I", 0 if size == 65536 else size)[:3]):
        if byte:
            code |= 16 << bit
            rest += bytes([byte])
    return bytes([code]) + rest


def encoded(base: bytes, steps: list[Step]) -> tuple[bytes, bytes, list[tuple[int, int]]]:
    """The delta, what it makes, and for each byte of that its place in the base, or -1."""
    body, made = b"", b""
    origin: list[tuple[int, int]] = []
    for index, step in enumerate(steps):
        if isinstance(step, bytes):
            body += bytes([len(step)]) + step
            made += step
            origin += [(-1, index)] * len(step)
        else:
            body += copying(*step)
            made += base[step[0] : step[0] + step[1]]
            origin += [(place, index) for place in range(step[0], step[0] + step[1])]
    return number(len(base)) + number(len(made)) + body, made, origin


@st.composite
def changes(draw: st.DrawFn) -> tuple[bytes, list[Step]]:
    base = draw(st.binary(min_size=1, max_size=80))
    copies = st.integers(0, len(base) - 1).flatmap(
        lambda start: st.tuples(st.just(start), st.integers(1, len(base) - start))
    )
    return base, draw(st.lists(st.one_of(st.binary(min_size=1, max_size=9), copies), max_size=8))


def stretches(origin: list[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """The copies: runs of new bytes that stand together in the base; an insertion always parts them."""
    start = None
    for place in range(len(origin) + 1):
        ends = place == len(origin) or origin[place][0] < 0
        parts = not ends and start is not None and origin[place][0] != origin[place - 1][0] + 1
        if start is not None and (ends or parts):
            yield start, place, origin[start][0] - start
            start = None
        if not ends and start is None:
            start = place


def triples(flat: list[int]) -> list[tuple[int, ...]]:
    return [tuple(flat[place : place + 3]) for place in range(0, len(flat), 3)]


@given(changes())
def test_apply_makes_the_bytes_and_the_copies(deltas: tuple[Any, ...], change: tuple[bytes, list[Step]]) -> None:
    base, steps = change
    text, made, origin = encoded(base, steps)
    for delta in deltas:
        data, copies = delta.apply(base, text, 1 << 20)
        assert data == made
        assert triples(copies) == list(stretches(origin))


def test_apply_reads_long_copies(delta: Any) -> None:  # noqa: ANN401
    base = bytes(range(256)) * 70_000
    for start, size in ((0, 65536), (70_000, 65536), (17_000_000, 70_000), (1, 0xFFFFFF), (0x10000, 0x10000)):
        text = number(len(base)) + number(size) + copying(start, size)
        data, copies = delta.apply(base, text, 1 << 30)
        assert data == base[start : start + size]
        assert copies == [0, size, start]


@given(changes(), st.data())
def test_damaged_deltas_are_refused_or_make_something(
    deltas: tuple[Any, ...],
    change: tuple[bytes, list[Step]],
    data: st.DataObject,
) -> None:
    base, steps = change
    text = bytearray(encoded(base, steps)[0])
    place = data.draw(st.integers(0, len(text) - 1))
    text[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(text)))
    for delta, damaged in itertools.product(deltas, (bytes(text), bytes(text[:cut]))):
        try:
            made, copies = delta.apply(base, damaged, 1 << 20)
        except (delta.DamagedError, delta.TooLargeError):
            continue
        for start, end, shift in triples(copies):
            assert made[start:end] == base[start + shift : end + shift]


@pytest.mark.parametrize(
    "text",
    [
        b"", b"\x05", b"\x05\x05", b"\x05\x05\x00", b"\x05\x05\x09abc", b"\x05\x02\x90\x06", b"\x05\x09\x90\x05",
        b"\x05\x05\xff\x01", b"\xff" * 40, b"\x05" + b"\xff" * 40, b"\x05\x05\x90\x05x",
    ],
)  # fmt: skip
def test_what_is_no_delta_is_refused(delta: Any, text: bytes) -> None:  # noqa: ANN401
    with pytest.raises((delta.DamagedError, delta.TooLargeError)):
        delta.apply(b"abcde", text, 1 << 20)


def test_what_grows_too_long_is_refused_before_it_is_made(delta: Any) -> None:  # noqa: ANN401
    with pytest.raises(delta.TooLargeError):
        delta.apply(b"abcde", encoded(b"abcde", [(0, 5)] * 4)[0], 19)
    assert delta.apply(b"abcde", encoded(b"abcde", [(0, 5)] * 4)[0], 20)[0] == b"abcde" * 4


def seams(origin: list[tuple[int, int]], base_size: int) -> list[int]:
    """The places in the new bytes where something is not as it is in the base: 3 stands between bytes 2 and 3.

    A byte that was inserted has one on both sides.
    """
    found = set()
    before = -1  # so that the beginning is none where the base begins there as well
    for place, (now, _) in enumerate([*origin, (base_size, 0)]):
        if now != before + 1 or now < 0 or (place and origin[place - 1][0] < 0):
            found.add(place)
        before = now if now >= 0 else -2
    return sorted(found)


def applied(change: tuple[bytes, list[Step]]) -> tuple[bytes, list[int], list[int]]:
    base, steps = change
    text, made, origin = encoded(base, steps)
    return made, installed_delta.apply(base, text, 1 << 20)[1], seams(origin, len(base))


@given(changes(), st.integers(1, 12))
def test_zones_cover_all_seams(carries: tuple[Any, ...], change: tuple[bytes, list[Step]], margin: int) -> None:
    made, copies, places = applied(change)
    wanted = {byte for place in places for byte in range(place - margin, place + margin) if 0 <= byte < len(made)}
    for carry in carries:
        flat = carry.zones(copies, len(made), len(change[0]), margin)
        zones = list(zip(flat[::2], flat[1::2], strict=True))
        assert {byte for low, high in zones for byte in range(low, high)} == wanted
        assert all(first[1] < second[0] for first, second in pairwise(zones))


LENGTHS = [3, 4, 7]
WORD_BITS = installed_carry.WORD_BITS
Hits = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 80)), max_size=12)


def packed(hits: list[tuple[int, int]], size: int, word_bits: int) -> list[int]:
    return sorted({end << word_bits | word for word, end in hits if LENGTHS[word] <= end <= size})


@given(changes(), Hits)
def test_inherited_are_the_hits_in_copies(
    carries: tuple[Any, ...],
    change: tuple[bytes, list[Step]],
    hits: list[tuple[int, int]],
) -> None:
    _, copies, _ = applied(change)
    known = packed(hits, len(change[0]), WORD_BITS)
    expected = {
        (end - shift) << WORD_BITS | word
        for start, stop, shift in triples(copies)
        for word, end in ((one & 0xFFFF, one >> WORD_BITS) for one in known)
        if start + shift <= end - LENGTHS[word] and end <= stop + shift
    }
    for carry in carries:
        assert carry.inherited(known, LENGTHS, copies) == sorted(expected)


@given(changes(), Hits, st.lists(st.integers(1, 30), min_size=3, max_size=3))
def test_touched_are_the_hits_near_seams(
    carries: tuple[Any, ...],
    change: tuple[bytes, list[Step]],
    hits: list[tuple[int, int]],
    margins: list[int],
) -> None:
    made, copies, places = applied(change)
    known = packed(hits, len(made), WORD_BITS)
    expected = {
        one for one in known if any(abs(place - (one >> WORD_BITS)) < margins[one & 0xFFFF] for place in places)
    }
    for carry in carries:
        assert expected <= set(carry.touched(known, margins, margins, copies, len(made), len(change[0])))


@given(changes(), st.lists(st.tuples(st.integers(-9, 80), st.integers(1, 30)), max_size=6))
def test_carried_and_unchanged_are_spans_without_seams(
    carries: tuple[Any, ...],
    change: tuple[bytes, list[Step]],
    spans: list[tuple[int, int]],
) -> None:
    base = change[0]
    made, copies, places = applied(change)
    known = sorted((start, start + size) for start, size in spans if start < len(base) and start + size > 0)
    for carry in carries:
        flat = carry.carried([place for span in known for place in span], copies, len(made), len(base))
        for index, shift in zip(flat[::2], flat[1::2], strict=True):
            start, end = known[index][0] + shift, known[index][1] + shift
            assert not [place for place in places if start < place < end]
            inside = slice(max(0, start), min(end, len(made)))
            assert made[inside] == base[max(0, known[index][0]) : min(known[index][1], len(base))]
            assert carry.unchanged(copies, start, end, len(made), len(base))
        if made == base and copies == [0, len(base), 0]:
            assert flat[::2] == list(range(len(known)))


@given(changes(), st.integers(-9, 90), st.integers(1, 40))
def test_unchanged_has_no_seam(
    carries: tuple[Any, ...], change: tuple[bytes, list[Step]], start: int, size: int
) -> None:
    made, copies, places = applied(change)
    start = min(start, len(made) - 1)
    for carry in carries:
        if carry.unchanged(copies, start, start + size, len(made), len(change[0])):
            assert not [place for place in places if max(start, -1) < place < start + size]
        elif start > 0 and start + size < len(made):
            assert not [low for low, high, _ in triples(copies) if low <= start and start + size <= high]


def mapped(folder: Path, data: bytes) -> mmap.mmap:
    file = folder / "pack"
    file.write_bytes(data)
    with file.open("rb") as opened:
        return mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)


@pytest.mark.parametrize(
    "data",
    [b"\xff" * 64, b"\xb0" + b"\xff" * 9 + b"\x7f" * 9, b"\xe0\x01" + b"\xff" * 40, b"\xe5", b"\x65\x01", b"\x60\x7f"],
)
def test_damaged_headers_are_refused(delta: Any, tmp_path: Path, data: bytes) -> None:  # noqa: ANN401
    try:
        types, parents, _, sizes = delta.headers(mapped(tmp_path, data), [0], {0: 0})
    except delta.DamagedError:
        return
    assert (len(types), len(parents), len(sizes)) == (1, 1, 1)
    assert parents[0] < 0
