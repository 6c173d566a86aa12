"""`keysift hook`."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from keysift import lazy
from keysift.cli import running, settings, targets
from keysift.cli.options import FORCE, parse_size, reading, reporting
from keysift.cli.sections import Sectioned
from keysift.cli.shares import Share, Shares
from keysift.files import naming, skips
from keysift.git import hardening, index, loose, refs
from keysift.git.diff import Change
from keysift.git.objects import ObjectReader
from keysift.masking import keys, mask_name
from keysift.model import Run, ScanResult, Skipped
from keysift.pool import BackgroundCall
from keysift.records import dataclass
from keysift.report.plain import plain
from keysift.scan import names, parallel
from keysift.scan.added import Added, BlobScan, added
from keysift.scan.tally import tally

if TYPE_CHECKING:
    from keysift.cli import commits, message
    from keysift.files import listing
    from keysift.files.reading import File
else:
    commits = lazy.module("keysift.cli.commits")
    message = lazy.module("keysift.cli.message")
    listing = lazy.module("keysift.files.listing")

_UNUSUAL = re.compile(r"^[/~.]|//|/\.|\\|/$|^$|^[A-Za-z]:")
"""What a name has that may read otherwise from the top of the repository: `./a`, `a//b`, `a/../b`, `C:a`."""
_MOST_SHOWN = 3
"""Files that the advice names."""


@click.command("hook", cls=Sectioned)
@click.argument("files", nargs=-1)  # no `click.Path`, which would look for each on the disk
@click.option("--message", is_flag=True, help="Judge the message of a commit; FILES is the file that git names.")
@FORCE
@reading
@reporting
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Find leaked keys in what the next commit adds: the staged bytes, not the working copy.

    With FILES, judges only those; with --message, what git will keep of the message in that file. A key that the file
    already has in HEAD, or that only moves, is not reported. Under pre-commit, files that are not staged are judged as
    they are on disk (`pre-commit run --all-files`), and before a push all the commits that it would send.

    \b
    keysift hook
    keysift hook deploy/prod.env
    printf '#!/bin/sh\\nexec keysift hook\\n' > .git/hooks/pre-commit && chmod +x .git/hooks/pre-commit
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    top = targets.repository()
    if options["message"]:
        message.command(ctx, top, options)
        return
    named = dict(zip(_below(top, options["files"]), options["files"], strict=True))
    # git works while we get ready.
    changes = None if _is_before_push() else BackgroundCall(partial(index.list_changes, top, named.keys()))
    run = running.begin("hook", options["files"] or (".",))
    shares = Shares([str(top), *(_nested(top, named) if changes else ())], options)
    paths = naming.of(str(top))
    paths = paths.named_one_by_one() if options["files"] else paths
    staged = changes.answer() if changes else None
    staged = staged if staged is not None and _is_about_a_commit(top, named, staged) else None
    tally(run, _reported(_Work(top, named, staged, changes is None, paths, options), shares))
    names.hide(shares.of(str(top)).matcher, run)
    shares.close(run)
    running.finish(ctx, run, rules=shares.rules, advice=_advice(top, run))


def _nested(top: Path, named: Iterable[str]) -> Iterator[str]:
    """Yield the directories of the files that are named, each once; those that a link leads elsewhere are left out."""
    for directory in dict.fromkeys(_directory(top, path) for path in named):
        place = f"{top}/{directory}"
        if directory and os.path.realpath(place) == place:
            yield place


def _directory(top: Path, path: str) -> str:
    """Return the directory of a path from the top of the repository; empty for the top itself, and for one outside."""
    if path in {".", ".."} or path.startswith("../"):
        return ""
    return path if os.path.isdir(f"{top}/{path}") else path.rpartition("/")[0]  # noqa: PTH112 - as below


@dataclass(frozen=True, slots=True)
class _Work:
    """What the hook is called for."""

    top: Path
    named: Mapping[str, str]
    """The files to judge, by their paths from the top; none stands for all."""
    staged: list[Change] | None
    """The changes that a commit would make; None where whole files are judged, or what is pushed."""
    pushed: bool
    paths: naming.Naming
    options: Mapping[str, Any]


def _reported(work: _Work, shares: Shares) -> Iterator[ScanResult]:
    """Yield the results of each share of the files, judged by the configuration and the baseline of the share."""
    lead = f"{work.top}/"
    owners = {place.removeprefix(lead): share for share in shares for place in share.targets}
    main = shares.of(str(work.top))
    for share in shares:
        files = {
            path: name for path, name in work.named.items() if owners.get(_directory(work.top, path), main) is share
        }
        if files or not work.named or work.pushed:
            results = _results(replace(work, named=files), share)
            yield from running.reported(results, share.acceptances, work.paths)


def _results(work: _Work, share: Share) -> Iterator[ScanResult]:
    """Yield the results of what is staged, of what is pushed, or of whole files, as the hook is called."""
    named, options, origin = work.named, work.options, share.config.origin
    excluded = settings.exclusion(share.config, work.paths)
    slash = {path: "/" if _directory(work.top, path) == path else "" for path in named}
    files = {path: name for path, name in named.items() if options["force"] or not excluded(path + slash[path])}
    yield ScanResult(skipped=tuple(skips.excluded(path, origin) for path in named if path not in files))

    def is_wanted(path: str) -> bool:
        if not named:
            return not excluded(path)
        return index.is_among(path, files) and (options["force"] or not excluded(path))

    scan = partial(parallel.scan_blobs, share.matcher, jobs=options["jobs"])
    blob_scan = BlobScan(scan, partial(parallel.scan_names, share.matcher), is_wanted)
    limit = parse_size(options["max_file_size"])
    if work.pushed:
        yield from commits.scan_pushed(work.top, blob_scan, excluded, limit)
    elif work.staged is not None:
        yield from _scan_staged(work.top, blob_scan, work.staged, limit)
    else:
        listed = (file for path, name in files.items() for file in _listed(work.top, path, name))
        limits = parallel.Limits(limit)
        yield from parallel.scan_files(share.matcher, listed, limits=limits, jobs=options["jobs"])


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
