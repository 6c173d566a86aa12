"""Regexes of Go in Python: the same answers, or a refusal."""

import pytest
import regex

from keysift.migrate.re2 import translate


@pytest.mark.parametrize(
    ("pattern", "matches", "refuses"),
    [
        (r"(?i)acme_[0-9a-f]{4}", ["ACME_00FF"], ["acme-00ff"]),
        (r"x(?i)b|c", ["xB", "C"], ["XB"]),
        (r"(a(?i)b)c", ["aBc"], ["aBC"]),
        (r"ab$", ["ab"], ["ab\n"]),
        (r"(?m)^ab$", ["x\nab\ny"], ["xab"]),
        (r"ab\z", ["ab"], ["abc", "ab\n"]),
        (r"[[:alpha:]_]+\d", ["ab_1"], ["1"]),
        (r"[]x]y", ["]y"], ["ay"]),
        (r"[a&&b]", ["&"], ["c"]),
        (r"\Qa.b\E+", ["a.b"], ["axb"]),
        (r"a{,2}", ["a{,2}"], ["aa"]),
        (r"\x{41}\x42", ["AB"], ["ab"]),
        (r"(?P<x>a)(?<y>b)", ["ab"], ["ba"]),
        (r"(?s:a.b)", ["a\nb"], []),
        (r"node_modules/", ["a/node_modules/b"], ["node_module/"]),
    ],
)
def test_the_answers_are_the_same(pattern: str, matches: list[str], refuses: list[str]) -> None:
    translated = regex.compile(translate(pattern))
    assert [text for text in matches if not translated.search(text)] == []
    assert [text for text in refuses if translated.search(text)] == []


@pytest.mark.parametrize(
    "pattern",
    [r"(?U)a+", r"\pL", r"\p{Greek}", r"[é]", r"a\C", r"[[:^alpha:]]", r"(?=a)", r"(?<!a)b", "(", "[a"],
)
def test_what_has_no_equal_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        translate(pattern)


@pytest.mark.parametrize(("group", "key"), [(0, b"one"), (1, b"one"), (2, b"two")])
def test_the_group_that_is_the_key_is_named(group: int, key: bytes) -> None:
    translated = translate(r"(?i)(?:x)(\w+)-(?P<name>\w+)", secret_group=group)
    found = regex.search(translated.encode(), b"Xone-two")
    assert found
    assert found["secret"] == key
