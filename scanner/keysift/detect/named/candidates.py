"""Finds the values whose names look like those of passwords and other keys.

A candidate is a name with one of `STEMS`, a separator of some language (`=`, `: `, `=>`, `("`, `>`, with or without a
type), and a value, quoted or bare. `judge.py` decides if it is a key.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from keysift import lazy
from keysift.detect.named import ending, lessons, model, names, spans
from keysift.detect.named.trigger import GENERIC_FOLLOWED, STEMS

if TYPE_CHECKING:
    from keysift.detect.named import apart
else:
    apart = lazy.module("keysift.detect.named.apart")  # it imports this module


_STEM = re.compile("|".join(STEMS).encode())
_NONE_TAKEN: Mapping[int, int] = {}
_AT_ONCE = 1000
"""Hits that are looked at before the first candidate is yielded."""
_MARKS = (b'"', b"'", b"`", b";")
"""The last bytes of quotation marks, `&quot;` among them."""
_HEAD_BACKWARDS = re.compile(rb"[\w$.@:/-]{0,60}")
_QUOTE = rb"(?:\\{0,3}[\"'`]{1,3}(?:\\{1,3}[\"'`])?|&quot;|&apos;|&\#39;|&\#34;)"
_TAIL = re.compile(
    rb"""(?x)
    (?P<rest>(?:[\w.$]|-(?!>)){0,44}+)
    (?P<separator>
      (?:""" + _QUOTE + rb""")?(?:\[\w{0,12}\])?[\])?!*]{0,3}
      (?:
        (?:[ \t]{1,8}(?!value|default|content)[\w:.-]{1,24}=["'][^"'<>\n]{0,60}["']){1,3}>   # an element with more
      |
        (?:
          (?:[ \t]{0,9}:[ \t]{0,3}[\w.\[\]|<>?&*]{1,40}|[ \t](?:as[ \t]{1,4})?[\w.\[\]*]{1,20}
            |[ \t]{0,9}:[ \t]{0,3}&'static[ ]str)??                                     # a type
          [ \t]{0,40}(?:=>|:{1,3}=|={1,3}|!==?|:-|::?(?!-)|<-|->|\?=|\|\|=?|\?\?=?|\+=|\bor(?=[ \t]+["']))
        | [ \t]{0,40},                                                                # the next argument
        )
        (?:[ \t]{0,40}|[ \t]{0,4}\r?\n[ \t]{0,40})
        (?:\([ \t]{0,4}(?:\r?\n[ \t]{0,40})?)?                                         # in parentheses
      | [ \t]{0,4}[({](?:[ \t]{0,2}|[ \t]{0,4}\r?\n[ \t]{0,40})                       # a call, a block
      | >                                                                           # an element
      | [ \t]{1,4}(?:value|default|content)[ \t]{0,2}=[ \t]{0,2}                    # attributes side by side
      | ,[ \t\r\n]{0,40}["']?(?:value|default|content)["']?[ \t]{0,2}[:=][ \t]{0,2}
      | [ \t]{0,4}=[ \t]{0,4}\{[ \t]{0,4}:?value[ \t]{0,4}(?::|=>)[ \t]{0,4}
      | :[ \t]{1,3}[|>][+-]?[ \t]{0,4}\r?\n[ \t]{1,40}                               # a block of YAML
      | [ \t]{1,20}(?=["'])                                                         # a directive: NAME "value"
      )
    )
    (?:
      (?:(?:new[ ])?(?:[\w.:]{0,24}(?:str|string|bytes?|secret|token|password|key|buffer\.from|some|ok|of|hex|unhexlify
        |b64decode)|\[\]byte|u)\([ \t]{0,2}){0,2}                                   # what wraps a literal
      (?:\[\]\w{1,12})?[\[{]?[bBrRuUfFL@$]{0,2}
      (?P<quote>""" + _QUOTE + rb""")(?=[^\s"'`<>][^\s<>]{2})
    |(?=[^\s"'`<>(){}\[\]$,;][^\s"'`<>]{3})(?![\w.\[\]|<>?&*]{1,40}[ \t]{1,9}=[^=])
    )
    """,
    re.IGNORECASE,
)  # fmt: skip
_LOOSE_TAIL = re.compile(
    rb"[\w.$-]{0,44}+[\"'`\])*\\]{0,3}[ \t]{0,40}(?::|=>|:=|=|>)[ \t]{0,40}"
    rb"(?:\\{0,3}[\"'`](?=[^\s\"'`]\S\S)|(?=[^\s\"'`]\S{3}))"
)
"""The start of a value that begins with marks."""
_BEFORE_BARE = re.compile(
    rb"[\"'`\])*\\]{0,3}[ \t]{0,40}(?::-?|=>|:=|[?+]?=|>)[ \t]{0,40}|[^\n]*[|>][+-]?[ \t]*\r?\n[ \t]+|[^\n]*>"
)
_DIRECTED = re.compile(rb"[\w.-]{0,44}[ \t]{1,20}(?=[^\s\"'`<>(){}\[\]$,;=][^\s\"'`<>=]{3})")
_BEFORE_DIRECTED = lazy.compile(rb"(?r)(?:^|(?<=\n)|[({])[\s#({\[*.;]*(?:[\w:.-]+[ \t]+){0,2}[\[({]*$")
_GENERIC_TAIL = re.compile(GENERIC_FOLLOWED)
_BARE_TOKEN = re.compile(rb"[A-Za-z_$][\w$./:-]{3,80}+(?=[\s\"'`,;)}\]<>(\[]|&[\w.-]{1,40}=)")
_QUOTED_TOKEN = re.compile(rb"[A-Za-z_$][\w$./: -]{3,80}+(?=[\"'`&\\])")


class NamedValue(NamedTuple):
    """A value and its name: the span of the value in bytes, and the text between the two."""

    name: str
    separator: str
    quote: str
    start: int
    end: int


class Place(NamedTuple):
    """A candidate in its file, with the text before and after it on its line, as far as that counts."""

    candidate: NamedValue
    value: str
    path: str
    before: str
    after: str


def place(data: bytes, candidate: NamedValue, path: str) -> Place:
    """Return the place of a candidate in a file. The text before a value on the next line is the line of its name."""
    start, end = candidate.start, candidate.end
    before = data[max(0, start - spans.LINE_BEFORE) : start]
    name_line, _, before = before.rpartition(b"\n")
    if "\n" in candidate.separator:
        before = name_line.rpartition(b"\n")[2]
    after = data[end : end + spans.LINE_AFTER].partition(b"\n")[0]
    return Place(candidate, _text(data[start:end]), path, _text(before), _text(after))


def find(  # noqa: PLR0913 - two ways of searching
    data: bytes,
    ends: Iterable[int],
    apart_ends: Sequence[int] = (),
    taken: Mapping[int, int] = _NONE_TAKEN,
    *,
    everything: bool = False,
    in_delta: bool = False,
) -> Iterator[NamedValue]:
    """Yield the candidates at the hits of the prefilter, each once, except those that `taken` maps from start to end.

    `ends` are the ends of hits: where `FOLLOWED` matched for Hyperscan, and where a stem ends for the plain search;
    `apart_ends` are those of the words in `APART`, in the same way.
    Without `everything`, those that are refused in any file and on any line are left out.
    """
    seen: set[int] = set()
    known = lessons.begin(on_lines=not in_delta)
    for start, end, span in _places(data, ends, seen, None if everything else known):
        if end == spans.OTHERWISE:
            candidate = _unusual(data, start, taken, everything=everything)
            if candidate:
                yield candidate
        elif taken.get(start) != end and (everything or not lessons.is_refused(data, start, end, span, known)):
            yield _usual(data, start, end, span)
    for start in _told(data, apart_ends, numbers=everything):
        if start not in seen and (candidate := _unusual(data, start, taken, everything=everything)):
            seen.add(start)
            yield candidate


def _places(
    data: bytes, ends: Iterable[int], seen: set[int], known: spans.Known | None
) -> Iterator[tuple[int, int, list[int]]]:
    """Yield each value at the hits once: its start, its end, and the other integers that `spans.usual` returns."""
    hits = iter(ends)
    while some := list(islice(hits, _AT_ONCE)):
        found = spans.usual(data, some, known=known)
        for index in range(0, len(found), spans.WIDTH):
            span = found[index : index + spans.WIDTH]
            if span[1] == spans.BEHIND:
                span = _behind(data, span[0])
            if span and span[0] not in seen:
                seen.add(span[0])
                yield span[0], span[1], span[2:]


def _behind(data: bytes, stem_end: int) -> list[int]:
    """Return what `spans.usual` says of the value behind a stem."""
    tail = _TAIL.match(data, stem_end) or _DIRECTED.match(data, stem_end)
    if tail:
        return spans.usual(data, [tail.end()], starts=True)
    loose = _LOOSE_TAIL.match(data, stem_end)
    return spans.usual(data, [loose.end()], starts=True) if loose else []


def _told(data: bytes, ends: Sequence[int], *, numbers: bool) -> list[int]:
    """Return the starts of the values behind a name such as `value` that may have a telling name apart from them."""
    if not ends:
        return []
    # Hyperscan has read the beginning of the value; the plain search has found the word alone.
    whole = [tail.end() if (tail := _GENERIC_TAIL.match(data, end)) else end for end in ends]
    return spans.told(data, whole, numbers=numbers)


def _usual(data: bytes, start: int, end: int, span: list[int]) -> NamedValue:
    name_start, name_end, before, _ = span
    name, separator, quote = data[name_start:name_end], data[name_end:before], data[before:start]
    return NamedValue(name.decode(), separator.decode(), quote.decode(), start, end)


def is_in_column(data: bytes, candidate: NamedValue) -> bool:
    """Return True if a hexadecimal value is one of a column of identifiers; passwords and secrets never are."""
    name, separator, quote, start, end = candidate
    if not names.may_identify(name):
        return False
    name_start = start - len((name + separator + quote).encode())
    return data.startswith(name.encode(), name_start) and spans.in_column(data, name_start, start, end)


def _unusual(data: bytes, start: int, taken: Mapping[int, int], *, everything: bool) -> NamedValue | None:
    """Return the candidate whose value starts there, in whatever syntax; None if it is taken or made of words."""
    if start in taken and (named := at(data, start)) and named.end == taken[start]:
        return None
    value = token(data, start, quoted=data[max(0, start - 1) : start] in _MARKS)
    candidate = None if value and _in_words(value) else at(data, start)
    if candidate is None or everything:
        return candidate
    return None if _in_words(data[start : candidate.end]) or is_in_column(data, candidate) else candidate


def token(data: bytes, start: int, *, quoted: bool) -> bytes:
    """Return the letters of a value that begins like a name, if it ends with them; else none."""
    match = (_QUOTED_TOKEN if quoted else _BARE_TOKEN).match(data, start)
    return match[0] if match else b""


@functools.lru_cache(maxsize=8192)
def _in_words(token: bytes) -> bool:
    """Return True if a token is made of words. Most values are, so this comes before the dearer tests."""
    return names.in_words(_text(token), model.load().vocabulary)


def at(data: bytes, start: int) -> NamedValue | None:
    """Return the candidate whose value starts there, with the nearest name. Only the bytes around it count."""
    return _adjacent(data, start) or apart.at(data, start)


def _adjacent(data: bytes, start: int) -> NamedValue | None:
    """Return the candidate whose name stands right before it."""
    low = max(0, start - ending.BACK)
    stems = [low + stem.start() for stem in _STEM.finditer(data[low : max(0, start)].lower())]
    for stem in reversed(stems):
        tail = _TAIL.match(data, stem + 2)
        if tail and tail.end() == start:
            return _candidate(data, stem, tail)
    return _loose(data, start) if stems else None


def _loose(data: bytes, start: int) -> NamedValue | None:
    """Return the candidate whose value begins with marks there, as only a loop of `spans` reads it."""
    found = spans.usual(data, [start], starts=True)
    return _usual(data, found[0], found[1], found[2:]) if found and found[1] > start else None


def _candidate(data: bytes, stem: int, tail: re.Match[bytes]) -> NamedValue | None:
    start, quote = tail.end(), tail["quote"] or b""
    if not quote and not _BEFORE_BARE.fullmatch(tail["separator"]):
        return None
    head = _HEAD_BACKWARDS.match(data[max(0, stem - 60) : stem][::-1])
    begin = stem - (head.end() if head else 0)
    in_block = not quote and b"\n" in tail["separator"]
    end = ending.block_end(data, start) if in_block else ending.value_end(data, start, quote, begin)
    if end - start < ending.SHORTEST or not ending.is_text(data[start:end]):
        return None
    name = data[begin : tail.end("rest")]
    if not tail["separator"].strip() and not (
        name[:1] == b":" or _BEFORE_DIRECTED.match(data, max(0, begin - 60), begin)
    ):
        return None  # prose: the token "x"
    return NamedValue(_text(name), _text(tail["separator"]), _text(quote), start, end)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
