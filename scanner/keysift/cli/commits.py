"""Commits -> the findings that they and their messages add, each with the commit that introduced it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from keysift.errors import UsageError
from keysift.git import log, messages, refs, trees
from keysift.git.diff import Change
from keysift.git.hardening import QUARANTINE
from keysift.git.log import Commit, stamp
from keysift.git.objects import ObjectReader
from keysift.model import Blob, Finding, History, ScanResult, Skipped
from keysift.scan.added import Added, BlobScan, Scan, added


def scan_commits(
    objects: ObjectReader,
    blob_scan: BlobScan,
    oids: Sequence[str],
    changes: Sequence[Change],
    tree: Callable[[], dict[str, str]],
) -> Iterator[ScanResult]:
    """Yield the results of the headers and messages of commits, and of what their changes add.

    `tree` returns the blob at each path when all changes are made.
    """
    described = list(messages.read_messages(objects, oids))
    commits = {commit.oid: commit for commit, _ in described}
    results = scan_texts(blob_scan.scan, (text for _, text in described))
    for result, (commit, _) in zip(results, described, strict=True):
        yield replace(result, findings=tuple(_introduced(finding, commit, stays=True) for finding in result.findings))
    for addition in added(changes, objects, blob_scan, tree):
        if isinstance(addition, Added):
            commit, stays = commits[addition.change.commit], addition.stays
            yield ScanResult(
                tuple(_introduced(finding, commit, stays=finding.fingerprint in stays) for finding in addition.findings)
            )
        else:
            yield addition


def scan_texts(scan: Scan, texts: Iterable[Blob | Skipped]) -> Iterator[ScanResult]:
    """Yield one result for each text, in their order."""
    for text in texts:
        if isinstance(text, Skipped):
            yield ScanResult(skipped=(text,))
        else:
            headers = text.path in {messages.HEADER, messages.TAG_HEADER}  # a part of what is counted already
            yield from (replace(result, blobs=0) if headers else result for result in scan([text]))


def scan_pushed(top: Path, blob_scan: BlobScan, excluded: Callable[[str], bool], limit: int) -> Iterator[ScanResult]:
    """Yield the results of the commits that pre-commit is about to push; https://pre-commit.com/#pre-push.

    A file that these commits add and remove again is not among those that pre-commit names, and is judged all the same.

    Raises:
        UsageError: the repository does not have the commits that pre-commit names.
    """
    base = os.environ.get("PRE_COMMIT_FROM_REF", "")
    head = os.environ.get("PRE_COMMIT_TO_REF") or os.environ.get("PRE_COMMIT_LOCAL_BRANCH", "HEAD")
    tip = refs.resolve_commit(top, head)
    if not tip or (base and not refs.resolve_commit(top, base)):
        raise UsageError(f"this repository has no commit {base if tip else head}", help="fetch it first")
    # Without a base, all of the branch is new to the remote.
    without = base or f"--remotes={os.environ.get('PRE_COMMIT_REMOTE_NAME', '')}"
    oids = log.list_commits(top, tip, (without,))
    changes = log.list_changes(top, oids)
    gone = {change.path for change in changes} - list_tree(top, tip).keys()
    wanted = blob_scan.wanted
    wider = replace(blob_scan, wanted=lambda path: wanted(path) or (path in gone and not excluded(path)))
    with ObjectReader(top, limit=limit, inherit=QUARANTINE) as objects:
        yield from scan_commits(objects, wider, oids, changes, partial(list_tree, top, tip))


def list_tree(top: Path, commit: str) -> dict[str, str]:
    """Return the blob at each path of a commit."""
    return dict(trees.list_blobs(top, commit, inherit=QUARANTINE))


def _introduced(finding: Finding, commit: Commit, *, stays: bool) -> Finding:
    """Return the finding with the commit that introduced it; `stays` if the key is still there at the tip."""
    places = tuple(replace(place, commit=commit.oid) for place in finding.locations)
    first_seen = stamp(commit.time) if commit.time else ""
    history = History(first_commit=commit.oid, first_seen=first_seen, authors=(commit.author,), in_head=stays)
    return replace(finding, locations=places, history=history)
