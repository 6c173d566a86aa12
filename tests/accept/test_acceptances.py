"""Acceptances of a commit, as a judge of changes reads them: from bytes, whatever lies in the directory."""

from pathlib import Path

import pytest

from keysift import config
from keysift.accept import acceptances, baseline
from keysift.cli import settings as effective
from keysift.errors import ConfigError
from keysift.files import naming
from keysift.model import Confidence, Finding, Label, Location, Rule, Run, ScanResult, Verdict
from keysift.scan.tally import tally

RULE = Rule("some-key", "A key", "Some", Label.SECRET, "", "", ())


def finding(path: str, secret: bytes = b"a secret", confidence: Confidence = Confidence.HIGH) -> Finding:
    verdict = Verdict(Label.SECRET, confidence, ("looks like one",))
    return Finding(RULE, secret, verdict, (Location(path, 1, 1, 1, 9, 0, 8),), secret.hex())


def judged(known: acceptances.Acceptances, *found: Finding, target: str = ".") -> Run:
    run = Run("gate", (target,))
    tally(run, acceptances.accepted(known, [ScanResult(found, blobs=1)], naming.of(target)))
    acceptances.close([known], run, whole=[known])
    return run


def test_the_configuration_of_a_commit_speaks_from_the_top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    settings = config.parse(b'[tool.keysift]\nignore = [{path = "/docs/*", reason = "x"}]\n', "abc123:pyproject.toml")
    known = acceptances.Acceptances(acceptances.AcceptanceSources(settings), today="2026-01-01")
    run = judged(known, finding("docs/a"), finding("below/docs/a", b"another"), target=str(tmp_path))
    assert [one.locations[0].path for one in run.suppressed] == ["docs/a"]
    assert [one.locations[0].path for one in run.findings] == ["below/docs/a"]


def test_new_known_and_gone_are_told_apart() -> None:
    salt = b"\1" * 16
    entries = [
        baseline.Entry(baseline.identify(salt, finding("a")), "some-key", "a:1", why="x"),
        baseline.Entry("0101.gone", "some-key", "b:2"),
    ]
    known = baseline.parse(baseline.changed(baseline.header(salt), entries), "abc123:.keysift-baseline")
    known = acceptances.Acceptances(acceptances.AcceptanceSources(baseline=known), today="2026-01-01")
    run = judged(known, finding("moved"), finding("new", b"another"))
    assert [(one.baseline, one.secret) for one in run.findings] == [("new", b"another")]
    assert [(one.baseline, one.secret) for one in run.suppressed] == [("unchanged", b"a secret")]
    assert [(one.entry, one.path) for one in run.gone] == [("0101.gone", "b")]


def test_a_key_can_be_open_in_one_place_and_accepted_in_another() -> None:
    settings = config.parse(b'[[ignore]]\npath = "tests/"\n', ".keysift.toml")
    run = judged(
        acceptances.Acceptances(acceptances.AcceptanceSources(settings), today="2026-01-01"),
        finding("tests/a"),
        finding("src/a"),
    )
    assert [one.locations[0].path for one in run.findings] == ["src/a"]
    assert [one.locations[0].path for one in run.suppressed] == ["tests/a"]


def test_the_last_day_counts() -> None:
    settings = config.parse(b'[[ignore]]\npath = "a"\nuntil = 2026-01-31\n', ".keysift.toml")
    for today, is_open in (("2026-01-31", False), ("2026-02-01", True)):
        run = judged(acceptances.Acceptances(acceptances.AcceptanceSources(settings), today=today), finding("a"))
        assert bool(run.findings) == is_open


def test_rule_files_of_a_commit_are_not_read_from_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.yaml").write_text("never read")
    settings = config.parse(b'rules = ["own.yaml"]\n', "abc123:.keysift.toml")
    own = b"""{provider: A, revoke: x, references: [x], rules: [
        {id: acme-token, name: x, label: secret, why: x, pattern: acme_a, keywords: [acme_]}]}"""
    assert effective.active_rules(settings, {"own.yaml": own}.get)[-1].id == "acme-token"
    with pytest.raises(ConfigError, match=r"cannot read own\.yaml"):
        effective.active_rules(settings, {}.get)


