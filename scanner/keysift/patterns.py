r"""Patterns that people write, as in .gitignore: one syntax and one matcher for all places that take them.

pathspec turns a pattern into a regex. Here each line is first written in the plain words that pathspec and git read
alike: without `[[:alpha:]]`, `[\]]`, `foo/**` and trailing blanks, on which they differ
(https://git-scm.com/docs/gitignore, and wildmatch.c for what is not said there). Patterns are bytes, as in git.

Only the path itself is matched, not the directories above it: a walk does not enter an ignored directory.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence

from keysift import lazy
from keysift.records import dataclass

_LOWER, _DIGITS = "abcdefghijklmnopqrstuvwxyz", "0123456789"
_LETTERS = _LOWER + _LOWER.upper()
_CLASSES = {
    name.encode(): frozenset(characters.encode())
    for name, characters in {
        "alnum": _LETTERS + _DIGITS,
        "alpha": _LETTERS,
        "blank": " \t",
        "cntrl": "".join(map(chr, [*range(32), 127])),
        "digit": _DIGITS,
        "graph": "".join(map(chr, range(33, 127))),
        "lower": _LOWER,
        "print": "".join(map(chr, range(32, 127))),
        "punct": "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
        "space": " \t\n\r\v\f",
        "upper": _LOWER.upper(),
        "xdigit": _DIGITS + "abcdefABCDEF",
    }.items()
}
_ANY = frozenset(range(256)) - {ord("/")}
_SAFE = frozenset((_LETTERS + _DIGITS + "._-").encode())
"""Characters that mean themselves wherever they stand, and that pathspec does not strip from the end of a line."""
_ITEM = lazy.compile(rb"(?s)\[:(?P<name>[^\]]*):\]|(?P<low>\\.|[^\\])(?:-(?!\])(?P<high>\\.|[^\\]))?")
"""One part of a character class: a named class, a range or a character."""


class PatternError(ValueError):
    """A text that is not a pattern: it could never match a path."""


@dataclass(frozen=True, slots=True)
class PatternList:
    """The patterns of one file, with the directory that they speak of."""

    on_name: _Alternatives
    on_path: _Alternatives
    above: bytes = b""
    """The prefix to add to a path if the file is above the directory that paths start from: `below/`."""
    below: bytes = b""
    """The prefix to remove from a path if the file is below that directory."""

    def verdict(self, path: bytes, *, directory: bool) -> bool | None:
        """Return True to leave the path out, False to keep it whatever outer lists say, None if no pattern matches."""
        path = self.above + path.removeprefix(self.below) + (b"/" if directory else b"")
        name = path[path.rfind(b"/", 0, -1) + 1 :]
        last = max(self.on_name.last(name), self.on_path.last(path))
        return None if last < 0 else not last & 1


@dataclass(frozen=True, slots=True)
class _Alternatives:
    """Patterns as one regex, the last one first; a directory ends in a slash."""

    any: re.Pattern[bytes] | None
    """Holds where any pattern does. It has no groups: so `re` passes by alternatives whose first character differs."""
    regexes: tuple[bytes, ...]
    numbers: tuple[int, ...]
    """For each regex twice the number of its line, and one more where that starts with `!`."""

    def last(self, text: bytes) -> int:
        """Return the number of the last pattern that matches the whole text, -1 if none does."""
        if self.any is None or not self.any.fullmatch(text):
            return -1
        found = _grouped(self.regexes).fullmatch(text)
        return self.numbers[found.lastindex - 1] if found and found.lastindex else -1


def parse(data: bytes, *, above: bytes = b"", below: bytes = b"") -> PatternList:
    """Return the patterns in the bytes of a `.gitignore`; lines that are not patterns match nothing, as in git."""
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    return PatternList(*_compiled(tuple(line.removesuffix(b"\r") for line in lines)), above, below)


def of(patterns: Iterable[str], *, above: str = "", below: str = "") -> PatternList:
    """Return the patterns of a configuration or of the command line."""
    return PatternList(*_compiled(tuple(map(_bytes, patterns))), _bytes(above), _bytes(below))


def check(pattern: str) -> None:
    """Raise PatternError, with the reason, for a text that is not a pattern."""
    _rewritten(_bytes(pattern))


def ignored(lists: Sequence[PatternList], path: bytes, *, directory: bool) -> bool:
    """Return True if the lists, outermost first, leave the path out: the innermost one with a match decides."""
    for each in reversed(lists):
        verdict = each.verdict(path, directory=directory)
        if verdict is not None:
            return verdict
    return False


def covers(patterns: PatternList, path: str) -> bool:
    """Return True if the patterns leave out the path, or a directory above it."""
    parts = _bytes(path).split(b"/")
    return any(
        patterns.verdict(b"/".join(parts[:count]), directory=count < len(parts)) for count in range(1, len(parts) + 1)
    )


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


# --- From lines to regexes --------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=1024)
def _compiled(lines: tuple[bytes, ...]) -> tuple[_Alternatives, _Alternatives]:
    """Return the patterns that are matched with names, and those that are matched with paths."""
    on_name: list[tuple[int, bytes]] = []
    on_path: list[tuple[int, bytes]] = []
    for number, line in enumerate(lines):
        try:
            anywhere, text = _rewritten(line)
        except PatternError:
            continue
        if text:
            from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern  # noqa: PLC0415 - many runs have none

            regex, include = GitIgnoreSpecPattern.pattern_to_regex(text)
            if regex is not None:
                (on_name if anywhere else on_path).append((2 * number + (not include), _linear(regex)))
    return _alternatives(on_name), _alternatives(on_path)


def _alternatives(regexes: Sequence[tuple[int, bytes]]) -> _Alternatives:
    if not regexes:
        return _Alternatives(None, (), ())
    numbers, texts = zip(*reversed(regexes), strict=True)
    return _Alternatives(re.compile(b"|".join(texts), re.DOTALL), texts, numbers)


@functools.lru_cache(maxsize=1024)
def _grouped(regexes: tuple[bytes, ...]) -> re.Pattern[bytes]:
    """Return a regex that tells which of some alternatives was the first to match."""
    return re.compile(b"|".join(b"(" + regex + b")" for regex in regexes), re.DOTALL)


_GROUP = lazy.compile(rb"\(\?P<\w+>")
_STAR = rb"\[\^/\]\*"
_BESIDE_STARS = rb"(?:\\.|\[[\0\]][^\]]*\]|\[\^/\](?!\*)|[^/\[\\])*?"
"""Characters, classes and `?`, as pathspec writes them."""
_STARS = rb"\(\?:/\.\+\)\?"
_STAR_TO_STAR = lazy.compile(rb"(?s)" + _STAR + rb"(" + _BESIDE_STARS + rb")(?=" + _STAR + rb")")
_START_TO_STARS = lazy.compile(rb"(?s)\^\(\?:\.\+/\)\?(.+?)(?=" + _STARS + rb")")
_STARS_TO_STARS = lazy.compile(rb"(?s)" + _STARS + rb"(.+?)(?=" + _STARS + rb")")


def _linear(regex: bytes) -> bytes:
    """Return a regex of pathspec's in a form that never takes long: a stranger may have written the pattern.

    Between two stars, and likewise between two `**`, the first fit is as good as any other, so an atomic group may keep
    it. With stars that are not known here, the regex stays as it is. It is used for whole texts, and needs no `^`.
    """
    regex = _STAR_TO_STAR.sub(rb"(?>[^/]*?\1)", _GROUP.sub(b"(?:", regex))
    regex = _START_TO_STARS.sub(rb"^(?>(?:.+?/)??\1(?=/))", regex)
    return _STARS_TO_STARS.sub(rb"(?>(?:/.+?)??\1(?=/))", regex).removeprefix(b"^")


# --- A line in plain words --------------------------------------------------------------------------------------------


def _rewritten(line: bytes) -> tuple[bool, bytes]:
    """Return True if a pattern is matched with names alone, and the pattern, anchored; empty if the line has none.

    Raises:
        PatternError: the line is not a pattern.
    """
    text = b"" if line.startswith(b"#") else _without_trailing_spaces(line)
    negation = b"!" if text.startswith(b"!") else b""
    text = text.removeprefix(negation)
    directory = b"/" if text.endswith(b"/") else b""
    text = text.removesuffix(directory)
    segments = _segments(text.removeprefix(b"/")) if text else []
    if not all(segments):
        return False, b""
    if segments[-1:] == [b"**"]:
        segments.append(b"?*")
    return b"/" not in text, negation + b"/" + b"/".join(segments) + directory if segments else b""


def _without_trailing_spaces(line: bytes) -> bytes:
    """Return a line without the spaces at its end; after a backslash the first of them stays."""
    text = line.rstrip(b" ")
    backslashes = len(text) - len(text.rstrip(b"\\"))
    return line[: len(text) + 1] if backslashes % 2 else text


def _segments(text: bytes) -> list[bytes]:
    """Return the parts of a pattern between its slashes."""
    segments = [b""]
    at = 0
    while at < len(text):
        token, at = _token(text, at)
        if token == b"/":
            segments.append(b"")
        else:
            segments[-1] += token
    return [_star(segment) for segment in segments]


def _star(segment: bytes) -> bytes:
    """Return a segment with single stars, except for `**` alone; a star alone matches at least one character."""
    if segment.strip(b"*"):
        return re.sub(rb"(?<!\\)\*+", b"*", segment)
    return b"?*" if segment == b"*" else segment[:2]


def _token(text: bytes, at: int) -> tuple[bytes, int]:
    """Return the wildcard, the class or the character at an index, rewritten, and the index after it."""
    byte = text[at : at + 1]
    if byte == b"[":
        return _class(text, at + 1)
    if byte == b"\\":
        at += 1
        byte = text[at : at + 1]
        if not byte:
            raise PatternError("a backslash at its end, with nothing to escape")
    elif byte in b"*?":
        return byte, at + 1
    return (byte if byte == b"/" else _literal(byte[0])), at + 1


def _literal(byte: int) -> bytes:
    """Return a pattern for one character; pathspec would strip a blank at the end, but not from a class."""
    if byte in _SAFE:
        return bytes([byte])
    character = bytes([byte])
    return b"[\0" + character + b"]" if chr(byte).isspace() else b"\\" + character


def _class(text: bytes, at: int) -> tuple[bytes, int]:
    """Return the class whose inside starts at an index, rewritten, and the index after its end."""
    negated = text[at : at + 1] in {b"!", b"^"}
    at += negated
    members: set[int] = set()
    while True:
        item = _ITEM.match(text, at)
        if item is None:
            raise PatternError("'[' without ']'")
        members.update(_members(item))
        at = item.end()
        if text[at : at + 1] == b"]":
            return _written(_ANY - members if negated else _ANY & members), at + 1


def _members(item: re.Match[bytes]) -> Iterable[int]:
    """Return the bytes that one part of a class stands for; git takes the start of a range even if the end is lower."""
    if item["name"] is not None:
        if item["name"] not in _CLASSES:
            raise PatternError(f"no class is called [:{item['name'].decode('utf-8', 'replace')}:]")
        return _CLASSES[item["name"]]
    low = item["low"][-1]
    return {low, *range(low, item["high"][-1] + 1)} if item["high"] else (low,)


def _written(members: frozenset[int]) -> bytes:
    """Return a class of some characters that pathspec and `re` read alike.

    The zero byte is in no path: after it no character is taken for the start of something else.
    """
    if not members:
        raise PatternError("a class that holds no character")
    if members == _ANY:
        return b"?"
    if len(members) == 1:
        return _literal(*members)
    special = members & frozenset(b"]-")
    plain = bytes(sorted(members - special))
    return b"[" + (b"]" if ord("]") in special else b"\0") + plain + (b"-]" if ord("-") in special else b"]")
