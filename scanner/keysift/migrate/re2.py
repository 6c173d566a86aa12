"""Regexes of Go (RE2, https://github.com/google/re2/wiki/Syntax), translated to Python's."""

from __future__ import annotations

import regex

_CLASSES = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "ascii": r"\x00-\x7f", "blank": r"\t ", "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9", "graph": "!-~", "lower": "a-z", "print": " -~", "punct": r"!-/:-@\[-`{-~", "space": r"\s",
    "upper": "A-Z", "word": r"\w", "xdigit": "0-9A-Fa-f",
}  # fmt: skip
_KEPT = frozenset("dDwWsSbBAaftnrv")
_FLAGS = regex.compile(r"\(\?([imsU]*(?:-[imsU]+)?)([:)])")
_NAMED = regex.compile(r"\(\?P?<([A-Za-z_]\w*)>")
_POSIX = regex.compile(r"\[:(\^?)(\w+):\]")
_QUOTED = regex.compile(r"\\Q(.*?)(?:\\E|$)", regex.DOTALL)
_HEX = regex.compile(r"\\x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))")


def translate(pattern: str, *, secret_group: int | None = None) -> str:
    """Return the same regex for Python; with `secret_group`, the group of that number (0: the first) is the key.

    Raises:
        ValueError: it is invalid, or uses what Python does not have.
    """
    translated = _Translation(pattern, secret_group).run()
    try:
        if secret_group is None:
            regex.compile(translated)
        else:
            regex.compile(translated.encode())
    except (regex.error, RecursionError) as error:
        raise ValueError(f"invalid regular expression: {error}") from error
    return translated


class _Translation:
    """One pass over a pattern, from left to right."""

    def __init__(self, pattern: str, secret_group: int | None) -> None:
        self.pattern = pattern
        self.position = 0
        self.wanted = max(1, secret_group) if secret_group is not None else 0
        self.groups = 0
        self.many_lines = bool(regex.search(r"\(\?[is]*m", pattern))
        self.opened: list[list[str]] = [[]]
        """For each group around the position, the flags that were set inside it."""
        self.out: list[str] = []

    def run(self) -> str:
        while self.position < len(self.pattern):
            self._step()
        self._close_flags()
        return "".join(self.out)

    def _step(self) -> None:
        character = self.pattern[self.position]
        if character == "\\":
            self._emit(*self._escape(inside=False))
        elif character == "[":
            self._class()
        elif character == "(":
            self._open()
        elif character == ")":
            self._close_flags()
            if len(self.opened) > 1:
                self.opened.pop()
            self._emit(")", 1)
        elif character == "|":
            flags = self.opened[-1]
            self._emit(")" * len(flags) + "|" + "".join(f"(?{flag}:" for flag in flags), 1)
        elif character == "$" and not self.many_lines:
            self._emit(r"\Z", 1)  # Python's own `$` also matches before a final line end
        elif self.pattern.startswith("{,", self.position):
            self._emit(r"\{", 1)  # in Go this is not a quantifier
        else:
            self._emit(character if character.isascii() else f"(?:{character})", 1)

    def _emit(self, text: str, length: int) -> None:
        self.out.append(text)
        self.position += length

    def _close_flags(self) -> None:
        self.out.append(")" * len(self.opened[-1]))
        self.opened[-1] = []

    def _escape(self, *, inside: bool) -> tuple[str, int]:
        """Return an escape, and the number of characters that it takes."""
        quoted = _QUOTED.match(self.pattern, self.position)
        if quoted and not inside:
            return regex.escape(quoted[1]), len(quoted[0])
        if code := _HEX.match(self.pattern, self.position):
            number = int(code[1] or code[2], 16)
            if number > 0x7F:
                raise ValueError(f"unsupported escape beyond ASCII: {code[0]}")
            return f"\\x{number:02x}", len(code[0])
        character = self.pattern[self.position + 1 : self.position + 2]
        if character == "z" and not inside:
            return r"\Z", 2
        if character in _KEPT or (character and not character.isalnum() and character.isascii()):
            return "\\" + character, 2
        what = "Unicode class" if character in {"p", "P"} else "escape"
        raise ValueError(f"unsupported {what}: \\{character}")

    def _class(self) -> None:
        """Translate `[...]`, with the named classes written out."""
        self._emit("[", 1)
        if self.pattern.startswith("^", self.position):
            self._emit("^", 1)
        first = True
        while first or not self.pattern.startswith("]", self.position):
            if self.position >= len(self.pattern):
                raise ValueError("unterminated character class")
            character = self.pattern[self.position]
            named = _POSIX.match(self.pattern, self.position)
            if named and named[2] in _CLASSES and not named[1]:
                self._emit(_CLASSES[named[2]], len(named[0]))
            elif named:
                raise ValueError(f"unsupported named class: {named[0]}")
            elif character == "\\":
                self._emit(*self._escape(inside=True))
            elif not character.isascii():
                raise ValueError(f"unsupported character beyond ASCII in a class: {character}")
            else:
                # Python reserves doubled signs, and an open bracket, for future use.
                self._emit("\\" + character if character in "[&~|" or (first and character == "]") else character, 1)
            first = False
        self._emit("]", 1)

    def _open(self) -> None:
        """Translate the start of a group, or flags."""
        flags = _FLAGS.match(self.pattern, self.position)
        if flags and "U" in flags[1]:
            raise ValueError("unsupported flag: U, which swaps greedy and lazy")
        if flags and flags[2] == ")":
            self.opened[-1].append(flags[1])
            self._emit(f"(?{flags[1]}:", len(flags[0]))
            return
        self.opened.append([])
        named = _NAMED.match(self.pattern, self.position)
        if flags:
            self._emit(flags[0], len(flags[0]))
        elif named or not self.pattern.startswith("(?", self.position):
            self.groups += 1
            self._emit("(?P<secret>" if self.groups == self.wanted else "(", len(named[0]) if named else 1)
        else:
            raise ValueError(f"unsupported group: {self.pattern[self.position : self.position + 4]}")
