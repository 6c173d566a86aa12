r"""The words of a command: in a shell, a script or a document, in a string of a program, or as a list of strings.

A shell: `redis-cli -a "x"`, also continued behind `\`. A list: `["redis-cli", "-a", "x"]`, `exec.Command("redis-cli",
"-a", "x")`, `.arg("-a").arg("x")`. YAML: a word in each line, behind a dash, or `[redis-cli, -a, "x"]`. The command
ends where its line, list or string does, or at `;`, `|`, `&`, `>`.
"""

from __future__ import annotations

import functools
import re

from keysift.detect.pieces import Pieces

LINE = 200
"""Bytes of the line before a command that tell how it is written."""
_QUOTED = re.compile(rb"\\[\"'`]|\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'|`[^`\n]*`|[A-Za-z]'(?=[a-z])")
_OPENED = re.compile(rb"[\"'`]")
_ITEM_BEFORE = re.compile(rb"([\"'`])[\w./\\:~-]*$")
_REST = re.compile(rb"[^\s\"'`]*")
_BULLET = re.compile(rb"[ \t]*-[ \t]+[\"']?[\w./~-]*$")
_LINE_ENDS = re.compile(rb"[\"']?[ \t]*\r?\n")
_ITEM_IN_YAML = re.compile(
    rb"[ \t]*-[ \t]+(?:\"(?P<double>[^\"\n]*)\"|'(?P<single>[^'\n]*)'|(?P<bare>[^\s#\"'](?:[^\n#]|(?<=\S)#)*?))"
    rb"[ \t]*(?:(?<=\s)#[^\n]*)?(?:\r?\n|$)"
)
_FLOW = re.compile(rb"(?:\[|,)[ \t]*[\w./~-]*$")
_ITEM_IN_FLOW = re.compile(
    rb",[ \t\r\n]{0,40}(?:\"(?P<double>[^\"\n]*)\"|'(?P<single>[^'\n]*)'|(?P<bare>[^\s,\]\[\"'()]+))"
    rb"[ \t\r\n]{0,40}(?=[,\]])"
)
_BETWEEN_ITEMS = re.compile(rb"(?:[\s,\[({&]|\)\s{0,40}\.\s{0,4}args?\(|String\[\]\s?\{|(?:#|//)[^\n]*\n){1,80}")
_ITEM = re.compile(
    rb"[fbruFBRU$@]{0,2}(?:\"(?P<double>(?:[^\"\\\n]|\\.)*)\"|'(?P<single>(?:[^'\\\n]|\\.)*)'|`(?P<back>[^`\n]*)`)"
    rb"|(?P<code>[\w$.@*-]{1,60}(?:\[[^\]\n]{0,80}\]|\([^()\n]{0,80}\))?)"
)
_JOINED = re.compile(rb"[ \t]*(?:[+%]|\.(?!\w*args?\b))")
_CONTINUED = rb"\\\r?\n|`\r?\n|\^\r?\n|\r?\n[ \t]+(?=--?[A-Za-z])"
_BLANK = re.compile(rb"(?:[ \t]|<<<|<<-?[\"']?\w{1,20}[\"']?[ \t]*\r?\n|" + _CONTINUED + rb"){1,200}")
_PARTS = {
    b"": rb"\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'|",
    b'"': rb"\\{1,3}\"(?:[^\"\\\n]|\\(?!\"))*\\{1,3}\"|'[^'\"\n]*'|",
    b"'": rb"\"[^\"'\n]*\"|''[^'\n]*''|\\'[^'\\\n]*\\'|",
    b"`": rb"\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'|",
}
"""Quoted parts of a word, by the quotation mark around the whole command."""
_DIRECTIVE = b"\n"
"""Stands for the end of the line, in place of a quotation mark around a command."""
_UNQUOTED = rb"\$\{[^{}\n]{0,80}\}|\$\([^()\n]{0,80}\)|\{\{[^{}\n]{0,80}\}\}|\\[^\s\"'`]|[^\s\"'`;|&<>()\\]"
_MARKED = b"\\\"'"
_MARKS = (b'\\\\\\"', b'\\"', b"\\'", b"''", b'"', b"'")


