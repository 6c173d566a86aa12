"""A usage as in a manual -> a regex over the words of a command or directive, or over the arguments of a call.

What is matched has a NUL behind each word; one that is no literal begins with the byte 1. Capitals stand for what
varies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from keysift.model import NameKind, Usage
from keysift.rules.authoring.entries import UsageEntry

READ_AS = ("command", "directive", "call")
"""The patterns that usages go with."""
_KINDS = {
    "PASSWORD": NameKind.PASSWORD, "SECRET": NameKind.SECRET, "TOKEN": NameKind.TOKEN, "KEY": NameKind.KEY,
}  # fmt: skip
_SECRET = re.compile(rf"(?<![A-Z]_)(?:{'|'.join(_KINDS)})(?![A-Z_])")
_VARIES = re.compile(r"[A-Z]{3,}(?![A-Z]*=)")
_OPTION = re.compile(r"--?[A-Za-z][\w.|-]*|/[a-z]{1,12}")
_PREFIXED = re.compile(r"--NAME(?=-)")
"""Of an option with words of any kind before its own: `--db-password`."""
_ANY = r"(?:[^\0]*\0)*?"
"""Any words. What must follow is atomic with it wherever more does, so that no text takes more than linear time."""
_ARGUMENT = r"[^-\0][^\0]*\0"
_SUFFIXES = r"(?:\.(?:exe|cmd|bat|sh))?"
_QUOTE = re.compile(r"[\"']")
_CALLED = re.compile(r"(?P<names>[^(\[]*[(\[]|[^(\[, ]+ )(?P<arguments>.*?)[)\]]?")


class UsageError(Exception):
    """A usage cannot be read; the message says why."""


def usages(entry: UsageEntry, read_as: str) -> Iterator[Usage]:
    """Yield what an entry of a rule says, usage by usage.

    Raises:
        UsageError: one of them cannot be read.
    """
    for text in entry.usage:
        secrets = _SECRET.findall(text)
        if len(secrets) != 1:
            raise UsageError(f"'{text}' needs one place that is called {', '.join(_KINDS)}")
        written, _, then = text.partition(" | ")
        starts, pattern, needs = (_call if read_as == "call" else _command)(written, entry.takes, read_as)
        if entry.value:
            pattern = re.sub(r"\(\?P<secret>[^)]*\)", lambda _: f"(?P<secret>{entry.value})", pattern)
        _check(pattern)
        keywords = tuple(entry.keywords or starts)
        if entry.keywords and read_as == "command" and not _QUOTE.search("".join(entry.keywords)):
            keywords += tuple(_quoted(starts))
        if min(map(len, keywords)) < 3:
            raise UsageError(f"'{text}' begins with less than three letters: state 'keywords'")
        kind = _KINDS[secrets[0]]
        yield Usage(text, tuple(starts), pattern, kind, keywords, entry.caseless, needs, _piped(then) if then else "")


def _quoted(starts: Sequence[str]) -> Iterator[str]:
    """Yield the names of programs as they stand in a list of strings."""
    for start in starts:
        if start[0].isalnum() and start[-1].isalnum():
            yield from (f'"{start}"', f"'{start}'")


def _piped(text: str) -> str:
    """Return the regex of the command that reads what another one writes."""
    words = r"[^\n|]{0,200}?\s".join(map(_any_of, text.split()))
    repeated = r"[\"']?(?:\s?;\s?echo\s[^;|()\n]{1,80})?[\s)]{0,4}"
    return rf"{repeated}\|\s*(?:sudo\s+(?!-S))?{words}(?![\w-])"


def _check(pattern: str) -> None:
    try:
        re.compile(pattern.encode())
    except re.error as error:
        raise UsageError(f"not readable: {error}") from error


def _any_of(names: str) -> str:
    return f"(?:{'|'.join(map(re.escape, names.split('|')))})"


# --- Commands and directives -----------------------------------------------------------------------------------------


def _command(text: str, takes: Sequence[str], read_as: str) -> tuple[list[str], str, str]:
    """Return the starts of a usage, its regex, and the regex of what is needed behind the start."""
    words = text.split()
    first = words[0]
    reader = _Reader(_options(takes) if read_as == "command" else "")
    secret = _SECRET.search(first)
    if secret or _OPTION.fullmatch(first):
        literal = _VARIES.split(first)[0] if secret else _PREFIXED.sub("", first)
        reader.read(words, start=True)
        return literal.split("|"), "".join(reader.parts), ""
    reader.parts.append(f"{_any_of(first)}{_SUFFIXES}\\0")
    reader.read(words[1:])
    return first.split("|"), "".join(reader.parts), next(iter(reader.needs), "")


def _options(takes: Sequence[str]) -> str:
    """Return the regex of options, of which some take a value."""
    if not takes:
        return r"(?:-[^\0]*\0)*"
    taken = "|".join(map(re.escape, takes))
    return rf"(?:(?:{taken})\0[^\0]*\0|(?!(?:{taken})\0)-[^\0]*\0)*"


class _Reader:
    """Makes a regex of the words of a usage, one after the other."""

    def __init__(self, options: str) -> None:
        self._options = options
        """The options that may stand before an argument that is told by its order."""
        self.parts: list[str] = []
        self.needs: list[str] = []

    def read(self, words: Sequence[str], *, start: bool = False) -> None:
        """Add what the words say; at the `start` the first of them is an option without a program."""
        waiting = [*words]
        while waiting:
            word = waiting.pop(0)
            lead = "" if start else _ANY
            start = False
            if _OPTION.fullmatch(word) and not _SECRET.search(word):
                if waiting and _SECRET.search(waiting[0]):
                    self._note(word)
                    self.parts.append(lead + _option(word) + _composite(waiting.pop(0)))
                else:
                    self.parts.insert(1, f"(?={_ANY}{_flag(word)})")
            elif _SECRET.search(word):
                self._secret(word, lead)
            elif _VARIES.search(word):
                self.parts.append(self._options + (_ARGUMENT if _VARIES.fullmatch(word) else _composite(word)))
            else:
                self._note(word)
                self.parts.append(f"(?>{lead}{_any_of(word)}\\0)")

    def _secret(self, word: str, lead: str) -> None:
        attached = re.match(r"(?:--?|/)[A-Za-z][a-z-]*[=:]?|[A-Za-z][\w.-]*=|[^\w\s]", word)
        if attached:
            self._note(attached[0])
        self.parts.append((lead if attached else self._options) + _composite(word))

    def _note(self, word: str) -> None:
        letters = re.fullmatch(r"-([A-Za-z])", word)
        self.needs.append(f"-[a-z]{{0,4}}{letters[1]}" if letters else _any_of(word))


def _flag(word: str) -> str:
    """Return the regex of an option without a value, alone or among other letters."""
    letters = re.fullmatch(r"-([A-Za-z])", word)
    return rf"-[A-Za-z]{{0,6}}{letters[1]}[A-Za-z]{{0,6}}\0" if letters else rf"{_any_of(word)}\0"


def _option(word: str) -> str:
    """Return the regex of an option with a value behind it: of one letter also as the last of several."""
    letters = re.fullmatch(r"-([A-Za-z])", word)
    if letters:
        return rf"-[a-z]{{0,4}}{letters[1]}[\0=]"
    names = "|".join(
        _PREFIXED.sub(r"--?(?!no-)[A-Za-z][\\w-]{0,40}?", re.escape(name).replace(r"\-", "-"))
        for name in word.split("|")
    )
    return rf"(?:{names})[\0=:]"


def _composite(word: str) -> str:
    """Return the regex of a word that contains the secret, or of one that varies in a part."""
    secret = _SECRET.search(word)
    if not secret:
        return f"(?:{'|'.join(map(_varying, word.split('|')))})\\0"
    before, after = word[: secret.start()], word[secret.end() :]
    if not after:
        return rf"{_varying(before)}(?P<secret>[^\0\1]+)\0"
    return rf"{_varying(before)}(?P<secret>[^\0\1]+?){_varying(after)}\0"


def _varying(text: str) -> str:
    """Return the regex of literal text with capitals for what varies, which ends where the text goes on."""
    regex, place = "", 0
    for varies in _VARIES.finditer(text):
        following = text[varies.end() : varies.end() + 1]
        least = "*" if following == ":" else "+"  # `curl -u :KEY`
        regex += re.escape(text[place : varies.start()]) + rf"[^\0\1{re.escape(following)}]{least}"
        place = varies.end()
    return regex + re.escape(text[place:])


# --- Calls -----------------------------------------------------------------------------------------------------------


def _call(text: str, takes: Sequence[str], read_as: str) -> tuple[list[str], str, str]:  # noqa: ARG001 - as above
    called = _CALLED.fullmatch(text)
    if not called:
        raise UsageError(f"'{text}' is not written like a call")
    names, opening = called["names"][:-1], called["names"][-1]
    arguments = [_argument(word.strip()) for word in called["arguments"].split(",")]
    starts = [f"{name}{opening}" for name in names.split("|")]
    return starts, f"(?:{'|'.join(map(re.escape, starts))})\\0" + "".join(arguments), ""


def _argument(word: str) -> str:
    """Return the regex of the secret, of any argument for capitals, of several for dots, or else of the word itself."""
    if _SECRET.search(word):
        return _composite(word)
    if word == "...":
        return _ANY
    return r"[^\0]*\0" if _VARIES.fullmatch(word) else rf"\x01?{_any_of(word)}\0"
