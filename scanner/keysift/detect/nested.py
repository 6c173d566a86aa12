"""Every view of a blob that decoding gives, and the views of those: encodings inside of encodings, in any order."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Mapping

from keysift.detect import decode
from keysift.detect.confirm import Zone
from keysift.detect.decode.triggers import Kind
from keysift.detect.matcher import Matcher, Windows

MOST = 1 << 24
"""Bytes of views that any blob may unfold to; and eight times its own length. No real file comes near."""
AROUND = 200
"""Bytes around a place in which its value begins."""


def views(
    matcher: Matcher,
    data: bytes,
    encoded: Mapping[Kind, list[Zone]],
    known: dict[bytes, Windows] | None = None,
) -> Iterator[tuple[decode.View, Windows]]:
    """Yield each view, outer ones first, with the windows of the rules that have a say in what it has decoded.

    `known` keeps the windows of views that are met again, as in the versions of a file.

    Raises:
        decode.LimitError: it would go on for too long.
    """
    left = MOST + 8 * len(data)
    waiting: deque[tuple[decode.View | None, bytes, Mapping[Kind, list[Zone]], int]] = deque(
        [(None, data, encoded, 0)] if encoded else []
    )
    while waiting:
        parent, text, places, depth = waiting.popleft()
        for view in decode.views(text, places, parent):
            left -= len(view.data)
            if left < 0:
                raise decode.LimitError("too much is encoded in it, or too deep")
            found = known.get(view.data) if known is not None else None
            if found is None:
                found = matcher.windows(view.data)
                if known is not None:
                    known[view.data] = found
            yield view, _touched(matcher, view, found)
            if found.encoded and depth + 1 < decode.DEPTH:
                waiting.append((view, view.data, found.encoded, depth + 1))


def _touched(matcher: Matcher, view: decode.View, windows: Windows) -> Windows:
    """Return the windows as far as a match that touches something decoded can reach."""
    near = {number: zones for number in windows.rules if (zones := _near(matcher, view, number, windows.rules[number]))}
    names = [(start, end) for start, end in windows.names if view.touched(start - AROUND, end + AROUND)]
    return Windows(near, names=names)


def _near(matcher: Matcher, view: decode.View, number: int, zones: list[Zone]) -> list[Zone]:
    width = matcher.width(number)
    near: list[Zone] = []
    for start, end in zones:
        first = bisect_right(view.ends, start - width)
        for segment in range(first, len(view.starts)):
            low, high = max(start, view.starts[segment] - width), min(end, view.ends[segment] + width)
            if low >= high:
                break
            if near and low <= near[-1][1]:
                near[-1] = (near[-1][0], max(near[-1][1], high))
            else:
                near.append((low, high))
    return near
