"""A change tries to weaken its own check, by every file that it may touch; the gate finds the key all the same."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from keysift.accept import baseline
from keysift.rules.generate import instance

Keysift = Callable[..., subprocess.CompletedProcess[bytes]]
Git = Callable[..., None]
KEY = "PAGERDUTY_TOKEN=" + "{{hex:32}}"
ALL = 'exclude = ["*"]\ndisable = ["*"]\nfail-on = "never"\nmin-confidence = "high"\n'
ATTACKS: dict[str, dict[str, str]] = {
    "the configuration": {".keysift.toml": ALL},
    "a project file": {"pyproject.toml": "[tool.keysift]\n" + ALL},
    "a nested configuration": {"deep/.keysift.toml": ALL, "deep/pyproject.toml": "[tool.keysift]\n" + ALL},
    "ignore tables": {".keysift.toml": '[[ignore]]\nrule = "*"\n[[path]]\npattern = "*"\ndisable = ["*"]\n'},
    "skip tables": {".keysift.toml": '[[skip]]\npath = "*"\nreason = "x"\n'},
    "a branch": {".keysift.toml": '[[branch]]\npattern = "*"\nfail-on = "never"\nmin-confidence = "high"\n'},
    "a rule that is changed": {".keysift.toml": '[rule.pagerduty-integration-key]\nlabel = "public"\nwhy = "x"\n'},
    "a rule file": {
        ".keysift.toml": 'rules = ["own.yaml"]\n',
        "own.yaml": "rules: []\n",
    },
    "a broken configuration": {".keysift.toml": "no = toml = at all"},
    "ignore files": dict.fromkeys((".gitignore", ".ignore", ".gitleaksignore", "deep/.gitignore"), "*\n"),
    "attributes": {
        ".gitattributes": "* binary -diff -text export-ignore filter=none ident\n",
        "deep/.gitattributes": "* -diff merge=ours\n",
    },
    "submodules": {".gitmodules": '[submodule "deep"]\n\tpath = deep\n\turl = ./deep\n\tignore = all\n'},
    "a mailmap": {".mailmap": "B <b@example.org> A <a@example.org>\n"},
    "a hook's settings": {".pre-commit-config.yaml": "repos: []\nexclude: .*\n"},
    "a cache of pipelines": {".gitlab-ci.yml": "x: {}\n", ".github/workflows/x.yml": "on: []\n"},
}  # fmt: skip
MARKS = (
    "keysift: ignore a test account",
    "gitleaks:allow",
    "pragma: allowlist secret",
    "trufflehog:ignore",
    "nosecret",
    "kingfisher:ignore",
)


def leak(seed: str) -> str:
    return instance(KEY, seed)[0] + "\n"


@pytest.fixture
def repo(tmp_path: Path, git: Git, environment: dict[str, str]) -> Path:
    """On a branch that a reviewed `main` has, without any settings."""
    for name in [name for name in environment if name.startswith(("GITHUB_", "GITLAB_", "CI", "KEYSIFT_BASE"))]:
        del environment[name]
    git(tmp_path, "init", "-q", "-b", "main", "repo")
    place = tmp_path / "repo"
    write(place, {"a": "1\n"})
    record(git, place)
    git(place, "checkout", "-q", "-b", "work")
    return place


def write(repo: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (repo / name).parent.mkdir(parents=True, exist_ok=True)
        (repo / name).write_text(content)


def record(git: Git, repo: Path) -> None:
    git(repo, "add", "--all", "--force")
    git(repo, "commit", "-q", "-m", "x")


def found(answer: subprocess.CompletedProcess[bytes]) -> set[str]:
    report = json.loads(answer.stdout)
    assert answer.returncode == 1, answer.stderr
    return {place["path"] for finding in report["findings"] for place in finding["locations"]}


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("before", [False, True], ids=["with the key", "a commit before the key"])
def test_no_file_of_a_change_hides_its_key(attack: str, before: bool, keysift: Keysift, repo: Path, git: Git) -> None:  # noqa: FBT001 - a parameter
    write(repo, ATTACKS[attack])
    if before:
        record(git, repo)
    write(repo, {"deep/new.conf": leak("new"), "b.conf": leak("b")})
    record(git, repo)
    assert found(keysift("gate", "--base", "main", "-f", "json", cwd=repo)) == {"deep/new.conf", "b.conf"}


@pytest.mark.parametrize("name", [".keysift.toml", "pyproject.toml", baseline.NAME])
def test_a_change_of_what_the_base_has_is_not_heeded(name: str, keysift: Keysift, repo: Path, git: Git) -> None:
    git(repo, "checkout", "-q", "main")
    head = "[tool.keysift]\n" if name == "pyproject.toml" else ""
    text = baseline.header().decode() if name == baseline.NAME else f"{head}exclude = ['vendor/']\n"
    write(repo, {name: text, "b.conf": leak("b")})
    record(git, repo)
    git(repo, "checkout", "-q", "-b", "change")
    write(repo, {"new.conf": leak("new")})
    if name == baseline.NAME:
        assert keysift("baseline", "update", "--accept-high", "--why", "x", cwd=repo).returncode == 0
    else:
        write(repo, {name: head + ALL})
    record(git, repo)
    answer = keysift("gate", "--base", "main", "-f", "json", cwd=repo)
    assert found(answer) == {"new.conf"}
    assert f"note: the change touches {name}; the version in the base was used" in answer.stderr.decode()
    git(repo, "rm", "-q", name)
    record(git, repo)
    assert found(keysift("gate", "--base", "main", "-f", "json", cwd=repo)) == {"new.conf"}, "nor is its removal"


def test_a_rule_file_of_the_base_is_read_from_the_base(keysift: Keysift, repo: Path, git: Git) -> None:
    key, other = (instance("{{hex:16}}", seed)[0] for seed in ("rule", "other"))
    own = (
        "provider: Ours\nrules:\n  - id: our-key\n    name: Our key\n    label: secret\n    why: It is ours.\n"
        "    revoke: Ask us.\n    references: ['https://example.org']\n    keywords: [ourkey_]\n"
        f"    pattern: 'ourkey_[0-9a-f]{{16}}'\n    examples: ['ourkey_{other}']\n    counterexamples: ['ourkey_']\n"
    )
    git(repo, "checkout", "-q", "main")
    write(repo, {".keysift.toml": "rules = ['./own.yaml']\n", "own.yaml": own})
    record(git, repo)
    git(repo, "checkout", "-q", "-b", "change")
    write(repo, {"own.yaml": "provider: Ours\nrules: []\n", "b": f"ourkey_{key}\n"})
    record(git, repo)
    answer = keysift("gate", "--base", "main", "-f", "json", cwd=repo)
    assert found(answer) == {"b"}
    assert b"note: the change touches own.yaml; the version in the base was used" in answer.stderr


@pytest.mark.parametrize("mark", MARKS)
def test_no_comment_of_a_change_hides_its_key(mark: str, keysift: Keysift, repo: Path, git: Git) -> None:
    write(repo, {"b.conf": leak("b").rstrip() + f"  # {mark}\n", "c.conf": f"# {mark}\n" + leak("c")})
    record(git, repo)
    answer = keysift("gate", "--base", "main", "-f", "json", cwd=repo)
    assert found(answer) == {"b.conf", "c.conf"}


def test_no_comment_that_stood_there_before_hides_a_new_key(keysift: Keysift, repo: Path, git: Git) -> None:
    git(repo, "checkout", "-q", "main")
    write(repo, {"b.conf": "# keysift: ignore-start\n\n# keysift: ignore-end\n"})
    record(git, repo)
    git(repo, "checkout", "-q", "-b", "change")
    write(repo, {"b.conf": f"# keysift: ignore-start\n{leak('b')}\n# keysift: ignore-end\n"})
    record(git, repo)
    assert found(keysift("gate", "--base", "main", "-f", "json", cwd=repo)) == {"b.conf"}


def test_what_cannot_be_read_is_not_accepted_by_the_change(keysift: Keysift, repo: Path, git: Git) -> None:
    write(repo, ATTACKS["skip tables"])
    (repo / "b.rar").write_bytes(b"Rar!\x1a\x07\x01\x00" + b"x" * 20)
    record(git, repo)
    assert keysift("gate", "--base", "main", cwd=repo).returncode == 3


@pytest.mark.parametrize("form", ["replace", "graft", "shallow"])
def test_no_state_of_the_clone_hides_a_commit(form: str, keysift: Keysift, repo: Path, git: Git) -> None:
    write(repo, {"b.conf": leak("b")})
    record(git, repo)
    guilty = oid(repo, "HEAD")
    git(repo, "rm", "-q", "b.conf")
    record(git, repo)
    if form == "replace":
        git(repo, "replace", guilty, oid(repo, "main"))
    elif form == "graft":
        (repo / ".git" / "info").mkdir(exist_ok=True)
        (repo / ".git" / "info" / "grafts").write_text(f"{oid(repo, 'HEAD')} {oid(repo, 'main')}\n")
    else:
        (repo / ".git" / "shallow").write_text(oid(repo, "HEAD") + "\n")
        assert keysift("gate", "--base", "main", cwd=repo).returncode == 2, "too shallow"
        return
    assert found(keysift("gate", "--base", "main", "-f", "json", cwd=repo)) == {"b.conf"}


def oid(repo: Path, name: str) -> str:
    done = subprocess.run(["git", "rev-parse", name], cwd=repo, capture_output=True, check=True, text=True)
    return done.stdout.strip()


@pytest.mark.parametrize("attack", ["ignore files", "attributes", "submodules", "a mailmap", "a hook's settings"])
def test_the_hook_judges_what_is_staged_whatever_git_is_told(
    attack: str, keysift: Keysift, repo: Path, git: Git
) -> None:
    write(repo, ATTACKS[attack] | {"deep/new.conf": leak("new")})
    git(repo, "add", "--all", "--force")
    assert found(keysift("hook", "-f", "json", cwd=repo)) == {"deep/new.conf"}


def test_the_settings_of_the_hook_are_those_of_the_checkout_not_of_the_index(
    keysift: Keysift, repo: Path, git: Git
) -> None:
    write(repo, ATTACKS["the configuration"] | {"b.conf": leak("b")})
    git(repo, "add", "--all")
    (repo / ".keysift.toml").unlink()
    assert found(keysift("hook", "-f", "json", cwd=repo)) == {"b.conf"}
