"""Finds the whole token around a part of it: what may belong to the value of which a rule found a piece."""

from __future__ import annotations

from typing import NamedTuple

from keysift import lazy

FARTHEST = 1000
"""Characters on either side of a piece that are looked at."""
_QUOTES = "\"'`"
_CLOSING = "\"'`,;)]}>"
_BLANK = lazy.compile(r"\s")
_NAMED = lazy.compile(r"[^\w\s\"'`]{0,4}[\w.$/-]{1,60}[\])]{0,2}[ \t]{0,4}(?:=>|:=|[=:])")
_CALLED = lazy.compile(r"[\w.$-]{1,60}[(\[]")
_ASSIGNED = lazy.compile(r"(?i)-{0,2}[\w.-]{0,40}(?:pass|pwd|secret|token|key|auth|cred)[\w.-]{0,20}=")
_OPENER = lazy.compile(r"[^\w\s\"'`$&%@!*~^#-]")
_TAG = lazy.compile(r"<[^<>]*>")
_ADDRESS = lazy.compile(r"[a-z][a-z0-9+.-]{1,20}://")
_HOST = lazy.compile(r"@[A-Za-z0-9\[][\w.:\[\],-]*(?:[/?#]\S*)?\Z")
_PARAMETERS = lazy.compile(
    r"(?:[a-z][a-z0-9+.-]{1,20}:/|[/?])\S*?[?&][\w.-]{1,60}=\Z"
    r"|(?:[A-Za-z][\w. ]{2,40}=)?[\w.: /\\,()-]{0,200}"
    r"(?:;[ ]?[A-Za-z][\w. ]{2,40}=[^;=\"']{0,200}){0,20};[ ]?[A-Za-z][\w. ]{2,40}=\Z"
)
"""What is before the value of a parameter in an address or a connection string."""
_NEXT = lazy.compile(r"[&;][ ]?[A-Za-z][\w. -]{2,40}=")


class _Begun(NamedTuple):
    """The token that is open at the end of a line."""

    start: int
    opened: int
    """The offset of its quotation mark, or -1."""


def around(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the start and the end of the token that a piece is a part of.

    It reaches from a name or the quotation mark before it to the mark that closes, or to a blank. The host of an
    address and the other parameters of a query are not part of a value, nor is a bracket that closes.
    """
    low = max(text.rfind("\n", 0, start) + 1, start - FARTHEST)
    line = text[low:start]
    begun = _begun(line, text[start : start + 1])
    before = line[begun.start :]
    address, parameters = _ADDRESS.match(before), _PARAMETERS.fullmatch(before)
    stop = end + FARTHEST if begun.opened < 0 else low + _closed(text[low : end + FARTHEST], begun.opened, end - low)
    rest = _BLANK.split(text[end:stop], maxsplit=1)[0]
    if begun.opened < 0 and line.lstrip().startswith("<") and "</" in rest:
        rest = rest[: rest.index("</")]
    if address and not parameters:
        host = _HOST.search(rest)
        rest = rest[: host.start()] if host else "" if rest[:1] in {"/", "?", "#", "&"} else rest
    if parameters and (following := _NEXT.search(rest)):
        rest = rest[: following.start()]
    return start if address or parameters else low + begun.start, end + len(rest if rest.strip(_CLOSING) else "")


def _begun(line: str, following: str) -> _Begun:
    """Return the token that is open at the end of a line, before the character that follows."""
    at, joined = 0, False
    while at < len(line):
        character = line[at]
        if character in _QUOTES:
            closed = _closed(line + following, at, 0)
            if closed >= len(line):
                word = _BLANK.split(line[at + 1 :])[-1]
                return _Begun(_behind_name(line, len(line) - len(word)), at)
            at, joined = closed + 1 + (line[closed] == "\\"), False
        elif character.isspace():
            at += 1
        elif not joined and (tag := _TAG.match(line, at)):
            at, joined = tag.end(), True
        elif not joined and not _ADDRESS.match(line, at) and (name := _NAMED.match(line, at)):
            at, joined = name.end(), True
        elif not joined and (opener := _CALLED.match(line, at) or _OPENER.match(line, at)):
            at, joined = opener.end(), character in "=:"
        else:
            blank = _BLANK.search(line, at)
            if blank is None:
                return _Begun(_behind_name(line, at), -1)
            at, joined = blank.end(), False
    return _Begun(len(line), -1)


def _behind_name(line: str, at: int) -> int:
    """Return where a value begins, if what is there may be its name: `"DB_PASSWORD=..."`, `note: token=...`."""
    named = _ASSIGNED.match(line, at)
    return named.end() if named else at


def _closed(text: str, opened: int, end: int) -> int:
    """Return the offset of the mark, behind the piece, that closes the literal opened at an offset; else the length."""
    mark, escaped = text[opened], text[opened - 1 : opened] == "\\"
    at = opened + 1
    while at < len(text):
        doubled = text[at + 1 : at + 2] == mark
        if text[at] == "\\" and escaped and doubled and at >= end:
            return at
        if text[at] == "\\" or (text[at] == mark and doubled and not escaped and mark != "`"):
            at += 1
        elif text[at] == mark and at >= end and not escaped and not text[at + 1 : at + 2].isalnum():
            return at  # behind `'it\''` YAML goes on, where a backslash escapes nothing
        at += 1
    return len(text)
