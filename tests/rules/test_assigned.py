"""The two shared patterns, tried by another engine where their names stand, hold what a search of `regex` holds."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from keysift.rules import assigned

PATTERNS = [assigned.LITERAL, assigned.ASSIGNED]
PARTS = st.lists(
    st.sampled_from([
        b"password", b"PASS", b"Key", b"api", b"token", b"plain_text", b"access", b"x", b"9", b"_", b".", b"-", b"%",
        b" = ", b"=", b": ", b":=", b" => ", b"||", b" or ", b'"', b"'", b"`", b"\\", b"\n", b" ", b"(", b")", b"\xff",
        b"a1b2c3d4e5f6g7h8", b"q9w8e7r6t5z4", b"deadbeefdeadbeefdead", b"</a><b>", b'" value="',
    ]),
    max_size=30,
)  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS, ids=["literal", "assigned"])
@given(parts=PARTS, cut=st.integers(0, 60))
def test_the_same_as_a_search(pattern: str, parts: list[bytes], cut: int) -> None:
    data = b"".join(parts)
    limit = max(0, len(data) - cut)
    searched = [one.span("secret") for one in regex.finditer(pattern.encode(), data) if one.start() < limit]
    assert [*assigned.values(pattern, data, range(limit), len(data))] == searched


def test_no_other_pattern() -> None:
    assert assigned.knows(assigned.LITERAL)
    assert not assigned.knows("x")
