import base64
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.conftest import MakeSlow

from keysift.detect import assess as assess_module
from keysift.detect.assess import Assessment, assess
from keysift.detect.candidates import Candidate
from keysift.detect.explain import explain
from keysift.detect.findings import scan_blob
from keysift.detect.judge import Refusal
from keysift.detect.matcher import Matcher, Windows
from keysift.model import Blob, Skipped, Verdict
from keysift.rules import authoring
from keysift.rules.generate import instance

RULES = """\
provider: Acme
revoke: Console > Keys > Revoke.
references: [https://acme.example/keys]
rules:
  - {id: whole, name: whole, label: secret, why: It is whole., pattern: 'acme-[0-9]{8}-[a-z]{20}', keywords: [acme-], \
examples: [a, b], counterexamples: [c], documented: [DOCUMENTED]}
  - {id: part, name: part, label: secret, why: It is a part., pattern: '(?<=-)[a-z]{20}', keywords: [acme-], \
reach: 40, general: true, examples: [a, b], counterexamples: [c]}
"""
TEXT = b"x acme-12345679-qmzvhtrkwnbxclyfgdsp y"
MakeMatcher = Callable[[str], Matcher]


@pytest.fixture
def make_matcher(tmp_path: Path) -> MakeMatcher:
    """A matcher of two rules, of which one matches a part of the other, with a value from documentation or none."""

    def make(documented: str) -> Matcher:
        (tmp_path / "acme.yaml").write_text(RULES.replace("DOCUMENTED", documented).replace(", documented: []", ""))
        return Matcher(authoring.read_directory(tmp_path))

    return make


def assessed(matcher: Matcher, data: bytes, *, everything: bool = False) -> Assessment:
    blob = Blob("a.txt", data)
    return assess(matcher, blob, matcher.windows(data), everything=everything)


@pytest.mark.parametrize(("documented", "found"), [(TEXT.split()[1].decode(), []), ("other", ["whole"])])
def test_a_part_of_a_value_from_documentation_is_no_finding(
    documented: str, found: list[str], make_matcher: MakeMatcher
) -> None:
    matcher, blob = make_matcher(documented), Blob("a.txt", TEXT)
    assert [finding.rule.id for finding in scan_blob(matcher, blob).findings] == found
    assert any(step.verdict for step in explain(matcher, blob)[0]) == bool(found)


def test_a_final_refusal_settles_the_parts_whichever_rule_is_asked_first(
    make_matcher: MakeMatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    matcher = make_matcher(TEXT.split()[1].decode())
    candidates = assessed(matcher, TEXT, everything=True).candidates
    assert {candidate.rule.id for candidate, _ in candidates} == {"whole", "part"}
    assert {judgement.reason for _, judgement in candidates if isinstance(judgement, Refusal)} == {
        "a value from the vendor's documentation"
    }
    backwards = list(matcher.candidates(TEXT, matcher.windows(TEXT)))[::-1]
    assert [candidate.rule.id for candidate in backwards] == ["part", "whole"]
    monkeypatch.setattr(matcher, "candidates", lambda *_, **__: iter(backwards))
    assert list(assessed(matcher, TEXT).verdicts()) == []


def test_general_rules_leave_out_what_another_has_taken_unless_everything_is_wanted(
    make_matcher: MakeMatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    matcher = make_matcher("")
    plain = matcher.candidates

    def candidates(text: bytes, windows: Windows, taken: dict[int, int], *, everything: bool) -> Iterator[Candidate]:
        yield from plain(text, windows, taken, everything=everything)
        seen.append(len(taken))

    monkeypatch.setattr(matcher, "candidates", candidates)
    assessed(matcher, TEXT)
    assessed(matcher, TEXT, everything=True)
    assert seen == [1, 0]
    part = TEXT.index(b"q"), TEXT.index(b" y")
    windows = matcher.windows(TEXT)
    assert [candidate.rule.id for candidate in plain(TEXT, windows)] == ["whole", "part"]
    assert [candidate.rule.id for candidate in plain(TEXT, windows, dict([part]))] == ["whole"]


def test_refusals_are_kept_only_if_everything_is_wanted(matcher: Matcher) -> None:
    data = instance("pagerduty:\n  incident_key: {{hex:32}}", "refused")[0].encode()
    assert assessed(matcher, data).candidates == []
    everything = assessed(matcher, data, everything=True)
    assert everything.candidates
    assert list(everything.verdicts()) == []


@pytest.mark.parametrize(("slow", "other"), [("whole", "part"), ("part", "whole")])
@pytest.mark.parametrize("encoded", [False, True], ids=["plain", "encoded"])
def test_a_rule_that_takes_too_long_hides_no_other(
    make_matcher: MakeMatcher, make_slow: MakeSlow, slow: str, other: str, *, encoded: bool
) -> None:
    matcher = make_matcher("other")
    make_slow(slow)
    data = b"x: " + base64.b64encode(b"some text " + TEXT) + b"\n" if encoded else TEXT
    result = scan_blob(matcher, Blob("a.txt", data))
    assert [finding.rule.id for finding in result.findings] == [other]
    assert result.skipped == (Skipped("a.txt", f"not fully scanned: rule {slow} took longer than 5 s"),)


def test_a_timeout_without_words_has_a_reason_all_the_same(matcher: Matcher, monkeypatch: pytest.MonkeyPatch) -> None:
    def judge(_candidate: Candidate, _path: str | None) -> Verdict:
        raise TimeoutError

    monkeypatch.setattr(assess_module, "judge", judge)
    data = instance("PAGERDUTY_TOKEN={{hex:32}}", "slow")[0].encode()
    assert assessed(matcher, data).unfinished == assess_module.TOO_LONG


def test_a_timeout_on_one_value_hides_no_other(matcher: Matcher, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "PAGERDUTY_TOKEN={{base64url:20}}\ntoken: {{github:ghp_}}\n"
    data, [slow, other] = instance(text, "two")
    real = assess_module.judge

    def judge(candidate: Candidate, path: str | None) -> Verdict | Refusal:
        if candidate.secret == slow.encode():
            raise TimeoutError
        return real(candidate, path)

    monkeypatch.setattr(assess_module, "judge", judge)
    assessment = assessed(matcher, data.encode())
    assert assessment.unfinished
    assert {candidate.secret for candidate, _ in assessment.verdicts()} == {other.encode()}


def test_a_decoded_candidate_has_its_place_in_the_blob_and_says_how_it_was_decoded(matcher: Matcher) -> None:
    data = instance("token: {{github:ghp_}}", "decoded")[0].replace("ghp_", r"ghp\x5f").encode()
    [(candidate, verdict)] = [pair for pair in assessed(matcher, data).verdicts() if pair[0].origin]
    assert data[candidate.place.start : candidate.place.end].startswith(b"ghp\\x5f")
    assert candidate.secret.startswith(b"ghp_")
    assert candidate.steps == ("string escapes",)
    assert verdict.reasons[-1] == "decoded from string escapes"
