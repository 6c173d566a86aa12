"""Refuses values that are like others before them: data files have thousands that differ in their digits alone.

What is learned of a text or a name holds everywhere; what is learned of a line, in the text that it is a line of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from keysift import lazy
from keysift.detect.named import names, spans

if TYPE_CHECKING:
    from keysift.detect.named import hopeless
else:
    hopeless = lazy.module("keysift.detect.named.hopeless")  # it imports `candidates`, which imports this

_HOPELESS: dict[bytes, int] = {}
_IDENTIFYING: dict[bytes, bool] = {}
_MOST_KNOWN = 1 << 15
"""Texts, names, or lines; more are forgotten."""
_What = TypeVar("_What")


def begin(*, on_lines: bool) -> spans.Known:
    """Return what is known before a text is looked at; without `on_lines`, lines will teach nothing."""
    return spans.Known(_HOPELESS, _IDENTIFYING, on_lines)


def is_refused(data: bytes, start: int, end: int, span: list[int], known: spans.Known) -> bool:
    """Return True if a value in a usual syntax is refused by its bytes, its name, or those like it before it."""
    name_start, name_end, before, flag = span
    if flag and (flag == spans.REFUSED or _is_column(data, start, end, span, known)):
        return True
    text = (data[name_start : end + 1] if end < len(data) else data[name_start:end] + b"\n").translate(spans.NO_DIGITS)
    lengths = name_end - name_start, before - name_start, start - name_start
    if hopeless.is_hopeless(text, *lengths):
        _remember(known.hopeless, text, spans.parts(*lengths))
        return True
    begin = spans.line_start(data, name_start, start) if known.on_lines else -1
    return begin >= 0 and _is_refused_on_line(data, begin, known, (name_start, name_end, before, start, end))


def _is_refused_on_line(data: bytes, begin: int, known: spans.Known, places: tuple[int, int, int, int, int]) -> bool:
    """Return True if a value is refused on its line, which begins at `begin`; asked from the second such line on."""
    line = spans.line(data, begin, places[-1])
    if line not in known.lines:
        _remember(known.lines, line, 0)
        return False
    name_start, name_end, before, start, end = (place - begin for place in places)
    if not hopeless.is_hopeless_on(line, (name_start, name_end, before, start, end)):
        return False
    known.lines[line] = spans.parts(start, end, name_start)
    return True


def _remember(known: dict[bytes, _What], text: bytes, what: _What) -> None:
    """Keep what a text has taught, for later values."""
    if len(known) >= _MOST_KNOWN:
        known.clear()
    known[text] = what


def _is_column(data: bytes, start: int, end: int, span: list[int], known: spans.Known) -> bool:
    """Return True as `candidates.is_in_column` does, for the integers of `spans.usual`; remember what the name says."""
    name = data[span[0] : span[1]]
    identifying = known.identifying.get(name)
    if identifying is None:
        identifying = names.may_identify(name.decode())
        _remember(known.identifying, name, identifying)
    return identifying and spans.in_column(data, span[0], start, end)
