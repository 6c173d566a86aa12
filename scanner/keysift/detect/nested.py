"""Views of a blob in which encoded values are decoded, and views of these: encodings may be nested in any order."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Mapping

from keysift.detect import decode
from keysift.detect.confirm import Zone
from keysift.detect.decode.triggers import Kind
from keysift.detect.matcher import Matcher, Windows

MOST = 1 << 24
"""Bytes of views of one blob, besides eight times its own length. No real file comes near."""
AROUND = 200
"""Bytes around the place of a name in which its value begins."""

AROUND_APART = 1200
"""The same for a value whose name stands apart from it."""


def views(
    matcher: Matcher,
    data: bytes,
    encoded: Mapping[Kind, list[Zone]],
    remembered: dict[bytes, Windows] | None = None,
) -> Iterator[tuple[decode.View, Windows]]:
    """Yield each view, outer ones first, with the windows in which a match can reach what it has decoded.

    `remembered` keeps the windows of views that recur, as in the versions of a file.

    Raises:
        decode.LimitError: too much is encoded, or too deep; after all views that are within the limits.
    """
    left = MOST + 8 * len(data)
    failed: decode.LimitError | None = None
    waiting: deque[tuple[decode.View | None, bytes, Mapping[Kind, list[Zone]], int]] = deque(
        [(None, data, encoded, 0)] if encoded else []
    )
    while waiting:
        parent, text, places, depth = waiting.popleft()
        try:
            for view in decode.views(text, places, parent):
                if len(view.data) > left:
                    failed = decode.LimitError("too much is encoded in it, or too deep")
                    continue
                left -= len(view.data)
                windows = remembered.get(view.data) if remembered is not None else None
                if windows is None:
                    windows = matcher.windows(view.data)
                    if remembered is not None:
                        remembered[view.data] = windows
                yield view, _touched(matcher, view, windows)
                if windows.encoded and depth + 1 < decode.DEPTH:
                    waiting.append((view, view.data, windows.encoded, depth + 1))
        except decode.LimitError as error:
            failed = error
    if failed:
        raise failed


def _touched(matcher: Matcher, view: decode.View, windows: Windows) -> Windows:
    """Return the parts of the windows from which a match can reach something decoded."""
    near = {number: zones for number in windows.rules if (zones := _near(matcher, view, number, windows.rules[number]))}
    names = [(start, end) for start, end in windows.names if view.touched(start - AROUND, end + AROUND)]
    apart = [(start, end) for start, end in windows.apart if view.touched(start - AROUND_APART, end + AROUND_APART)]
    return Windows(near, names=names, apart=apart, values=windows.values)


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
