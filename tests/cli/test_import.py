"""`keysift import`: what other scanners' files say, carried over in real repositories."""

import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from keysift import config
from keysift.accept import baseline
from keysift.migrate import gitleaks_ids
from keysift.model import Rule
from keysift.rules.generate import instance

Keysift = Callable[..., subprocess.CompletedProcess[bytes]]
Git = Callable[..., None]


@pytest.fixture
def key() -> str:
    return instance("{{hex:32}}", "moved")[0]


@pytest.fixture
def place(tmp_path: Path, git: Git, key: str) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "a.conf").write_text(f'# a\nPAGERDUTY_INTEGRATION_KEY="{key}"\n')
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "one")
    return tmp_path


def carried(keysift: Keysift, *files: str) -> list[str]:
    done = keysift("import", *files)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode().splitlines()


def open_findings(keysift: Keysift) -> list[str]:
    report = json.loads(keysift("scan", "-f", "json").stdout)
    return sorted(f"{one['rule_id']} {one['locations'][0]['path']}" for one in report["findings"])


def commit(place: Path) -> str:
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=place, check=True, capture_output=True, text=True)
    return done.stdout.strip()


GITLEAKS = """
title = "ours"
[extend]
useDefault = true
disabledRules = ["slack-webhook-url", "no-such-rule"]

[[rules]]
id = "Acme Token"
description = "A token of Acme"
regex = '''(?i)\\bacme_([0-9a-f]{32})\\b'''
entropy = 3.5
path = '''\\.txt$'''
[[rules.allowlists]]
regexes = ['''^0000''']

[[rules]]
id = "by-name"
path = '''\\.pem$'''

[[rules]]
id = "lookalike"
regex = '''\\p{Greek}key'''

[allowlist]
description = "what we test with"
paths = ['''^vendor/''', '''(?U)x''']
regexes = ['''EXAMPLE$''']
stopwords = ["made-up"]
commits = ["0123456789012345678901234567890123456789"]

[[allowlists]]
condition = "AND"
paths = ['''^tests/''']
regexes = ['''AGE''']
regexTarget = "line"
"""


def test_gitleaks_configuration(keysift: Keysift, place: Path) -> None:
    (place / ".gitleaks.toml").write_text(GITLEAKS)
    (place / "own.txt").write_text(instance("t = acme_{{hex:32}}\n", "own")[0])
    (place / "vendor").mkdir()
    (place / "vendor/b.conf").write_text(instance("PAGERDUTY_ROUTING_KEY={{hex:32}}\n", "vendor")[0])
    lines = carried(keysift, ".gitleaks.toml")
    said = {line.split(": ")[1]: line.split(": ")[2] for line in lines}
    assert said == {
        "useDefault": "not needed", "disabledRules slack-webhook-url": "carried over",
        "disabledRules no-such-rule": "not carried over", "rule Acme Token": "carried over",
        "regexes ^0000": "carried over", "rule by-name": "not carried over", "rule lookalike": "not carried over",
        "paths ^vendor/": "carried over", "paths (?U)x": "not carried over", "regexes EXAMPLE$": "carried over",
        "stopwords made-up": "carried over", "commit 012345678901": "not needed",
        "paths ^tests/ and regexes AGE": "carried over",
    }  # fmt: skip
    assert ".gitleaks.toml:5: disabledRules slack-webhook-url: carried over: disable slack-webhook-url" in lines
    settings = config.read(place / config.NAME)
    assert (settings.disable, settings.rules) == (("slack-webhook-url",), (".keysift-rules.yaml",))
    stated = [(one.rule, one.path_regex, one.value, one.line) for one in settings.ignore]
    assert stated == [
        ("acme-token", "", "^0000", ""), ("", "^vendor/", "", ""), ("", "", r"EXAMPLE\Z", ""),
        ("", "", r"(?i:made\-up)", ""), ("", "(?:^tests/)", "", "(?:AGE)"),
    ]  # fmt: skip
    assert open_findings(keysift) == ["acme-token own.txt", "pagerduty-integration-key a.conf"]


def test_importing_twice_changes_nothing(keysift: Keysift, place: Path) -> None:
    (place / ".gitleaks.toml").write_text('[allowlist]\npaths = ["^vendor/"]\n')
    (place / ".gitleaksignore").write_text("a.conf:generic:2\n")
    carried(keysift, ".gitleaks.toml", ".gitleaksignore")
    before = {name: (place / name).read_bytes() for name in (config.NAME, baseline.NAME)}
    carried(keysift, ".gitleaks.toml", ".gitleaksignore")
    assert {name: (place / name).read_bytes() for name in before} == before


