"""A repository to audit, and an audit of it in both ways of reading."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.history.repositories import LIMIT, Audited, Kept, Repository, results, unordered

from keysift.detect.matcher import Matcher
from keysift.history import context
from keysift.history.audit import Audit
from keysift.model import Run
from keysift.rules import ruleset
from keysift.scan.tally import tally


@pytest.fixture(autouse=True)
def _own_home(home: Path) -> None:
    """Nothing here sees the configuration of whoever runs the tests."""


@pytest.fixture(scope="session")
def github() -> Matcher:
    """Few rules: what is tried here is where keys are looked for."""
    return Matcher([rule for rule in ruleset.load() if rule.id.startswith(("github-", "pagerduty-"))])


@pytest.fixture(scope="session")
def first_commit(tmp_path_factory: pytest.TempPathFactory, git_configuration: str) -> Repository:
    """A repository with one commit, to be copied: making it takes three gits."""
    home = tmp_path_factory.mktemp("home")
    (home / ".gitconfig").write_text(git_configuration, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        made = Repository(tmp_path_factory.mktemp("first") / "repo")
        made.commit("readme", "nothing\n", "first")
    return made


@pytest.fixture
def repo(tmp_path: Path, first_commit: Repository) -> Repository:
    return Repository(shutil.copytree(first_commit.place, tmp_path / "repo"), clock=first_commit.clock)


@pytest.fixture
def audited(github: Matcher) -> Audited:
    """An audit in both ways of reading, which find the same."""

    def run(place: Path, scope: context.Scope = context.Scope(), limit: int = LIMIT) -> Run:  # noqa: B008 - frozen
        packs, plain = (Run("audit", (str(place),)) for _ in range(2))
        for run, plainly in ((packs, False), (plain, True)):
            tally(run, results(Audit(github, place, context.AuditOptions(limit, 1, scope=scope, plain=plainly))))
        assert unordered(packs) == unordered(plain)
        return packs

    return run


@pytest.fixture
def kept(github: Matcher, tmp_path: Path) -> Kept:
    """An audit with the state in `tmp_path / "state"`, and what it says of it."""

    def run(place: Path, limit: int = LIMIT, matcher: Matcher = github, **options: object) -> tuple[Run, str]:
        done = Run("audit", (str(place),))
        asked = {"state": tmp_path / "state", **options}
        audit = Audit(matcher, place, context.AuditOptions(limit, 1, **asked))  # type: ignore[arg-type] # as each test says
        tally(done, results(audit))
        return done, " ".join(audit.notes)

    return run
