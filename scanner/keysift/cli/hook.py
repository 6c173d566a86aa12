"""`keysift hook`."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from keysift import lazy
from keysift.accept.acceptances import close
from keysift.cli import running, settings, targets
from keysift.cli.options import parse_size, reading, reporting
from keysift.detect.matcher import Matcher
from keysift.files import naming
from keysift.git import hardening, index, refs
from keysift.git.diff import Change
from keysift.git.objects import ObjectReader
from keysift.model import Run, ScanResult
from keysift.redact import keys, mask_name
from keysift.report.plain import plain
from keysift.scan import parallel
from keysift.scan.added import Added, BlobScan, added
from keysift.scan.tally import tally

if TYPE_CHECKING:
    from keysift.cli import commits
    from keysift.files import listing
else:
    commits = lazy.module("keysift.cli.commits")
    listing = lazy.module("keysift.files.listing")

_MOST_SHOWN = 3
"""Files that the advice names."""


@click.command("hook")
@click.argument("files", nargs=-1, type=click.Path())
@reading
@reporting
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Find leaked keys in what the next commit adds: the staged bytes, not the working copy.

    With FILES, judges only those. A key that the file already has in HEAD, or that only moves, is not reported. Under
    pre-commit, files that are not staged are judged as they are on disk (`pre-commit run --all-files`), and before a
    push all the commits that it would send.

    \b
    keysift hook
    keysift hook deploy/prod.env
    printf '#!/bin/sh\\nexec keysift hook\\n' > .git/hooks/pre-commit && chmod +x .git/hooks/pre-commit
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    top = targets.repository()
    run = running.begin("hook", options["files"] or (".",))
    acceptances = settings.read_acceptances(str(top), options)
    active = settings.active_rules(acceptances.sources.config)
    paths = naming.of(str(top))
    paths = paths.named_one_by_one() if options["files"] else paths
    results = _results(top, Matcher(active), settings.exclusion(acceptances.sources.config, paths), options)
    tally(run, running.reported(results, acceptances, paths))
    close(acceptances, run, whole=False)
    fail_on = acceptances.sources.config.fail_on
    rules = settings.count_active(active)
    running.finish(ctx, run, rules=rules, fail_on=fail_on, advice=_advice(top, run))


def _results(
    top: Path, matcher: Matcher, excluded: Callable[[str], bool], options: dict[str, Any]
) -> Iterable[ScanResult]:
    """Return the results of what is staged, of what is pushed, or of whole files, as the hook is called."""
    files = {path: name for name in options["files"] if not excluded(path := _below(top, name))}
    scan = partial(parallel.scan_blobs, matcher, jobs=options["jobs"])
    blob_scan = BlobScan(scan, lambda path: not excluded(path) and (not options["files"] or _is_among(path, files)))
    limit = parse_size(options["max_file_size"])
    if _is_before_push():
        return commits.scan_pushed(top, blob_scan, excluded, limit)
    changes = index.list_changes(top)
    if _is_about_a_commit(top, files, changes):
        return _scan_staged(top, blob_scan, changes, limit)
    named = (file for name in files.values() for file in listing.files(name))
    return parallel.scan_files(matcher, named, limits=parallel.Limits(limit), jobs=options["jobs"])


def _below(top: Path, name: str) -> str:
    """Return a name that was typed here as a path from the top of the repository."""
    return os.path.relpath(Path.cwd() / name, top).replace(os.sep, "/")


def _is_among(path: str, files: Iterable[str]) -> bool:
    """Return True if a path is one of the files, or below one of them that is a directory."""
    return path in files or any(name == "." or path.startswith(f"{name}/") for name in files)


def _is_before_push() -> bool:
    """Return True if pre-commit runs before a push, or on a range of commits; https://pre-commit.com/#pre-push."""
    return "PRE_COMMIT_TO_REF" in os.environ or "PRE_COMMIT_REMOTE_BRANCH" in os.environ


def _is_about_a_commit(top: Path, files: Iterable[str], changes: list[Change]) -> bool:
    """Return True if a commit is being made: then all files that pre-commit names are staged.

    In a merge it also names files that are the same as in a parent.
    """
    if "PRE_COMMIT" not in os.environ or index.list_merged(top):
        return True
    staged = {change.path for change in changes}
    return all(path in staged for path in files)


def _scan_staged(top: Path, blob_scan: BlobScan, changes: list[Change], limit: int) -> Iterator[ScanResult]:
    with ObjectReader(top, limit=limit, inherit=hardening.INDEX) as objects:
        tree = {change.path: change.after for change in changes}
        for result in added(changes, objects, blob_scan, lambda: tree):
            yield ScanResult(result.findings) if isinstance(result, Added) else result


def _advice(top: Path, run: Run) -> Iterator[str]:
    """Yield what to do about findings: for commits it is not what it is for staged files."""
    if not run.findings:
        return
    places = [place for finding in run.findings for place in finding.locations]
    if any(place.commit for place in places):
        yield "help: a later commit does not remove a key from these: revoke it, or rewrite them (git rebase -i)"
    elif "PRE_COMMIT" not in os.environ or index.list_changes(top):
        yield f"help: to unstage: {_unstage(top)} {_shown(run)}"
    yield "help: to accept: add a comment on the line, or alone on the line above: keysift: ignore[rule-id] reason"


def _unstage(top: Path) -> str:
    """Return the command that unstages a file; before the first commit there is nothing to restore it from."""
    return "git restore --staged" if refs.resolve(top, "HEAD") else "git rm --cached"


def _shown(run: Run) -> str:
    """Return the files with findings as a shell reads them, without keys and control characters."""
    hidden = keys(finding.secret for finding in run.findings)
    paths = dict.fromkeys(place.path for finding in run.findings for place in finding.locations)
    shown = [shlex.quote(plain(mask_name(path, hidden))) for path in paths]
    return " ".join(shown[:_MOST_SHOWN]) + (" ..." if len(shown) > _MOST_SHOWN else "")
