"""`keysift gate`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import click

from keysift import config
from keysift.accept import acceptances, baseline
from keysift.cli import ci, common
from keysift.detect.matcher import Matcher
from keysift.errors import UsageError
from keysift.files import naming
from keysift.git import log, messages, refs, trees
from keysift.git.diff import Change
from keysift.git.hardening import QUARANTINE
from keysift.git.log import Commit, stamp
from keysift.git.objects import Object, ObjectReader
from keysift.model import Blob, Finding, History, ScanResult, Skipped
from keysift.scan import parallel
from keysift.scan.added import Added, BlobScan, added
from keysift.scan.tally import tally

_NOT_HEEDED = "a comment of the change asks to ignore it, which counts only once it is in the base"


@dataclass(frozen=True, slots=True)
class _Range:
    """What one tip adds."""

    name: str
    """For people: `origin/main...HEAD`, or the ref that is pushed."""
    tip: str
    """A full commit id; empty for a tag of something that is no commit."""
    without: tuple[str, ...]
    """What is there already, as `git rev-list --not` takes it."""
    base: str = ""
    """The commit whose configuration holds; empty where there is none."""
    tag: str = ""
    """What was pushed, where that may be a tag."""
    deepen: str = ""
    """What to do when the clone is too shallow; empty where no clone can be."""


@dataclass(slots=True)
class _Notes:
    """What a person should know besides the findings."""

    lines: list[str] = field(default_factory=list)
    comments: int = 0
    rules: int = 0
    ledgers: list[acceptances.Acceptances] = field(default_factory=list)

    def said(self) -> Iterator[str]:
        yield from self.lines
        if self.comments:
            yield f"note: {self.comments:,} of them: {_NOT_HEEDED}"


@click.command("gate")
@click.option("--base", metavar="REF", envvar="KEYSIFT_BASE", help="Compare with this; else the CI service says it.")
@click.option("--head", metavar="REF", help="Judge this.  [default: HEAD]")
@click.option("--pre-receive", is_flag=True, help="Judge a push: old, new and ref on standard input.")
@common.reading
@common.reporting
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Find leaked keys in what a branch or a push adds, its commit messages included.

    Every commit since the merge base is judged: a key that a later one removes is leaked all the same. Configuration
    is that of the base, and comments that the change itself brings suppress nothing.

    \b
    keysift gate --base origin/main
    keysift gate -f sarif -o keysift.sarif
    keysift gate --pre-receive
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    top = common.repository()
    ranges = list(_received(top, sys.stdin.buffer)) if options["pre_receive"] else [_asked(top, options)]
    run = common.begin("gate", [one.name for one in ranges])
    notes = _Notes()
    tally(run, (scanned for one in ranges for scanned in _judged(top, one, options, notes)))
    for ledger in notes.ledgers:
        acceptances.close(ledger, run, whole=False)
        options["config_fail_on"] = options.get("config_fail_on") or ledger.sources.config.fail_on
    common.finish(ctx, run, options, notes.rules, notes.said())


# --- What to judge ----------------------------------------------------------------------------------------------------


def _asked(top: Path, options: Mapping[str, Any]) -> _Range:
    """The range that was named, or that the variables of the CI service tell."""
    known = _service()
    names = (options["base"],) if options["base"] else known.refs if known else ()
    if not names:
        raise UsageError(
            "there is nothing to compare with: no --base, and no CI service says it",
            help="keysift gate --base origin/main",
        )
    deepen = "git fetch --unshallow" + (f"; on {known.service}: {known.deepen}" if known else "")
    head = options["head"] or (known.head if known and not options["base"] else "HEAD")
    tip = refs.resolve_commit(top, head)
    if not tip:
        raise UsageError(f"the commit to judge is not in this clone: {head}", help=_fetch(head, deepen))
    base, name = next(((oid, name) for name in names if (oid := refs.resolve_commit(top, name))), ("", ""))
    if not base:
        raise UsageError(f"the base is not in this clone: {' or '.join(names)}", help=_fetch(names[0], deepen))
    return _Range(f"{name}...{head}", tip, (base,), base, deepen=deepen)


def _fetch(name: str, deepen: str) -> str:
    """The command that brings a branch or commit."""
    branch = name.removeprefix("origin/")
    target = f"{branch}:refs/remotes/{name}" if branch != name else name
    return f"git fetch origin {target}; if the clone is shallow: {deepen}"


def _service() -> ci.Base | None:
    path = os.environ.get("GITHUB_EVENT_PATH")
    try:
        event = json.loads(Path(path).read_bytes()) if path else {}
    except (OSError, ValueError):
        event = {}
    return ci.find(os.environ, event if isinstance(event, dict) else {})


def _received(top: Path, lines: Iterable[bytes]) -> Iterator[_Range]:
    """What git tells a pre-receive hook: `<old> <new> <ref>`; https://git-scm.com/docs/githooks#pre-receive."""
    for line in lines:
        parts = os.fsdecode(line).rstrip("\n").split(" ", 2)
        if len(parts) != 3:
            raise UsageError("no line of `<old> <new> <ref>` on standard input", help="git writes them for pre-receive")
        old, new, ref = parts
        if not new.strip("0"):
            continue  # the ref goes away
        tip = refs.resolve_commit(top, new)
        if old.strip("0"):
            yield _Range(ref, tip, (old,), refs.resolve_commit(top, old), tag=new)
        else:
            yield _Range(ref, tip, ("--all",), refs.resolve_commit(top, "HEAD"), tag=new)


