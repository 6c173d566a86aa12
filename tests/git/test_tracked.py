"""Tracked though they should be ignored: names, rules, exceptions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from keysift.git import exposed_names, process
from keysift.git.exposed_names import ALWAYS, WHEN_IGNORED
from keysift.git.tracked import Exposed, find_exposed

Git = Callable[..., str]


def add(git: Git, repo: Path, *paths: str) -> None:
    """Track files, ignored or not."""
    for path in paths:
        (repo / path).parent.mkdir(parents=True, exist_ok=True)
        (repo / path).write_text("")
        git(repo, "add", "-f", "--", path)


def test_names_that_speak_for_themselves(repo: Path, git: Git) -> None:
    add(git, repo, ".env", "deploy/id_rsa", "home/.docker/config.json", "state/prod.tfstate", "app.py", "config.json")
    assert [one.path for one in find_exposed(str(repo))] == [
        ".env",
        "deploy/id_rsa",
        "home/.docker/config.json",
        "state/prod.tfstate",
    ]


def test_case_does_not_matter(repo: Path, git: Git) -> None:
    add(git, repo, "Deploy/Store.JKS")
    assert find_exposed(str(repo)) == [Exposed("Deploy/Store.JKS", "a container of private keys")]


@pytest.mark.parametrize(
    "name",
    [
        ".env.example",
        ".env.sample",
        ".env.template",
        ".env.dist",
        ".env.test",
        ".env.example.local",
        "server.pem",
        "secrets.yml",
        "package-lock.json",
        "dump.sql",
        "debug.keystore",
        "truststore.jks",
        "tests/.env",
        "src/dockerTest/resources/server.p12",
        "src/testFixtures/a.jks",
        "__tests__/.npmrc",
        "examples/deploy/kubeconfig",
    ],
)
def test_what_is_no_finding(repo: Path, git: Git, name: str) -> None:
    add(git, repo, name)
    assert find_exposed(str(repo)) == []


@pytest.mark.parametrize("name", ["latest/.env", "contests/.env", "inspector/.env"])
def test_what_only_sounds_like_tests(repo: Path, git: Git, name: str) -> None:
    add(git, repo, name)
    assert [one.path for one in find_exposed(str(repo))] == [name]


def test_doubtful_names_count_where_a_rule_ignores_them(repo: Path, git: Git) -> None:
    add(git, repo, "certs/server.pem", "certs/public.pem", "dist/app.js", "local.env", "my_secrets.txt", "secrets.py")
    (repo / ".gitignore").write_text("dist/\n*.env\n*secrets*\n")
    (repo / "certs" / ".gitignore").write_text("*.pem\n!public.pem\n")
    found = {one.path: one.reason for one in find_exposed(str(repo))}
    assert found == {
        "certs/server.pem": "may be a private key, and certs/.gitignore:1 '*.pem' ignores it",
        "local.env": "environment files hold the keys of a deployment, and .gitignore:2 '*.env' ignores it",
        "my_secrets.txt": "its name says that it holds secrets, and .gitignore:3 '*secrets*' ignores it",
    }


def test_a_rule_about_a_directory_says_nothing_of_the_names_in_it(repo: Path, git: Git) -> None:
    add(git, repo, "node_modules/a/getTokenAt.js.map", "db/data.sql", "secrets/data.sql", "node_modules/a/.env")
    (repo / ".gitignore").write_text("node_modules/\ndb/\nsecrets/\n")
    assert [one.path for one in find_exposed(str(repo))] == ["node_modules/a/.env", "secrets/data.sql"]


def test_a_rule_about_all_files_says_nothing_of_any(repo: Path, git: Git) -> None:
    add(git, repo, "tables.sql", "env", "gentoo/package.env", ".docker/config.json")
    (repo / ".gitignore").write_text("*\n")
    assert [one.path for one in find_exposed(str(repo))] == [".docker/config.json"]


def test_a_rule_says_more_than_a_directory_of_tests(repo: Path, git: Git) -> None:
    add(git, repo, "tests/.env")
    (repo / ".gitignore").write_text(".env\n")
    assert "'.env' ignores it" in find_exposed(str(repo))[0].reason


def test_a_listing_at_hand_is_used_and_git_mostly_not(repo: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    add(git, repo, ".env", "a.py")
    calls: list[str] = []
    real = process.run

    def counting(repository: str, *arguments: str, **options: object) -> object:
        calls.append(arguments[0])
        return real(repository, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(process, "run", counting)
    assert find_exposed(str(repo), ["a.py", "b.py"]) == []
    assert calls == []
    assert [one.path for one in find_exposed(str(repo), [".env", "a.py"])] == [".env"]
    assert calls == ["check-ignore"]


def test_below_a_directory_and_in_nested_repositories(repo: Path, git: Git) -> None:
    add(git, repo, "sub/local.env", ".env")
    (repo / ".gitignore").write_text("/sub/*.env\n")
    assert [one.path for one in find_exposed(str(repo / "sub"))] == ["local.env"]
    inner = repo / "sub" / "inner"
    inner.mkdir()
    git(inner, "init", "-q")
    add(git, inner, "other.env", "third.env")
    (inner / ".gitignore").write_text("other.env\n")
    paths = ["sub/local.env", "sub/inner/other.env", "sub/inner/third.env"]
    assert [one.path for one in find_exposed(str(repo), paths)] == ["sub/inner/other.env", "sub/local.env"]


def test_names_that_look_like_patterns(repo: Path, git: Git) -> None:
    (repo / "x\nb.env").write_text("")
    (repo / ":(glob)a.env").write_text("")
    git(repo, "--literal-pathspecs", "add", "-f", "--", "x\nb.env", ":(glob)a.env")
    (repo / ".gitignore").write_text("*.env\n")
    assert [one.path for one in find_exposed(str(repo))] == [":(glob)a.env", "x\nb.env"]


def test_outside_git_nothing_is_tracked(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("")
    assert find_exposed(str(tmp_path)) == []


def test_the_lists_are_in_order() -> None:
    for name, reason in [*ALWAYS.items(), *WHEN_IGNORED.items()]:
        assert name == name.lower(), "names are compared in small letters"
        assert reason
    assert not ALWAYS.keys() & WHEN_IGNORED.keys()
    assert all(exposed_names.is_suspect(name.replace("*", "x")) for name in [*ALWAYS, *WHEN_IGNORED])
