"""Findings of other scanners: detect-secrets' baseline; JSON reports of gitleaks, trufflehog and kingfisher.

https://github.com/Yelp/detect-secrets, https://github.com/gitleaks/gitleaks, https://github.com/trufflesecurity/trufflehog,
https://github.com/mongodb/kingfisher
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import regex

from keysift.config import Ignore
from keysift.errors import ConfigError
from keysift.migrate import CARRIED, LOST, NEEDLESS, Claim, Moved

_FILTERS = {
    "detect_secrets.filters.regex.should_exclude_file": "path_regex",
    "detect_secrets.filters.regex.should_exclude_line": "line",
    "detect_secrets.filters.regex.should_exclude_secret": "value",
}
_HIDDEN = re.compile(rb"^(?:REDACTED|\*+)?$|\.\.\.$|\*{4,}|\[\.\.\.\]")


def read_report(data: bytes, name: str) -> Moved:
    """Read a baseline or report in any of the four forms.

    Raises:
        ConfigError: it has none of them.
    """
    items = list(_documents(data, name))
    first = items[0] if items else None
    if isinstance(first, dict) and isinstance(first.get("results"), dict) and len(items) == 1:
        return _detect_secrets(first, name)
    moved = Moved()
    for number, item in enumerate(_flat(items), 1):
        claim = _claim(item, f"{name}: finding {number}")
        if claim is None:
            raise ConfigError(
                f"{name}: finding {number} has an unknown form",
                help="supported: detect-secrets baselines, and JSON reports of gitleaks, trufflehog and kingfisher",
            )
        moved.claims.append(claim)
    return moved


def _documents(data: bytes, name: str) -> Iterator[Any]:
    """Yield the JSON values of a file: one, or one per line."""
    try:
        text = data.decode("utf-8-sig")
        try:
            yield json.loads(text)
        except json.JSONDecodeError:
            for line in text.splitlines():
                if line.strip():
                    yield json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{name}: invalid JSON: {error}") from error


def _flat(items: list[Any]) -> Iterator[Any]:
    for item in items:
        if isinstance(item, list):
            yield from item
        elif isinstance(item, dict) and isinstance(item.get("findings"), list):
            yield from item["findings"]
        elif not (isinstance(item, dict) and "level" in item and "msg" in item):  # trufflehog's log may be among it
            yield item


def _claim(item: Any, place: str) -> Claim | None:  # noqa: ANN401 - whatever JSON holds
    """Return a finding of gitleaks, trufflehog or kingfisher as a claim; None where it is something else."""
    try:
        if "RuleID" in item:
            path, line, commit = item["File"], item.get("StartLine", 0), item.get("Commit", "")
            return _made(place, item["RuleID"], (path, line, commit), item.get("Secret", ""))
        if "SourceMetadata" in item:
            where = next(iter(item["SourceMetadata"]["Data"].values()))
            path, line, commit = where["file"], where.get("line", 0), where.get("commit", "")
            return _made(place, item["DetectorName"], (path, line, commit), item.get("RawV2") or item.get("Raw", ""))
        if "finding" in item and "rule" in item:
            finding = item["finding"]
            git = finding.get("git_metadata") or {}
            path = (git.get("file") or {}).get("path") or finding["path"]
            line, commit = finding.get("line", 0), (git.get("commit") or {}).get("id", "")
            return _made(place, item["rule"].get("id", ""), (path, line, commit), finding.get("snippet", ""))
    except (TypeError, KeyError, AttributeError, StopIteration, ValueError):
        pass
    return None


def _made(place: str, rule: str, where: tuple[object, object, object], secret: str) -> Claim:
    """Return a claim about a key at a path, line and commit."""
    path, line, commit = str(where[0]), int(str(where[1] or 0)), str(where[2] or "")
    raw = secret.encode("utf-8", "surrogateescape")
    return Claim(place, f"{path}:{line} ({rule})", path, line, commit, b"" if _HIDDEN.search(raw) else raw)


def _detect_secrets(content: dict[str, Any], name: str) -> Moved:
    """Read a `.secrets.baseline`: hashes of keys by file, and filters."""
    moved = Moved()
    for stated in content.get("filters_used") or []:
        _filter(moved, stated, name)
    old = content.get("exclude")
    if isinstance(old, dict):
        for key, ours in (("files", "path_regex"), ("lines", "line")):
            if old.get(key):
                _ignore(moved, name, f"exclude.{key}", ours, str(old[key]))
    for plugin in content.get("plugins_used") or []:
        if isinstance(plugin, dict) and plugin.get("path"):
            moved.say(name, f"plugin {plugin.get('name')}", LOST, "a custom plugin; write a rule instead")
    for path, entries in content["results"].items():
        for entry in entries if isinstance(entries, list) else ():
            moved.claims.append(_hashed(entry, str(path), name))
    return moved


def _hashed(entry: Any, path: str, name: str) -> Claim:  # noqa: ANN401 - whatever JSON holds
    try:
        line = int(entry.get("line_number", 0))
        what = f"{path}:{line} ({entry.get('type', '?')})"
        return Claim(name, what, path, line, sha1=str(entry["hashed_secret"]), real=entry.get("is_secret") is True)
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        raise ConfigError(f"{name}: an entry for {path} has no hashed_secret") from error


def _filter(moved: Moved, stated: Any, name: str) -> None:  # noqa: ANN401 - whatever JSON holds
    path = stated.get("path", "") if isinstance(stated, dict) else ""
    patterns = stated.get("pattern", []) if isinstance(stated, dict) else []
    if path in _FILTERS:
        for pattern in patterns if isinstance(patterns, list) else [patterns]:
            _ignore(moved, name, path.rsplit(".", 1)[1], _FILTERS[path], str(pattern))
    elif path.startswith(
        ("detect_secrets.filters.heuristic", "detect_secrets.filters.allowlist", "detect_secrets.filters.common")
    ):
        moved.say(name, path, NEEDLESS, "keysift has its own checks, and honours inline comments")
    else:
        moved.say(name, path or "a filter", LOST, "keysift has no such filter")


def _ignore(moved: Moved, name: str, what: str, ours: str, pattern: str) -> None:
    try:
        regex.compile(pattern)
    except regex.error as error:
        moved.say(name, f"{what} {pattern}", LOST, f"invalid regular expression: {error}")
        return
    moved.ignores.append(Ignore(reason=f"imported from {name}", **{ours: pattern}))
    moved.say(name, f"{what} {pattern}", CARRIED, f"[[ignore]] {ours.replace('_', '-')}")
