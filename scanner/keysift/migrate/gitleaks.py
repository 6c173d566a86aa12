"""gitleaks' `.gitleaks.toml` and `.gitleaksignore`: https://github.com/gitleaks/gitleaks#configuration."""

from __future__ import annotations

import re
import re._parser as parser  # type: ignore[import-not-found]
import tomllib
from collections.abc import Collection, Iterator
from typing import Any

from keysift.config import Ignore
from keysift.errors import ConfigError
from keysift.masking import redact
from keysift.migrate import CARRIED, LOST, NEEDLESS, Claim, Moved, OwnRule, gitleaks_ids
from keysift.migrate.re2 import translate
from keysift.rules.suggestions import suggestion

_KEY = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[\w+/=.~:-]{20,}")
"""A value, not a pattern, that is long enough to be a key."""
_FINGERPRINT = re.compile(r"(?:(?P<commit>[0-9a-f]{7,64}):)?(?P<path>.+):(?P<rule>[\w.-]+):(?P<line>\d+)")


def read_configuration(data: bytes, name: str, known: Collection[str]) -> Moved:
    """Translate a configuration; `known` are the ids of our rules.

    Raises:
        ConfigError: it is invalid TOML.
    """
    try:
        text = data.decode("utf-8")
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{name}: invalid TOML: {error}") from error
    reader = _Reader(name, text, set(known))
    reader.read_extension(content.get("extend"))
    for rule in _tables(content.get("rules")):
        reader.read_rule(rule)
    for allowlist in _allowlists(content):
        reader.read_allowlist(allowlist, [])
    return reader.moved


