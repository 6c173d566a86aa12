"""What `fleet.toml` states: where the repositories are, and where reports and clones go. An unknown key is an error.

    store = "reports"

    [[source]]
    kind = "github"
    owner = "acme"
    token-env = "GITHUB_TOKEN"
    exclude = ["acme/fork-of-*"]

A token never stands in the file: it names the environment variable that holds it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from keysift import cache
from keysift.config import LARGEST, bounded, values
from keysift.errors import ConfigError
from keysift.records import dataclass

KINDS = ("list", "directory", "github", "gitlab", "gitea", "bitbucket")
_API = {
    "github": "https://api.github.com",  # https://docs.github.com/en/rest/using-the-rest-api
    "gitlab": "https://gitlab.com/api/v4",  # https://docs.gitlab.com/api/rest/
    "bitbucket": "https://api.bitbucket.org/2.0",  # https://developer.atlassian.com/cloud/bitbucket/rest/intro/
}
_OF_LISTS = {"kind", "urls", "file", "include", "exclude", "token-env", "ca-file", "proxy"}
_OF_DIRECTORIES = {"kind", "path", "include", "exclude"}
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,100}")
_OWNER = re.compile(r"[\w][\w.~/-]{0,250}")
_TOKENS = ("ghp_", "github_pat_", "gho_", "ghs_", "glpat-", "ATCTT3x", "ATATT3x")
_SIZE = re.compile(r"([0-9]{1,12})([kMG]?)")
_UNITS = {"": 1, "k": 1 << 10, "M": 1 << 20, "G": 1 << 30}


@dataclass(frozen=True, slots=True)
class Source:
    """One `[[source]]`: a place that tells of repositories. Its keys are these fields, with `-` for `_`."""

    kind: str
    owner: str = ""
    """An organisation, group, workspace or user; empty for everything that the token may read."""
    api: str = ""
    """The address of the REST API: `https://git.acme.example/api/v3`."""
    token_env: str = ""
    include: tuple[str, ...] = ()
    """Globs of names; empty for all."""
    exclude: tuple[str, ...] = ()
    archived: bool = True
    forks: bool = True
    max_size: int = 0
    """Bytes, by what the service says; 0 means no limit."""
    max_age_days: int = 0
    """Only what has changed in so many days; 0 means no limit."""
    wikis: bool = False
    snippets: bool = False
    urls: tuple[str, ...] = ()
    file: str = ""
    """A file with an address on each line."""
    path: str = ""
    """A directory with repositories below it."""
    ca_file: str = ""
    proxy: str = ""


@dataclass(frozen=True, slots=True)
class FleetSettings:
    """What a `fleet.toml` states."""

    origin: str
    store: str
    """Where reports go: a directory, or an address that fsspec knows, such as `s3://bucket/fleet`."""
    work: str
    """The directory of clones, on each machine that audits."""
    source: tuple[Source, ...]


def read(path: Path) -> FleetSettings:
    """Return what a file states; what it names relatively is relative to it.

    Raises:
        ConfigError: it is not there, or is invalid.
    """
    import tomllib  # noqa: PLC0415 - other commands of the fleet need none

    data = bounded.read(path, LARGEST, "it holds a few tables; addresses can stand in a file of their own: file = ...")
    if data is None:
        raise ConfigError(f"no such file: {path}", help="`keysift fleet --help` shows what to write into it")
    try:
        content = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{path}: invalid TOML: {error}", help="see https://toml.io for the syntax") from error
    for name in content:
        values.check_name(str(path), name, {"store", "work", "source"})
    tables = content.get("source", [])
    if not isinstance(tables, list) or not tables:
        raise ConfigError(f"{path} names no source", help='write [[source]] and below it kind = "github"')
    store = values.read_text(f"{path}: 'store'", content.get("store", "keysift-fleet"))
    stated_work = values.read_text(f"{path}: 'work'", content.get("work", ""))
    work = _beside(path, stated_work) if stated_work else str(cache.directory().parent / "fleet")
    sources = tuple(_source(path, number, table) for number, table in enumerate(tables, 1))
    return FleetSettings(str(path), store if "://" in store else _beside(path, store), work, sources)


def _beside(path: Path, name: str) -> str:
    return str(path.absolute().parent / Path(name).expanduser())


def _source(path: Path, number: int, table: object) -> Source:
    """Return one source, checked as far as that is possible without asking it."""
    where = f"{path}: [[source]] number {number}"
    if not isinstance(table, dict):
        raise ConfigError(f"{where} must be a table", help="write [[source]]")
    kind = values.read_choice(f"{where}: 'kind'", table.get("kind"), KINDS)
    for name in table:
        if name == "token":
            raise ConfigError(f"{where}: a token never stands in the file", help='write token-env = "NAME_OF_VARIABLE"')
        values.check_name(f"{where} ({kind})", name, _keys(kind))
    stated = {name.replace("-", "_"): _READERS[name](f"{where}: '{name}'", value) for name, value in table.items()}
    for name in ("file", "path", "ca_file"):
        if stated.get(name):
            stated[name] = _beside(path, stated[name])
    source = Source(**{"api": _API.get(kind, "")} | stated)
    _check_whole(where, source)
    return source


def _keys(kind: str) -> set[str]:
    """Return what a source of a kind may state."""
    if kind in {"list", "directory"}:
        return _OF_LISTS if kind == "list" else _OF_DIRECTORIES
    every = {field.name.replace("_", "-") for field in fields(Source)}
    return every - {"urls", "file", "path"} - ({"snippets"} if kind == "gitea" else set())


def _check_whole(where: str, source: Source) -> None:
    """Raise ConfigError for a source that lacks what its kind needs."""
    if source.kind == "list" and not (source.urls or source.file):
        raise ConfigError(
            f"{where} has no addresses", help='write urls = ["https://..."], or file = "repositories.txt"'
        )
    if source.kind == "directory" and not source.path:
        raise ConfigError(f"{where} has no 'path'", help='write path = "/srv/git"')
    if source.kind == "gitea" and not source.api:
        raise ConfigError(f"{where} has no 'api'", help='write api = "https://git.acme.example/api/v1"')
    if source.kind == "bitbucket" and not source.owner:
        raise ConfigError(f"{where} has no 'owner'", help='name a workspace: owner = "acme"')
    if source.kind in {"github", "gitlab"} and not (source.owner or source.token_env):
        raise ConfigError(f"{where} has neither 'owner' nor 'token-env'", help='name whose they are: owner = "acme"')


def _read_variable(where: str, value: object) -> str:
    text = values.read_text(where, value)
    if not _VARIABLE.fullmatch(text) or text.startswith(_TOKENS):
        # The text is not repeated: it may be the token itself.
        raise ConfigError(
            f"{where} is not the name of an environment variable", help='write token-env = "GITHUB_TOKEN"'
        )
    return text


def _read_address(where: str, value: object) -> str:
    text = values.read_text(where, value).rstrip("/")
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ConfigError(f"{where} is not an https address", help='write api = "https://git.acme.example/api/v3"')
    return text


def _read_owner(where: str, value: object) -> str:
    text = values.read_text(where, value)
    if not _OWNER.fullmatch(text) or ".." in text:
        raise ConfigError(f"{where}: '{text}' is not a name", help="write it as in the address of its page")
    return text


def read_size(where: str, text: str) -> int:
    """Return a size such as `2G` in bytes. Raises ConfigError."""
    found = _SIZE.fullmatch(text)
    if not found:
        raise ConfigError(f"{where}: '{text}' is not a size", help="write a number with k, M or G: 500M")
    return int(found[1]) * _UNITS[found[2]]


_READERS: dict[str, Callable[[str, object], Any]] = {
    "kind": values.read_text, "owner": _read_owner, "api": _read_address, "token-env": _read_variable,
    "include": values.read_strings, "exclude": values.read_strings, "archived": values.read_flag,
    "forks": values.read_flag, "max-size": lambda where, value: read_size(where, values.read_text(where, value)),
    "max-age-days": values.read_days, "wikis": values.read_flag, "snippets": values.read_flag,
    "urls": values.read_strings, "file": values.read_text, "path": values.read_text, "ca-file": values.read_text,
    "proxy": values.read_text,
}  # fmt: skip
