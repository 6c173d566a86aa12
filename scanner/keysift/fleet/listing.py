"""Sources -> the repositories of a fleet, and what is left out and why."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from keysift.config import LARGEST, bounded
from keysift.errors import ConfigError, UsageError
from keysift.fleet import tokens
from keysift.fleet.model import Access, Inventory, Repository
from keysift.fleet.settings import FleetSettings, Source
from keysift.git import layout
from keysift.git.mirror import host_of, path_of
from keysift.model import Skipped

if TYPE_CHECKING:
    from keysift.fleet.services import Told

_LEFT_OUT, _NOT_LISTED = "left out by fleet.toml: {}", "not listed: "
DEEPEST = 8
"""Directories within directories in which repositories are looked for."""
_MORE_HOSTS: dict[str, tuple[str, ...]] = {
    "https://api.github.com": ("https://github.com", "https://gist.github.com"),
    "https://api.bitbucket.org": ("https://bitbucket.org",),
}
"""Where the repositories of an API lie, if not on its own host."""


def list_fleet(settings: FleetSettings, tell: Callable[[str], None] = lambda _: None) -> Inventory:
    """Return the repositories of all sources, each once; `tell` is told of waits.

    A source that cannot be listed is among what is skipped, and the others stand.

    Raises:
        ConfigError: a source names a file or a directory that is not there, or its token would go to several hosts.
        UsageError: a token is not in the environment, or a library of the extra is not installed.
    """
    known: dict[str, Repository] = {}
    skipped: list[Skipped] = []
    for source in settings.source:
        for found in _read(settings, source, tell):
            if isinstance(found, Skipped):
                skipped.append(found)
            else:
                known.setdefault(found.name, found)
    whole = not any(each.reason.startswith(_NOT_LISTED) and not each.expected for each in skipped)
    return Inventory(tuple(known.values()), tuple(dict.fromkeys(skipped)), whole)


def _read(settings: FleetSettings, source: Source, tell: Callable[[str], None]) -> Iterator[Repository | Skipped]:
    if source.kind == "list":
        yield from _of_list(settings, source)
    elif source.kind == "directory":
        yield from _of_directory(settings, source)
    else:
        yield from _of_service(source, tell)


def _of_list(settings: FleetSettings, source: Source) -> Iterator[Repository | Skipped]:
    urls = [*source.urls]
    if source.file:
        data = bounded.read(Path(source.file), 16 * LARGEST, "it holds an address on each line")
        if data is None:
            raise ConfigError(f"{settings.origin}: no such file: {source.file}", help="name a file with addresses")
        lines = (line.strip() for line in data.decode("utf-8", "replace").splitlines())
        urls += [line for line in lines if line and not line.startswith("#")]
    if source.token_env and len({host_of(url) for url in urls}) > 1:
        advice = "write a [[source]] for each host, each with a token of its own"
        raise ConfigError(f"{settings.origin}: the token in {source.token_env} would go to several hosts", help=advice)
    tokens.read(source.token_env)
    access = Access(source.token_env, "git", source.ca_file, source.proxy)
    for url in dict.fromkeys(urls):
        host = host_of(url)
        if not host:
            # The address is cut: it may hold a password.
            shown = url.rpartition("@")[2]
            yield Skipped(shown, "not scanned: its address is neither https nor ssh, or has a password in it")
            continue
        repository = Repository(f"{host.partition('://')[2]}/{path_of(url)}", url, access)
        yield _chosen(source, repository, path_of(url)) or repository


def _of_directory(settings: FleetSettings, source: Source) -> Iterator[Repository | Skipped]:
    top = Path(source.path)
    if not top.is_dir():
        raise ConfigError(f"{settings.origin}: no such directory: {top}", help="name a directory with repositories")
    for place in _repositories(os.path.realpath(top)):
        repository = Repository(place, place, local=True)
        yield _chosen(source, repository, os.path.relpath(place, os.path.realpath(top))) or repository


def _repositories(directory: str, depth: int = 0) -> Iterator[str]:
    """Yield the repositories below a directory, itself included; what is inside of one is its own affair."""
    if layout.is_repository(directory):
        yield directory
        return
    if depth == DEEPEST:
        return
    try:
        inner = sorted(entry.path for entry in os.scandir(directory) if entry.is_dir(follow_symlinks=False))
    except OSError:
        return
    for place in inner:
        yield from _repositories(place, depth + 1)


def _of_service(source: Source, tell: Callable[[str], None]) -> Iterator[Repository | Skipped]:
    try:
        from keysift.fleet import service, services  # noqa: PLC0415 - they need libraries of the extra
    except ImportError as error:
        advice = "pip install 'keysift[fleet]'"
        raise UsageError(f"asking {source.kind} needs libraries that are not installed", help=advice) from error
    access = Access(source.token_env, services.USERS[source.kind], source.ca_file, source.proxy)
    parts = urlsplit(source.api)
    api = f"https://{parts.netloc.lower()}"
    hosts = _MORE_HOSTS.get(api, (api,))
    missed: list[Skipped] = []

    def note(what: str, error: service.ServiceError) -> None:
        # Teams are an ornament; everything else may hold keys.
        missed.append(
            Skipped(f"{parts.netloc}: {what}", f"{_NOT_LISTED}{parts.netloc} {error}", expected=what == "teams")
        )

    with service.Service(source, tell) as opened:
        try:
            for told in services.READERS[source.kind](opened, source, note):
                name = f"{hosts[0].partition('://')[2]}/{told.name}"
                if host_of(told.url) not in hosts:
                    yield Skipped(name, "not scanned: its address leads to another host than that of the service")
                    continue
                repository = Repository(
                    name, told.url, access, size=told.size, teams=told.teams, topics=told.topics, optional=told.optional
                )
                why = _unwanted(source, told)
                left_out = Skipped(name, _LEFT_OUT.format(why), expected=True) if why else None
                yield left_out or _chosen(source, repository, told.name) or repository
        except service.ServiceError as error:
            note(f"repositories of {source.owner or 'the token'}", error)
    yield from missed


def _chosen(source: Source, repository: Repository, name: str) -> Skipped | None:
    """Return why a repository is left out by its name or size; None if it is not."""
    for patterns, wanted in ((source.include, True), (source.exclude, False)):
        if patterns and any(fnmatchcase(name, pattern) for pattern in patterns) is not wanted:
            return Skipped(repository.name, _LEFT_OUT.format("include" if wanted else "exclude"), expected=True)
    if source.max_size and repository.size > source.max_size:
        return Skipped(repository.name, _LEFT_OUT.format("larger than max-size"), expected=True)
    return None


def _unwanted(source: Source, told: Told) -> str:
    """Return why a source does not want a repository, by what the service says of it; empty if it does."""
    if told.archived and not source.archived:
        return "archived"
    if told.fork and not source.forks:
        return "a fork"
    return f"unchanged for {source.max_age_days} days" if _is_old(source, told.changed) else ""


def _is_old(source: Source, changed: str) -> bool:
    if not source.max_age_days or not changed:
        return False
    try:
        when = datetime.fromisoformat(changed)
    except ValueError:
        return False
    return when.astimezone(UTC) < datetime.now(UTC) - timedelta(days=source.max_age_days)
