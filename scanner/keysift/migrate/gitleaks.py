"""gitleaks' `.gitleaks.toml` and `.gitleaksignore`: https://github.com/gitleaks/gitleaks#configuration."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator
from typing import Any

from keysift.config import Ignore
from keysift.errors import ConfigError
from keysift.migrate import CARRIED, LOST, NEEDLESS, Claim, Moved, OwnRule
from keysift.migrate.re2 import translate
from keysift.redact import redact

_KEY = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[\w+/=.~:-]{20,}")
"""What is no pattern but a value, and long enough to be a key."""
_FINGERPRINT = re.compile(r"(?:(?P<commit>[0-9a-f]{7,64}):)?(?P<path>.+):(?P<rule>[\w.-]+):(?P<line>\d+)")


def read_configuration(data: bytes, name: str, known: Collection[str]) -> Moved:
    """What a configuration says; `known` are the ids of our rules.

    Raises:
        ConfigError: it is no TOML.
    """
    try:
        text = data.decode("utf-8")
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{name} is no TOML: {error}") from error
    reader = _Reader(name, text, set(known))
    reader.extension(content.get("extend"))
    for rule in _list(content.get("rules")):
        reader.rule(rule)
    for allowlist in _allowlists(content):
        reader.allowlist(allowlist, [])
    return reader.moved


def read_ignore_file(data: bytes, name: str) -> Moved:
    """The lines of a `.gitleaksignore`: `commit:file:rule:line`, or without the commit."""
    moved = Moved()
    for number, line in enumerate(data.decode("utf-8", "surrogateescape").splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        found = _FINGERPRINT.fullmatch(text)
        place = f"{name}:{number}"
        if found:
            what = f"{found['path']}:{found['line']} ({found['rule']})"
            moved.claims.append(Claim(place, what, found["path"], int(found["line"]), found["commit"] or ""))
        else:
            moved.say(place, text, LOST, "no fingerprint; where a path is meant: `exclude`")
    return moved


def _list(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _allowlists(table: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """`[allowlist]` of older versions, `[[allowlists]]` of newer ones."""
    if isinstance(table.get("allowlist"), dict):
        yield table["allowlist"]
    yield from _list(table.get("allowlists"))


def _together(allowlist: dict[str, Any]) -> bool:
    return str(allowlist.get("condition", "OR")).upper() in {"AND", "&&"}


class _Reader:
    """One pass over a configuration."""

    def __init__(self, name: str, text: str, known: set[str]) -> None:
        self.name = name
        self.text = text
        self.known = known
        self.moved = Moved()

    def place(self, statement: str) -> str:
        """`.gitleaks.toml:12`: the line where a statement stands."""
        at = self.text.find(statement)
        return f"{self.name}:{self.text.count(chr(10), 0, at) + 1}" if at >= 0 else self.name

    def extension(self, extend: object) -> None:
        if not isinstance(extend, dict):
            return
        place = self.place("[extend]")
        if extend.get("useDefault"):
            self.moved.say(place, "useDefault", NEEDLESS, "keysift's own rules always run")
        for key in ("path", "url"):
            if isinstance(extend.get(key), str):
                self.moved.say(self.place(extend[key]), f"{key} {extend[key]}", LOST, "import that file as well")
        for rule_id in _texts(extend.get("disabledRules")):
            if rule_id in self.known:
                self.moved.disable.append(rule_id)
                self.moved.say(self.place(rule_id), f"disabledRules {rule_id}", CARRIED, "disable")
            else:
                self.moved.say(self.place(rule_id), f"disabledRules {rule_id}", LOST, "no rule of ours is called so")

    def rule(self, rule: dict[str, Any]) -> None:
        """A rule of one's own; or, without a regex, a change to one of gitleaks'."""
        rule_id = str(rule.get("id") or rule.get("description") or "rule")
        place = self.place(f'"{rule_id}"') if f'"{rule_id}"' in self.text else self.place(rule_id)
        what = f"rule {rule_id}"
        pattern, path = rule.get("regex"), rule.get("path")
        own_id = re.sub(r"[^a-z0-9]+", "-", rule_id.lower()).strip("-") or "rule"
        taken = own_id in self.known
        if isinstance(pattern, str) and not taken:
            self._own(place, what, own_id, rule)
        elif isinstance(pattern, str):
            self.moved.say(place, what, NEEDLESS, "keysift has a rule of this name; its own pattern counts")
        elif isinstance(path, str):
            self.moved.say(place, what, LOST, "it looks at names of files alone; keysift looks at what is in them")
        allowlists = list(_allowlists(rule))
        ours = [own_id] if taken or any(one.id == own_id for one in self.moved.rules) else []
        for allowlist in allowlists:
            if ours:
                self.allowlist(allowlist, ours)
                continue
            self.commits(allowlist)
            if set(allowlist) & {"paths", "regexes", "stopwords"}:
                self.moved.say(place, f"allowlist of {what}", LOST, "no rule of ours is called so")

    def _own(self, place: str, what: str, own_id: str, rule: dict[str, Any]) -> None:
        group = rule.get("secretGroup")
        try:
            pattern = translate(rule["regex"], secret_group=group if isinstance(group, int) else 0)
            file = translate(rule["path"]) if isinstance(rule.get("path"), str) else ""
        except ValueError as error:
            self.moved.say(place, what, LOST, f"its regex: {error}")
            return
        keywords = [word for word in _texts(rule.get("keywords")) if len(word) >= 3] or _literals(pattern)
        if not keywords:
            self.moved.say(place, what, LOST, "no keyword, and no fixed text of 3 characters in its regex")
            return
        name = str(rule.get("description") or own_id)
        self.moved.rules.append(OwnRule(own_id, name, pattern, tuple(keywords), file, place))
        without = " (but for its entropy: keysift has a test of its own)" if rule.get("entropy") else ""
        self.moved.say(place, what, CARRIED, f"rule {own_id}{without}; `keysift rules check` asks for examples")

    def allowlist(self, allowlist: dict[str, Any], rules: list[str]) -> None:
        """Each list of an allowlist alone, or all together where it says AND."""
        targets = [*rules, *(one for one in _texts(allowlist.get("targetRules")) if one in self.known)]
        for one in _texts(allowlist.get("targetRules")):
            if one not in self.known:
                self.moved.say(self.place(one), f"targetRules {one}", LOST, "no rule of ours is called so")
        if allowlist.get("targetRules") and not targets:
            return
        self.commits(allowlist)
        parts = list(self._parts(allowlist))
        reason = str(allowlist.get("description") or f"imported from {self.name}")
        if _together(allowlist) and len(parts) > 1:
            parts = [
                ({key: value for part, _ in parts for key, value in part.items()}, " and ".join(w for _, w in parts))
            ]
        for part, what in parts:
            for rule in targets or [""]:
                self.moved.ignores.append(Ignore(rule=rule, reason=reason, **part))
            self.moved.say(
                self.place(what.split(" ", 1)[1]), what, CARRIED, f"[[ignore]] {', '.join(part)}".replace("_", "-")
            )

    def commits(self, allowlist: dict[str, Any]) -> None:
        """We accept keys, not commits: those that a commit brought in."""
        for commit in _texts(allowlist.get("commits")):
            self.moved.claims.append(Claim(self.place(commit), f"commit {commit[:12]}", "", commit=commit))

    def _is_key(self, text: str, what: str) -> bool:
        """Whether a list names a key itself: it is looked for, lest it be written down once more."""
        bare = text.replace("\\", "").strip("^$")
        known = "PRIVATE KEY" in bare or _KEY.fullmatch(bare)
        if known:
            claim = Claim(self.place(text), f"{what} {redact(bare.encode())}", "", secret=bare.strip().encode())
            self.moved.claims.append(claim)
        return bool(known)

    def _parts(self, allowlist: dict[str, Any]) -> Iterator[tuple[dict[str, str], str]]:
        """What an `[[ignore]]` says, and what the allowlist said."""
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
            if _together(allowlist) and patterns:
                joined = "|".join(f"(?:{one})" for one, _ in patterns)
                yield {ours: joined}, f"{key} {patterns[0][1]}"
            else:
                yield from (({ours: translated}, f"{key} {pattern}") for translated, pattern in patterns)
        words = [one for one in _texts(allowlist.get("stopwords")) if not self._is_key(one, "stopwords")]
        if words:
            yield {"value": f"(?i:{'|'.join(map(re.escape, words))})"}, f"stopwords {words[0]}"


def _literals(pattern: str) -> list[str]:
    """The longest fixed text that every match holds, of three characters or more."""
    import re._parser as parser  # type: ignore[import-not-found]  # noqa: PLC0415 - the only place that knows

    try:
        parsed = parser.parse(pattern)
    except re.error:
        return []
    runs = sorted(_runs(parsed), key=len)
    return [runs[-1].lower()] if runs and len(runs[-1]) >= 3 and runs[-1].isascii() else []


def _runs(parsed: Any) -> Iterator[str]:  # noqa: ANN401 - Python's parser has no types
    """The runs of fixed characters that a match cannot do without."""
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