def test_a_configuration_that_is_there_is_added_to(keysift: Keysift, place: Path) -> None:
    (place / config.NAME).write_text('disable = ["slack-bot-token"]\n[policy]\nrequire-reason = true\n')
    (place / ".gitleaks.toml").write_text(
        '[extend]\ndisabledRules = ["slack-webhook-url"]\n[allowlist]\npaths = ["a"]\n'
    )
    assert keysift("import", ".gitleaks.toml").returncode == 0
    settings = config.read(place / config.NAME)
    assert settings.disable == ("slack-bot-token", "slack-webhook-url")
    assert (settings.policy.require_reason, len(settings.ignore)) == (True, 1)


@pytest.mark.parametrize(
    "stated",
    [
        "rules = []\n",
        "rules = [  # ours\n  'a.yaml',\n]\n",
        "rules = [\n  'a.yaml'\n]\n",
        'rules = ["a.yaml"] # ours\n',
        "# rules = []\n",
    ],
)
def test_a_list_that_is_there_gets_more_items(keysift: Keysift, place: Path, stated: str) -> None:
    rule = "id: own, label: secret, name: own key, why: It is., pattern: 'own_[0-9]{8}', keywords: [own_]"
    (place / "a.yaml").write_text(f"provider: own\nrevoke: Ask.\nreferences: [x]\nrules:\n  - {{{rule}}}\n")
    tables = "exclude = ['x']\n[[path]]\npattern = 'y'\ndisable = ['slack-*']\n"
    (place / config.NAME).write_text(stated + tables)
    theirs = "[extend]\ndisabledRules = ['slack-webhook-url']\n[[rules]]\nid = 'acme'\nregex = 'acme_[0-9a-f]{32}'\n"
    (place / ".gitleaks.toml").write_text(theirs)
    done = keysift("import", ".gitleaks.toml")
    assert done.returncode == 0, done.stderr
    settings = config.read(place / config.NAME)
    assert settings.rules == (*(("a.yaml",) if "a.yaml" in stated else ()), ".keysift-rules.yaml")
    assert (settings.exclude, settings.disable) == (("x",), ("slack-webhook-url",))
    assert settings.path[0].disable == ("slack-*",)


def test_a_key_that_an_allowlist_names_is_not_written_down_again(keysift: Keysift, place: Path, key: str) -> None:
    (place / ".gitleaks.toml").write_text(f'[allowlist]\nregexes = ["{key}"]\n')
    [line] = carried(keysift, ".gitleaks.toml")
    assert "carried over: as pagerduty-integration-key" in line
    assert key not in line
    assert not (place / config.NAME).exists()
    assert open_findings(keysift) == []


def test_fingerprints_are_looked_up_at_their_commit(keysift: Keysift, place: Path, git: Git) -> None:
    then = commit(place)
    (place / "a.conf").rename(place / "b.conf")
    git(place, "add", "-A")
    git(place, "commit", "-q", "-m", "two")
    known = ["# known", f"{then}:a.conf:generic-api-key:2", "a.conf:generic-api-key:2", f"{then}:a.conf:x:1"]
    ignored = "\n".join([*known, "b.conf:x:9", "*.example", ""])
    (place / ".gitleaksignore").write_text(ignored)
    assert [line.split(": ", 2)[2] for line in carried(keysift, ".gitleaksignore")] == [
        "not carried over: not a fingerprint; for a path, use `exclude` in .keysift.toml",
        "carried over: as pagerduty-integration-key",
        "not needed: the file no longer exists",
        "not needed: keysift finds nothing there",
        "not needed: keysift finds nothing there",
    ]
    assert open_findings(keysift) == []


def test_commits_become_the_keys_that_they_brought_in(keysift: Keysift, place: Path, git: Git) -> None:
    (place / "c.conf").write_text(instance("PAGERDUTY_ROUTING_KEY={{hex:32}}\n", "second")[0])
    git(place, "add", "-A")
    git(place, "commit", "-q", "-m", "two")
    (place / ".gitleaks.toml").write_text(f'[allowlist]\ncommits = ["{commit(place)}"]\n')
    [line] = carried(keysift, ".gitleaks.toml")
    assert "carried over" in line
    assert open_findings(keysift) == ["pagerduty-integration-key a.conf"]


