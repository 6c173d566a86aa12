import re

import pytest
import regex

from keysift import lazy


def test_it_is_the_pattern_that_was_stated_flags_and_all() -> None:
    ends = lazy.timed("(?r)abc[0-9]*x$", re.IGNORECASE)
    assert ends.match("ABC1X")
    assert ends.match("1x", partial=True)
    assert not ends.match("abc", partial=True)
    assert ends.flags & re.IGNORECASE


def test_bytes_stay_bytes() -> None:
    found = lazy.compile(rb"(?P<name>\d+)").search(b"a12")
    assert found
    assert found["name"] == b"12"


def test_what_only_one_library_reads_is_left_to_it() -> None:
    assert isinstance(lazy.compile(r"(a|b)+").search("ab"), re.Match)
    assert isinstance(lazy.compile(r"(?r)b$").match("ab"), regex.Match)


def test_a_clock_can_be_set() -> None:
    with pytest.raises(TimeoutError):
        lazy.timed(r"(?:a|a)+b").search("a" * 10_000 + "c", timeout=0.01)
