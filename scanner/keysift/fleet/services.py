"""What the services tell of repositories: a reader for each, which yields them as `Told`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlsplit

from keysift.fleet.service import Service, ServiceError
from keysift.fleet.settings import Source
from keysift.records import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """A repository as a service tells of it."""

    name: str
    url: str
    archived: bool = False
    fork: bool = False
    size: int = 0
    """Bytes; 0 if unknown."""
    changed: str = ""
    """RFC 3339; empty if unknown."""
    teams: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    optional: bool = False
    """True for a wiki, which need not be there."""


Missed = Callable[[str, ServiceError], None]
"""Takes note of a list that could not be read to its end: what it is a list of, and why."""
USERS = {
    # https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation
    "github": "x-access-token",
    # https://docs.gitlab.com/user/profile/personal_access_tokens/#clone-repository-using-personal-access-token
    "gitlab": "oauth2",
    # Any name will do: https://docs.gitea.com/development/api-usage
    "gitea": "git",
    # https://support.atlassian.com/bitbucket-cloud/docs/using-access-tokens/
    "bitbucket": "x-token-auth",
}
"""The names beside which git gives the tokens of services."""


def github(service: Service, source: Source, missed: Missed) -> Iterator[Told]:
    """Yield what GitHub tells: https://docs.github.com/en/rest/repos/repos#list-organization-repositories."""
    of = quote(source.owner)
    lists = [f"/orgs/{of}/repos", f"/users/{of}/repos"] if of else ["/user/repos"]
    known, path = _first_known(service, [f"{path}?per_page=100" for path in lists])
    teams: dict[str, list[str]] = {}
    if of and service.token and path.startswith("/orgs"):
        # https://docs.github.com/en/rest/teams/teams#list-team-repositories
        path = f"/orgs/{of}/teams"
        teams = _teams(service, path, lambda team: f"{path}/{quote(_text(team, 'slug'))}/repos", missed)
    for item in known:
        name, url = _text(item, "full_name"), _text(item, "clone_url")
        told = Told(
            name, url, bool(item.get("archived")), bool(item.get("fork")), _number(item, "size") * 1024,
            _text(item, "pushed_at"), tuple(teams.get(name, ())), _strings(item, "topics"),
        )  # fmt: skip
        yield told
        if source.wikis and item.get("has_wiki"):
            yield _wiki(told, url.removesuffix(".git") + ".wiki.git")
    if source.snippets:
        yield from _gists(service, f"/users/{of}/gists" if of else "/gists", missed)


def _gists(service: Service, path: str, missed: Missed) -> Iterator[Told]:
    """Yield the gists of a user: https://docs.github.com/en/rest/gists/gists#list-gists-for-a-user."""
    try:
        for item in service.pages(f"{path}?per_page=100"):
            name, url = f"gists/{_text(item, 'id')}", _text(item, "git_pull_url")
            yield Told(name, url, changed=_text(item, "updated_at"))
    except ServiceError as error:
        missed("gists", error)


def gitlab(service: Service, source: Source, missed: Missed) -> Iterator[Told]:
    """Yield what GitLab tells; the group of a project is its team. https://docs.gitlab.com/api/groups/#list-projects."""
    of = quote(source.owner, safe="")
    asked = "per_page=100&order_by=id&sort=asc&statistics=true"
    lists = [f"/groups/{of}/projects?include_subgroups=true&with_shared=false&{asked}", f"/users/{of}/projects?{asked}"]
    known, _ = _first_known(service, lists if of else [f"/projects?membership=true&{asked}"])
    for item in known:
        space, numbers = item.get("namespace"), item.get("statistics")
        group = _text(space, "full_path") if isinstance(space, dict) else ""
        told = Told(
            _text(item, "path_with_namespace"), _text(item, "http_url_to_repo"), bool(item.get("archived")),
            bool(item.get("forked_from_project")), _number(numbers, "repository_size"), _text(item, "last_activity_at"),
            (group,) if group else (), _strings(item, "topics"),
        )  # fmt: skip
        yield told
        if source.wikis and item.get("wiki_enabled") is not False:
            yield _wiki(told, told.url.removesuffix(".git") + ".wiki.git")
        if source.snippets:
            yield from _snippets(service, told, _number(item, "id"), missed)


def _snippets(service: Service, of: Told, number: int, missed: Missed) -> Iterator[Told]:
    """Yield the snippets of a project: https://docs.gitlab.com/api/project_snippets/#list-snippets."""
    try:
        for item in service.pages(f"/projects/{number}/snippets?per_page=100"):
            name, url = f"{of.name}/snippets/{_number(item, 'id')}", _text(item, "http_url_to_repo")
            yield Told(name, url, changed=_text(item, "updated_at"), teams=of.teams, topics=of.topics)
    except ServiceError as error:
        missed(f"snippets of {of.name}", error)