def test_what_names_no_commit_accepts_nothing(keysift: Keysift, place: Path) -> None:
    before = open_findings(keysift)
    (place / ".gitleaks.toml").write_text(f'[allowlist]\ncommits = ["abc", "main", "{"f" * 40}"]\n')
    lines = carried(keysift, ".gitleaks.toml")
    assert ["not needed: no such commit in this repository" in line for line in lines] == [True] * 3
    assert open_findings(keysift) == before != []


@pytest.mark.parametrize("quote", ["", '"'])
def test_detect_secrets_baseline(quote: str, keysift: Keysift, place: Path, key: str) -> None:
    def entry(text: str, line: int, **more: object) -> dict[str, object]:
        digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        return {"type": "Secret Keyword", "hashed_secret": digest, "line_number": line, **more}

    (place / "real.conf").write_text(instance("PAGERDUTY_ROUTING_KEY={{hex:32}}\n", "real")[0])
    real = (place / "real.conf").read_text().partition("=")[2].strip()
    filters = [
        {"path": "detect_secrets.filters.regex.should_exclude_file", "pattern": ["^vendor/"]},
        {"path": "detect_secrets.filters.heuristic.is_sequential_string"},
        {"path": "detect_secrets.filters.wordlist.should_exclude_secret", "file_name": "words"},
    ]
    results = {
        "a.conf": [entry(f"{quote}{key}{quote}", 77), entry("another", 2)],
        "gone.conf": [entry("x", 1)],
        "real.conf": [entry(real, 1, is_secret=True)],
    }
    content = {"version": "1.5.0", "plugins_used": [], "filters_used": filters, "results": results}
    (place / ".secrets.baseline").write_text(json.dumps(content, indent=2))
    said = [line.split(": ", 1)[1] for line in carried(keysift, ".secrets.baseline")]
    own = "keysift has its own checks, and honours inline comments"
    other = "its hash is not that of what keysift finds there (pagerduty-integration-key); see `keysift baseline audit`"
    assert said == [
        "should_exclude_file ^vendor/: carried over: [[ignore]] path-regex",
        f"detect_secrets.filters.heuristic.is_sequential_string: not needed: {own}",
        "detect_secrets.filters.wordlist.should_exclude_secret: not carried over: keysift has no such filter",
        "a.conf:77 (Secret Keyword): carried over: as pagerduty-integration-key",
        f"a.conf:2 (Secret Keyword): not carried over: {other}",
        "gone.conf:1 (Secret Keyword): not needed: the file no longer exists",
        "real.conf:1 (Secret Keyword): carried over: as pagerduty-integration-key",
    ]
    assert open_findings(keysift) == ["pagerduty-integration-key real.conf"]


def reports(key: str, then: str) -> dict[str, object]:
    where = {"Data": {"Git": {"file": "a.conf", "line": 2, "commit": then}}}
    gitleaks = {"RuleID": "x", "File": "a.conf", "StartLine": 2}
    return {
        "gitleaks": [{**gitleaks, "Commit": then, "Secret": key, "Match": f"k={key}"}],
        "redacted": [{**gitleaks, "Commit": "", "Secret": "REDACTED"}],
        "trufflehog": {"SourceMetadata": where, "DetectorName": "PagerDuty", "Raw": key, "RawV2": ""},
        "kingfisher": {"findings": [{"rule": {"id": "k"}, "finding": {"snippet": key, "path": "./a.conf", "line": 2}}]},
        "kingfisher in git": [
            {"rule": {"id": "k"}, "finding": {"snippet": key, "path": "x", "line": 2, "git_metadata": {
                "commit": {"id": then}, "file": {"path": "a.conf"}}}}
        ],
    }  # fmt: skip


@pytest.mark.parametrize("form", reports("", ""))
def test_reports(form: str, keysift: Keysift, place: Path, key: str) -> None:
    content = reports(key, commit(place))[form]
    log = '{"level":"info","msg":"started"}\n' if form == "trufflehog" else ""
    (place / "report.json").write_text(log + json.dumps(content) + "\n")
    [line] = carried(keysift, "report.json")
    assert line.endswith("carried over: as pagerduty-integration-key")
    assert key not in line
    (place / "report.json").unlink()
    assert open_findings(keysift) == []


def test_a_dry_run_writes_nothing(keysift: Keysift, place: Path) -> None:
    (place / ".gitleaks.toml").write_text(GITLEAKS)
    (place / ".gitleaksignore").write_text("a.conf:generic:2\n")
    before = sorted(path.name for path in place.iterdir())
    assert b"carried over" in keysift("import", "--dry-run", ".gitleaks.toml", ".gitleaksignore").stdout
    assert sorted(path.name for path in place.iterdir()) == before


