"""`keysift hook`."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from keysift import lazy
from keysift.accept.acceptances import close
from keysift.cli import running, settings, targets
from keysift.cli.options import parse_size, reading, reporting
from keysift.cli.sections import Sectioned
from keysift.detect.matcher import Matcher
from keysift.files import naming
from keysift.git import hardening, index, loose, refs
from keysift.git.diff import Change
from keysift.git.objects import ObjectReader
from keysift.masking import keys, mask_name
from keysift.model import Run, ScanResult, Skipped
from keysift.pool import BackgroundCall
from keysift.report.plain import plain
from keysift.scan import names, parallel
from keysift.scan.added import Added, BlobScan, added
from keysift.scan.tally import tally

if TYPE_CHECKING:
    from keysift.cli import commits
    from keysift.files import listing
    from keysift.files.reading import File
else:
    commits = lazy.module("keysift.cli.commits")
    listing = lazy.module("keysift.files.listing")

_UNUSUAL = re.compile(r"^[/~.]|//|/\.|\\|/$|^$|^[A-Za-z]:")
"""What a name has that may read otherwise from the top of the repository: `./a`, `a//b`, `a/../b`, `C:a`."""
_MOST_SHOWN = 3
"""Files that the advice names."""


@click.command("hook", cls=Sectioned)
@click.argument("files", nargs=-1)  # no `click.Path`, which would look for each on the disk
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
    named = dict(zip(_below(top, options["files"]), options["files"], strict=True))
    # git works while we get ready.
    changes = None if _is_before_push() else BackgroundCall(partial(index.list_changes, top, named.keys()))
    run = running.begin("hook", options["files"] or (".",))
    acceptances = settings.read_acceptances(str(top), options)
    active = settings.active_rules(acceptances.sources.config, options=options)
    paths = naming.of(str(top))
    paths = paths.named_one_by_one() if options["files"] else paths
    matcher = Matcher(active)
    excluded = settings.exclusion(acceptances.sources.config, paths)
    results = _results(top, matcher, excluded, named, changes, options)
    tally(run, running.reported(results, acceptances, paths))
    names.hide(matcher, run)
    close([acceptances], run)
    running.finish(ctx, run, rules=settings.count_active(active), advice=_advice(top, run))


def _results(  # noqa: PLR0913, PLR0917 - what was asked, and what is known of it by now
    top: Path,
    matcher: Matcher,
    excluded: Callable[[str], bool],
    named: Mapping[str, str],
    changes: BackgroundCall[list[Change]] | None,
    options: Mapping[str, Any],
) -> Iterable[ScanResult]:
    """Return the results of what is staged, of what is pushed, or of whole files, as the hook is called."""
    files = {path: name for path, name in named.items() if not excluded(path)}

    def is_wanted(path: str) -> bool:
        return not excluded(path) and (not named or index.is_among(path, files))

    scan = partial(parallel.scan_blobs, matcher, jobs=options["jobs"])
    blob_scan = BlobScan(scan, partial(parallel.scan_names, matcher), is_wanted)
    limit = parse_size(options["max_file_size"])
    if changes is None:
        return commits.scan_pushed(top, blob_scan, excluded, limit)
    if _is_about_a_commit(top, files, staged := changes.answer()):
        return _scan_staged(top, blob_scan, staged, limit)
    listed = (file for path, name in files.items() for file in _listed(top, path, name))
    return parallel.scan_files(matcher, listed, limits=parallel.Limits(limit), jobs=options["jobs"])


def _listed(top: Path, path: str, name: str) -> Iterable[File | Skipped]:
    """Return a file, or those of a directory, as they are on disk; `path` is its name from the top."""
    if path == ".." or path.startswith("../") or os.path.isdir(name):  # noqa: PTH112 - a tenth of the time, of many names
        return listing.files(name)
    return (listing.named(name, str(top), path),)


def _below(top: Path, names: Iterable[str]) -> list[str]:
    """Return names that were typed here as paths from the top of the repository."""
    here = Path.cwd()
    lead = "" if here == top else f"{_relative(top, here)}/"
    # pre-commit names thousands, as git has them, and working out where a path leads is slow.
    return [_relative(top, here / name) if _UNUSUAL.search(name) else lead + name for name in names]


def _relative(top: Path, place: Path) -> str:
    return os.path.relpath(place, top).replace(os.sep, "/")


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
    with ObjectReader(top, limit=limit, inherit=hardening.INDEX, objects=loose.directory(top)) as objects:
        everything = cache(partial(index.list_changes, top))
        for result in added(changes, objects, blob_scan, lambda: _tree(everything()), everything):
            yield ScanResult(result.findings) if isinstance(result, Added) else result


def _tree(changes: Iterable[Change]) -> dict[str, str]:
    return {change.path: change.after for change in changes if change.after}


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
    hidden = keys(finding.secret for finding in (*run.everything(), *run.hidden))
    paths = dict.fromkeys(place.path for finding in run.findings for place in finding.locations)
    shown = [shlex.quote(plain(mask_name(path, hidden))) for path in paths]
    return " ".join(shown[:_MOST_SHOWN]) + (" ..." if len(shown) > _MOST_SHOWN else "")
