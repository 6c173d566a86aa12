"""`keysift scan`."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import click

from scanner import config, report, rules, workers
from scanner.cli.common import FAIL_ON, enabled, exit_code, forget_output, size, version
from scanner.fingerprint import fingerprint
from scanner.match import Matcher
from scanner.model import Blob, Confidence, Finding, Label, Location, Rule, Run, Skipped, Verdict
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
@click.option("-f", "--format", "form", type=click.Choice(sorted(report.FORMATS)), default="text", show_default=True)
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Write the report there, not to standard output.")
@click.option(
    "--fail-on", type=click.Choice(list(FAIL_ON)), default="sensitive", show_default=True,
    help="The least label that makes the exit code 1.",
)  # fmt: skip
@click.option(
    "--exclude", multiple=True, metavar="PATTERN", help="Leave out what matches, as in .gitignore. Repeatable."
)
@click.option("--no-ignore", is_flag=True, help="Scan what .gitignore leaves out, too.")
@click.option(
    "--max-file-size", default="256M", show_default=True, metavar="SIZE", help="Skip longer files (and say so)."
)
@click.option("--stdin-name", default="standard input", metavar="PATH", help="What to call the input of `-`.")
@click.option(
    "--config", "config_file", type=click.Path(dir_okay=False), help="Use this configuration file, and no other."
)
@click.option("--show-secrets", is_flag=True, help="Do not redact the keys in the report.")
@click.option("--show-public", is_flag=True, help="List keys that are public by design as well.")
@click.option("--jobs", type=click.IntRange(0, 256), default=0, help="Processes; 0 means one a core.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
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
    run = Run("scan", tuple(targets), started=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"))
    began = time.monotonic()
    settings = _configuration(targets, options["config_file"])
    active = enabled(rules.load(), settings.disable, settings.origin)
    tally(run, _results(targets, Matcher(active), settings, options))
    run.duration_s = round(time.monotonic() - began, 3)
    run.settings = {"version": version() if options["form"] != "text" else "", "rules": str(len(active))}
    _write(run, options)
    ctx.exit(exit_code(run, options["fail_on"]))


def _around() -> str:
    """The top of the repository around the current directory, or the directory."""
    from scanner import git  # noqa: PLC0415 - not needed with named paths

    top = git.toplevel(Path.cwd())
    return os.path.relpath(top) if top else "."


def _configuration(targets: tuple[str, ...], named: str | None) -> config.Config:
    if named:
        return config.read(Path(named))
    first = Path("." if targets[0] == "-" else targets[0]).absolute()
    return config.find(first if first.is_dir() else first.parent)


def _results(
    targets: tuple[str, ...], matcher: Matcher, settings: config.Config, options: dict[str, Any]
) -> Iterator[Scanned]:
    limit = size(options["max_file_size"])
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


def _write(run: Run, options: dict[str, Any]) -> None:
    """The report where it is wanted; the summary on standard error, for people."""
    colour = {"always": True, "never": False}.get(options["color"])
    destination: Path | TextIO = Path(options["output"]) if options["output"] else sys.stdout
    try:
        report.write(run, options["form"], destination, _view(options, sys.stdout, colour))
    except BrokenPipeError:
        forget_output()
    report.summary(run, sys.stderr, _view(options, sys.stderr, colour))


def _view(options: dict[str, Any], stream: TextIO, colour: bool | None) -> report.Options:  # noqa: FBT001 - private
    """Colour is for terminals whose user does not say no; NO_COLOR: https://no-color.org."""
    if colour is None:
        colour = stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    width = shutil.get_terminal_size((100, 24)).columns
    return report.Options(options["show_secrets"], options["show_public"], colour, max(60, width))
