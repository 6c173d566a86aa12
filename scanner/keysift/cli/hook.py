"""`keysift hook`."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import click

from keysift.accept import acceptances
from keysift.cli import common
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

_NAMED = 3
"""Files that the advice names."""


@click.command("hook")
@click.argument("files", nargs=-1, type=click.Path())
@common.reading
@common.reporting
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Find leaked keys in what the next commit adds: the staged bytes, not the working copy.

    FILES limit what is judged. A key that the file has in HEAD already, or that only moves, is not reported. Under
    pre-commit, files that are not staged are judged as they stand (`pre-commit run --all-files`), and before a push
    all the commits that it would bring.

    \b
    keysift hook
    keysift hook deploy/prod.env
    printf '#!/bin/sh\\nexec keysift hook\\n' > .git/hooks/pre-commit && chmod +x .git/hooks/pre-commit
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    top = common.repository()
    run = common.begin("hook", options["files"] or (".",))
    ledger = common.ledger(str(top), options)
    active = common.active_rules(ledger.sources.config)
    paths = naming.of(str(top))
    paths = paths.named_one_by_one() if options["files"] else paths
    excluded = common.excluding(ledger.sources.config, paths)
    files = {path: name for name in options["files"] if not excluded(path := _below(top, name))}
    matcher = Matcher(active)
    scan = partial(parallel.scan_blobs, matcher, jobs=options["jobs"])
    judge = BlobScan(scan, lambda path: not excluded(path) and (not options["files"] or _among(path, files)))
    limit = common.size(options["max_file_size"])
    if _before_push():
        from keysift.cli import gate  # noqa: PLC0415 - most commits are not pushed at once

        results = gate.pushed(top, judge, excluded, limit)
    elif _is_about_a_commit(top, files, changes := index.list_changes(top)):
        results = _staged(top, judge, changes, limit)
    else:
        results = _as_they_stand(matcher, files.values(), limit, options["jobs"])
    tally(run, common.reported(results, ledger, paths))
    acceptances.close(ledger, run, whole=False)
    options["config_fail_on"] = ledger.sources.config.fail_on
    common.finish(ctx, run, options, common.running(active), _advice(top, run))


def _below(top: Path, name: str) -> str:
    """A name that was typed here, as a path from the top of the repository."""
    return os.path.relpath(Path.cwd() / name, top).replace(os.sep, "/")


def _among(path: str, files: Iterable[str]) -> bool:
    """Whether a path is one of the files, or below one of them that is a directory."""
    return path in files or any(name == "." or path.startswith(f"{name}/") for name in files)


def _before_push() -> bool:
    """Whether pre-commit runs us before a push, or on a range of commits; https://pre-commit.com/#pre-push."""
    return "PRE_COMMIT_TO_REF" in os.environ or "PRE_COMMIT_REMOTE_BRANCH" in os.environ


def _is_about_a_commit(top: Path, files: Iterable[str], changes: list[Change]) -> bool:
    """Whether a commit is being made. pre-commit names the files of one, which are all staged; or any others.

    In a merge it names files whose content is a parent's, too.
    """
    if "PRE_COMMIT" not in os.environ or index.list_merged(top):
        return True
    staged = {change.path for change in changes}
    return all(path in staged for path in files)


def _staged(top: Path, judge: BlobScan, changes: list[Change], limit: int) -> Iterator[ScanResult]:
    with ObjectReader(top, limit=limit, inherit=hardening.INDEX) as objects:
        for one in added(changes, objects, judge, lambda: {change.path: change.after for change in changes}):
            yield ScanResult(one.findings) if isinstance(one, Added) else one


def _as_they_stand(matcher: Matcher, names: Iterable[str], limit: int, jobs: int) -> Iterator[ScanResult]:
    """Whole files of the working tree."""
    from keysift.files import listing  # noqa: PLC0415 - 10 ms that a commit need not pay

    named = (file for name in names for file in listing.files(name))
    return parallel.scan_files(matcher, named, limits=parallel.Limits(limit), jobs=jobs)


def _advice(top: Path, run: Run) -> Iterator[str]:
    """What to do about findings; commits need another cure than what is only staged."""
    if not run.findings:
        return
    places = [place for finding in run.findings for place in finding.locations]
    if any(place.commit for place in places):
        yield "help: a later commit does not remove it from these: revoke the key, or rewrite them (git rebase -i)"
    elif "PRE_COMMIT" not in os.environ or index.list_changes(top):
        yield f"help: unstage: {_unstage(top)} {_shown(run)}"
    yield "help: accept: a comment on the line, or alone on the line above: keysift: ignore[rule-id] reason"


def _unstage(top: Path) -> str:
    """Before the first commit there is nothing to restore from."""
    return "git restore --staged" if refs.resolve(top, "HEAD") else "git rm --cached"


def _shown(run: Run) -> str:
    """The files with findings as a shell reads them, without keys and control characters."""
    hidden = keys(finding.secret for finding in run.findings)
    paths = dict.fromkeys(place.path for finding in run.findings for place in finding.locations)
    shown = [shlex.quote(plain(mask_name(path, hidden))) for path in paths]
    return " ".join(shown[:_NAMED]) + (" ..." if len(shown) > _NAMED else "")
