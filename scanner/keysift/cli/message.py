"""`keysift hook --message`: the message of a commit that is being made."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import click

from keysift.cli import commits, running
from keysift.cli.options import parse_size
from keysift.cli.shares import Shares
from keysift.errors import UsageError
from keysift.files import naming
from keysift.files.reading import File, read
from keysift.git import edited, messages
from keysift.model import Blob, Run
from keysift.scan import parallel
from keysift.scan.tally import tally


def command(ctx: click.Context, top: Path, options: dict[str, Any]) -> None:
    """Judge the message in the one file that is named, and end.

    Raises:
        UsageError: no file is named, or several are.
    """
    if len(options["files"]) != 1:
        raise UsageError(
            "--message goes with one file", help="git names it: keysift hook --message .git/COMMIT_EDITMSG"
        )
    [name] = options["files"]
    run = running.begin("hook", [name])
    shares = Shares([str(top)], options)
    share = shares.of(str(top))
    file = read(
        File(str(Path(name).absolute().parent), Path(name).name, named=True), parse_size(options["max_file_size"])
    )
    text = Blob(messages.MESSAGE, edited.kept(top, file.data)) if isinstance(file, Blob) else file
    results = commits.scan_texts(partial(parallel.scan_blobs, share.matcher, jobs=1), [text])
    tally(run, running.reported(results, share.acceptances, naming.of(str(top))))
    shares.close(run)
    running.finish(ctx, run, rules=shares.rules, advice=_advice(run))


def _advice(run: Run) -> Iterator[str]:
    if run.findings:
        yield "help: to edit the message: git commit --edit --file .git/COMMIT_EDITMSG"
