"""What one value of a configuration may be.

Each function takes the place for messages (`FILE: 'KEY'`) and what TOML holds there, and raises ConfigError for a value
that cannot be.
"""

from __future__ import annotations

from collections.abc import Sequence

from keysift import patterns
from keysift.errors import ConfigError

_LEAST_DIGITS, _MOST_DIGITS = 7, 64
"""Of an object id: git shortens none to less, and SHA-256 has 64."""
_PATTERN_HELP = "patterns are written as in .gitignore: https://git-scm.com/docs/gitignore"


def check_name(where: str, name: str, known: set[str]) -> None:
    """Raise ConfigError, with the nearest name, for a key that is not known."""
    if name not in known:
        advice = _nearest(name, sorted(known)) or f"known keys: {', '.join(sorted(known))}"
        raise ConfigError(f"{where}: unknown key '{name}'", help=advice)


def _nearest(name: str, known: Sequence[str]) -> str:
    """Return help that names the word most like one that is none; empty if none is like it."""
    import difflib  # noqa: PLC0415 - only for a slip of the pen

    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean '{near[0]}'?" if near else ""


def read_strings(where: str, value: object) -> tuple[str, ...]:
    """Return a list of strings."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ConfigError(f"{where} must be a list of strings", help=f'write {where.rsplit(chr(39), 2)[1]} = ["..."]')
    return tuple(value)


def read_text(where: str, value: object) -> str:
    """Return a text, or a date as text."""
    from datetime import date, datetime  # noqa: PLC0415 - most repositories have no configuration

    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if not isinstance(value, str):
        raise ConfigError(f"{where} must be text", help="write it in quotation marks")
    return value


def read_pattern(where: str, value: object) -> str:
    """Return a pattern as in .gitignore."""
    text = read_text(where, value)
    try:
        patterns.check(text)
    except patterns.PatternError as error:
        raise ConfigError(f"{where}: '{text}' is not a pattern: {error}", help=_PATTERN_HELP) from error
    return text


def read_patterns(where: str, value: object) -> tuple[str, ...]:
    """Return a list of patterns."""
    return tuple(read_pattern(where, pattern) for pattern in read_strings(where, value))


def read_choice(where: str, value: object, choices: tuple[str, ...]) -> str:
    """Return one of some words."""
    if value not in choices:
        advice = _nearest(value, choices) if isinstance(value, str) else ""
        raise ConfigError(f"{where} must be one of: {', '.join(choices)}", help=advice)
    return str(value)


def read_date(where: str, value: object) -> str:
    """Return a date as `2026-12-31`, whether it was written as one or as text."""
    from datetime import date  # noqa: PLC0415 - most repositories have no configuration

    text = read_text(where, value)
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise ConfigError(f"{where} is not a date: {text!r}", help="write year-month-day: 2026-12-31") from error


def read_regex(where: str, value: object) -> str:
    """Return a regular expression."""
    import regex  # noqa: PLC0415 - most repositories have no configuration

    text = read_text(where, value)
    try:
        regex.compile(text)
    except (regex.error, RecursionError) as error:
        raise ConfigError(f"{where} is an invalid regular expression: {error}") from error
    return text


def read_flag(where: str, value: object) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise ConfigError(f"{where} must be true or false")
    return value


def read_days(where: str, value: object) -> int:
    """Return a number of days, 0 or more."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ConfigError(f"{where} must be a number of days")
    return value


def read_threshold(where: str, value: object) -> str:
    """Return a threshold."""
    return read_choice(where, value, ("secret", "sensitive", "never"))


def read_confidence(where: str, value: object) -> str:
    """Return a confidence."""
    return read_choice(where, value, ("low", "medium", "high"))


def read_label(where: str, value: object) -> str:
    """Return a label."""
    return read_choice(where, value, ("secret", "sensitive", "public"))


def read_object(where: str, value: object) -> str:
    """Return the id of a git object, or its first seven digits or more, in small letters."""
    text = read_text(where, value).lower()
    if not _LEAST_DIGITS <= len(text) <= _MOST_DIGITS or not all(digit in "0123456789abcdef" for digit in text):
        raise ConfigError(f"{where} is not the id of an object", help="`keysift audit` names it: 7 to 64 digits")
    return text
