r"""What a list of gitignore patterns says of a path: https://git-scm.com/docs/gitignore, byte for byte as git does.

Only the path itself is judged. Whoever walks does not enter an ignored directory, and that is how git ignores what is
below one. pathspec would answer for a path and its parents together, reads `[[:alpha:]]`, `[\]]` and a trailing
backslash differently from git, and takes longer to import than a walk of thousands of files.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_CLASSES = {
    name.encode(): frozenset(characters.encode())
    for name, characters in {
        "alnum": string.ascii_letters + string.digits,
        "alpha": string.ascii_letters,
        "blank": " \t",
        "cntrl": "".join(map(chr, [*range(32), 127])),
        "digit": string.digits,
        "graph": "".join(map(chr, range(33, 127))),
        "lower": string.ascii_lowercase,
        "print": "".join(map(chr, range(32, 127))),
        "punct": string.punctuation,
        "space": string.whitespace,
        "upper": string.ascii_uppercase,
        "xdigit": string.hexdigits,
    }.items()
}

_NAMED_CLASS = re.compile(rb"\[:([^\]]*):\]", re.DOTALL)
_ANYTHING_BUT_SLASH = frozenset(range(256)) - {ord("/")}
_BACKSLASH, _DASH, _CLOSE = b"\\-]"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line of a list of patterns."""

    regex: bytes
    """Matches whole names, or whole paths relative to the list where `on_path`."""
    include: bool
    """False for a line that starts with `!`."""
    directories_only: bool
    on_path: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """One list of patterns, with the directory that it speaks for."""

    patterns: tuple[tuple[Pattern, re.Pattern[bytes]], ...]
    on_name: re.Pattern[bytes] | None
    """Holds where any pattern on names holds: most names are done with after this."""
    on_path: re.Pattern[bytes] | None
    lead: bytes = b""
    """What to put before a path, where the list stands above the directory that is walked."""
    strip: int = 0
    """How much to take from a path, where the list stands below it."""

    def verdict(self, path: bytes, *, directory: bool) -> bool | None:
        """True: ignore it. False: keep it, whatever lists further out say. None: no line speaks of it."""
        relative = self.lead + path[self.strip :]
        name = relative[relative.rfind(b"/") + 1 :]
        if not (self.on_name and self.on_name.fullmatch(name)) and not (
            self.on_path and self.on_path.fullmatch(relative)
        ):
            return None
        for pattern, regex in reversed(self.patterns):
            if (directory or not pattern.directories_only) and regex.fullmatch(relative if pattern.on_path else name):
                return pattern.include
        return None


def rules(data: bytes, *, lead: bytes = b"", strip: int = 0) -> Rules:
    """The rules of a `.gitignore` with these bytes."""
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    return _compiled((line.removesuffix(b"\r") for line in lines), lead, strip)


def ignored(lists: Sequence[Rules], path: bytes, *, directory: bool) -> bool:
    """What the lists, outermost first, say of the path together: the innermost that speaks of it decides."""
    for one in reversed(lists):
        verdict = one.verdict(path, directory=directory)
        if verdict is not None:
            return verdict
    return False


def _compiled(lines: Iterable[bytes], lead: bytes, strip: int) -> Rules:
    """The lines that can match anything, each as a regex and all together as two."""
    patterns = [pattern for line in lines if (pattern := parse(line)) is not None]
    return Rules(
        tuple((pattern, re.compile(pattern.regex, re.DOTALL)) for pattern in patterns),
        _any(pattern.regex for pattern in patterns if not pattern.on_path),
        _any(pattern.regex for pattern in patterns if pattern.on_path),
        lead,
        strip,
    )


def _any(regexes: Iterable[bytes]) -> re.Pattern[bytes] | None:
    """One regex for all, None for none."""
    joined = b"|".join(dict.fromkeys(regexes))
    return re.compile(joined, re.DOTALL) if joined else None


def parse(line: bytes) -> Pattern | None:
    """The pattern of a line; None for comments, blank lines and those that git says never match."""
    if line.startswith(b"#"):
        return None
    text = _without_trailing_spaces(line)
    include = not text.startswith(b"!")
    text = text if include else text[1:]
    directories_only = text.endswith(b"/")
    text = text[:-1] if directories_only else text
    on_path = b"/" in text
    tokens = _tokens(text.removeprefix(b"/"))
    if not tokens:
        return None
    return Pattern(_path_regex(_split(tokens, "/")), include, directories_only, on_path)


def _without_trailing_spaces(line: bytes) -> bytes:
    """A space at the end counts only behind a backslash."""
    text = line.rstrip(b" ")
    backslashes = len(text) - len(text.rstrip(b"\\"))
    return line[: len(text) + 1] if backslashes % 2 else text