@pytest.mark.parametrize(
    ("name", "text"),
    [("x.toml", "[["), ("x.json", "{"), ("x.json", "[1]"), ("x.json", '[{"a": 1}]'), ("x.json", "[" * 100_000),
     ("x.json", '{"results": {"a": [{}]}}'), ("none.json", None)],
)  # fmt: skip
def test_what_cannot_be_read_is_said(name: str, text: str | None, keysift: Keysift, place: Path) -> None:
    if text is not None:
        (place / name).write_text(text)
    done = keysift("import", name)
    assert (done.returncode, done.stderr.startswith(b"keysift: ")) == (2, True), done.stderr


def test_rules_of_gitleaks_mean_those_that_find_the_same_keys_here(
    keysift: Keysift, place: Path, all_rules: tuple[Rule, ...]
) -> None:
    known = {rule.id for rule in all_rules}
    assert {each for ours in gitleaks_ids.OURS.values() for each in ours} <= known
    (place / ".gitleaks.toml").write_text(
        '[extend]\ndisabledRules = ["github-pat", "stripe-access-token", "bittrex-access-key", "gihub-pat"]\n'
        '[[rules]]\nid = "generic-api-key"\n[[rules.allowlists]]\npaths = ["^fixtures/"]\n'
        '[[allowlists]]\ntargetRules = ["gitlab-pat"]\npaths = ["^old/"]\n'
    )
    said = {line.split(": ")[1]: line.split(": ", 2)[2] for line in carried(keysift, ".gitleaks.toml")}
    assert said["disabledRules github-pat"] == "carried over: disable github-personal-access-token"
    assert said["disabledRules stripe-access-token"] == "carried over: disable stripe-secret-key, stripe-restricted-key"
    assert said["disabledRules bittrex-access-key"] == "not needed: keysift has no rule of its own for these keys"
    assert said["disabledRules gihub-pat"].startswith(
        "not carried over: no rule of this name is known here; did you mean"
    )
    settings = config.read(place / config.NAME)
    assert settings.disable == ("github-personal-access-token", "stripe-secret-key", "stripe-restricted-key")
    assert {(table.rule, table.path_regex) for table in settings.ignore} == {
        *((f"generic-{kind}", "^fixtures/") for kind in ("password", "secret", "token", "key", "credential")),
        ("gitlab-personal-access-token", "^old/"),
    }
    assert keysift("scan").returncode == 1


def test_parts_of_keys_that_detect_secrets_hashes_carry_over(keysift: Keysift, place: Path) -> None:
    def entry(text: str, line: int) -> dict[str, object]:
        digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        return {"type": "x", "hashed_secret": digest, "line_number": line}

    stripe = instance("{{alnum:97}}", "stripe")[0]
    live = "sk" + "_live_51" + stripe
    github = instance("{{github:ghp_}}", "github")[0]
    (place / "b.py").write_text(f'STRIPE = "{live}"\n\nGH = "{github}"\n')
    results = {"b.py": [entry(live[:32], 1), entry("ghp", 3), entry("ghp", 2)]}
    (place / ".secrets.baseline").write_text(json.dumps({"version": "1.5.0", "results": results}))
    said = [line.split(": ", 1)[1] for line in carried(keysift, ".secrets.baseline")]
    assert said[:2] == [
        "b.py:1 (x): carried over: as stripe-secret-key", "b.py:3 (x): carried over: as github-personal-access-token",
    ]  # fmt: skip
    assert said[2] == "b.py:2 (x): not needed: keysift finds nothing there"


def test_what_scans_leave_out_is_said_to_be(keysift: Keysift, place: Path, key: str) -> None:
    (place / ".gitignore").write_text("ignored.env\n")
    (place / "ignored.env").write_text(f"PAGERDUTY_TOKEN={key}\n")
    found = [
        {"RuleID": "x", "File": name, "StartLine": 1, "Commit": "", "Secret": key}
        for name in ("ignored.env", "/elsewhere/a.env", "../b.env", "gone.env")
    ]
    (place / "report.json").write_text(json.dumps(found))
    said = [line.rpartition(": ")[2] for line in carried(keysift, "report.json")]
    outside = "the file is not in this repository"
    assert said == ["git ignores it, or `exclude` does", outside, outside, "the file no longer exists"]
