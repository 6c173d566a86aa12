"""The file with which `git filter-repo --replace-text FILE` removes the keys of a run from a history.

Its form: https://htmlpreview.github.io/?https://github.com/newren/git-filter-repo/blob/docs/html/git-filter-repo.html
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from keysift import atomic
from keysift.errors import ReportError
from keysift.model import Finding, Run
from keysift.report.view import Options, View, view

SHORTEST = 8
"""Bytes; a shorter key (`admin`) would be replaced in many places where it is no key."""
_INSTEAD = b"==>***REMOVED***"


def write_replacements(run: Run, path: Path) -> list[Finding]:
    """Write the open keys of a run, in the clear, to a file that only its owner can read.

    Return the keys that are left out because they are too short. git filter-repo itself leaves files with
    a NUL byte as they are; it can drop them: `--invert-paths --path FILE`. Raises ReportError.
    """
    seen = view(run, Options(show_secrets=True))
    lines = {line for finding in run.findings for line in _lines(seen, finding)}
    # A key that contains another goes first: otherwise the rest of it would stay.
    content = b"".join(line + b"\n" for line in sorted(lines, key=lambda line: (-len(line), line)))
    try:
        with atomic.replacing(Path(os.path.realpath(path)), private=True) as out:
            out.write(content)
    except OSError as error:
        raise ReportError(
            f"cannot write the replacements to {str(path)!r}: {error.strerror or error}", help="choose another file"
        ) from error
    return [finding for finding in run.findings if finding.secret and len(finding.secret) < SHORTEST]


def _lines(seen: View, finding: Finding) -> Iterator[bytes]:
    """Yield the lines for a key, and for its encoded forms where they are known."""
    forms = {finding.secret, *_encoded(seen, finding)}
    return (_line(form) for form in forms if len(form) >= SHORTEST)


def _encoded(seen: View, finding: Finding) -> Iterator[bytes]:
    """Yield the text at the places of a key in the files, unless a very long line was cut within it."""
    for location in finding.locations:
        key = seen.key(location)
        form = key.text[key.start : key.end].encode("utf-8", "surrogateescape") if key else b""
        if form and len(form) == location.end_byte - location.start_byte:
            yield form


def _line(form: bytes) -> bytes:
    """Return a line of the file: literal or, where the key itself has line ends, a regex of escaped bytes."""
    if b"\n" in form or b"\r" in form:
        return b"regex:" + b"".join(b"\\x%02x" % byte for byte in form) + _INSTEAD
    return b"literal:" + form + _INSTEAD
