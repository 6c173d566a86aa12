import pytest

from keysift.detect.explain import Explanation, explain
from keysift.detect.findings import scan_blob
from keysift.detect.matcher import Matcher
from keysift.model import Blob, Label
from keysift.rules.generate import instance


def steps(matcher: Matcher, template: str) -> list[Explanation]:
    text, _ = instance(template, "explain")
    return explain(matcher, Blob("a.env", text.encode()))[0]


@pytest.mark.parametrize("text", ["Authorization: Bearer pdus+_0XBPWQQ_¦dfd3c718-4a46-400d-a8ec-45bab1fd417e"])
def test_what_a_vendor_prints_is_no_finding_of_any_other_rule(text: str, matcher: Matcher) -> None:
    blob = Blob("example.txt", text.replace("¦", "").encode())
    steps = explain(matcher, blob)[0]
    assert {step.candidate.rule.id for step in steps} >= {"http-bearer-token", "pagerduty-oauth-token"}
    of_key = {step.outcome for step in steps if b"pdus" in step.candidate.secret}
    assert of_key == {"a value from the vendor's documentation"}
    assert not scan_blob(matcher, blob).findings


def test_every_candidate_is_explained(matcher: Matcher) -> None:
    [step] = [step for step in steps(matcher, "PAGERDUTY_TOKEN={{hex:32}}") if step.outcome == "a finding"]
    assert step.candidate.rule.id == "pagerduty-integration-key"
    assert step.field == "pagerduty_token"
    assert step.verdict is not None
    assert step.verdict.label is Label.SENSITIVE
    assert step.location.start_column == 17


def test_what_was_refused_says_why(matcher: Matcher) -> None:
    found = steps(matcher, "pagerduty:\n  incident_key: {{hex:32}}")
    assert found
    assert all(step.verdict is None and step.outcome != "a finding" for step in found)
    assert any(step.candidate.rule.id == "pagerduty-integration-key" and step.outcome for step in found)


def test_what_lost_its_bytes_says_so(matcher: Matcher) -> None:
    found = steps(matcher, "AWS_ACCESS_KEY_ID=AKIA{{base32:16}}\nAWS_SECRET_ACCESS_KEY={{base64:40}}")
    outcomes = {step.outcome for step in found}
    assert "a finding" in outcomes
    assert sum(step.outcome == "a finding" for step in found) == 2


def test_the_key_is_in_no_repr(matcher: Matcher) -> None:
    [step] = [step for step in steps(matcher, "PAGERDUTY_TOKEN={{hex:32}}") if step.outcome == "a finding"]
    assert step.candidate.secret.decode() not in repr(step)
