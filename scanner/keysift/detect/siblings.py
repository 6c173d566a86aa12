"""Finds names apart from their values: beside them (`name: x`, `value: v`), or right around them (`x: {value: v}`).

Both are in the same innermost brackets, or on lines of the same indentation that belong to one item. A list dash at the
beginning of a line counts as indentation.
"""

from __future__ import annotations

from collections.abc import Iterator

from keysift import lazy

REACH_BEFORE, REACH_AFTER = 400, 300
"""Characters between a value and the name beside it."""

_KEYS = (
    r"(?:\w+[._:-])?(?:name|key|id|parameter_?key|variable|property|header|param|field|env|option_?name|secret_?name"
    r"|label|k)"
)
_NAMED = (
    r"<(?:[\w-]+:)?(?:key|[\w-]*name|id|variable)>\s*(?P<name>[^<\n]{1,80}?)\s*</"
    r"|(?<![\w.-])[\"']?" + _KEYS + r"\s?[\"']?\s*(?::|=>|=)\s*"
    r"(?:[\"'](?P<name>[\w./@:$ -]{1,80})[\"']|(?P<name>[\w./@:$-]{2,80}))"
)
_SIBLING = lazy.compile(r"(?i)" + _NAMED)
_AT_START = lazy.compile(r"(?i)[\s\"'{,-]*(?:" + _NAMED + ")")
_FIRST = lazy.compile(r"\s*[\"'](?P<name>-{0,2}[\w./:-]{2,80})[\"']\s*(?:,|$)")
"""The first argument of a call: `add_argument("--password", default="v")`."""
_IDENTIFIER = lazy.compile(r"(?i)[\"']?id\b")
_CLOSES, _OPENS = ")]}>", "([{<"
_STOPS = ("}", "]", ")", "{", "[", "</", "/>", "<dict", "<property", "<entry")
"""What a line begins with that is no field of the item around it."""
_STATEMENTS = frozenset({
    "if", "for", "while", "def", "class", "func", "function", "fn", "case", "with", "elif", "else", "try", "switch",
    "return", "match", "when", "unless", "do", "until", "except", "catch", "namespace", "interface", "enum", "import",
})  # fmt: skip
_AROUND = lazy.compile(
    r"(?r)(?:^|(?<=[\s,{(;-]))(?:\"(?P<name>[^\"\n]{2,80})\"|'(?P<name>[^'\n]{2,80})'|(?P<name>[A-Za-z_$@][\w.$/@:-]{1,79}?))"
    r"\s*(?::|=>|:?=)?\s*(?:&\w+\s*)?\{\s*$"
)
_ELEMENT = lazy.compile(r"<(?P<name>[A-Za-z_][\w.:-]{1,79})(?:\s[^<>]{0,200})?>\s*$")
_HEADER = lazy.compile(
    r"^[\s-]*(?:(?:variable|output|parameter|param|secret|setting|input)\s+)?"
    r"(?:[\"'](?P<name>[\w.$/@: -]{2,80})[\"']|(?P<name>[A-Za-z_$@][\w.$/@-]{1,79}))\s*"
    r"(?:(?::|=>|:?=)\s*(?:&\w+\s*)?[\{\[]?|\{)\s*$"
    r"|^\s*<[\w:.-]{1,40}\s(?:[^<>]*\s)?(?:name|key|id)=[\"'](?P<name>[^\"'<>]{2,80})[\"'][^<>]*>\s*$"
    r"|^\s*<(?P<name>[A-Za-z_][\w.:-]{1,79})(?:\s[^<>]*)?>\s*$"
)


def beside(head: str, right: str) -> str:
    """Return the name beside a value whose own field is called just `value`; empty if there is none.

    `head` is the text before that field, and `right` the text after the value.
    """
    start = head.rfind("\n") + 1
    own = head[start:]
    inside = innermost(own)
    if inside >= 0:
        return _in_brackets(own[inside:], right)
    if "</" in own and (name := _best(own[-REACH_BEFORE:], -1)):
        return name
    return _on_lines(head, start, right)


