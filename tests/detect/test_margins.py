"""Near a change means: so near that what is found may depend on it."""

from __future__ import annotations

import pytest

from keysift.detect.decode.triggers import TRIGGERS, Kind
from keysift.detect.margins import NAME_BEHIND, NAMED_REACH, Margins
from keysift.detect.matcher import Matcher
from keysift.detect.named import apart, ending, spans


@pytest.fixture(scope="module")
def margins(matcher: Matcher) -> Margins:
    return Margins(matcher, matcher.extents())


def test_a_name_reaches_over_its_value_and_a_column_before_it(matcher: Matcher, margins: Margins) -> None:
    assert max(ending.BACK + ending.LONGEST, spans.REACH) <= NAMED_REACH
    assert spans.TOLD_BEFORE + apart.LONGEST + spans.TOLD_AFTER <= NAMED_REACH
    assert spans.TOLD_AFTER <= NAME_BEHIND
    for word in filter(matcher.is_stem, range(len(margins.before))):
        assert margins.before[word] > spans.REACH
        assert margins.behind[word] > NAMED_REACH


def test_a_keyword_of_a_rule_reaches_as_far_as_two_windows(matcher: Matcher, margins: Margins) -> None:
    for word in range(len(margins.before)):
        for rule in matcher.rules_of(word):
            assert min(margins.before[word], margins.behind[word]) > 2 * matcher.summaries[rule].reach


def test_what_is_decoded_is_looked_at_with_the_longest_values_around_it(margins: Margins) -> None:
    for number, trigger in enumerate(TRIGGERS):
        assert min(margins.before[number], margins.behind[number]) > NAMED_REACH
        if trigger.kind in {Kind.KUBERNETES, Kind.WIDE} or b"join" in trigger.shape:
            assert min(margins.before[number], margins.behind[number]) > 2 * NAMED_REACH


def test_rules_with_long_matches_are_distant(matcher: Matcher, margins: Margins) -> None:
    reaches = {matcher.rules[rule].id: matcher.summaries[rule].reach for rule in margins.wide}
    assert "private-key" in reaches
    assert min(reaches.values()) > NAMED_REACH // 2
    assert all(margins.wide.intersection(matcher.rules_of(word)) for word in margins.distant)
