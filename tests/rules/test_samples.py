"""Texts that patterns match, for people."""

import pytest
import regex

from keysift.model import Rule
from keysift.rules.samples import sample


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"(?:^|[._])pager_?duty[\w.]*token$", "pager_duty_token"),
        (r"(?:hello[_.]?sign|dropbox)[\w.]*(?:key|token)s?(?:_prod|_dev)?$", "hello_sign_key"),
        (r"api\.(?:\w+\.)?example\.com/v\d{1,3}/", "api.example.com/v1/"),
        (r"password\s+$", "password"),
        (r"(?<!sdk_)braze[^\n]{0,20}key", "brazekey"),
        (r"(?<=a)b$", ""),
        (r"(", ""),
    ],
)
def test_a_sample_is_what_people_write(pattern: str, text: str) -> None:
    assert sample(pattern) == text


def test_nearly_all_surroundings_of_rules_have_one(all_rules: tuple[Rule, ...]) -> None:
    parts = ("field", "before", "after", "near", "file")
    stated = {getattr(context, part) for rule in all_rules for context in rule.when for part in parts} - {""}
    samples = {pattern: sample(pattern) for pattern in stated}
    without = [pattern for pattern, text in samples.items() if not text]
    assert len(without) < len(stated) // 20
    # White space at either end is not shown.
    for pattern, text in samples.items():
        written = (before + text + after for before in ("", " ") for after in ("", " ", "  ", "\n"))
        assert not text or any(regex.search(pattern, each, regex.IGNORECASE) for each in written)
