"""The tree of errors.

KeysiftError        what failed, where, and a `help:` line that says what to do
├── UsageError      wrong arguments: exit 2
├── RuleError       a rule file does not hold what it must: exit 2
├── ConfigError     a configuration file likewise: exit 2
└── SourceError     something that was asked for cannot be read at all: exit 3
"""

from __future__ import annotations


class KeysiftError(Exception):
    """What failed and where, in one sentence; `help` says what to do about it."""

    exit_code = 2

    def __init__(self, message: str, *, help: str = "") -> None:  # noqa: A002 - the word that the reader sees
        super().__init__(message)
        self.help = help


class UsageError(KeysiftError):
    """The arguments do not fit."""


class RuleError(KeysiftError):
    """A rule file does not hold what it must; the message names file, line and rule."""


class ConfigError(KeysiftError):
    """A configuration file does not hold what it must; the message names file and key."""


class SourceError(KeysiftError):
    """Something that was asked for cannot be read at all."""

    exit_code = 3


class ReportError(KeysiftError):
    """The report cannot be written."""

    exit_code = 3
