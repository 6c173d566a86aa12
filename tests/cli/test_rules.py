import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from keysift.detect import check
from keysift.model import Rule
from keysift.rules import ruleset

Keysift = Callable[..., subprocess.CompletedProcess[bytes]]
GOOD = """\
provider: Acme
revoke: Console > Keys > Revoke.
references: [https://acme.example/keys]
rules:
  - id: acme-api-key
    name: Acme API key
    label: secret
    why: Reads everything.
    pattern: acme_[0-9a-z]{32}
    keywords: [acme_]
    examples: ['A=acme_{{loweralnum:32}}', 'acme("acme_{{loweralnum:32}}")']
    counterexamples: ['acme_key']
"""


def test_list_as_json(keysift: Keysift) -> None:
    entries = json.loads(keysift("rules", "list", "-f", "json").stdout)
    assert len(entries) > 100
    for entry in entries:
        assert set(entry) == {
            "id", "name", "provider", "kind", "label", "confidence", "why", "revoke", "references",
        }  # fmt: skip
        assert entry["provider"] in {"", entry["kind"]}
        assert entry["label"] in {"secret", "sensitive", "public"}
        assert entry["confidence"] in {"high", "medium", "low"}
    providers = {entry["id"]: (entry["provider"], entry["kind"]) for entry in entries}
    assert providers["pagerduty-integration-key"] == ("PagerDuty", "PagerDuty")
    assert providers["generic-password"] == ("", "Password")
    assert not {"Any", "Any service", "Private keys"} & {kind for _, kind in providers.values()}


def test_list_as_text_and_filtered(keysift: Keysift) -> None:
    every = keysift("rules", "list").stdout.splitlines()
    some = keysift("rules", "list", "--provider", "PAGERduty", "--label", "sensitive").stdout.splitlines()
    assert 0 < len(some) < len(every)
    assert all(line.startswith(b"pagerduty-") and b" sensitive " in line for line in some)
    assert set(some) < {b"  ".join(line.split(b"  ")) for line in every} or len(some) < len(every)
    assert keysift("rules", "list", "--provider", "nobody").stdout == b""


def test_show(keysift: Keysift) -> None:
    answer = keysift("rules", "show", "pagerduty-integration-key")
    page = answer.stdout.decode()
    assert answer.returncode == 0
    parts = (
        "Why sensitive",
        "How to revoke",
        "How it is recognised",
        "Examples",
        "Not this key",
        "Read more",
        "https://",
    )
    for part in parts:
        assert part in page
    assert "{{" not in page.partition("Examples")[2].partition("Not this key")[0]


def test_show_of_a_slip_of_the_pen_names_the_nearest(keysift: Keysift) -> None:
    answer = keysift("rules", "show", "pagerduty-integraton-key")
    assert (answer.returncode, answer.stdout) == (2, b"")
    assert b"no such rule: pagerduty-integraton-key" in answer.stderr
    assert b"did you mean pagerduty-integration-key" in answer.stderr


def test_check_of_one_rule(keysift: Keysift) -> None:
    answer = keysift("rules", "check", "pagerduty-oauth-token")
    assert (answer.returncode, answer.stdout) == (0, b"")
    assert answer.stderr == b"1 rule checked, 0 problems\n"


def test_check_is_of_your_own_rules_and_changes(keysift: Keysift, tmp_path: Path) -> None:
    answer = keysift("rules", "check")
    assert answer.returncode == 0
    assert answer.stderr.splitlines()[0] == b"0 rules checked, 0 problems"
    assert b"--all" in answer.stderr
    (tmp_path / "acme.yaml").write_text(GOOD)
    change = "[rule.pagerduty-oauth-token]\nlabel = 'sensitive'\n"
    (tmp_path / ".keysift.toml").write_text(f"rules = ['acme.yaml']\n{change}")
    assert keysift("rules", "check").stderr == b"2 rules checked, 0 problems\n"
    (tmp_path / "acme.yaml").write_text(GOOD.replace("['acme_key']", "['b: acme_{{loweralnum:32}}']"))
    answer = keysift("rules", "check")
    assert answer.returncode == 2
    assert answer.stdout.startswith(b"acme-api-key: a counterexample is found")


def test_check_of_all_rules_checks_ours(keysift: Keysift, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[Sequence[Rule]] = []
    monkeypatch.setattr(check, "check", lambda _rules, chosen: checked.append(chosen) or [])
    keysift("rules", "check", "--all")
    assert len(checked[0]) == len(ruleset.load())


def test_check_of_a_directory(keysift: Keysift, tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text(GOOD)
    assert keysift("rules", "check", "--directory", ".").returncode == 0
    (tmp_path / "acme.yaml").write_text(GOOD.replace("['acme_key']", "['b: acme_{{loweralnum:32}}']"))
    answer = keysift("rules", "check", "--directory", ".")
    assert answer.returncode == 2
    assert answer.stdout.startswith(b"acme-api-key: a counterexample is found")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD.replace("label:", "labl:"), b"acme.yaml:7: rule acme-api-key: unknown key 'labl'"),
        (GOOD.replace("[0-9a-z]{32}", "[0-9"), b"acme.yaml:9: rule acme-api-key: pattern: not a regex"),
        ("a: [", b"acme.yaml:2: invalid YAML: "),
    ],
)
def test_a_broken_rule_file_is_2_with_its_place(text: str, says: bytes, keysift: Keysift, tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text(text)
    answer = keysift("rules", "check", "--directory", ".")
    assert (answer.returncode, answer.stdout) == (2, b"")
    assert says in answer.stderr
    assert b"Traceback" not in answer.stderr


def test_check_of_a_directory_without_rule_files_is_2(keysift: Keysift, tmp_path: Path) -> None:
    (tmp_path / "acme.yml").write_text(GOOD)
    answer = keysift("rules", "check", "--directory", ".")
    assert answer.returncode == 2
    assert b"there are no rule files in ." in answer.stderr


def test_schema_is_printed(keysift: Keysift) -> None:
    answer = keysift("rules", "schema")
    assert answer.returncode == 0
    assert json.loads(answer.stdout)["$id"] == "urn:keysift:rules:1"


def test_check_of_a_rule_that_does_not_exist_is_2(keysift: Keysift) -> None:
    answer = keysift("rules", "check", "pagerduty-oauth-tokn")
    assert answer.returncode == 2
    assert b"pagerduty-oauth-token" in answer.stderr


def test_version_and_help(keysift: Keysift) -> None:
    assert keysift("--version").stdout.startswith(b"keysift ")
    page = keysift("--help").stdout
    for command in (b"scan", b"explain", b"rules"):
        assert command in page
        assert keysift(command.decode(), "--help").returncode == 0
