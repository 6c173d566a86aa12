"""Sources -> repositories: what each service tells, what is left out, and what a list or a directory holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.fleet.conftest import TOKEN, make_repository
from tests.fleet.stand_in import Forge, busy

from keysift.errors import ConfigError
from keysift.fleet import service
from keysift.fleet.listing import list_fleet
from keysift.fleet.model import Inventory
from keysift.fleet.settings import FleetSettings, Source


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORGE_TOKEN", TOKEN)


def listed(forge: Forge, kind: str, **more: Any) -> Inventory:  # noqa: ANN401 - fields of any type
    stated = {"owner": "acme", "api": f"{forge.url}/api", "token_env": "FORGE_TOKEN"}
    source = Source(kind, **(stated | {"ca_file": str(forge.authority)} | more))
    return list_fleet(FleetSettings("fleet.toml", "", "", (source,)))


def names(inventory: Inventory) -> list[str]:
    return [repository.name.partition("/")[2] for repository in inventory.repositories]


def reasons(inventory: Inventory) -> dict[str, str]:
    return {skipped.path.partition("/")[2]: skipped.reason.partition(": ")[2] for skipped in inventory.skipped}


def test_github_with_everything(forge: Forge) -> None:
    forge.lists["/orgs/acme/repos"] = [
        forge.github("acme/app", has_wiki=True, topics=["go"]),
        forge.github("acme/attic", archived=True),
        forge.github("acme/copy", fork=True),
        forge.github("acme/huge", size=3 << 20),
        forge.github("acme/old", pushed_at="2011-01-26T19:06:43Z"),
        forge.github("acme/test-1"),
    ]
    forge.lists["/users/acme/gists"] = [{"id": "aa5a315d", "git_pull_url": f"{forge.url}/aa5a315d.git"}]
    more = {"exclude": ("acme/test-*",), "archived": False, "forks": False, "max_size": 1 << 30, "max_age_days": 365}
    found = listed(forge, "github", **more, wikis=True, snippets=True)
    assert names(found) == ["acme/app", "acme/app.wiki", "gists/aa5a315d"]
    assert [repository.optional for repository in found.repositories] == [False, True, False]
    assert reasons(found) == {
        "acme/attic": "archived", "acme/copy": "a fork", "acme/huge": "larger than max-size",
        "acme/old": "unchanged for 365 days", "acme/test-1": "exclude",
    }  # fmt: skip
    assert all(skipped.expected for skipped in found.skipped)
    assert names(listed(forge, "github", include=("acme/a*",))) == ["acme/app", "acme/attic"]


def test_a_user_of_github_is_no_organisation(forge: Forge) -> None:
    forge.lists["/users/octocat/repos"] = [forge.github("octocat/hello")]
    assert names(listed(forge, "github", owner="octocat")) == ["octocat/hello"]
    forge.lists["/user/repos"] = [forge.github("me/mine")]
    assert names(listed(forge, "github", owner="")) == ["me/mine"]


def test_gitlab_with_groups_and_snippets(forge: Forge) -> None:
    project = {
        "id": 7, "path_with_namespace": "acme/platform/app", "http_url_to_repo": f"{forge.url}/acme/platform/app.git",
        "namespace": {"full_path": "acme/platform"}, "topics": ["ruby"], "statistics": {"repository_size": 4096},
        "wiki_enabled": True, "archived": False,
    }  # fmt: skip
    forge.lists["/groups/acme%2Fplatform/projects"] = [project]
    snippet = {"id": 3, "http_url_to_repo": f"{forge.url}/acme/platform/app/snippets/3.git"}
    forge.lists["/projects/7/snippets"] = [snippet]
    found = listed(forge, "gitlab", owner="acme/platform", wikis=True, snippets=True)
    assert names(found) == ["acme/platform/app", "acme/platform/app.wiki", "acme/platform/app/snippets/3"]
    assert {(repository.teams, repository.topics) for repository in found.repositories} == {
        (("acme/platform",), ("ruby",))
    }
    assert found.repositories[0].size == 4096
    del forge.lists["/projects/7/snippets"]
    [missed] = listed(forge, "gitlab", owner="acme/platform", snippets=True).skipped
    assert not missed.expected, "snippets may hold keys"


def test_gitea_with_teams(forge: Forge) -> None:
    forge.lists["/orgs/acme/repos"] = [forge.github("acme/app", has_wiki=True)]
    forge.lists["/orgs/acme/teams"] = [{"id": 5, "name": "Owners"}]
    forge.lists["/teams/5/repos"] = [{"full_name": "acme/app"}]
    found = listed(forge, "gitea", wikis=True)
    assert names(found) == ["acme/app", "acme/app.wiki"]
    assert found.repositories[0].teams == ("Owners",)
    assert forge.seen[0][1]["authorization"] == f"token {TOKEN}"


def test_bitbucket_with_projects(forge: Forge) -> None:
    links = {
        "clone": [
            {"name": "ssh", "href": "git@localhost:acme/app.git"},
            {"name": "https", "href": f"https://me@{forge.host}/acme/app.git"},
        ]
    }
    page = {"values": [{"full_name": "acme/app", "links": links, "project": {"name": "Pay"}, "has_wiki": True}]}
    pages = iter([page | {"next": f"{forge.url}/api/repositories/acme?page=2"}, {"values": []}])
    forge.answers["/api/repositories/acme"] = lambda handler: handler.say(200, next(pages)) is None
    found = listed(forge, "bitbucket", wikis=True)
    assert [repository.url for repository in found.repositories] == [
        f"{forge.url}/acme/app.git",
        f"{forge.url}/acme/app.git/wiki",
    ]
    assert found.repositories[0].teams == ("Pay",)


def test_the_next_page_is_on_the_same_host(forge: Forge) -> None:
    page = {"values": [], "next": "https://evil.example/api/repositories/acme?page=2"}
    forge.answers["/api/repositories/acme"] = lambda handler: handler.say(200, page) is None
    [missed] = listed(forge, "bitbucket").skipped
    assert "names another host for the next page" in missed.reason


def test_a_host_that_asks_to_wait_too_long_is_given_up(forge: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "LONGEST_WAIT", 0.5)
    forge.answers["/api/orgs/acme/repos"] = busy(1)
    [missed] = listed(forge, "github").skipped
    assert missed.reason.endswith("asks to wait for 1 seconds")


def test_a_certificate_of_another_authority_is_refused(forge: Forge) -> None:
    [missed] = listed(forge, "github", ca_file="").skipped
    assert "has no valid certificate" in missed.reason
    assert not forge.seen, "no token was sent"


def test_a_directory_holds_repositories(tmp_path: Path) -> None:
    make_repository(tmp_path / "srv" / "a" / "one.git", {"a": "b"})
    make_repository(tmp_path / "srv" / "two.git", {"a": "b"})
    (tmp_path / "srv" / "plain").mkdir()
    source = Source("directory", path=str(tmp_path / "srv"), exclude=("two*", "*empty.git"))
    found = list_fleet(FleetSettings("fleet.toml", "", "", (source,)))
    assert [repository.url for repository in found.repositories] == [str(tmp_path / "srv" / "a" / "one.git")]


def test_a_list_of_addresses(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("# ours\nhttps://git.acme.example/a/b.git\n\ngit@git.acme.example:c/d.git\n")
    bad = (
        "ext::sh -c evil",
        "file:///etc",
        "https://me:secret@git.acme.example/x.git",
        "--upload-pack=x",
        "http://a.example/b",
    )
    source = Source("list", file=str(tmp_path / "list.txt"), urls=bad)
    found = list_fleet(FleetSettings("fleet.toml", "", "", (source,)))
    assert names(found) == ["a/b", "c/d"]
    assert len(found.skipped) == 5
    assert "secret" not in repr(found)


def test_a_token_goes_to_one_host() -> None:
    source = Source("list", urls=("https://a.example/x.git", "https://b.example/x.git"), token_env="FORGE_TOKEN")
    with pytest.raises(ConfigError, match="would go to several hosts"):
        list_fleet(FleetSettings("fleet.toml", "", "", (source,)))
