"""Parsers of files that a stranger's repository brings for us: configuration, rules, baseline, reports, ignored."""

# atheris instruments what is imported after it.
# ruff: noqa: PLC0415

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from tests.fuzz.made import Made

ROOT = Path(__file__).parents[3]
CONFIG = b"""
exclude = ["a/*"]
fail-on = "secret"
disable = ["x-*"]
[[ignore]]
rule = "a"
path = "b"
reason = "c"
until = "2026-01-01"
[rule.x]
label = "secret"
keywords = ["abc"]
[[branch]]
pattern = "main"
fail-on = "never"
"""
PROJECT = b"""
[tool.keysift]
rules = ["a.yaml"]
[[tool.keysift.ignore]]
path-regex = "a+"
value = "x"
line = "y"
"""
GITLEAKS = b"""
title = "a"
[extend]
useDefault = true
disabledRules = ["x"]
[[rules]]
id = "a"
regex = '''a[0-9]{3}'''
keywords = ["abc"]
entropy = 3.5
secretGroup = 1
[[rules.allowlists]]
condition = "AND"
paths = ["a"]
regexes = ["b"]
regexTarget = "line"
stopwords = ["c"]
commits = ["abcdef"]
"""
RULES = b"""
provider: Us
rules:
- id: us-key
  name: Our key
  label: secret
  why: It opens.
  revoke: Ask.
  references: ['https://example.org']
  pattern: us_[0-9a-f]{32}
  keywords: [us_]
  when:
  - field: token
  examples: ['us_{{hex:32}}']
  counterexamples: [us_]
"""


def config() -> Made:
    """`.keysift.toml`, and `[tool.keysift]`."""
    from keysift import config
    from keysift.errors import ConfigError

    def one(data: bytes) -> None:
        for name in (".keysift.toml", "pyproject.toml"):
            with suppress(ConfigError):
                config.parse(data, name)

    return one, [CONFIG, PROJECT]


def baseline() -> Made:
    """A baseline; and the same with an entry more, which can be read again."""
    from keysift.accept import baseline
    from keysift.errors import ConfigError

    def one(data: bytes) -> None:
        with suppress(ConfigError):
            read = baseline.parse(data, "x")
            again = baseline.parse(baseline.changed(data, read.entries.values()), "x")
            assert again.entries == read.entries

    entry = b'{"id": "ab", "rule": "x", "path": "a", "who": "me", "why": "so", "since": "2026-01-01", "until": ""}\n'
    return one, [baseline.header(b"1" * 16) + entry]


def saved() -> Made:
    """A saved report; what is read can be joined and written in any format."""
    import io

    from keysift import report
    from keysift.errors import UsageError
    from keysift.report import saved
    from keysift.report.merge import merge

    def one(data: bytes) -> None:
        with suppress(UsageError):
            run = merge([saved.parse(data, "x"), saved.parse(data, "x")])
            for write in report.FORMATS:
                report.write(run, write, io.StringIO(), report.Options(show_public=True))

    golden = (ROOT / "tests" / "report" / "golden").glob("*.json")
    return one, [data for place in golden if (data := place.read_bytes()).lstrip().startswith(b"{")]


def gitleaks() -> Made:
    """`.gitleaks.toml` and `.gitleaksignore`."""
    from keysift.errors import ConfigError
    from keysift.migrate import gitleaks

    def one(data: bytes) -> None:
        with suppress(ConfigError):
            gitleaks.read_configuration(data, "x", {"a-b"})
        gitleaks.read_ignore_file(data, "x")

    return one, [GITLEAKS, b"abcdef0:a/b.txt:rule-x:12\n# x\na/b:rule:3\n"]


def re2() -> Made:
    """A regex of Go's."""
    from keysift.migrate import re2

    def one(data: bytes) -> None:
        for group in (None, 1):
            with suppress(ValueError):
                re2.translate(data.decode("utf-8", "replace"), secret_group=group)

    return one, [rb"(?i)(?P<a>[[:alnum:]_-]{3,9})\Qx.y\E(?s:.)\x{1F}[^\d]\z", rb"(?:a|b)*?\pL\C"]


def reports() -> Made:
    """Reports and baselines of other scanners."""
    from keysift.errors import ConfigError
    from keysift.migrate import reports

    def one(data: bytes) -> None:
        with suppress(ConfigError):
            reports.read_report(data, "x")

    found = {"RuleID": "a", "File": "b", "StartLine": 3, "Secret": "c", "Commit": "d"}
    other = {
        "SourceMetadata": {"Data": {"Git": {"file": "a", "line": 3, "commit": "b"}}},
        "Raw": "c",
        "Verified": True,
        "DetectorName": "x",
    }
    third = {"rule": {"id": "a"}, "finding": {"path": "b", "line": 3, "snippet": "c"}}
    kept = {"version": "1", "results": {"a": [{"type": "x", "hashed_secret": "0" * 40, "line_number": 3}]}}
    return one, [json.dumps(each).encode() for each in ([found], other, {"findings": [third]}, kept)]


def ignore() -> Made:
    """A `.gitignore`, and the paths of its own lines."""
    from keysift import patterns

    def one(data: bytes) -> None:
        rules = patterns.parse(data)
        for line in data.split(b"\n")[:20]:
            patterns.ignored([rules], line[:200] or b"a", directory=False)

    return one, [b"*.py[co]\n!/a/**/b?\n\\#x\\ \n[[:alpha:]!-z]/\n**/c\n[!a-]\\*\n"]


def own_rules() -> Made:
    """A file with rules of a repository's own."""
    from keysift.errors import RuleError
    from keysift.rules import authoring

    def one(data: bytes) -> None:
        with suppress(RuleError):
            list(authoring.read_own(data, "x.yaml"))

    return one, [RULES]


TARGETS = (config, baseline, saved, gitleaks, re2, reports, ignore, own_rules)
