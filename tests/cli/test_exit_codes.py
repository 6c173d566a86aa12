import sys
from pathlib import Path

import pytest

from keysift import cli
from keysift.cli.exit_codes import exit_code
from keysift.model import Confidence, Finding, Label, Rule, Run, Skipped, Verdict


def run(*labels: Label, interrupted: bool = False, skipped: bool = False, thresholds: tuple[str, ...] = ()) -> Run:
    """A run with a finding of each label."""
    findings = [
        Finding(Rule("a", "a", "P", label, "W.", "R.", ()), b"", Verdict(label, Confidence.LOW, ()), (), str(label))
        for label in labels
    ]
    reasons = [Skipped("a", "not scanned")] if skipped else []
    stated = {str(label): thresholds for label in labels} if thresholds else {}
    return Run("scan", (), findings=findings, skipped=reasons, interrupted=interrupted, thresholds=stated)


@pytest.mark.parametrize(
    ("label", "fail_on", "code"),
    [
        (Label.SECRET, "secret", 1),
        (Label.SECRET, "sensitive", 1),
        (Label.SECRET, "never", 0),
        (Label.SENSITIVE, "secret", 0),
        (Label.SENSITIVE, "sensitive", 1),
    ],
)
def test_findings_at_or_above_the_threshold_fail_a_run(label: Label, fail_on: str, code: int) -> None:
    assert exit_code(run(label), fail_on) == code


def test_interrupted_comes_before_findings_and_findings_before_incomplete() -> None:
    assert exit_code(run(Label.SECRET, interrupted=True, skipped=True), "secret") == 130
    assert exit_code(run(Label.SECRET, skipped=True), "secret") == 1
    assert exit_code(run(Label.SENSITIVE, skipped=True), "secret") == 3
    assert exit_code(run(), "secret") == 0


def test_a_finding_fails_by_the_threshold_of_any_of_its_paths() -> None:
    assert exit_code(run(Label.SENSITIVE, thresholds=("secret", "sensitive")), "never") == 1
    assert exit_code(run(Label.SENSITIVE, thresholds=("secret", "")), "never") == 0
    assert exit_code(run(Label.SENSITIVE, thresholds=("", "never")), "sensitive") == 1


class _Interrupted:
    def __set_name__(self, owner: type, name: str) -> None:
        raise KeyboardInterrupt


def test_an_interrupt_while_a_class_is_made_is_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("keysift.cli.scan.targets.check", lambda _: type("Made", (), {"attribute": _Interrupted()}))
    monkeypatch.setattr(sys, "argv", ["keysift", "scan", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert (ended.value.code, capsys.readouterr().err) == (130, "keysift: interrupted\n")
