"""What decided the confidence of a finding, and what would have raised it."""

import random

import pytest

from keysift.detect.explain import explain
from keysift.detect.matcher import Matcher
from keysift.detect.raising import Weight, weigh
from keysift.model import Blob, Confidence, Rule
from keysift.rules.generate import instance


def weighed(matcher: Matcher, template: str, path: str = "a.env") -> tuple[Confidence, Weight]:
    """Return the confidence and the weight of the first finding."""
    text, _ = instance(template, "raising")
    for step in explain(matcher, Blob(path, text.encode()))[0]:
        if step.finding and step.verdict:
            return step.verdict.confidence, weigh(step.candidate, step.verdict, path)
    raise AssertionError(text)


def test_nothing_raises_what_is_high(matcher: Matcher) -> None:
    confidence, weight = weighed(matcher, "PAGERDUTY_TOKEN={{hex:32}}")
    assert (confidence, weight) == (Confidence.HIGH, Weight("in the field pagerduty_token", ()))


def test_a_better_field_raises_a_value_beside_a_word(matcher: Matcher) -> None:
    confidence, weight = weighed(matcher, "# for pagerduty\nTOKEN={{base64url:20}}")
    assert confidence is Confidence.MEDIUM
    assert weight.decided == "in the field token, near the word 'pagerduty'"
    assert "in a field such as 'pager_duty_token': high" in weight.raised


def test_a_valid_checksum_raises_a_wrong_one(matcher: Matcher) -> None:
    confidence, weight = weighed(matcher, "x: ghp_{{alnum:36}}")
    assert confidence is Confidence.LOW
    assert weight == Weight("its checksum, which is wrong", ("a value whose checksum is valid: high",))


@pytest.mark.parametrize(
    ("path", "line", "decided", "raised"),
    [
        (
            "tests/db.py", "", "its file is a test or an example, where nothing is surer than low",
            "outside of tests, examples and documents: medium",
        ),
        (
            "db.md", "", "its file is a document, where only what is long and random is surer than low",
            "outside of tests, examples and documents: medium",
        ),
        ("db.py", "# ", "it is in a comment, where nothing is surer than low", "outside of a comment: medium"),
    ],
)  # fmt: skip
def test_a_place_that_lowers_is_named(matcher: Matcher, path: str, line: str, decided: str, raised: str) -> None:
    confidence, weight = weighed(matcher, line + "db_password = '{{alnum:14}}'\n", path)
    assert confidence is Confidence.LOW
    assert weight.decided == decided
    assert raised.rpartition(": ")[0] in {each.rpartition(": ")[0] for each in weight.raised}


def test_what_would_raise_it_is_surer(matcher: Matcher, all_rules: tuple[Rule, ...]) -> None:
    chosen = random.Random(3).sample(all_rules, 150)
    weights = 0
    for rule in chosen:
        for template in rule.examples[:1]:
            text, _ = instance(template, "raising")
            for step in explain(matcher, Blob("a.txt", text.encode()))[0]:
                if not step.verdict:
                    continue
                weight = weigh(step.candidate, step.verdict, "a.txt")
                weights += 1
                assert weight.decided
                for raised in weight.raised:
                    assert Confidence(raised.rpartition(": ")[2]).rank > step.verdict.confidence.rank
    assert weights > 150