def words(data: bytes, start: int, end: int, limit: int, most: int) -> Pieces:
    """Return the words of the command whose name, or whose option, is there: `most` words, up to `limit`."""
    line = data[max(0, start - LINE) : start]
    line = line[line.rfind(b"\n") + 1 :]
    rest = _REST.match(data, end, limit)
    stop = rest.end() if rest else end
    if _BULLET.match(line) and _LINE_ENDS.match(data, stop):
        return _in_yaml(data, start, stop, limit, most)
    item = _ITEM_BEFORE.search(line)
    if item and data[stop : stop + 1] == item[1]:
        return _listed(data, start, stop, limit, most)
    if data[end : end + 1] == b"," and _FLOW.search(line):
        return _in_flow(data, start, end, limit, most)
    return _in_shell(data, start, limit, most, _around(line))


def directive(data: bytes, start: int, end: int, limit: int, most: int) -> Pieces:
    """Return the words of the line of a configuration that begins there."""
    stop = data.find(b"\n", end, limit)
    return _in_shell(data, start, limit if stop < 0 else stop, most, _DIRECTIVE)


def _around(line: bytes) -> bytes:
    """Return the quotation mark that is open at the end of a line; none if there is none."""
    opened = _OPENED.search(_QUOTED.sub(b"", line))
    return opened[0] if opened else b""


def _listed(data: bytes, start: int, stop: int, limit: int, most: int) -> Pieces:
    pieces = Pieces(data)
    pieces.add((start, stop))
    place = stop + 1
    while len(pieces) < most:
        between = _BETWEEN_ITEMS.match(data, place, limit)
        item = _ITEM.match(data, between.end(), limit) if between else None
        if not item or _JOINED.match(data, place, limit):
            break
        place = item.end()
        code = item.lastgroup == "code" or bool(_JOINED.match(data, place, limit))
        pieces.add(item.span(item.lastgroup or 0), code=code)
    return pieces


def _in_yaml(data: bytes, start: int, stop: int, limit: int, most: int) -> Pieces:
    pieces = Pieces(data)
    pieces.add((start, stop))
    place = data.find(b"\n", stop, limit) + 1
    while place and len(pieces) < most:
        item = _ITEM_IN_YAML.match(data, place, limit)
        if not item:
            break
        pieces.add(item.span(item.lastgroup or 0))
        place = item.end()
    return pieces


def _in_flow(data: bytes, start: int, stop: int, limit: int, most: int) -> Pieces:
    pieces = Pieces(data)
    pieces.add((start, stop))
    place = stop
    while len(pieces) < most and (item := _ITEM_IN_FLOW.match(data, place, limit)):
        pieces.add(item.span(item.lastgroup or 0))
        place = item.end()
    return pieces


def _in_shell(data: bytes, start: int, limit: int, most: int, around: bytes) -> Pieces:
    pieces = Pieces(data)
    pattern, joint = _word(around), _joint(around)
    place = start
    while len(pieces) < most:
        found = pattern.match(data, place, limit)
        if not found or found[0][:1] == b"#":
            break
        pieces.add(unquoted(data, place, found.end()), code=bool(joint and joint.search(found[0])))
        pieces.end = found.end()
        blank = _BLANK.match(data, found.end(), limit)
        if not blank:
            break
        place = blank.end()
    return pieces


def unquoted(data: bytes, start: int, end: int) -> tuple[int, int]:
    """Return the span without the quotation marks around the whole of it."""
    if data[start] not in _MARKED:
        return start, end
    for mark in _MARKS:
        size = len(mark)
        if end - start > 2 * size and data.startswith(mark, start) and data.find(mark, start + size, end) == end - size:
            return start + size, end - size
    return start, end


@functools.cache
def _word(around: bytes) -> re.Pattern[bytes]:
    """Return the regex of a word of a command within this quotation mark, or of one of a directive."""
    if around == _DIRECTIVE:
        return re.compile(rb"\"(?:[^\"\\\n]|\\.){0,400}\"|'[^'\n]{0,400}'|[^\s\"';][^\s;]{0,400}")
    joint = _joint(around)
    return re.compile(rb"(?:" + (joint.pattern + rb"|" if joint else b"") + _PARTS[around] + _UNQUOTED + rb"){1,400}")


@functools.cache
def _joint(around: bytes) -> re.Pattern[bytes] | None:
    """Return the regex of what joins two strings of a program to one command: `" + host + "`."""
    if around not in _PARTS or not around:
        return None
    return re.compile(rb"%b[ \t]*[+.&][ \t]*(?:[^%b\n]{1,80}[+.&][ \t]*)?%b" % (around, around, around))
