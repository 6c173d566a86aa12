"""Keys for the bytes that an audit reads: the id of a git object, or a type of their own for what is none.

An audit has tens of thousands of object ids and a handful of others, so an object id stays the plain string that git
prints, and what is no object has a type of its own, which never equals a string.
"""

from __future__ import annotations

import enum
from typing import NamedTuple, TypeAlias

from keysift.scan import names


class Kind(enum.Enum):
    """The kinds of bytes that are no git object."""

    REF_NAMES = enum.auto()
    """The names of all refs, one a line."""
    FILE_NAMES = enum.auto()
    """The names of files and directories in the history, one a line."""
    GIT_FILE = enum.auto()
    """A file that git keeps beside the objects: `.git/config`."""


class NoObject(NamedTuple):
    """The key of bytes that are no git object."""

    kind: Kind
    path: str
    """The path that a report shows."""


BlobKey: TypeAlias = str | NoObject
"""An object id in hexadecimal digits, or a `NoObject`."""

REF_NAMES = NoObject(Kind.REF_NAMES, names.REF_NAMES)
FILE_NAMES = NoObject(Kind.FILE_NAMES, "(names of files)")


def object_id(key: BlobKey) -> str:
    """Return the id of a git object; empty for what is none."""
    return key if isinstance(key, str) else ""


def describe(key: BlobKey) -> str:
    """Return the words that stand for the path of a blob where no path is known."""
    return key.path if isinstance(key, NoObject) else f"object {key}"
