"""`keysift scan`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from scanner import config, rules, workers
from scanner.cli import common
from scanner.fingerprint import fingerprint
from scanner.match import Matcher
from scanner.model import Blob, Confidence, Finding, Label, Location, Rule, Skipped, Verdict
from scanner.scan import Scanned, scan_blob, tally
from scanner.sources import stdin, tracked, worktree

TRACKED = Rule(
    id="tracked-secret-file",
    name="Tracked file that belongs into .gitignore",
    provider="git",
    label=Label.SENSITIVE,
    why="Files of this name hold keys sooner or later; git tracks it, so the next key in it is pushed too.",
    revoke="`git rm --cached FILE`, add its name to .gitignore, and commit; then revoke every key that it ever held: "
    "the history still has them.",
    references=("https://git-scm.com/docs/git-rm", "https://git-scm.com/docs/gitignore"),
    pattern="",
    keywords=(),
    reach=0,
)
"""Not a pattern but a fact about the repository; `disable` it like any other rule."""


@click.command("scan")
@click.argument("paths", nargs=-1, type=click.Path())
@click.option(
    "--exclude", multiple=True, metavar="PATTERN", help="Leave out what matches, as in .gitignore. Repeatable."
)
@click.option("--no-ignore", is_flag=True, help="Scan what .gitignore leaves out, too.")
@common.reading
@click.option("--stdin-name", default="standard input", metavar="PATH", help="What to call the input of `-`.")
@common.reporting
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Find leaked keys in a working tree, in files, or in standard input (`-`).

    Without PATHS: the repository around the current directory (tracked and untracked files, not what .gitignore
    leaves out); outside of one, the directory itself.

    \b
    keysift scan
    keysift scan deploy/ .env
    kubectl get secret -o yaml | keysift scan -
    keysift scan -f sarif -o keysift.sarif --fail-on secret
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    targets = options["paths"] or (_around(),)
    run = common.begin("scan", targets)
    settings = common.configuration(targets[0], options["config_file"])
    active = common.enabled(rules.load(), settings.disable, settings.origin)
    tally(run, _results(targets, Matcher(active), settings, options))
    common.finish(ctx, run, options, len(active))


def _around() -> str:
    """The top of the repository around the current directory, or the directory."""
    from scanner import git  # noqa: PLC0415 - not needed with named paths

    top = git.toplevel(Path.cwd())
    return os.path.relpath(top) if top else "."


def _results(
    targets: tuple[str, ...], matcher: Matcher, settings: config.Config, options: dict[str, Any]
) -> Iterator[Scanned]:
    limit = common.size(options["max_file_size"])
    for target in targets:
        exclude = (*settings.excluded_below(Path(target)), *options["exclude"])
        if target == "-":
            yield _standard_input(matcher, options["stdin_name"], limit)
            continue
        known: list[str] = []
        files = _noting(worktree.files(target, ignore=not options["no_ignore"], exclude=exclude), known)
        yield from workers.scan_files(matcher, files, limit=limit, jobs=options["jobs"])
        if Path(target).is_dir() and not options["no_ignore"] and TRACKED.id not in settings.disable:
            yield Scanned(tuple(map(_tracked, tracked.exposed(target, known))))


def _noting(files: Iterable[worktree.File | Skipped], known: list[str]) -> Iterator[worktree.File | Skipped]:
    """The files, and on the way the paths of those that git tracks."""
    for file in files:
        if isinstance(file, worktree.File) and file.tracked:
            known.append(file.path)
        yield file


def _tracked(file: tracked.Exposed) -> Finding:
    """A finding of its own kind: the file as such, whatever is in it."""
    verdict = Verdict(TRACKED.label, Confidence.HIGH, (file.reason,))
    place = Location(file.path, start_line=1, start_column=1, end_line=1, end_column=1, start_byte=0, end_byte=0)
    return Finding(TRACKED, b"", verdict, (place,), fingerprint(TRACKED.id, os.fsencode(file.path)))


def _standard_input(matcher: Matcher, name: str, limit: int) -> Scanned:
    blob = stdin.read(sys.stdin.buffer, name, limit)
    return scan_blob(matcher, blob) if isinstance(blob, Blob) else Scanned(skipped=(Skipped(blob.path, blob.reason),))