# --- The threshold of confidence --------------------------------------------------------------------------------------

THRESHOLDS = b"""min-confidence = "high"
[[path]]
pattern = "deploy/"
min-confidence = "low"
[[path]]
pattern = "*.md"
min-confidence = "medium"
fail-on = "never"
[[branch]]
pattern = "release/*"
min-confidence = "low"
"""


def stated(data: bytes, *, command_line: str = "", branch: str = "") -> acceptances.Acceptances:
    settings = config.parse(data, ".keysift.toml").on_branch(branch)
    return acceptances.Acceptances(acceptances.AcceptanceSources(settings), min_confidence=command_line)


def least(known: acceptances.Acceptances, path: str) -> str:
    return acceptances.min_confidence(known, finding(path), naming.of("."))


def test_the_command_line_comes_before_the_path_the_branch_and_the_top() -> None:
    known = stated(THRESHOLDS)
    assert [least(known, path) for path in ("a.py", "deploy/a.py", "deploy/a.md")] == ["high", "low", "medium"]
    known = stated(THRESHOLDS, branch="release/1")
    assert [least(known, path) for path in ("a.py", "deploy/a.md")] == ["low", "medium"]
    known = stated(THRESHOLDS, branch="release/1", command_line="high")
    assert [least(known, path) for path in ("a.py", "deploy/a.md")] == ["high", "high"]
    assert least(stated(b""), "a.py") == "medium"


def test_what_is_less_sure_is_below_and_not_suppressed() -> None:
    found = [finding("a", confidence.encode(), confidence) for confidence in Confidence]
    run = judged(stated(b""), *found)
    assert [one.secret for one in run.findings] == [b"high", b"medium"]
    assert [(one.secret, one.below_threshold) for one in run.below] == [(b"low", True)]
    assert not run.suppressed


def test_a_key_is_below_only_if_it_is_so_in_all_of_its_places() -> None:
    sure, unsure = finding("src/a"), finding("tests/a", confidence=Confidence.LOW)
    run = judged(stated(b""), unsure, sure)
    [one] = run.findings
    assert [place.path for place in one.locations] == ["src/a", "tests/a"]
    assert (one.verdict.confidence, one.below_threshold, run.below) == (Confidence.HIGH, False, [])
    strict = stated(b'[[path]]\npattern = "src/"\nmin-confidence = "high"\n[[path]]\npattern = "tests/"\n'
                    b'min-confidence = "low"\n')  # fmt: skip
    run = judged(strict, unsure, finding("src/a", confidence=Confidence.MEDIUM))
    assert [one.verdict.confidence for one in run.findings] == [Confidence.LOW]


def test_a_threshold_of_a_place_that_does_not_count_fails_no_run() -> None:
    settings = b'fail-on = "never"\n[[path]]\npattern = "tests/"\nfail-on = "sensitive"\n'
    run = judged(stated(settings), finding("tests/a", confidence=Confidence.LOW), finding("src/a"))
    assert run.thresholds == {finding("a").fingerprint: ("never",)}


def test_what_is_accepted_stays_accepted_however_sure_it_is() -> None:
    run = judged(stated(b'[[ignore]]\npath = "a"\n'), finding("a", confidence=Confidence.LOW))
    assert [one.below_threshold for one in run.suppressed] == [True]
    assert (run.below, run.findings) == ([], [])


def test_an_ignored_repository_that_asks_for_more_confidence_would_hide_findings() -> None:
    heard = acceptances.AcceptanceSources(comments=False)
    unheard = acceptances.AcceptanceSources(config.parse(b'min-confidence = "high"\n', ".keysift.toml"))
    run = judged(acceptances.Acceptances(heard, unheard), finding("a", confidence=Confidence.MEDIUM))
    assert run.findings[0].verdict.reasons[-1] == "the repository would hide it (.keysift.toml: min-confidence)"
    silent = acceptances.AcceptanceSources()
    run = judged(acceptances.Acceptances(heard, silent, min_confidence="low"), finding("a", confidence=Confidence.LOW))
    assert run.findings[0].verdict.reasons == ("looks like one",)
