from collections.abc import Callable
from dataclasses import replace

import pytest

from keysift.masking import redact
from keysift.model import Confidence, Finding, History, Label, Location, Rule, Run, Skipped, Suppression, Verdict
from keysift.report.merge import merge

Build = Callable[..., Finding]


@pytest.fixture
def finding(build_finding: Build, build_rule: Callable[..., Rule], build_place: Callable[..., Location]) -> Finding:
    text = b"PAGERDUTY_TOKEN=some-key-of-ours-that-is-long"
    return build_finding(build_rule("k", "K"), text[16:], build_place("a", text, text[16:]))


def test_the_same_key_is_one_finding_with_all_places(finding: Finding) -> None:
    low = replace(
        finding,
        secret=redact(finding.secret).encode(),
        verdict=Verdict(Label.SENSITIVE, Confidence.LOW, ("a hunch",)),
        locations=(finding.locations[0], replace(finding.locations[0], path="b")),
    )
    other = replace(finding, fingerprint="another")
    runs = [Run("scan", (".",), findings=[low]), Run("scan", ("-", "."), findings=[finding, other])]
    run = merge(runs)
    assert (run.command, run.targets) == ("scan", (".", "-"))
    one, two = run.findings
    assert two == other
    assert (one.secret, one.verdict.label, one.verdict.confidence) == (finding.secret, Label.SECRET, Confidence.HIGH)
    assert one.verdict.reasons == ("a hunch", *finding.verdict.reasons)
    assert [place.path for place in one.locations] == ["a", "b"]


def test_paths_are_those_of_the_reports_whatever_the_targets(finding: Finding) -> None:
    elsewhere = replace(finding, locations=(replace(finding.locations[0], path="y/a"),))
    runs = [
        Run("scan", ("x",), findings=[finding], skipped=[Skipped("a", "gone")]),
        Run("scan", ("y",), findings=[elsewhere]),
    ]
    run = merge(runs)
    assert [place.path for place in run.findings[0].locations] == ["a", "y/a"]
    assert run.skipped == [Skipped("a", "gone")]


def test_one_report_stays_as_it_is_and_the_tallies_of_several_add_up(finding: Finding) -> None:
    skipped = [Skipped("x/core", "too large")]
    accepted = replace(finding, suppressions=(Suppression("inSource", "a test"),))
    one = Run("scan", ("x",), "2026-02-01T00:00:00Z", 1.0, 2, 3, skipped=skipped, settings={"version": "1"})
    two = Run(
        "audit", ("x",), "2026-01-01T00:00:00Z", 0.5, 1, 1, suppressed=[accepted], skipped=skipped, interrupted=True
    )
    assert merge([one]) is one
    run = merge([one, two])
    assert (run.command, run.started, run.duration_s, run.blobs, run.bytes) == ("report", two.started, 1.5, 3, 4)
    assert (run.suppressed, run.skipped, run.interrupted) == ([accepted], skipped, True)


def test_two_lives_are_one_from_the_first_day_to_the_last(finding: Finding) -> None:
    early = History("a", "2024-01-01", ("Ada",), "b", "2024-02-01", kept_by="refs", exposed_days=31)
    late = History(
        "c", "2025-01-01", ("Lin", "Ada"), "d", "2025-02-01", refs=("refs/heads/x",), kept_by="reflog", copies=2
    )
    live = replace(late, last_commit="", last_seen="", in_head=True)

    def life(*lives: History | None) -> History | None:
        return (
            merge([Run("audit", ("."), findings=[replace(finding, history=one)]) for one in lives]).findings[0].history
        )

    assert life(late, early) == History(
        "a", "2024-01-01", ("Ada", "Lin"), "d", "2025-02-01", in_head=False, refs=("refs/heads/x",),
        kept_by="refs", exposed_days=31, copies=2,
    )  # fmt: skip
    ongoing = life(early, live)
    assert ongoing
    assert (ongoing.last_commit, ongoing.last_seen, ongoing.in_head) == ("", "", True)
    assert life(None, early) == early == life(early, None)


def test_what_reports_count_and_do_not_name_adds_up_unless_it_is_the_same(finding: Finding) -> None:
    life = History("1", "2026-01-01T00:00:00Z", refs=("refs/heads/a", "refs/heads/b"), more_refs=5)
    one = replace(finding, history=life, more_places=3)
    elsewhere = replace(
        one, history=replace(life, refs=("refs/heads/c",)), locations=(replace(one.locations[0], path="b"),)
    )
    runs = [Run("audit", (".",), findings=[finding]) for finding in (one, one, elsewhere)]
    for several, refs, places in ((runs[:2], 5, 3), (runs[1:], 10, 6)):
        [merged] = merge(several).findings
        assert merged.history
        assert (merged.history.more_refs, merged.more_places) == (refs, places)
