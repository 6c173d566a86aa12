import time
from pathlib import Path

import pytest

from keysift.git import dates

DAY = 86_400


@pytest.mark.parametrize(
    ("text", "days"), [("2 weeks ago", 14), ("yesterday", 1), ("3.days.ago", 3), ("one week ago", 7), ("Last week", 7)]
)
def test_dates_are_those_of_git(text: str, days: int, repo: Path) -> None:
    seconds = dates.to_seconds(repo, text)
    assert seconds
    assert abs(time.time() - seconds - days * DAY) < DAY / 12  # the clocks may have changed


def test_today_began_at_midnight(repo: Path) -> None:
    assert dates.to_seconds(repo, "today") == dates.to_seconds(repo, "midnight")


@pytest.mark.parametrize(
    ("text", "word"), [("soon", "soon"), ("2 weaks ago", "weaks"), ("a fortnight", "a"), ("", ""), ("--", "")]
)
def test_what_git_would_take_for_now_is_no_date(text: str, word: str, repo: Path) -> None:
    assert dates.unknown_word(text) == word
    assert dates.to_seconds(repo, text) is None
