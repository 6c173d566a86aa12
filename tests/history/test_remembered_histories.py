"""An audit with a state reports what a full audit does, whatever happens to the repository in between."""

from __future__ import annotations

import io
import itertools
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.history.repositories import LIMIT, Repository, results

from keysift import report
from keysift.detect.matcher import Matcher
from keysift.history.audit import Audit
from keysift.history.context import AuditOptions
from keysift.model import Confidence, Run
from keysift.rules.generate import instance
from keysift.rules.ruleset import Rules
from keysift.scan.tally import tally

LINES = (
    "PAGERDUTY_TOKEN={{hex:32}}", "routing_key: {{hex:32}}", "x = {{github:ghp_}}", "token: {{github:ghp_}}",
    "aws_secret_access_key = {{base64:40}}", "# a comment", "password = 'correct horse'",
    "data: {{base64of:alnum.32}}", "x = '{{github:ghp_}}'  # keysift: ignore[github-*] made up",
    "kind: Secret\ndata:\n  token: {{base64of:alnum.32}}", "STRIPE=pk_test_{{alnum:24}}",
)  # fmt: skip
PATHS = ("a.py", "deploy/prod.env", "tests/data/x.yaml", "notes.md", "b.yaml")
BRANCHES = ("main", "side", "third")
Step = tuple[str, int, int]
"""What is done, and two numbers that say with what."""


def text_of(seed: int) -> str:
    """Return some lines, of which few seeds make many: so the same key comes again elsewhere."""
    lines = [instance(LINES[(seed + number * 5) % len(LINES)], f"s{(seed + number) % 4}")[0] for number in range(3)]
    return "\n".join([f"version {seed % 6}", *lines]) + "\n"


def commit(repo: Repository, first: int, second: int) -> None:
    repo.write(PATHS[first % len(PATHS)], text_of(second))
    message = f"deployed with {instance('{{github:ghp_}}', f's{second % 4}')[0]}" if first % 7 == 0 else "change"
    repo.git("add", "-A")
    repo.git("commit", "-q", "--allow-empty", "-m", message)


def leave(repo: Repository, first: int, second: int) -> None:
    """Change a file without committing it; sometimes it is staged."""
    repo.write(PATHS[first % len(PATHS)], text_of(second))
    if first % 2:
        repo.git("add", "-A")


def move(repo: Repository, first: int, second: int) -> None:
    """Rename a file: the same bytes are judged at another path."""
    tracked = sorted(repo.git("ls-files").splitlines())
    old, new = tracked[first % len(tracked)], f"moved/{second % 3}/{PATHS[second % len(PATHS)]}"
    if not (repo.place / new).exists():
        (repo.place / new).parent.mkdir(parents=True, exist_ok=True)
        repo.git("mv", "-k", old, new)
        repo.git("commit", "-q", "--allow-empty", "-a", "-m", "moved")


def switch(repo: Repository, first: int, _: int) -> None:
    name = BRANCHES[first % 3]
    if repo.git("for-each-ref", f"refs/heads/{name}"):
        repo.git("checkout", "-q", "-f", name)
    else:
        repo.git("checkout", "-q", "-f", "--orphan" if first % 7 == 0 else "-b", name)


def merge(repo: Repository, first: int, second: int) -> None:
    repo.git("reset", "-q", "--hard")
    names = repo.git("for-each-ref", "--format=%(refname)", "refs/heads").splitlines()
    options = ("-s", "ours") if second % 2 else ("-X", "theirs")
    try:
        repo.git("merge", "-q", "--allow-unrelated-histories", *options, "-m", "merged", names[first % len(names)])
    except AssertionError:  # such as a file that one side has removed
        repo.git("reset", "-q", "--hard")


def force(repo: Repository, first: int, second: int) -> None:
    """Set a branch to any commit that there is."""
    commits = repo.git("rev-list", "--all", "--reflog").splitlines()
    repo.git("reset", "-q", "--hard")
    repo.git("update-ref", f"refs/heads/{BRANCHES[first % 3]}", commits[second % len(commits)])
    repo.git("reset", "-q", "--hard")


def delete(repo: Repository, first: int, _: int) -> None:
    for name in (f"refs/heads/{BRANCHES[first % 3]}", f"refs/tags/t{first % 3}"):
        if repo.git("symbolic-ref", "HEAD") != name:
            repo.git("update-ref", "-d", name)


def tag(repo: Repository, first: int, second: int) -> None:
    key = instance("{{github:ghp_}}", f"s{second % 4}")[0]
    note = ("-a", "-m", f"with {key}") if second % 2 else ()
    repo.git("tag", "-f", *note, f"t{first % 3}")


def collect(repo: Repository, first: int, _: int) -> None:
    """Pack the objects anew; mostly nothing stays that no ref leads to."""
    if first % 4 == 0:
        repo.git("repack", "-q", "-d")
    elif first % 4 == 1:
        repo.git("repack", "-q", "-a", "-d", "-f", "--depth=50", "--window=50")
    else:
        repo.git("reflog", "expire", "--expire=now", "--all")
        repo.git("gc", "-q", "--prune=now")


def stash(repo: Repository, first: int, second: int) -> None:
    if first % 3 == 0 and repo.git("stash", "list"):
        repo.git("stash", "drop", "-q")
    else:
        leave(repo, first, second)
        with suppress(AssertionError):  # on a branch without a commit there is nothing to go back to
            repo.git("stash", "push", "-q", "--include-untracked")