def around(head: str) -> str:
    """Return the name of the block right around such a field, as data has it; empty if it is no such block."""
    start = head.rfind("\n") + 1
    own = head[start:]
    inside = innermost(own)
    if inside >= 0:
        opener = _AROUND.match(own[:inside]) if own[inside - 1] == "{" else None
        return opener["name"] if opener else ""
    if element := _ELEMENT.search(own):
        return str(element["name"])
    width = indent(own)
    for line in _before(head, start):
        if line.strip() and indent(line) < width:
            header = _HEADER.match(line[:200])
            name = header["name"] if header else ""
            return "" if name in _STATEMENTS else name
    return ""


def innermost(text: str) -> int:
    """Return the place behind the last bracket that is not closed in a part of a line; -1 if all are."""
    depth = 0
    for place in range(len(text) - 1, -1, -1):
        character = text[place]
        if character in _CLOSES:
            if not (character == ">" and text[place - 1 : place] in {"=", "-"}):
                depth += 1
        elif character in _OPENS:
            if not depth:
                return place + 1
            depth -= 1
    return -1


def indent(line: str) -> int:
    """Return the column of the first word or quotation mark; list dashes are no words."""
    return len(line) - len(line.lstrip(" \t-"))


def _in_brackets(before: str, right: str) -> str:
    """Return the name in the same brackets: `{"name": "x", "value": "v"}`."""
    if name := _best(before[-REACH_BEFORE:], -1) or _best(_until_closed(right[:REACH_AFTER]), 0):
        return name
    first = _FIRST.match(before)
    return str(first["name"]).strip() if first else ""


def _best(text: str, nearest: int) -> str:
    """Return the nearest name in a text, by its index: an identifier only if there is nothing else; empty if none."""
    names = list(_SIBLING.finditer(text))
    telling = [named for named in names if not _IDENTIFIER.match(named[0])] or names
    return str(telling[nearest]["name"]).strip() if telling else ""


def _until_closed(text: str) -> str:
    """Return the text up to the bracket that closes what it is in."""
    depth = 0
    for place, character in enumerate(text):
        if character in _OPENS:
            depth += 1
        elif character in _CLOSES:
            if not depth:
                return text[:place]
            depth -= 1
    return text


def _on_lines(head: str, start: int, right: str) -> str:
    """Return the name on another line of the same item."""
    own = head[start:]
    width = indent(own)
    if not own.lstrip().startswith("-"):
        for line in _before(head, start):
            if not line.strip() or line.lstrip().startswith(_STOPS):
                break
            column = indent(line)
            if column < width:
                inside = innermost(line)
                return _in_brackets(line[inside:], right) if inside >= 0 else ""
            if column == width:
                if name := _at_start(line):
                    return name
                if line.lstrip().startswith("-"):
                    break
    return _behind(right, width)


def _behind(right: str, width: int) -> str:
    """Return the name in the lines below a value."""
    first, _, rest = right[:REACH_AFTER].partition("\n")
    if name := _SIBLING.search(first):
        return str(name["name"])
    for line in rest.split("\n"):
        text = line.lstrip()
        column = indent(line)
        if not text or text.startswith(("-", *_STOPS)) or column < width:
            break
        if column == width and (found := _at_start(line)):
            return found
    return ""


def _at_start(line: str) -> str:
    """Return the name that a line gives, or that it is: the first argument of a call, on a line of its own."""
    named = _AT_START.match(line) or _FIRST.match(line)
    return str(named["name"]).strip() if named else ""


def _before(head: str, start: int) -> Iterator[str]:
    """Yield the lines before the one that begins at `start`, upwards."""
    floor = max(0, start - REACH_BEFORE)
    while start > floor:
        end = start - 1
        start = head.rfind("\n", floor, end) + 1
        if not start and floor:
            return
        yield head[start:end]
