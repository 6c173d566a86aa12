"""Which values stand behind a name like that of a password? Bytes in, names and spans out.

A name that holds one of `STEMS`, what separates it from its value in some language (`=`, `: `, `=>`, `("`, `>`, a type
between them), and the value, in quotation marks or bare. Whether such a value is a key is decided in `judge.py`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import NamedTuple

from keysift.detect.named import model, names
from keysift.detect.named.trigger import STEMS

BACK = 140
"""How far before its value the stem of a name can stand, in bytes."""
LONGEST = 1000
SHORTEST = 4

_STEM = re.compile("|".join(STEMS).encode())
_STEMS = tuple(stem.encode() for stem in STEMS)
_NOTHING: Mapping[int, int] = {}
_LONGEST_STEM = max(map(len, STEMS))
_MARKS = (b'"', b"'", b"`", b";")
"""How the quotation mark in front of a value ends."""
_HEAD_BACKWARDS = re.compile(rb"[\w$.@:/-]{0,60}")
_QUOTE = rb"(?:\\{0,3}[\"'`]{1,3}|&quot;|&apos;|&\#39;|&\#34;)"
_TAIL = re.compile(
    rb"""(?x)
    (?P<rest>(?:[\w.$]|-(?!>)){0,44}+)
    (?P<separator>
      (?:""" + _QUOTE + rb""")?[\])?!*]{0,3}
      (?:
        (?:[ \t]{0,9}:[ \t]{0,3}[\w.\[\]|<>?&*]{1,40}|[ \t][\w.\[\]*]{1,20})??      # a type
        [ \t]{0,40}(?:=>|:{1,3}=|={1,3}|!==?|::?|<-|->|\?=|\|\|=?|\?\?=?|\+=|,)
        (?:[ \t]{0,40}|[ \t]{0,4}\r?\n[ \t]{0,40})
      | [ \t]{0,4}[({][ \t]{0,2}                                                    # a call, a block
      | >                                                                           # an element
      | [ \t]{1,4}(?:value|default|content)[ \t]{0,2}=[ \t]{0,2}                    # attributes side by side
      | ,[ \t\r\n]{0,40}["']?(?:value|default|content)["']?[ \t]{0,2}[:=][ \t]{0,2}
      | [ \t]{0,4}=[ \t]{0,4}\{[ \t]{0,4}:?value[ \t]{0,4}(?::|=>)[ \t]{0,4}
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
_BEFORE_BARE = re.compile(rb"[\"'`\])*\\]{0,3}[ \t]{0,40}(?::|=>|:=|[?+]?=|>)[ \t]{0,40}")
_BARE = re.compile(rb"[^\s\"'`<>\\]{0,500}")
_BARE_TOKEN = re.compile(rb"[A-Za-z_$][\w$./:-]{3,80}+(?=[\s\"'`,;)}\]<>(\[])")
_QUOTED_TOKEN = re.compile(rb"[A-Za-z_$][\w$./: -]{3,80}+(?=[\"'`&\\])")
_CONTROL = bytes([*range(9), *range(10, 32), 127])
_HIGH = bytes(range(128, 256))
_SEPARATORS = (b" ", b"\t", b"\n", b"=", b":", b">", b"(", b"{", b",")
_NEXT_PARAMETER = re.compile(rb"&[\w.-]{1,40}=")


class NamedValue(NamedTuple):
    """A value, the name in front of it, and what stands between them."""

    name: str
    separator: str
    quote: str
    start: int
    end: int


class Place(NamedTuple):
    """A candidate where it stands: what stands before and behind it on its line, as far as that is looked at."""

    candidate: NamedValue
    value: str
    path: str
    before: str
    after: str


def place(data: bytes, candidate: NamedValue, path: str) -> Place:
    """The place of a candidate in a file."""
    start, end = candidate.start, candidate.end
    before = data[max(0, start - 400) : start].rpartition(b"\n")[2]
    after = data[end : end + 200].partition(b"\n")[0]
    return Place(candidate, _text(data[start:end]), path, _text(before), _text(after))


def find(data: bytes, ends: Iterable[int], known: Mapping[int, int] = _NOTHING) -> Iterator[NamedValue]:
    """The candidates at the places which the prefilter found, each once, without what is `known` by start and end.

    Hyperscan tells the end of what `FOLLOWED` asks for, plain search the end of a stem.
    """
    seen: set[int] = set()
    for start in chain.from_iterable(_starts(data, end) for end in ends):
        if start not in seen:
            seen.add(start)
            if start in known and (one := at(data, start)) and one.end == known[start]:
                continue
            quoted = data[max(0, start - 1) : start] in _MARKS
            token = (_QUOTED_TOKEN if quoted else _BARE_TOKEN).match(data, start)
            candidate = None if token and _in_words(token[0]) else at(data, start)
            if candidate:
                yield candidate


@functools.lru_cache(maxsize=8192)
def _in_words(token: bytes) -> bool:
    """The test that most values end at; here, before anything dearer."""
    return names.in_words(token.decode(), model.load().vocabulary)


def _starts(data: bytes, end: int) -> Iterator[int]:
    """Where the value starts: behind the stem that ends there, or some bytes before; values may be named like stems."""
    stem = data[max(0, end - _LONGEST_STEM) : end].lower().endswith(_STEMS)
    if stem and (tail := _TAIL.match(data, end)):
        yield tail.end()
    if data[end - 4 : end - 3] in _MARKS:
        yield end - 3
    elif not stem or data[end - 5 : end - 4] in _SEPARATORS:
        yield end - 4


def at(data: bytes, start: int) -> NamedValue | None:
    """The candidate whose value starts there; it depends on nothing but the bytes around. The nearest name counts."""
    low = max(0, start - BACK)
    stems = [low + stem.start() for stem in _STEM.finditer(data[low : max(0, start)].lower())]
    for stem in reversed(stems):
        tail = _TAIL.match(data, stem + 2)
        if tail and tail.end() == start:
            return _candidate(data, stem, tail)
    return None


def _candidate(data: bytes, stem: int, tail: re.Match[bytes]) -> NamedValue | None:
    start, quote = tail.end(), tail["quote"] or b""
    if not quote and not _BEFORE_BARE.fullmatch(tail["separator"]):
        return None
    end = _quoted_end(data, start, quote) if quote else _bare_end(data, start)
    if end - start < SHORTEST or not _is_text(data[start:end]):
        return None
    head = _HEAD_BACKWARDS.match(data[max(0, stem - 60) : stem][::-1])
    name = data[stem - (head.end() if head else 0) : tail.end("rest")]
    return NamedValue(_text(name), _text(tail["separator"]), _text(quote), start, end)


def _is_text(value: bytes) -> bool:
    """Whether anyone can have written it: two letters in what is compressed look like a name, too."""
    if len(value) > len(value.translate(None, _CONTROL)):
        return False
    try:
        value.decode()
    except UnicodeDecodeError:
        return 4 * (len(value) - len(value.translate(None, _HIGH))) <= len(value)  # of another code page
    return True


def _quoted_end(data: bytes, start: int, quote: bytes) -> int:
    """Where the literal ends; `start` where it does not, or not on this line."""
    limit = start + LONGEST
    end = data.find(quote, start, limit)
    while end > start and data[end - 1 : end] == b"\\" and quote[:1] != b"\\":
        end = data.find(quote, end + 1, limit)
    return start if end < 0 or 0 <= data.find(b"\n", start, limit) < end else end


def _bare_end(data: bytes, start: int) -> int:
    """Where a value ends that only blanks and quotation marks end, or the next parameter of a query."""
    found = _BARE.match(data, start)
    value = found[0] if found else b""
    following = _NEXT_PARAMETER.search(value)
    if following:
        value = value[: following.start()]
    return start + len(value if value.endswith(b"...") else value.rstrip(b",;)]}."))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
