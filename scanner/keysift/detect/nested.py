"""Every view of a blob that decoding gives, and the views of those: encodings inside of encodings, in any order."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Mapping

from keysift.detect import decode
from keysift.detect.confirm import Zone
from keysift.detect.matcher import NAMED, Matcher

MOST = 1 << 24
"""Bytes of views that any blob may unfold to; and eight times its own length. No real file comes near."""
AROUND = 200
"""Bytes around a place in which its value begins."""


def calls_for(windows: Iterable[int]) -> bool:
    """Whether these windows, of which most blobs have none of the kind, call for any decoding."""
    return any(index < 0 and index != NAMED for index in windows)


def views(
    matcher: Matcher,
    data: bytes,
    windows: Mapping[int, list[Zone]],
    known: dict[bytes, dict[int, list[Zone]]] | None = None,
) -> Iterator[tuple[decode.View, dict[int, list[Zone]]]]:
    """Each view, outer ones first, with the windows of the rules that have a say in what it has decoded.

    `known` keeps the windows of views that are met again, as in the versions of a file.

    Raises:
        decode.LimitError: it would go on for too long.
    """
    left = MOST + 8 * len(data)
    waiting: deque[tuple[decode.View | None, bytes, Mapping[int, list[Zone]], int]] = deque([(None, data, windows, 0)])
    while waiting:
        parent, text, hits, depth = waiting.popleft()
        for view in decode.views(text, hits, parent):
            left -= len(view.data)
            if left < 0:
                raise decode.LimitError("too much is encoded in it, or too deep")
            found = known.get(view.data) if known is not None else None
            if found is None:
                found = matcher.windows(view.data)
                if known is not None:
                    known[view.data] = found
            rules = (index for index in found if index >= 0 or index == NAMED)
            yield view, {index: near for index in rules if (near := _near(matcher, view, index, found[index]))}
            inner = {index: places for index, places in found.items() if index < 0 and index != NAMED}
            if inner and depth + 1 < decode.DEPTH:
                waiting.append((view, view.data, inner, depth + 1))


def _near(matcher: Matcher, view: decode.View, index: int, windows: list[Zone]) -> list[Zone]:
    """The windows as far as a match that touches something decoded can reach."""
    if index == NAMED:
        return [(start, end) for start, end in windows if view.touched(start - AROUND, end + AROUND)]
    width = matcher.width(index)
    found: list[Zone] = []
    for start, end in windows:
        first = bisect_right(view.ends, start - width)
        for number in range(first, len(view.starts)):
            low, high = max(start, view.starts[number] - width), min(end, view.ends[number] + width)
            if low >= high:
                break
            if found and low <= found[-1][1]:
                found[-1] = (found[-1][0], max(found[-1][1], high))
            else:
                found.append((low, high))
    return found
