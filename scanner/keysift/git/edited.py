"""The file of a message while git waits for its editor, or for its hook -> what git will keep of it.

Git strips comments and cuts what `commit --verbose` shows below its scissors, unless nobody edits the message:
https://git-scm.com/docs/git-commit#Documentation/git-commit.txt---cleanupmode
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from keysift.git import process

_SCISSORS = b" ------------------------ >8 ------------------------"
_KEPT = frozenset({"verbatim", "whitespace", "scissors"})
"""Modes that keep comments."""


def kept(top: Path, data: bytes) -> bytes:
    """Return what git will keep of a message in a repository, in the same lines: what it drops is left empty.

    Where that cannot be known, it is kept: a mode that was typed (`--cleanup`) is told to nobody.
    """
    mode = process.setting(top, "commit.cleanup")
    edited = os.environ.get("GIT_EDITOR") != ":"  # which git sets where it opens no editor
    strips = mode not in _KEPT if edited else mode == "strip"
    mark = (process.setting(top, "core.commentString") or process.setting(top, "core.commentChar") or "#").encode()
    if mark == b"auto":
        scissors = re.search(rb"^(.)" + re.escape(_SCISSORS) + rb"\r?$", data, re.MULTILINE)
        mark = scissors[1] if scissors else b"#"
    lines = data.split(b"\n")
    ends = [number for number, line in enumerate(lines) if edited and line.rstrip(b"\r") == mark + _SCISSORS]
    lines = lines[: ends[0]] if ends else lines
    return b"\n".join([b"" if strips and line.startswith(mark) else line for line in lines])
