"""The file with which `git filter-repo --replace-text FILE` takes the keys of a run out of a history.

Its form: https://htmlpreview.github.io/?https://github.com/newren/git-filter-repo/blob/docs/html/git-filter-repo.html
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from keysift.errors import ReportError
from keysift.model import Finding, Run
from keysift.report.view import Options, View, view

SHORTEST = 8
"""Bytes; a shorter one would be replaced in many places where it is no key (`admin`)."""
_INSTEAD = b"==>***REMOVED***"


def write_replacements(run: Run, path: Path) -> list[Finding]:
    """Writes the open keys of a run, in the clear, to a file that its owner alone can read, whole or not at all.

    The answer are the keys that are not in it, for being too short. Files with a NUL byte are left as they are by git
    filter-repo itself, which can drop them: `--invert-paths --path FILE`. Raises ReportError.
    """
    seen = view(run, Options(show_secrets=True))
    lines = {line for finding in run.findings for line in _lines(seen, finding)}
    # A key that holds another goes first, or only its other half would be left of it.
    content = b"".join(line + b"\n" for line in sorted(lines, key=lambda line: (-len(line), line)))
    try:
        _write(content, Path(os.path.realpath(path)))
    except OSError as error:
        raise ReportError(
            f"the replacements were not written to {str(path)!r}: {error.strerror or error}", help="name another file"
        ) from error
    return [finding for finding in run.findings if finding.secret and len(finding.secret) < SHORTEST]


def _write(content: bytes, path: Path) -> None:
    beside = path.with_name(f".keysift-{os.urandom(8).hex()}.tmp")
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:  # noqa: PTH123
            out.write(content)
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise


def _lines(seen: View, finding: Finding) -> Iterator[bytes]:
    """The key, and its encoded forms where they are known."""
    forms = {finding.secret, *_encoded(seen, finding)}
    return (_line(form) for form in forms if len(form) >= SHORTEST)


def _encoded(seen: View, finding: Finding) -> Iterator[bytes]:
    """What stands at the places of the key in the files, unless a very long line was cut within it."""
    for location in finding.locations:
        key = seen.key(location)
        form = key.text[key.start : key.end].encode("utf-8", "surrogateescape") if key else b""
        if form and len(form) == location.end_byte - location.start_byte:
            yield form


def _line(form: bytes) -> bytes:
    """A line of the file: literally, or where the key has line ends itself, as a regex of escaped bytes."""
    if b"\n" in form or b"\r" in form:
        return b"regex:" + b"".join(b"\\x%02x" % byte for byte in form) + _INSTEAD
    return b"literal:" + form + _INSTEAD
