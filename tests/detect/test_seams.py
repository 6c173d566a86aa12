"""Stretches of many versions are one text, and what is found in it is put back: compiled, and as written."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysift.detect import seams as installed
from keysift.detect import values

BITS = 16
Stretches = st.lists(st.integers(0, 50), max_size=8)


@pytest.fixture(scope="module", params=["installed", "interpreted"])
def seams(request: pytest.FixtureRequest) -> Any:  # noqa: ANN401 - a module
    if request.param == "installed":
        return installed
    source = Path(__file__).parents[2] / "scanner" / "keysift" / "detect" / "seams.py"
    spec = importlib.util.spec_from_file_location("plain_source", source)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def apart(ends: list[int], size: int) -> list[int]:
    """Stretches that are apart, in order, and within so many bytes."""
    flat = sorted({min(end, size) for end in ends})
    return flat[: len(flat) // 2 * 2]


@given(st.lists(st.tuples(st.binary(max_size=50), Stretches), max_size=4))
def test_what_is_in_the_text_is_put_back(seams: Any, blobs: list[tuple[bytes, list[int]]]) -> None:  # noqa: ANN401
    parts: list[bytes] = [b""]
    begins: list[int] = []
    firsts, place = [0], len(seams.BETWEEN)
    wanted: list[set[int]] = []
    for data, ends in blobs:
        zones = apart(ends, len(data))
        size = seams.gather(data, zones, parts, begins, place)
        pieces = [data[low:high] for low, high in zip(zones[::2], zones[1::2], strict=True)]
        assert (size < 0) == any(b"\0" in piece for piece in pieces)
        place = abs(size)
        firsts.append(len(begins))
        inside = zip(zones[::2], zones[1::2], strict=True)
        wanted.append({(end << BITS) | data[end - 1] for low, high in inside for end in range(low + 1, high + 1)})
    text = seams.BETWEEN.join(parts)
    hits = [(byte, end) for end, byte in enumerate(text, 1)]  # each byte is a keyword
    assert list(map(set, seams.placed(hits, begins, firsts))) == wanted
    found = values.runs(text, values.KINDS, values.PAIRS, cut=True)
    for (data, _), own in zip(blobs, seams.placed_values(found, begins, firsts), strict=True):
        runs = zip(own[::2], own[1::2], strict=True)
        assert all(
            0 <= low < high <= len(data) and all(values.KINDS[byte] for byte in data[low:high]) for low, high in runs
        )


Sorted = st.lists(st.integers(0, 60), max_size=12).map(sorted)


@given(Sorted, st.lists(st.integers(0, 60), max_size=12))
def test_merged_has_each_once(seams: Any, first: list[int], second: list[int]) -> None:  # noqa: ANN401
    assert seams.merged(sorted({*first}), second) == sorted({*first, *second})


@given(Sorted, Sorted)
def test_common_is_what_both_cover(seams: Any, first: list[int], second: list[int]) -> None:  # noqa: ANN401
    one, other = apart(first, 60), apart(second, 60)

    def covered(flat: list[int]) -> set[int]:
        return {place for low, high in zip(flat[::2], flat[1::2], strict=True) for place in range(low, high)}

    both = seams.common(one, other)
    assert covered(both) == covered(one) & covered(other)
    assert both == sorted(both)


def test_values_are_handed_down_whole(seams: Any) -> None:  # noqa: ANN401
    base = [0, 20, 30, 50, 60, 90]
    assert seams.inherited_values(base, [], [0, 100, 0], 100, 100) == base
    assert seams.inherited_values(base, [], [0, 50, 0], 50, 100) == [0, 20]  # the byte behind the second is not known
    assert seams.inherited_values(base, [], [0, 70, 30], 70, 100) == [30, 60]
    assert seams.inherited_values(base, [4, 30], [10, 80, 20], 80, 100) == [4, 30, 40, 70]
    assert seams.inherited_values([], [4, 30, 20, 40], [], 80, 100) == [4, 40]