def dangle(repo: Repository, _: int, second: int) -> None:
    repo.git("hash-object", "-w", "--stdin", stdin=text_of(second))


def amend(repo: Repository, first: int, second: int) -> None:
    repo.write(PATHS[first % len(PATHS)], text_of(second))
    repo.git("add", "-A")
    repo.git("commit", "-q", "--amend", "--allow-empty", "-m", "amended")


def rewrite(repo: Repository, first: int, _: int) -> None:
    """Write all history anew: each commit is another one afterwards, without one of the files."""
    repo.git("reset", "-q", "--hard")
    stream = repo.git("fast-export", "--all", "--signed-tags=strip", "--reencode=yes")
    gone = PATHS[first % len(PATHS)]
    kept = [line for line in stream.split("\n") if not (line.startswith("M ") and line.endswith(f" {gone}"))]
    repo.git("fast-import", "--quiet", "--force", stdin=("\n".join(kept) + "\n").encode("utf-8", "surrogateescape"))
    repo.git("reset", "-q", "--hard")


def archive(repo: Repository, first: int, second: int) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(zipfile.ZipInfo(PATHS[first % len(PATHS)]), text_of(second))
    (repo.place / "a.zip").write_bytes(out.getvalue())
    repo.git("add", "-A")
    repo.git("commit", "-q", "--allow-empty", "-m", "archive")


def large(repo: Repository, _: int, second: int) -> None:
    """Commit a file that is longer than the limit."""
    repo.write("large.txt", text_of(second) + "x" * LIMIT)
    repo.git("add", "-A")
    repo.git("commit", "-q", "--allow-empty", "-m", "large")


def name(repo: Repository, _: int, second: int) -> None:
    """Commit a file with a key in its name."""
    repo.write(f"keys/{instance('{{github:ghp_}}', f's{second % 2}')[0]}.txt", "nothing\n")
    repo.git("add", "-A")
    repo.git("commit", "-q", "--allow-empty", "-m", "name")


STEPS: dict[str, Callable[[Repository, int, int], None]] = {
    step.__name__: step
    for step in (
        commit, leave, move, switch, merge, force, delete, tag, collect, stash, dangle, amend, rewrite, archive, large,
        name,
    )
}  # fmt: skip
USUAL = ("commit", "move", "switch", "merge", "force", "delete", "tag", "collect", "stash", "dangle", "amend", "leave")
SELDOM = ("rewrite", "archive", "large", "name")
step = st.tuples(
    st.one_of(*[st.just("commit")] * 3, st.sampled_from(USUAL), st.sampled_from(USUAL + SELDOM)),
    st.integers(0, 100),
    st.integers(0, 100),
)
rounds = st.lists(st.lists(step, min_size=1, max_size=5), min_size=2, max_size=5)


@pytest.fixture(scope="module")
def several(matcher: Matcher) -> list[Matcher]:
    return variants(matcher)


def told(matcher: Matcher, place: Path, state: Path | None) -> dict[str, Any]:
    """Return the report of an audit as JSON, without what tells two runs apart that find the same."""
    run = Run("audit", (str(place),))
    audit = Audit(matcher, place, AuditOptions(LIMIT, 1, state=state))
    tally(run, results(audit))
    out = io.StringIO()
    report.write(run, "json", out, report.Options(show_secrets=True, show_public=True, everything=True))
    content: dict[str, Any] = json.loads(out.getvalue())
    content["skipped"].sort(key=str)
    content["run"] |= {"blobs": 0, "bytes": 0, "notes": []}
    return content


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("examples")
    return (folder / str(number) for number in itertools.count())


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rounds=rounds)
def test_an_audit_with_a_state_reports_what_a_full_one_does(
    matcher: Matcher, places: Iterator[Path], rounds: list[list[Step]]
) -> None:
    place = next(places)
    repo = Repository(place / "repo")
    repo.commit("readme", "nothing\n", "first")
    for steps in rounds:
        for what, first, second in steps:
            STEPS[what](repo, first, second)
        assert told(matcher, repo.place, place / "state") == told(matcher, repo.place, None), steps


def variants(matcher: Matcher) -> list[Matcher]:
    """Return matchers whose rules are of the same few providers, and new, gone, changed or off in turn."""
    rules = [rule for rule in matcher.rules if rule.id.startswith(("github-", "pagerduty-", "generic-", "aws-"))]
    every = Rules.of(rules)
    changed = [replace(rule, name="another", confidence=Confidence.MEDIUM) if number % 2 else rule
               for number, rule in enumerate(rules)]  # fmt: skip
    return [
        Matcher(every),
        Matcher(every.without(lambda identity: identity.startswith("github-"))),
        Matcher(every.without(lambda identity: not identity.startswith("generic-"))),
        Matcher([rule for rule in rules if not rule.id.startswith("generic-")]),
        Matcher([rule for rule in rules if rule.id.startswith("generic-")]),
        Matcher(changed),
    ]


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rounds=rounds, chosen=st.lists(st.integers(0, 5), min_size=6, max_size=6))
def test_so_it_does_whatever_becomes_of_the_rules(
    several: list[Matcher], places: Iterator[Path], rounds: list[list[Step]], chosen: list[int]
) -> None:
    place = next(places)
    repo = Repository(place / "repo")
    repo.commit("readme", "nothing\n", "first")
    for steps, number in zip(rounds, chosen, strict=False):
        for what, first, second in steps:
            STEPS[what](repo, first, second)
        now = several[number]
        assert told(now, repo.place, place / "state") == told(now, repo.place, None), (steps, chosen)
