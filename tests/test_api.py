"""The public interface, as programs use it."""

from __future__ import annotations

import doctest
import json
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import keysift
from keysift.errors import ConfigError, SourceError, UsageError
from keysift.rules.generate import instance


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "prod.env").write_text(instance("PAGERDUTY_TOKEN={{hex:32}}\nTOKEN={{github:ghp_}}\n", "api")[0])
    return tmp_path


def test_the_documented_example_holds() -> None:
    failed, tried = doctest.testmod(keysift)
    assert (failed, tried > 3) == (0, True)


def test_nothing_else_is_public() -> None:
    assert dir(keysift) == [
        "Finding", "RedactingFilter", "RedactingProcessor", "Redactor", "Report", "Rules",
        "audit", "redact", "scan_bytes", "scan_paths",
    ]  # fmt: skip
    assert all(getattr(keysift, name).__doc__ for name in keysift.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Matcher'"):
        keysift.Matcher  # type: ignore[attr-defined]  # noqa: B018


def test_text_and_bytes_are_the_same() -> None:
    text, [key] = instance("# ü\nTOKEN={{github:ghp_}}\n", "text")
    for data in (text, text.encode()):
        report = keysift.scan_bytes(data)
        assert [finding.secret.decode() for finding in report.findings] == [key]
        place = report.findings[0].locations[0]
        assert (place.start_line, place.start_column, place.start_byte) == (2, 7, 11)
    assert key not in repr(report)


def test_paths_are_scanned_as_the_command_does(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree)
    report = keysift.scan_paths(tree)
    assert {finding.rule.id for finding in report.findings} == {
        "pagerduty-integration-key",
        "github-personal-access-token",
    }
    assert {place.path for finding in report.findings for place in finding.locations} == {"prod.env"}
    assert report.complete
    (tree / ".keysift.toml").write_text('[[ignore]]\nrule = "github-*"\nreason = "made up"\n')
    assert [finding.rule.id for finding in keysift.scan_paths(tree).suppressed] == ["github-personal-access-token"]
    assert len(keysift.scan_paths(tree, heed_repository=False).findings) == 2


def test_a_repository_is_audited(tree: Path) -> None:
    with pytest.raises(SourceError, match="no git repository"):
        keysift.audit(tree)
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
        command = ["git", "-C", str(tree), "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments]
        subprocess.run(command, check=True, capture_output=True)
    (tree / "prod.env").unlink()
    report = keysift.audit(tree)
    assert len(report.findings) == 2
    assert all(finding.history and finding.history.first_commit for finding in report.findings)


def test_an_audit_remembers_what_was_read(tree: Path, tmp_path: Path) -> None:
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
        command = ["git", "-C", str(tree), "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments]
        subprocess.run(command, check=True, capture_output=True)
    full = keysift.audit(tree)
    for beginning in ("everything was read", "0 objects are new"):
        report = keysift.audit(tree, state=tmp_path / "state")
        assert report.findings == full.findings
        assert report.run.notes[-1].startswith(beginning)
    assert report.run.blobs < full.run.blobs
    with pytest.raises(UsageError, match="the state directory cannot be used"):
        keysift.audit(tree, state=tree / ".git" / "config")


def test_rules_are_chosen_by_patterns(tree: Path) -> None:
    rules = keysift.Rules(only=["github-*", "pagerduty-*"], disable=["pagerduty-*"])
    assert all(identity.startswith("github-") for identity in rules.ids)
    assert [finding.rule.provider for finding in keysift.scan_paths(tree, rules=rules).findings] == ["GitHub"]
    with pytest.raises(UsageError, match="no such rule: x-y"):
        keysift.Rules(only=["x-y"])


def test_what_is_wrong_is_said(tree: Path) -> None:
    with pytest.raises(UsageError, match="no such file or directory"):
        keysift.scan_paths(tree / "none")
    with pytest.raises(UsageError, match="no such format: x"):
        keysift.scan_bytes("").render("x")
    (tree / ".keysift.toml").write_text("nonsense = 1\n")
    with pytest.raises(ConfigError, match="nonsense"):
        keysift.scan_paths(tree)


def test_a_report_is_rendered_masked(tree: Path) -> None:
    report = keysift.scan_paths(tree)
    secrets = [finding.secret.decode() for finding in report.findings]
    told = json.loads(report.render())
    assert len(told["findings"]) == 2
    assert not any(secret in report.render(form) for secret in secrets for form in ("json", "text", "sarif"))
    assert all(secret in report.render(show_secrets=True) for secret in secrets)
    assert pickle.loads(pickle.dumps(report)).findings == report.findings  # noqa: S301 - our own


def test_threads_may_share_rules() -> None:
    # Longer than what plain search is used for: all threads search with one database.
    texts = [instance("TOKEN={{github:ghp_}}\n", str(number))[0] + "x = 1\n" * 20_000 for number in range(24)]
    rules = keysift.Rules(only=["github-*"])

    def secrets(text: str) -> list[bytes]:
        return [finding.secret for finding in keysift.scan_bytes(text, rules=rules).findings]

    expected = [secrets(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(secrets, texts * 3)) == expected * 3
    assert all(len(found) == 1 for found in expected)


def test_a_report_tells_how_long_it_took() -> None:
    assert 0 <= json.loads(keysift.scan_bytes("").render())["run"]["duration_s"] < 60


def test_one_pattern_needs_no_list_and_any_bytes_will_do() -> None:
    text, [key] = instance("TOKEN={{github:ghp_}}\n", "bytes")
    for data in (bytearray(text.encode()), memoryview(text.encode())):
        report = keysift.scan_bytes(data, rules=keysift.Rules(only="github-*"))
        assert [finding.secret.decode() for finding in report.findings] == [key]


def test_errors_are_there_without_an_import_of_their_own() -> None:
    program = "import keysift; print(keysift.errors.KeysiftError.__name__)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "KeysiftError"


def test_importing_keysift_loads_nothing() -> None:
    program = "import keysift, sys; print(len([name for name in sys.modules if name.startswith('keysift.')]))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"
