"""`keysift config`, and what a configuration does to a scan."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from keysift.rules.generate import instance

Keysift = Callable[..., subprocess.CompletedProcess[bytes]]
KEY = "PAGERDUTY_INTEGRATION_KEY={{hex:32}}\n"
OWN = """
provider: Acme
revoke: Ask the platform team.
references: [https://wiki.example.org/keys]
rules:
  - id: acme-token
    name: Acme token
    label: secret
    why: It opens everything.
    pattern: acme_[0-9a-f]{32}
    keywords: [acme_]
"""


@pytest.fixture
def place(tmp_path: Path, git: Callable[..., None]) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    for name in ("src/a.conf", "tests/b.conf"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(instance(KEY, name)[0])
    return tmp_path


def configure(place: Path, text: str) -> None:
    (place / ".keysift.toml").write_text(text)


def scan(keysift: Keysift, *arguments: str, cwd: Path | None = None) -> tuple[int, dict]:
    done = keysift("scan", "-f", "json", *arguments, cwd=cwd)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def paths(found: list[dict]) -> list[str]:
    return sorted(place["path"] for one in found for place in one["locations"])


@pytest.mark.parametrize(
    "stated",
    [
        'path = "tests/**"',
        'path-regex = "^tests/"',
        'rule = "pagerduty-*"\npath = "/tests/"',
        'line = "DUTY"\npath = "b.*"',
    ],
)
def test_tables_ignore_and_nothing_is_lost(stated: str, keysift: Keysift, place: Path) -> None:
    configure(place, f'[[ignore]]\n{stated}\nreason = "made up"\nowner = "ada"\nuntil = 2099-01-01\n')
    status, report = scan(keysift)
    assert (status, paths(report["findings"]), paths(report["suppressed"])) == (1, ["src/a.conf"], ["tests/b.conf"])
    [said] = report["suppressed"][0]["suppressions"]
    assert said == {
        "kind": "external", "status": "accepted", "justification": "made up", "who": "ada", "until": "2099-01-01",
    }  # fmt: skip
    _, below = scan(keysift, cwd=place / "tests")
    assert [Path(path).name for path in paths(below["suppressed"])] == ["b.conf"]


def test_by_fingerprint_and_by_value(keysift: Keysift, place: Path) -> None:
    _, report = scan(keysift, "tests")
    fingerprint = report["findings"][0]["fingerprint"]
    value = (place / "src/a.conf").read_text().partition("=")[2][:8]
    configure(place, f'[[ignore]]\nfingerprint = "{fingerprint}"\n[[ignore]]\nvalue = "^{value}"\n')
    _, report = scan(keysift)
    assert paths(report["suppressed"]) == ["src/a.conf", "tests/b.conf"]


def test_a_table_that_does_not_match_or_is_over_ignores_nothing(keysift: Keysift, place: Path) -> None:
    configure(
        place, '[[ignore]]\nrule = "slack-*"\n[[ignore]]\nvalue = "^zz"\n[[ignore]]\npath = "*"\nuntil = "2001-01-01"\n'
    )
    _, report = scan(keysift)
    assert len(report["findings"]) == 2


def test_a_pattern_that_takes_for_ever_ignores_nothing_and_ends(keysift: Keysift, place: Path) -> None:
    (place / "src/a.conf").write_text("PAGERDUTY_TOKEN=u+" + "aB3" * 6 + "\n")
    configure(place, '[[ignore]]\nvalue = "^(u|\\\\+|[a-zA-Z0-9]+)+!$"\npath = "src/**"\n')
    done = keysift("scan", "src")
    assert done.returncode in {0, 1}


def test_paths_differ(keysift: Keysift, place: Path) -> None:
    configure(place, '[[path]]\npattern = "tests/"\nfail-on = "never"\n')
    assert scan(keysift, "tests")[0] == 0
    assert scan(keysift, "src")[0] == 1
    assert scan(keysift, "tests", "--fail-on", "sensitive")[0] == 1, "the command line counts first"
    configure(place, '[[path]]\npattern = "tests/"\ndisable = ["pagerduty-*"]\n')
    _, report = scan(keysift)
    assert paths(report["suppressed"]) == ["tests/b.conf"]
    configure(place, 'fail-on = "never"\n[[path]]\npattern = "tests/"\nfail-on = "sensitive"\n')
    assert (scan(keysift, "src")[0], scan(keysift, "tests")[0]) == (0, 1)


def test_branches_differ(keysift: Keysift, place: Path, git: Callable[..., None]) -> None:
    configure(place, '[[branch]]\npattern = "try/*"\nfail-on = "never"\n')
    git(place, "add", "-A")
    git(place, "commit", "-q", "-m", "one")
    assert scan(keysift)[0] == 1
    git(place, "checkout", "-q", "-b", "try/out")
    assert scan(keysift)[0] == 0


def test_show_names_the_origin_of_each_value(keysift: Keysift, place: Path) -> None:
    tables = '[[ignore]]\nrule = "slack-*"\n\n[[ignore]]\npath = "docs/"\n[policy]\nrequire-reason = true\n'
    configure(place, f'exclude = ["vendor/"]\n\n{tables}')
    shown = keysift("config", "show", "--fail-on", "secret").stdout.decode()
    lines = {line.split(" = ")[0]: line.split("# ")[1] for line in shown.splitlines() if " = " in line}
    assert lines == {
        "exclude": ".keysift.toml:1", "disable": "default", "fail-on": "command line",
        "min-confidence": "default", "rules": "default",
        "ignore[1].rule": ".keysift.toml:4", "ignore[2].path": ".keysift.toml:7",
        "policy.require-reason": ".keysift.toml:9", "policy.max-lifetime-days": "default", "baseline": "default",
    }  # fmt: skip
    assert "command line, [[path]]" in shown


@pytest.mark.parametrize(
    ("text", "says", "advice"),
    [
        ('[[ignore]]\npaht = "x"\n', "'ignore' number 1: unknown key 'paht'", "did you mean 'path'?"),
        ('[[ignore]]\nreason = "x"\n', "does not say what it ignores", "state one or more"),
        ('[[ignore]]\npath = "x"\nuntil = "soon"\n', "'until' is not a date", "2026-12-31"),
        ('[[ignore]]\nvalue = "("\n', "'value' is an invalid regular expression", ""),
        ('[ignore]\npath = "x"\n', "must be a list of tables", "[[...]]"),
        ("[[path]]\ndisable = []\n", "has no 'pattern'", ""),
        ('fail-on = "high"\n', "must be one of: secret, sensitive, never", ""),
        ('fail-on = "secrets"\n', "must be one of: secret, sensitive, never", "did you mean 'secret'?"),
        ("[policy]\nmax-lifetime-days = -1\n", "number of days", ""),
        ("[policy]\nrequire-reason = 1\n", "true or false", ""),
        ('[rule.no-such]\nlabel = "secret"\n', "keysift has no such rule", "rules list"),
        ('[rule.slack-token]\nlable = "secret"\n', "unknown key 'lable'", "did you mean 'label'?"),
        ('rules = ["../../outside.yaml"]\n', "lies outside", ""),
        ('rules = ["none.yaml"]\n', "cannot read none.yaml", ""),
    ],
)
def test_what_is_wrong_is_said(text: str, says: str, advice: str, keysift: Keysift, place: Path) -> None:
    configure(place, text)
    for command in (("scan",), ("config", "show")):
        done = keysift(*command)
        assert (done.returncode, says in done.stderr.decode(), advice in done.stderr.decode()) == (2, True, True), (
            done.stderr
        )


def test_rules_of_ones_own(keysift: Keysift, place: Path) -> None:
    configure(place, 'rules = ["own.yaml"]\n')
    (place / "own.yaml").write_text(OWN)
    (place / "c.txt").write_text(instance("x acme_{{hex:32}}\n", "own")[0])
    _, report = scan(keysift, "c.txt")
    assert [one["rule_id"] for one in report["findings"]] == ["acme-token"]
    assert b"acme-token" in keysift("rules", "list", "--provider", "acme").stdout
    done = keysift("rules", "check", "acme-token")
    assert (done.returncode, b"needs two examples" in done.stdout) == (2, True)
    proved = OWN + "    examples: ['t=acme_{{hex:32}}', 'acme_{{hex:32}}']\n    counterexamples: ['acme_{{hex:16}}']\n"
    (place / "own.yaml").write_text(proved)
    assert keysift("rules", "check", "acme-token").returncode == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (OWN.replace("acme-token", "slack-webhook-url"), "with this id already"),
        (OWN.replace("acme_[0-9a-f]{32}", "acme_(a"), "own.yaml:10: rule acme-token: pattern: not a regex: missing )"),
        (OWN.replace("keywords: [acme_]", "keywords: []"), "own.yaml:"),
        ("a: &x [1]\nb: *x\n", "aliases"),
        ("[" * 5000, "own.yaml:1: invalid YAML"),
        (OWN + "    more: 1\n", "unknown key 'more'"),
    ],
)
def test_rules_of_ones_own_are_checked(text: str, says: str, keysift: Keysift, place: Path) -> None:
    configure(place, 'rules = ["own.yaml"]\n')
    (place / "own.yaml").write_text(text)
    done = keysift("scan")
    assert (done.returncode, says in done.stderr.decode()) == (2, True), done.stderr


def test_rules_are_not_read_through_a_link_that_leads_out(
    keysift: Keysift, place: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "own.yaml"
    outside.write_text(OWN)
    (place / "own.yaml").symlink_to(outside)
    configure(place, 'rules = ["own.yaml"]\n')
    done = keysift("scan")
    assert (done.returncode, b"lies outside" in done.stderr) == (2, True)


def test_a_rule_of_ours_is_changed(keysift: Keysift, place: Path) -> None:
    configure(place, '[rule.pagerduty-integration-key]\nlabel = "secret"\nkeywords = ["opsalert"]\n')
    status, report = scan(keysift, "--fail-on", "secret")
    assert status == 1
    assert {(one["label"], one["why"]) for one in report["findings"]} == {("secret", ".keysift.toml says so.")}
    assert keysift("rules", "check", "pagerduty-integration-key").returncode == 0


HIDING = {
    "comment": ("src/a.conf", lambda text: text.strip() + " # keysift: ignore\n"),
    "mark": ("src/a.conf", lambda text: text.strip() + " # gitleaks:allow\n"),
    "exclude": (".keysift.toml", lambda _: 'exclude = ["src/"]\n'),
    "disable": (".keysift.toml", lambda _: 'disable = ["pagerduty-*"]\n'),
    "table": (".keysift.toml", lambda _: '[[ignore]]\npath = "src/"\n'),
    "path": (".keysift.toml", lambda _: '[[path]]\npattern = "src/"\ndisable = ["*"]\n'),
}


@pytest.mark.parametrize("how", [*HIDING, "baseline", "broken"])
def test_a_strangers_configuration_is_left_out_and_what_it_hides_is_said(
    how: str, keysift: Keysift, place: Path
) -> None:
    (place / "tests/b.conf").unlink()
    if how == "baseline":
        keysift("baseline", "create")
    elif how == "broken":
        configure(place, "[broken")
    else:
        name, change = HIDING[how]
        (place / name).write_text(change((place / name).read_text() if (place / name).exists() else ""))
    if how != "broken":
        assert scan(keysift)[0] == 0
    status, report = scan(keysift, "--no-repo-config")
    assert (status, paths(report["findings"]), report["suppressed"]) == (1, ["src/a.conf"], [])
    if how != "broken":
        assert "the repository would hide it" in report["findings"][0]["reasons"][-1]
        assert "would have hidden 1 of these findings" in report["run"]["notes"][0]


@pytest.mark.usefixtures("place")
def test_ones_own_configuration_counts_all_the_same(keysift: Keysift, tmp_path_factory: pytest.TempPathFactory) -> None:
    mine = tmp_path_factory.mktemp("mine") / "mine.toml"
    mine.write_text('disable = ["pagerduty-*"]\n')
    assert scan(keysift, "--no-repo-config", "--config", str(mine))[0] == 0
