from pathlib import Path

import pytest

from keysift.accept import matching
from keysift.model import Confidence, Finding, Label, Location, Rule, Verdict

RULE = Rule("some-key", "some key", "P", Label.SECRET, "W.", "R.", ())


def finding(path: str) -> Finding:
    verdict = Verdict(Label.SECRET, Confidence.HIGH, ("looks like one",))
    return Finding(RULE, b"a secret", verdict, (Location(path, 1, 1, 1, 9, 0, 8),), "abc")


@pytest.mark.parametrize(
    ("pattern", "path", "inside"),
    [
        ("tests/", "a/tests/b/c", True),
        ("tests/**", "tests/b/c", True),
        ("/tests", "a/tests", False),
        ("*.conf", "a/b.conf", True),
        ("a/*.conf", "a/b/c.conf", False),
        ("a/**/c", "a/b/b/c", True),
        ("!a", "a", False),
        ("*a*a*a*a*a*a*a*a*b", "a" * 250, False),
        ("docs", "docs/\udcff", True),
    ],
)
def test_paths_match_as_in_gitignore_and_in_bounded_time(pattern: str, path: str, inside: object) -> None:
    assert matching.covers_reported(pattern, finding(path), Path("abc:x")) == inside
