"""The arguments of a call, in the syntax of many languages: strings are literals, whatever wraps them."""

from __future__ import annotations

import re

from keysift.detect.pieces import Pieces

_PIECE = re.compile(
    rb"(?P<string>\"\"\"[^\"]*\"\"\"|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\\n]|\\.)*`)"
    rb"|(?P<comment>/\*(?:[^*]|\*(?!/)){0,400}\*/|//[^\n]*|(?<=\s)#[^\n]*)"
    rb"|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<comma>,)|(?P<end>;)|[^\"'`/#()\[\]{},;]{1,400}|."
    , re.DOTALL,
)  # fmt: skip
_WRAPPED = re.compile(
    rb"\s*+(?:[^\"'`]{0,200}?(?:\|\||\?\?|\?:|\bor\b)\s*+)?"  # a default
    rb"(?:(?:new\s)?[\w.:<>]{0,40}?(?:str(?:ing)?|bytes?|from|parse|some|hex|decode|chars|secure\w{0,12})[ ]?\(\s*+"
    rb"|\[\]byte\(\s*+|\(\w{1,20}[ ]?\*?\)\s*+){0,2}[fbruls$@&*]{0,3}$",
    re.IGNORECASE,
)
DEEPEST = 8
"""Brackets within one another in an argument."""
LONGEST_LEAD = 240
"""Bytes before a literal in its argument, as far as they may wrap it."""
_UNWRAPPED = re.compile(
    rb"(?:[\s)]|\.(?:encode|getBytes|toCharArray|to_string|to_owned|into|freeze|toString|as_bytes|as_ref|as_str|as_slice|unwrap|c_str|data|utf8)\b"
    rb"(?:\(\s*[^()]{0,40}\))?|,\s*[\"'](?:utf-?8|hex|base64|ascii|binary)[\"']\s*|\bas\s\w{1,30}|![)]?){0,6}$"
)
_NAMED = re.compile(rb"\s*[\w$]{1,60}\??\s*(?:=(?!=)|:(?!:)|=>)")


def arguments(data: bytes, start: int, end: int, limit: int, most: int) -> Pieces:
    """Return the name of a call, up to its opening bracket or blank at `end`, and its arguments."""
    pieces = Pieces(data)
    pieces.add((start, end))
    bare = data[end - 1 : end] == b" "
    if bare:
        newline = data.find(b"\n", end, limit)
        limit = limit if newline < 0 else newline
    depth, begin, place = 0, end, end
    strings: list[tuple[int, int]] = []
    while place < limit and len(pieces) < most and depth <= DEEPEST:
        piece = _PIECE.match(data, place, limit)
        if not piece:
            break
        kind, place = piece.lastgroup, piece.end()
        if kind == "string":
            strings.append(piece.span())
        elif kind == "open":
            depth += 1
        elif kind == "close" and depth:
            depth -= 1
        elif kind in {"close", "end"} or (kind == "comma" and not depth):
            _add(pieces, data, begin, piece.start(), strings)
            begin, strings = place, []
            if kind != "comma":
                return pieces
    if bare:
        _add(pieces, data, begin, min(place, limit), strings)
    return pieces


def _add(pieces: Pieces, data: bytes, begin: int, end: int, strings: list[tuple[int, int]]) -> None:
    """Add an argument: the literal in it, if there is nothing else."""
    if strings:
        first, last = strings[0][0], strings[0][1]
        lead = data[begin:first]
        if (
            len(lead) <= LONGEST_LEAD
            and _WRAPPED.match(lead)
            and _UNWRAPPED.match(data[last:end])
            and not _NAMED.match(lead)
        ):
            marks = 3 if data.startswith(b'"""', first) else 1
            pieces.add((first + marks, last - marks))
            return
    while begin < end and data[begin : begin + 1].isspace():
        begin += 1
    pieces.add((begin, end), code=True)