def pushed(top: Path, judge: BlobScan, excluded: Callable[[str], bool], limit: int) -> Iterator[ScanResult]:
    """What pre-commit is asked to let through to a remote; https://pre-commit.com/#pre-push.

    A file that the commits bring and remove again is named by nobody, and judged all the same.
    """
    base = os.environ.get("PRE_COMMIT_FROM_REF", "")
    head = os.environ.get("PRE_COMMIT_TO_REF") or os.environ.get("PRE_COMMIT_LOCAL_BRANCH", "HEAD")
    tip = refs.resolve_commit(top, head)
    if not tip or (base and not refs.resolve_commit(top, base)):
        raise UsageError(f"this repository has no commit {base if tip else head}", help="is it fetched?")
    # Without a base, all of the branch is new to the remote.
    without = base or f"--remotes={os.environ.get('PRE_COMMIT_REMOTE_NAME', '')}"
    oids = log.list_commits(top, tip, (without,))
    changes = log.list_changes(top, oids)
    gone = {change.path for change in changes} - _tree(top, tip).keys()
    wider = replace(judge, wanted=lambda path: judge.wanted(path) or (path in gone and not excluded(path)))
    with ObjectReader(top, limit=limit, inherit=QUARANTINE) as objects:
        yield from _results(objects, wider, oids, changes, partial(_tree, top, tip))


def _tree(top: Path, commit: str) -> dict[str, str]:
    """Return which blob stands at each path of a commit."""
    return dict(trees.list_blobs(top, commit, inherit=QUARANTINE))


# --- Judging ----------------------------------------------------------------------------------------------------------


def _judged(top: Path, asked: _Range, options: Mapping[str, Any], notes: _Notes) -> Iterator[ScanResult]:
    """What a range adds, by the configuration and the baseline of its base."""
    paths = naming.of(str(top))
    oids = log.list_commits(top, asked.tip, asked.without) if asked.tip else []
    if asked.deepen and log.is_cut(top, asked.tip, asked.base, oids):
        raise UsageError(f"this clone is too shallow to compare {asked.name}", help=asked.deepen)
    changes = log.list_changes(top, oids)
    with ObjectReader(top, limit=common.size(options["max_file_size"]), inherit=QUARANTINE) as objects:
        settings = _configuration(objects, asked, options)
        ledger = acceptances.Acceptances(
            acceptances.AcceptanceSources(settings, _baseline(objects, asked, options)), today=common.today()
        )
        notes.ledgers.append(ledger)
        read = None if options["config_file"] else partial(_content, objects, asked.base)
        active = common.active_rules(settings, read)
        notes.rules = max(notes.rules, common.running(active))
        notes.lines += [f"{asked.name}: {len(oids):,} commit{'' if len(oids) == 1 else 's'}"]
        notes.lines += _policy(objects, changes, paths)
        scan = partial(parallel.scan_blobs, Matcher(active), jobs=options["jobs"])
        excluded = common.excluding(settings, paths)
        judge = BlobScan(scan, lambda path: not excluded(path))
        texts = messages.read_tag(objects, asked.tag) if asked.tag else ()
        results = _results(objects, judge, oids, changes, partial(_tree, top, asked.tip))
        unheeding = (
            replace(scanned, findings=tuple(_unheeding(finding, notes) for finding in scanned.findings))
            for scanned in chain(_texts(scan, texts), results)
        )
        yield from naming.named(acceptances.accepted(ledger, unheeding, paths), paths)