def gitea(service: Service, source: Source, missed: Missed) -> Iterator[Told]:
    """Yield what Gitea or Forgejo tells: https://docs.gitea.com/api/#tag/organization/operation/orgListRepos."""
    of = quote(source.owner)
    lists = [f"/orgs/{of}/repos?limit=50", f"/users/{of}/repos?limit=50"] if of else ["/repos/search?limit=50"]
    known, path = _first_known(service, lists, "data")
    teams: dict[str, list[str]] = {}
    if of and service.token and path.startswith("/orgs"):
        teams = _teams(service, f"/orgs/{of}/teams", lambda team: f"/teams/{_number(team, 'id')}/repos", missed)
    for item in known:
        name, url = _text(item, "full_name"), _text(item, "clone_url")
        told = Told(
            name, url, bool(item.get("archived")), bool(item.get("fork")), _number(item, "size") * 1024,
            _text(item, "updated_at"), tuple(teams.get(name, ())), _strings(item, "topics"),
        )  # fmt: skip
        yield told
        if source.wikis and item.get("has_wiki"):
            yield _wiki(told, url.removesuffix(".git") + ".wiki.git")


def bitbucket(service: Service, source: Source, missed: Missed) -> Iterator[Told]:
    """Yield what Bitbucket Cloud tells; the project of a repository is its team.

    https://developer.atlassian.com/cloud/bitbucket/rest/api-group-repositories/#api-repositories-workspace-get
    """
    of = quote(source.owner)
    for item in service.pages(f"/repositories/{of}?pagelen=100", "values"):
        project = item.get("project")
        team = _text(project, "name") if isinstance(project, dict) else ""
        told = Told(
            _text(item, "full_name"), _https(item), fork=bool(item.get("parent")), size=_number(item, "size"),
            changed=_text(item, "updated_on"), teams=(team,) if team else (),
        )  # fmt: skip
        yield told
        if source.wikis and item.get("has_wiki"):
            # https://support.atlassian.com/bitbucket-cloud/docs/clone-a-wiki/
            yield _wiki(told, f"{told.url}/wiki")
    if not source.snippets:
        return
    try:
        # https://developer.atlassian.com/cloud/bitbucket/rest/api-group-snippets/
        for item in service.pages(f"/snippets/{of}?pagelen=100", "values"):
            name = f"{source.owner}/snippets/{_text(item, 'id')}"
            yield Told(name, _https(item), changed=_text(item, "updated_on"))
    except ServiceError as error:
        missed("snippets", error)


READERS: dict[str, Callable[[Service, Source, Missed], Iterator[Told]]] = {
    "github": github, "gitlab": gitlab, "gitea": gitea, "bitbucket": bitbucket,
}  # fmt: skip


# --- What they share --------------------------------------------------------------------------------------------------


def _first_known(service: Service, paths: list[str], within: str = "") -> tuple[Iterator[dict[str, Any]], str]:
    """Return the items of the first list that is there, and its path: an owner is an organisation or a user."""
    for path in paths[:-1]:
        items = service.pages(path, within)
        try:
            first = next(items, None)
        except ServiceError as error:
            if error.status != 404:
                raise
        else:
            return _again(first, items), path
    return service.pages(paths[-1], within), paths[-1]


def _again(first: dict[str, Any] | None, rest: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    if first is not None:
        yield first
        yield from rest


def _teams(
    service: Service, path: str, repositories: Callable[[dict[str, Any]], str], missed: Missed
) -> dict[str, list[str]]:
    """Return the names of the teams of each repository, as far as the token may know."""
    teams: dict[str, list[str]] = {}
    try:
        for team in service.pages(f"{path}?per_page=100&limit=50"):
            for item in service.pages(f"{repositories(team)}?per_page=100&limit=50"):
                teams.setdefault(_text(item, "full_name"), []).append(_text(team, "name"))
    except ServiceError as error:
        missed("teams", error)
    return teams


def _wiki(told: Told, url: str) -> Told:
    return Told(f"{told.name}.wiki", url, told.archived, told.fork, 0, "", told.teams, told.topics, optional=True)


def _https(item: dict[str, Any]) -> str:
    """Return the https address among those that Bitbucket names, without the user's name in it."""
    links = item.get("links")
    clones = links.get("clone") if isinstance(links, dict) else None
    for link in clones if isinstance(clones, list) else ():
        parts = urlsplit(_text(link, "href"))
        if parts.scheme == "https":
            return f"https://{parts.netloc.rpartition('@')[2]}{parts.path}"
    return ""


def _text(item: object, name: str) -> str:
    value = item.get(name) if isinstance(item, dict) else None
    return value if isinstance(value, str) else ""


def _number(item: object, name: str) -> int:
    value = item.get(name) if isinstance(item, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _strings(item: dict[str, Any], name: str) -> tuple[str, ...]:
    value = item.get(name)
    return tuple(text for text in value if isinstance(text, str)) if isinstance(value, list) else ()