def read_ignore_file(data: bytes, name: str) -> Moved:
    """Read the lines of a `.gitleaksignore`: `commit:file:rule:line`, or the same without the commit."""
    moved = Moved()
    for number, line in enumerate(data.decode("utf-8", "surrogateescape").splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        stated = _FINGERPRINT.fullmatch(text)
        place = f"{name}:{number}"
        if stated:
            what = f"{stated['path']}:{stated['line']} ({stated['rule']})"
            moved.claims.append(Claim(place, what, stated["path"], int(stated["line"]), stated["commit"] or ""))
        else:
            moved.say(place, text, LOST, "not a fingerprint; for a path, use `exclude` in .keysift.toml")
    return moved


def _tables(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _allowlists(table: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield `[allowlist]` of older versions and `[[allowlists]]` of newer ones."""
    if isinstance(table.get("allowlist"), dict):
        yield table["allowlist"]
    yield from _tables(table.get("allowlists"))


def _is_joint(allowlist: dict[str, Any]) -> bool:
    return str(allowlist.get("condition", "OR")).upper() in {"AND", "&&"}


class _Reader:
    """One pass over a configuration."""

    def __init__(self, name: str, text: str, known: set[str]) -> None:
        self.name = name
        self.text = text
        self.known = known
        self.moved = Moved()

    def place(self, statement: str) -> str:
        """Return the line of a statement: `.gitleaks.toml:12`."""
        at = self.text.find(statement)
        return f"{self.name}:{self.text.count(chr(10), 0, at) + 1}" if at >= 0 else self.name

    def read_extension(self, extend: object) -> None:
        if not isinstance(extend, dict):
            return
        place = self.place("[extend]")
        if extend.get("useDefault"):
            self.moved.say(place, "useDefault", NEEDLESS, "keysift's own rules always run")
        for key in ("path", "url"):
            if isinstance(extend.get(key), str):
                self.moved.say(self.place(extend[key]), f"{key} {extend[key]}", LOST, "import that file too")
        for rule_id in _texts(extend.get("disabledRules")):
            ours = self.ours(rule_id, f"disabledRules {rule_id}", NEEDLESS)
            if ours:
                self.moved.disable += [each for each in ours if each not in self.moved.disable]
                self.moved.say(self.place(rule_id), f"disabledRules {rule_id}", CARRIED, f"disable {', '.join(ours)}")

    def ours(self, rule_id: str, what: str, without: str) -> list[str]:
        """Return the ids of our rules for one of gitleaks'; where there are none, say why: `without` is the outcome."""
        ours = gitleaks_ids.ours(rule_id, self.known)
        if ours is None:
            advice = suggestion(rule_id, (*self.known, *gitleaks_ids.OURS))
            self.moved.say(self.place(rule_id), what, LOST, f"no rule of this name is known here; {advice}")
        elif not ours:
            self.moved.say(self.place(rule_id), what, without, "keysift has no rule of its own for these keys")
        return ours or []

    def read_rule(self, rule: dict[str, Any]) -> None:
        """Read a custom rule or, where there is no regex, a change to one of gitleaks' own."""
        rule_id = str(rule.get("id") or rule.get("description") or "rule")
        place = self.place(f'"{rule_id}"') if f'"{rule_id}"' in self.text else self.place(rule_id)
        what = f"rule {rule_id}"
        pattern, path = rule.get("regex"), rule.get("path")
        own_id = re.sub(r"[^a-z0-9]+", "-", rule_id.lower()).strip("-") or "rule"
        taken = own_id in self.known
        if isinstance(pattern, str) and not taken:
            self._own(place, what, own_id, rule)
        elif isinstance(pattern, str):
            self.moved.say(place, what, NEEDLESS, "keysift has a rule with this name, and uses its own pattern")
        elif isinstance(path, str):
            self.moved.say(place, what, LOST, "it matches only file names; keysift matches file contents")
        own = any(rule.id == own_id for rule in self.moved.rules)
        for allowlist in _allowlists(rule):
            ours = [own_id] if own else self.ours(rule_id, f"allowlist of {what}", LOST)
            if ours:
                self.read_allowlist(allowlist, ours)
            else:
                self.read_commits(allowlist)

    def _own(self, place: str, what: str, own_id: str, rule: dict[str, Any]) -> None:
        group = rule.get("secretGroup")
        try:
            pattern = translate(rule["regex"], secret_group=group if isinstance(group, int) else 0)
            file = translate(rule["path"]) if isinstance(rule.get("path"), str) else ""
        except ValueError as error:
            self.moved.say(place, what, LOST, f"its regular expression: {error}")
            return
        keywords = [word for word in _texts(rule.get("keywords")) if len(word) >= 3] or _literals(pattern)
        if not keywords:
            self.moved.say(
                place, what, LOST, "no keywords, and no fixed text of 3 or more characters in its regular expression"
            )
            return
        name = str(rule.get("description") or own_id)
        self.moved.rules.append(OwnRule(own_id, name, pattern, tuple(keywords), file, place))
        without = " without its entropy (keysift has a test of its own)" if rule.get("entropy") else ""
        self.moved.say(place, what, CARRIED, f"as rule {own_id}{without}; add examples for `keysift rules check`")

    def read_allowlist(self, allowlist: dict[str, Any], rules: list[str]) -> None:
        """Read each list of an allowlist by itself, or all of them as one where it says AND."""
        stated = _texts(allowlist.get("targetRules"))
        ours = (each for rule in stated for each in self.ours(rule, f"targetRules {rule}", LOST))
        targets = list(dict.fromkeys([*rules, *ours]))
        if allowlist.get("targetRules") and not targets:
            return
        self.read_commits(allowlist)
        parts = list(self._parts(allowlist))
        reason = str(allowlist.get("description") or f"imported from {self.name}")
        if _is_joint(allowlist) and len(parts) > 1:
            parts = [
                ({key: value for part, _ in parts for key, value in part.items()}, " and ".join(w for _, w in parts))
            ]
        for part, what in parts:
            for rule in targets or [""]:
                self.moved.ignores.append(Ignore(rule=rule, reason=reason, **part))
            self.moved.say(
                self.place(what.split(" ", 1)[1]), what, CARRIED, f"[[ignore]] {', '.join(part)}".replace("_", "-")
            )

    def read_commits(self, allowlist: dict[str, Any]) -> None:
        """Read the commits: keysift accepts keys, so it accepts those that each commit introduced."""
        for commit in _texts(allowlist.get("commits")):
            self.moved.claims.append(Claim(self.place(commit), f"commit {commit[:12]}", "", commit=commit))

    def _is_key(self, text: str, what: str) -> bool:
        """Return whether a text is itself a key; it becomes a claim, so that it is not written down once more."""
        bare = text.replace("\\", "").strip("^$")
        known = "PRIVATE KEY" in bare or _KEY.fullmatch(bare)
        if known:
            claim = Claim(self.place(text), f"{what} {redact(bare.encode())}", "", secret=bare.strip().encode())
            self.moved.claims.append(claim)
        return bool(known)

    def _parts(self, allowlist: dict[str, Any]) -> Iterator[tuple[dict[str, str], str]]:
        """Yield what an `[[ignore]]` states, and what the allowlist stated."""
        target = {"line": "line", "match": "line"}.get(str(allowlist.get("regexTarget", "")), "value")
        for key, ours in (("paths", "path_regex"), ("regexes", target)):
            patterns = []
            for pattern in _texts(allowlist.get(key)):
                if key == "regexes" and self._is_key(pattern, key):
                    continue
                try:
                    patterns.append((translate(pattern), pattern))
                except ValueError as error:
                    self.moved.say(self.place(pattern), f"{key} {pattern}", LOST, str(error))
            if _is_joint(allowlist) and patterns:
                joined = "|".join(f"(?:{translated})" for translated, _ in patterns)
                yield {ours: joined}, f"{key} {patterns[0][1]}"
            else:
                yield from (({ours: translated}, f"{key} {pattern}") for translated, pattern in patterns)
        words = [word for word in _texts(allowlist.get("stopwords")) if not self._is_key(word, "stopwords")]
        if words:
            yield {"value": f"(?i:{'|'.join(map(re.escape, words))})"}, f"stopwords {words[0]}"


def _literals(pattern: str) -> list[str]:
    """Return the longest fixed text of three or more characters in every match; no text where there is none."""
    try:
        parsed = parser.parse(pattern)
    except re.error:
        return []
    runs = sorted(_runs(parsed), key=len)
    return [runs[-1].lower()] if runs and len(runs[-1]) >= 3 and runs[-1].isascii() else []


def _runs(parsed: Any) -> Iterator[str]:  # noqa: ANN401 - Python's parser has no types
    """Yield the runs of fixed characters that every match contains."""
    run = ""
    for operation, argument in parsed:
        name = str(operation)
        if name == "LITERAL":
            run += chr(argument)
            continue
        yield run
        run = ""
        if name == "SUBPATTERN":
            yield from _runs(argument[-1])
        elif name in {"MAX_REPEAT", "MIN_REPEAT"} and argument[0] >= 1:
            yield from _runs(argument[2])
    yield run
