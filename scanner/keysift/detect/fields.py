"""Surroundings of a value -> the dotted path of the field that contains it.

Keys are written in a hundred syntaxes (`NAME=v`, YAML, JSON, HCL, XML, flags, headers, calls, name and value on
separate lines). No rule lists them: the path of a value is worked out here, once, and rules look at
`pagerduty_configs.routing_key`. Text farther from the value than `BEFORE` and `AFTER` is not seen.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

from keysift import lazy
from keysift.detect import outline, siblings
from keysift.records import dataclass

BEFORE, AFTER = 4096, 1024
"""Bytes before and after a value that can affect its verdict."""
DEEPEST = 10
"""Names of blocks around a value."""

_ESCAPES = (("\\n", " \n"), ("\\r", " \n"), ("\\t", "  "), ('\\"', ' "'), ("\\'", " '"))
_NAME = r"[A-Za-z_$@][\w.$@/-]*"
_WRAPPER = (
    r"(?:\[\]byte|String|Secret\w*|SecureString|string|str|bytes|Some|Ok|Optional\.of|Buffer\.from|new String)"
    r"\(\s*[\"'`]+"
)
_QUOTE = r"(?:[bBrRuUfF@$]{0,2}[\"'`]+(?:\s[\"'])?|<<<?[\"']?|" + _WRAPPER + ")?"
_TYPE = (
    r"(?:&?(?:'static\s+)?(?:str|String|string|bytes|Text|text|char|any|object|Secret\w*|[Oo]ptional\[[^\]\n]*\]|Option<[^>\n]*>"
    r"|Final(?:\[[^\]\n]*\])?|ClassVar\[[^\]\n]*\]|\[\]byte)\??!?(?:\s*\|\s*\w+)?)"
)
_LEAVES = tuple(
    # Matched from the value leftwards, a hundred times as fast as a search for `$`.
    (needs, lazy.compile("(?r)" + pattern))
    for needs, pattern in (
        # Authorization: Token token=v; 'Authorization': 'GenieKey v'; --header "X-Api-Key: v"
        (
            "authorization",
            r"(?i:(?P<parent>proxy-authorization|authorization))[\"']?\]?\s*(?:[:=,]|=>)\s*"
            + _QUOTE
            + r"(?P<name>[A-Za-z]+(?:[ ]token=)?)?\s*[\"']?$",
        ),
        # f("NAME", "v"): getenv, ENV.fetch, setProperty, header()
        ("(", r"(?P<parent>[\w.$>:]+)!?\s*\(\s*[\"'](?P<name>[\w.:/@ -]{1,80})[\"']\s*,\s*" + _QUOTE + r"$"),
        # name: str = "v", name string = "v"
        ("=", r"(?P<name>" + _NAME + r")\??\s*(?::\s*|\s)" + _TYPE + r"\s*:?=\s*" + _QUOTE + r"$"),
        # <string name="x">v
        ("<", r"<[\w:.-]+\s[^<>]*?\b(?:name|key|id)\s*=\s*[\"'](?P<name>[^\"'<>]{1,80})[\"'][^<>]*>\s*$"),
        # <name attr="x">v
        ("<", r"<(?P<name>[\w:.-]+)(?:\s[^<>]*)?>\s*(?:<!\[CDATA\[)?$"),
        # "quoted name": "v"
        ('"', r"\"(?P<name>[^\"\n]{1,80})\"\s*\]?\s*(?:=>|:=|->|[:=,])\s*" + _QUOTE + r"$"),
        ("'", r"'(?P<name>[^'\n]{1,80})'\s*\]?\s*(?:=>|:=|->|[:=,])\s*" + _QUOTE + r"$"),
        # ${NAME:-v}, NAME || "v", name ?? "v", ||=
        ("", r"(?P<name>" + _NAME + r")[\"'\])]*\s*(?::[-=]|\|\|=?|\?\?=?|\?:|\bor)\s*" + _QUOTE + r"$"),
        # NAME=v, name: v, name := "v", name => v, name[] = v; a folded YAML scalar
        (
            "",
            r"(?P<name>"
            + _NAME
            + r")[\"'\]]*\s*(?:=>|[:?+]{1,3}=|->|<-|={1,3}|!==?|::?)\s*(?:[>|][+-]?\s+)?"
            + _QUOTE
            + r"$",
        ),
        # **Integration key:** `v`;  | Routing key | v |
        (
            "",
            (
                r"(?<![\w])(?P<name>[A-Za-z][\w ()/-]{1,60})\s*"
                r"(?:[*_]{1,2}\s*[:=]|[:=]\s*[*_]{1,2}|\s[|]|\s(?:is|→|->))\s*[\"'`*]*$"
            ),
        ),
        # --name v, --name=v, -k v
        ("-", r"(?<![\w-])(?P<name>--?[A-Za-z][\w-]*)(?:=|\s+)" + _QUOTE + r"$"),
        # NAME v (ENV, ARG, setx, nagios), word v
        ("", r"(?P<name>[A-Za-z_$][\w.$/-]*)[ \t]+" + _QUOTE + r"$"),
        # f("v"
        ("(", r"(?P<name>[A-Za-z_$][\w.$:>-]*)!?\s*\(\s*" + _QUOTE + r"$"),
    )
)
"""A text that every match contains, in lower case, and the pattern: one that cannot match is not even compiled."""
_GENERIC = frozenset({
    "value", "val", "default", "default_value", "string", "text", "content", "data", "secret_value",
    "parameter_value", "string_value", "plaintext", "literal", "raw", "secret_string", "defaultvalue",
    "current_value", "initial_value", "v", "simple_value",
})  # fmt: skip
_BLOCK = lazy.timed(
    r"^\s*(?:-\s+)*(?:"
    r"(?P<kind>resource|data|module|provider|variable|output|locals|set|set_sensitive)\b(?P<labels>(?:\s+\"[^\"\n]*\")*)\s*\{"
    r"|<(?P<tag>[\w:.-]+)(?:\s[^>\n]*)?>\s*$"
    r"|\[+\s*(?P<section>[^\]\n]{1,80}?)\s*\]+\s*$"
    r"|[\"']?(?P<key>[\w.$/@-][\w.$/@ -]{0,60}?)[\"']?\s*(?::|=>|=|\{|\()"
    r"|[^\n]*?(?P<call>[A-Za-z_$][\w.$:>]*)\s*[({\[]+\s*$"
    r")"
)
_LABELS = lazy.compile(r"\"([^\"]*)\"")
_OPENER_NAME = lazy.compile(
    r"(?r)(?P<name>[A-Za-z_$][\w.$:>/-]*)[\"'\])]*\s*(?:(?::|=>|=)\s*(?:new\s+|await\s+|&)*(?P<callee>[A-Za-z_$][\w.$:>]*)?\s*)?$"
)
_WORDS_BEFORE = lazy.compile(r"(?r)(?:^|(?<=\n))[ \t]*(?:[-*#>•]+[ \t]+)?(?P<words>(?:[A-Za-z][\w-]*[ \t]){1,4})$")
"""The words before the last, which in prose are part of the name: `pagerduty api key: v`."""
_OPENS = lazy.compile(r"[:{\[(|>,\\=-]\s*(?:[+-]\d?\s*)?(?:#.*|//.*)?$")
_BRACKETS = lazy.compile(r"[()\[\]{}]")
_HOST = lazy.compile(r"://(?:[^\s/@\"']*@)?(?P<host>[\w.-]+)[^\s\"'`]*$")
_FLAG = lazy.compile(r"\w\s+--?[A-Za-z]")
_COMMAND = lazy.compile(r"^\s*(?:[$#>]\s+)*(?:sudo\s+|exec\s+|RUN\s+|run:\s*)*(?P<name>[A-Za-z][\w./-]*)")
_CAMEL = lazy.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_DECLARATION = lazy.compile(
    r"^(?:(?:export|const|let|var|val|final|static|readonly|private|public|protected|internal|class|struct|object|interface|"
    r"def|func|function|fn|async|pub|type|new|return|override|suspend|set)\s+)+"
)
_SEPARATORS = lazy.compile(r"[\s\-]+|::?|->|>")


@dataclass(frozen=True, slots=True)
class Field:
    """The field that contains a value."""

    path: str
    """Normalised and dotted: `pagerduty_configs.routing_key`."""
    name: str
    """Its last part as written."""
    quoted: bool
    """True if the value starts right after a quotation mark."""


@functools.lru_cache(maxsize=1 << 14)
def normalise(name: str) -> str:
    """Return the one form of `integrationKey`, `Integration-Key` and `INTEGRATION_KEY`: `integration_key`."""
    bare = _DECLARATION.sub("", name.strip()).strip("-$@:\"' ")
    return _SEPARATORS.sub("_", _CAMEL.sub("_", bare)).lower()


def plain(text: str) -> str:
    """Replace the escapes of a string literal by blanks of the same length.

    JSON inside JSON, notebooks and shell strings then read as the lines that they contain.
    """
    if "\\" in text:
        for escape, blank in _ESCAPES:
            text = text.replace(escape, blank)
    return text


class Leaf(NamedTuple):
    """The last name of a field, right before the value."""

    name: str
    parent: str
    """The name of the call or header around it; empty if there is none."""
    start: int
    """The characters of text before the two."""

    @property
    def generic(self) -> bool:
        """True if the name says nothing, as `value` does: then the path of the field ends with another."""
        return normalise(self.name.rpartition(".")[2]) in _GENERIC


def leaf_of(left: str) -> Leaf:
    """Return the last name before the value, at a small part of the cost of the whole field."""
    tail = left[-400:]
    name, parent, start = _leaf(tail)
    return Leaf(name, parent, len(left) - len(tail) + start)


def field_of(left: str, right: str, leaf: Leaf | None = None) -> Field:
    """Return the field of the value between `left` and `right`, some thousand characters each, from `plain`."""
    quoted = left[-1:] in {'"', "'", "`"}
    name, parent, start = leaf or leaf_of(left)
    head = left[:start]
    names = [*_enclosing(head), *_inline(left, head), *([parent] if parent else [])]
    if Leaf(name, parent, start).generic:
        sibling = siblings.beside(head, right)
        if sibling:
            names.append(sibling)
            name = sibling
    else:
        names.append(name)
    path = ".".join(filter(None, map(normalise, names)))
    return Field(path, name.strip(), quoted)


def ending_of(left: str, right: str, leaf: Leaf) -> str:
    """Return the last name of the path that `field_of` returns, at a small part of its cost."""
    if not leaf.generic:
        return normalise(leaf.name)
    head = left[: leaf.start]
    if sibling := siblings.beside(head, right):
        return normalise(sibling)
    names = [*_inline(left, head), leaf.parent]
    inner = next(filter(None, map(normalise, reversed(names))), "")
    return inner or next(filter(None, map(normalise, reversed(_enclosing(head, 1)))), "")


def _leaf(tail: str) -> tuple[str, str, int]:
    """Return the name and the parent right before the value, and their start in `tail`."""
    lowered = tail.lower()
    for needs, pattern in _LEAVES:
        leaf = pattern.match(tail) if needs in lowered else None  # 400 characters: no pattern is slow on so few
        if leaf:
            groups = leaf.groupdict()
            name, start = groups["name"] or "", leaf.start()
            words = _WORDS_BEFORE.match(tail[:start]) if ":" in tail[start + len(name) :] else None
            if words:
                name, start = words["words"] + name, words.start()
            return name, groups.get("parent") or "", start
    return "", "", len(tail)


def _inline(left: str, head: str) -> list[str]:
    """Return the names to the left on the same line: URL host, command, open brackets from the outside in."""
    line = left[left.rfind("\n") + 1 :]
    before_name = head[head.rfind("\n") + 1 :] if len(head) >= len(left) - len(line) else ""
    names = _open_brackets(before_name[-2000:])
    host = _HOST.search(line, line.rfind("://")) if "://" in line else None
    if host:
        names.append(host["host"])
    elif _FLAG.search(line[:400]):
        command = _COMMAND.match(line)
        if command:
            names.insert(0, command["name"])
    return names


def _open_brackets(text: str) -> list[str]:
    """Return the names before the brackets that `text` opens and does not close, from the outside in."""
    names, depth = [], 0
    for bracket in reversed(list(_BRACKETS.finditer(text))):
        if bracket[0] in ")]}":
            depth += 1
        elif depth:
            depth -= 1
        else:
            opener = _OPENER_NAME.match(text[max(0, bracket.start() - 120) : bracket.start()])
            if opener:
                names += [name for name in (opener["callee"], opener["name"]) if name]
            if len(names) >= DEEPEST:
                break
    return names[::-1]


def _enclosing(head: str, deepest: int = DEEPEST) -> list[str]:
    """Return the names of the blocks around the last line of `head`, by indentation, from the outside in.

    Of more than `deepest` they are the inner ones.
    """
    text = head.encode("utf-8", "replace")
    stop = text.rfind(b"\n")
    last = text[stop + 1 :].decode()
    width = _indent(last) if last.strip() else len(last)
    names: list[str] = []
    while stop >= 0 and (start := outline.outer_line(text, stop, width, outline.MARKS)) >= 0:
        line = text[start : text.index(b"\n", start)].decode()
        stop = start - 1
        block = _block_names(line)
        if not block:
            continue
        section = width == 0 and line[0] == "["
        names = block + names
        width = _indent(line)
        if section or len(names) >= deepest or (width == 0 and "{" in line):
            break
    return names


def _indent(line: str) -> int:
    """Return the column of the first word; list dashes and quotation marks are not words."""
    return len(line) - len(line.lstrip(" \t-\"'"))


@functools.lru_cache(maxsize=1 << 13)
def _block_names(line: str) -> list[str]:
    """Return the names of a line that opens a block: `resource "aws_x" "y" {` has three. Do not change them."""
    block = _BLOCK.match(line[:300], timeout=1)
    if not block:
        return []
    if block["kind"]:
        return [block["kind"], *_LABELS.findall(block["labels"])]
    if block["key"] and not _OPENS.search(line) and line.count("(") <= line.count(")"):
        return []
    return [block["tag"] or block["section"] or block["key"] or block["call"] or ""]
