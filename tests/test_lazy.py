import re

from scanner import lazy


def test_it_is_the_pattern_that_was_stated_flags_and_all() -> None:
    ends = lazy.compile("(?r)abc[0-9]*x$", re.IGNORECASE)
    assert ends.match("ABC1X")
    assert ends.match("1x", partial=True)
    assert not ends.match("abc", partial=True)
    assert ends.flags & re.IGNORECASE


def test_bytes_stay_bytes() -> None:
    found = lazy.compile(rb"(?P<name>\d+)").search(b"a12")
    assert found
    assert found["name"] == b"12"