# --- A pattern as tokens: "/", "*", "**", or the set of bytes that one place may hold ---------------------------------

_Token = str | frozenset[int]


def _tokens(text: bytes) -> list[_Token]:
    """The tokens of a pattern; none when it never matches: a class without an end, a backslash at the end."""
    tokens: list[_Token] = []
    at = 0
    while at < len(text):
        token, at = _token(text, at)
        if token is None:
            return []
        tokens.append(token)
    return tokens


def _token(text: bytes, at: int) -> tuple[_Token | None, int]:
    """The token that starts here, and where the next one does."""
    byte = text[at : at + 1]
    if byte == b"*":
        end = at + len(text[at:]) - len(text[at:].lstrip(b"*"))
        return ("*" if end == at + 1 else "**"), end
    if byte == b"?":
        return _ANYTHING_BUT_SLASH, at + 1
    if byte == b"[":
        return _class(text, at + 1)
    if byte == b"\\":
        byte, at = text[at + 1 : at + 2], at + 1
    if not byte:
        return None, at
    return ("/" if byte == b"/" else frozenset(byte)), at + 1


def _class(text: bytes, at: int) -> tuple[_Token | None, int]:
    """The bytes of a `[...]` whose inside starts here; git's own order of cases, from its wildmatch.c."""
    negated = text[at : at + 1] in (b"!", b"^")
    at += negated
    found: set[int] = set()
    previous = None
    first = True
    while at < len(text) and (first or text[at] != _CLOSE):
        first = False
        if named_class := _NAMED_CLASS.match(text, at):
            if (named := _CLASSES.get(named_class[1])) is None:
                return None, at
            found |= named
            previous, at = None, named_class.end()
        elif text[at] == _DASH and previous is not None and at + 1 < len(text) and text[at + 1] != _CLOSE:
            last, at = _escaped(text, at + 1)
            if last is None:
                return None, at
            found |= set(range(previous, last + 1))
            previous = None
        else:
            previous, at = _escaped(text, at)
            if previous is None:
                return None, at
            found.add(previous)
    if at >= len(text):
        return None, at
    return (_ANYTHING_BUT_SLASH - found if negated else _ANYTHING_BUT_SLASH & found), at + 1


def _escaped(text: bytes, at: int) -> tuple[int | None, int]:
    """The byte that stands here, or behind a backslash here; and where the next one stands."""
    if text[at] == _BACKSLASH:
        at += 1
    return (text[at] if at < len(text) else None), at + 1


def _split(tokens: Sequence[_Token], separator: str) -> list[list[_Token]]:
    """The tokens between the separators."""
    parts: list[list[_Token]] = [[]]
    for token in tokens:
        if token == separator:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


# --- Tokens as a regex ------------------------------------------------------------------------------------------------
# A stranger writes the pattern, so no pattern may take long: between two stars the first fit is as good as any other
# one, so an atomic group may keep it, and nothing is ever tried twice.


def _path_regex(segments: Sequence[Sequence[_Token]]) -> bytes:
    """A regex for a whole path; a segment `**` stands for any number of directories, at the end for anything."""
    runs: list[list[bytes]] = [[]]
    for segment in segments:
        if list(segment) == ["**"]:
            runs.append([])
        else:
            runs[-1].append(_segment_regex(segment))
    first, *further = [b"/".join(run) if run else None for run in runs]
    if not further:
        return first or b""
    start = b"" if first is None else first + b"/"
    between = b"".join(b"(?>(?:[^/]+/)*?" + run + b"/)" for run in further[:-1] if run is not None)
    return start + between + (b".*" if further[-1] is None else b"(?:[^/]+/)*" + further[-1])


def _segment_regex(segment: Sequence[_Token]) -> bytes:
    """A regex for one name; two stars are one here."""
    stars: list[_Token] = ["*" if token == "**" else token for token in segment]
    first, *rest = [
        b"".join(_one(token) for token in part if not isinstance(token, str)) for part in _split(stars, "*")
    ]
    if not rest:
        return first
    return first + b"".join(b"(?>[^/]*?" + part + b")" for part in rest[:-1]) + b"[^/]*" + rest[-1]


def _one(token: frozenset[int]) -> bytes:
    """A regex for one place."""
    if token == _ANYTHING_BUT_SLASH:
        return b"[^/]"
    if len(token) == 1:
        return re.escape(bytes(token))
    return b"[" + b"".join(b"\\x%02x" % byte for byte in sorted(token)) + b"]" if token else b"(?!)"
