"""The errors that users see.

KeysiftError        says what failed and where; `help` says what to do
├── UsageError      wrong arguments: exit 2
│   └── StateError  a directory of `--state` that cannot be used
├── RuleError       an invalid rule file: exit 2
├── ConfigError     an invalid configuration file: exit 2
├── SourceError     a source that cannot be read at all: exit 3
└── ReportError     a report that cannot be written: exit 3
"""

from __future__ import annotations


class KeysiftError(Exception):
    """An error whose message says in one sentence what failed and where; `help` says what to do about it."""

    exit_code = 2
    see = ""
    """Where there is more to read, for everyone who has installed keysift."""

    def __init__(self, message: str, *, help: str = "") -> None:  # noqa: A002 - named as the user sees it
        super().__init__(message)
        self.help = help


class UsageError(KeysiftError):
    """Wrong arguments."""


class StateError(UsageError):
    """A directory of what is remembered that cannot be used for this audit."""


class RuleError(KeysiftError):
    """An invalid rule file; the message names file, line and rule."""

    see = "`keysift rules schema` describes every field of a rule file"


class ConfigError(KeysiftError):
    """An invalid configuration file; the message names file and key."""


class SourceError(KeysiftError):
    """A source that was asked for and cannot be read at all."""

    exit_code = 3


class ReportError(KeysiftError):
    """A report that cannot be written."""

    exit_code = 3
