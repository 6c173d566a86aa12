"""The finding and the statement: whether an `[[ignore]]`, a `[[path]]` or a pattern means a finding."""

from __future__ import annotations

import functools
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from keysift import lazy, patterns
from keysift.config import Config, Ignore, PathPolicy, Skip
from keysift.files import naming
from keysift.files.naming import Naming
from keysift.model import Finding, Location, Skipped

if TYPE_CHECKING:
    import regex


def ignores(table: Ignore, finding: Finding, path: str) -> bool:
    """Return True if all that an `[[ignore]]` states is true of a finding; `path` is relative to the configuration."""
    return (
        (not table.rule or fnmatchcase(finding.rule.id, table.rule))
        and (not table.fingerprint or table.fingerprint == finding.fingerprint)
        and covers(table.path, path)
        and _occurs(table.path_regex, path)
        and _occurs(table.value, finding.secret.decode("utf-8", "surrogateescape"))
        and (not table.line or _occurs(table.line, _line(finding.locations[0])))
    )


def skips(table: Skip, skipped: Skipped, paths: Naming, origin: str) -> bool:
    """Return True if all that a `[[skip]]` states is true of what was not scanned; `origin` states it.

    A path means a file and everything in it, or one member: `a.zip!/b.rar`. What is neither a file nor an object, such
    as the history that a shallow clone lacks, cannot be accepted.
    """
    if table.object and not skipped.object.startswith(table.object):
        return False
    if not table.path:
        return bool(table.object)
    if naming.is_no_file(skipped.path):
        return False
    path = paths.beside(skipped.file or skipped.path, origin)
    container, _, member = path.partition("!/")
    if covers(table.path, path) or covers(table.path, container):
        return True
    # Of an archive that nobody opens, no member is known.
    return skipped.expected and not member and covers(table.path.partition("!/")[0], container)


def is_off(policy: PathPolicy, finding: Finding, path: str) -> bool:
    """Return True if a `[[path]]` turns the rule of a finding off at this path."""
    turned_off = any(fnmatchcase(finding.rule.id, pattern) for pattern in policy.disable)
    return turned_off and covers(policy.pattern, path)


def min_confidence(config: Config, path: str) -> str:
    """Return the confidence that a configuration asks of a finding at a path; empty if it states none."""
    stated = [policy for policy in config.path if policy.min_confidence and covers(policy.pattern, path)]
    return stated[-1].min_confidence if stated else config.min_confidence


def covers_reported(pattern: str, finding: Finding, beside: Path) -> bool:
    """Return True if any place of a reported finding matches a pattern that the file `beside` states."""
    return any(covers(pattern, naming.from_report(place.path, str(beside))) for place in finding.locations)


def covers(pattern: str, path: str) -> bool:
    """Return True if a path, or a directory above it, matches a pattern as in .gitignore; an empty one covers all.

    A text that is not a pattern, which a baseline may contain, covers nothing.
    """
    return not pattern or patterns.covers(_compiled_path(pattern), path)


@functools.lru_cache(maxsize=8192)
def _compiled_path(pattern: str) -> patterns.PatternList:
    return patterns.of([pattern])


def _line(location: Location) -> str:
    """Return the lines of a key; empty if the finding comes without them."""
    if location.snippet is None:
        return ""
    first = location.start_line - location.snippet.first_line
    return "\n".join(location.snippet.lines[first : first + 1 + location.end_line - location.start_line])


_slow: set[str] = set()
"""Patterns that have timed out once: not every finding should wait for them again."""


def _occurs(pattern: str, text: str) -> bool:
    """Return True if a regex, perhaps a stranger's, matches somewhere in a text; one that times out does not."""
    if not pattern or pattern in _slow:
        return not pattern
    try:
        return bool(_compiled(pattern).search(text, timeout=1))
    except TimeoutError:
        _slow.add(pattern)
        return False


@functools.lru_cache(maxsize=8192)
def _compiled(pattern: str) -> regex.Pattern[str]:
    return lazy.timed(pattern)