def _configuration(objects: ObjectReader, asked: _Range, options: Mapping[str, Any]) -> config.Config:
    """What the base states at its top, unless the user names a file, or wants none of it."""
    if options["config_file"]:
        return config.read(Path(options["config_file"]))
    for name in () if options["no_repo_config"] else (config.NAME, "pyproject.toml"):
        data = _content(objects, asked.base, name)
        if data is not None and (name == config.NAME or config.MARK in data):
            return config.parse(data, f"{asked.base[:12]}:{name}").on_branch(_branch(asked))
    return config.Config()


def _branch(asked: _Range) -> str:
    """The branch that is added to, where it is known by name."""
    return asked.name.partition("...")[0].removeprefix("refs/heads/").removeprefix("origin/")


def _baseline(objects: ObjectReader, asked: _Range, options: Mapping[str, Any]) -> baseline.Baseline | None:
    """What is accepted in the base, unless the user names a file, or wants none of it."""
    if options["baseline_file"]:
        return baseline.read(Path(options["baseline_file"]))
    data = None if options["no_repo_config"] else _content(objects, asked.base, baseline.NAME)
    return None if data is None else baseline.parse(data, f"{asked.base[:12]}:{baseline.NAME}")


def _content(objects: ObjectReader, base: str, path: str) -> bytes | None:
    """A file of the base; nothing where there is none."""
    answer = objects.read(f"{base}:{path}") if base else None
    return answer.data if isinstance(answer, Object) else None


def _policy(objects: ObjectReader, changes: Iterable[Change], paths: naming.Naming) -> list[str]:
    """What to say where a change touches what it would be judged by."""
    touched = {paths.shown(change.path) for change in changes if _is_policy(objects, change)}
    return [f"note: the change touches {path}: it was judged by that of the base" for path in sorted(touched)]


def _is_policy(objects: ObjectReader, change: Change) -> bool:
    if change.path != "pyproject.toml":
        return change.path in {config.NAME, baseline.NAME}
    answers = [objects.read(oid) for oid in (*change.before, change.after) if oid]
    return any(isinstance(answer, Object) and config.MARK in answer.data for answer in answers)


def _results(
    objects: ObjectReader,
    judge: BlobScan,
    oids: Sequence[str],
    changes: Sequence[Change],
    tree: Callable[[], dict[str, str]],
) -> Iterator[ScanResult]:
    """What the messages of commits have, and what the commits add, each finding with the commit that brings it."""
    said = list(messages.read_messages(objects, oids))
    facts = {commit.oid: commit for commit, _ in said}
    for scanned, commit in zip(_texts(judge.scan, (text for _, text in said)), facts.values(), strict=True):
        yield replace(scanned, findings=tuple(_brought(finding, commit, stays=True) for finding in scanned.findings))
    for one in added(changes, objects, judge, tree):
        if isinstance(one, Added):
            commit = facts[one.change.commit]
            yield ScanResult(
                tuple(_brought(finding, commit, stays=finding.fingerprint in one.stays) for finding in one.findings)
            )
        else:
            yield one


def _texts(
    scan: Callable[[Iterable[Blob]], Iterable[ScanResult]], texts: Iterable[Blob | Skipped]
) -> Iterator[ScanResult]:
    """What came of each, in their order."""
    for text in texts:
        yield from scan([text]) if isinstance(text, Blob) else (ScanResult(skipped=(text,)),)


def _brought(finding: Finding, commit: Commit, *, stays: bool) -> Finding:
    places = tuple(replace(place, commit=commit.oid) for place in finding.locations)
    history = History(
        first_commit=commit.oid,
        first_seen=stamp(commit.time) if commit.time else "",
        authors=(commit.author,),
        in_head=stays,
    )
    return replace(finding, locations=places, history=history)


def _unheeding(finding: Finding, notes: _Notes) -> Finding:
    """A finding that no comment suppresses: whoever adds a key could add the comment."""
    if not finding.suppressions:
        return finding
    notes.comments += 1
    verdict = replace(finding.verdict, reasons=(*finding.verdict.reasons, _NOT_HEEDED))
    return replace(finding, suppressions=(), verdict=verdict)
