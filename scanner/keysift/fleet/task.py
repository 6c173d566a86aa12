"""The work on one repository, wherever it is done: ask for its tips, bring it, audit it, and write its report."""

from __future__ import annotations

import hashlib
import io
import os
import time
from dataclasses import replace
from pathlib import Path

from keysift import report
from keysift.errors import KeysiftError
from keysift.fleet import clones
from keysift.fleet.model import Answer, AuditRepository, State, Task
from keysift.git import layout, mirror, process
from keysift.model import Finding, Run
from keysift.version import VERSION


def scan(audit: AuditRepository, task: Task) -> Answer:
    """Return what came of a task; whatever fails is an answer, without a token and without a key."""
    began = time.monotonic()
    try:
        answer = _scan(audit, task)
    except mirror.MirrorError as error:
        absent = task.repository.optional and str(error) == mirror.NOT_THERE
        answer = Answer(State.ABSENT if absent else State.FAILED, _with_token(task, f"cannot be cloned: {error}"))
    except KeysiftError as error:
        answer = Answer(State.FAILED, str(error))
    except OSError as error:
        answer = Answer(State.FAILED, f"the system says: {error.strerror or type(error).__name__}")
    except Exception as error:  # noqa: BLE001 - what it says may quote a key
        answer = Answer(State.FAILED, f"an error that nobody foresaw: {type(error).__name__}")
    return replace(answer, seconds=round(time.monotonic() - began, 3))


def _with_token(task: Task, reason: str) -> str:
    variable = task.repository.access.token_env
    return f"{reason} (with the token in {variable})" if variable and "refuses access" in reason else reason


def _scan(audit: AuditRepository, task: Task) -> Answer:
    if task.version != VERSION:
        return Answer(State.FAILED, f"keysift {VERSION} is installed where it was to be scanned, not {task.version}")
    repository = task.repository
    if repository.local:
        tips = _local_tips(repository.url)
        mark = _mark(task, tips)
        # A working tree changes without any ref.
        if mark == task.known and layout.is_bare(repository.url):
            return Answer(State.UNCHANGED, mark=mark)
        return _done(task, mark, audit(Path(repository.url), task))
    reached = clones.remote(repository)
    tips = mirror.list_tips(reached)
    mark = _mark(task, tips)
    if mark == task.known:
        return Answer(State.UNCHANGED, mark=mark)
    if not tips.strip():
        return _done(task, mark, Run("audit", (repository.url,)))
    with clones.brought(task, reached, _head(tips)) as place:
        return _done(task, mark, audit(place, task))


def _done(task: Task, mark: str, run: Run) -> Answer:
    """Return the answer that holds the report of a run, under the fingerprints of the fleet."""
    if run.stopped:
        return Answer(State.FAILED, run.skipped[-1].reason)
    salted = replace(
        run,
        findings=[_salted(finding, task.salt) for finding in run.findings],
        below=[_salted(finding, task.salt) for finding in run.below],
        suppressed=[_salted(finding, task.salt) for finding in run.suppressed],
        public=[_salted(finding, task.salt) for finding in run.public],
        targets=(task.repository.name,),
        settings={**run.settings, "version": VERSION},
    )
    ends = [suppression.until for finding in run.suppressed for suppression in finding.suppressions]
    out = io.StringIO()
    report.write(salted, "json", out, report.Options(task.wishes.show_secrets, show_public=True))
    return Answer(State.DONE, mark=mark, report=out.getvalue().encode(), until=min(filter(None, ends), default=""))


def _salted(finding: Finding, salt: bytes) -> Finding:
    """Return a finding with a fingerprint that tells nothing to who does not have the salt of the fleet."""
    digest = hashlib.blake2b(finding.fingerprint.encode(), digest_size=16, key=salt, person=b"keysift/fleet")
    return replace(finding, fingerprint=digest.hexdigest())


def _mark(task: Task, tips: bytes) -> str:
    """Return a digest of everything that a report depends on, beside the day."""
    wishes = task.wishes
    stated = f"{task.version} {wishes.heed} {wishes.min_confidence} {wishes.show_secrets} {wishes.limit}"
    return hashlib.blake2b(stated.encode() + b"\0" + tips, digest_size=16, key=task.salt).hexdigest()


def _head(tips: bytes) -> str:
    """Return the ref that HEAD stands for, as `git ls-remote --symref` says it; empty if it does not."""
    first = tips.partition(b"\n")[0]
    return (
        os.fsdecode(first[5:].partition(b"\t")[0]) if first.startswith(b"ref: ") and first.endswith(b"\tHEAD") else ""
    )


def _local_tips(path: str) -> bytes:
    head = process.run(path, "rev-parse", "--verify", "--quiet", "HEAD", accept=(0, 1, 128)).stdout
    return head + process.run(path, "for-each-ref", "--format=%(objectname) %(refname)").stdout
