"""The rules that go by names, and their matcher, made once a process, when a test first asks: collecting needs none."""

import functools

from keysift.detect.matcher import Matcher
from keysift.model import Rule
from keysift.rules import ruleset


@functools.cache
def named_rules() -> tuple[Rule, ...]:
    return tuple(rule for rule in ruleset.load() if rule.named)


@functools.cache
def named_matcher() -> Matcher:
    return Matcher(named_rules())
