"""The loop that finds values of names in the usual syntaxes agrees with the patterns for all syntaxes."""

from __future__ import annotations

import random
import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.tries import tries

from keysift.detect.named import candidates, hopeless, judge, names, spans
from keysift.rules import generate

PIECES = st.lists(
    st.sampled_from([
        "password", "api_key", "token", "PW", "key", "name", "value", "default", "string", "str", "=", ":", " = ",
        ": ", "=>", ":=", "==", "!=", "||", ">", "(", ",", ", ", '"', "'", "`", '\\"', "\\", "]", ")", "{", ";", "&",
        " ", "  ", "\n", "\t", "x7Kq9Zw2", "1234567", "0x1f2e3d", "some words here", "a1b2 c3d4 e5f6 a7b8", "é",
        "hidden.value", "...", "-", "$",
    ]),
    max_size=14,
).map("".join)  # fmt: skip


@settings(max_examples=tries(600))
@given(PIECES)
@example('"password": "x7Kq9Zw2"')
@example("createSecretKey(Buffer.from('x7Kq9Zw2'))")
@example("Token::ILLEGAL, Token::OTHER\n")
@example('for a user key pair, "x7Kq9Zw2"')
@example('<input name="password" value="x7Kq9Zw2">')
@example('\\"api_key\\": \\"x7Kq9Zw2\\"')
@example("password: string = `x7Kq9Zw2`")
@example("password=x7Kq9Zw2")
@example("password=password> = ")
@example("password:-password")
def test_it_agrees_with_the_patterns(text: str) -> None:
    data = f"\n\n\n\n\n{text}\n".encode()
    for end in range(4, len(data) + 1):
        found = spans.usual(data, [end])
        starts = {found[index]: index for index in range(0, len(found), spans.WIDTH)}
        for start, index in starts.items():
            if found[index + 1] >= 0:
                candidate = candidates.at(data, start)
                assert candidate == candidates._usual(data, start, found[index + 1], found[index + 2 : index + 6])
    everything = {candidate.start: candidate for candidate in candidates.find(data, range(len(data)), everything=True)}
    for start in range(5, len(data)):
        candidate = candidates.at(data, start)
        in_words = candidate and candidates._in_words(
            candidates.token(data, start, quoted=data[start - 1 : start] in candidates._MARKS)
        )
        in_default = data[start - 1 : start + 1] == b":-"  # of ${NAME:-value}, which begins behind the mark
        if candidate and not in_words and not in_default and start in _starts(data):
            assert everything[start] == candidate


def _starts(data: bytes) -> set[int]:
    """Return where the hits of the prefilter say that values may start."""
    starts = set()
    for end in range(4, len(data)):
        if data[end - 4 : end - 3] in candidates._MARKS:
            starts.add(end - 3)
        elif data[end - 5 : end - 4] in {b" ", b"\t", b"=", b":", b">"}:
            starts.add(end - 4)
    return starts


@settings(max_examples=tries(300))
@given(PIECES)
def test_what_is_left_out_is_refused_in_every_file(text: str) -> None:
    data = f"\n\n\n\n\n{text}\n".encode()
    left = {candidate.start for candidate in candidates.find(data, range(len(data)))}
    for candidate in candidates.find(data, range(len(data)), everything=True):
        if candidate.start not in left and names.kind(names.words(candidate.name)):
            for path in ("a.py", "a.conf", "a", "test/a.py", "a.md"):
                assert isinstance(judge.judge(data, candidate.start, candidate.end, path), str)
            assert isinstance(judge.somewhere(data, candidate.start, candidate.end), str)


def test_digits_make_no_difference_to_what_is_hopeless() -> None:
    hopeless.is_hopeless.cache_clear()
    text = "".join(f'{{"key": "feature-{number}-flag", "token": "item-{number}"}},\n' for number in range(1000, 3000))
    data = text.encode()
    assert list(candidates.find(data, range(len(data)))) == []
    assert hopeless.is_hopeless.cache_info().misses <= 20


def _rows(template: str, count: int) -> bytes:
    return "".join(generate.instance(template, f"{number}")[0] for number in range(count)).encode()


@pytest.mark.parametrize(
    "template", ["hit key={{hex:32}} in cache\n", '<a authKey="{{uuid}}"/>\n', '{"token": "{{hex:40}}"}\n']
)
def test_a_column_of_identifiers_is_no_list_of_keys(template: str) -> None:
    data = _rows(template, 100)
    few = list(candidates.find(data, range(len(data))))
    assert len(few) == spans.COLUMN
    for candidate in candidates.find(data, range(len(data)), everything=True):
        if candidate.start > few[-1].start:
            assert "column" in str(judge.judge(data, candidate.start, candidate.end, "a.log"))


@pytest.mark.parametrize(
    "data",
    [
        _rows("password={{hex:32}}\n", 20),  # of passwords, each is told
        _rows("key={{alnum:32}}\n", 20),
        generate.instance("key={{hex:32}}\n", "one")[0].encode() * 20,  # one key, again and again
        b"".join(_rows(f"{name}_key={{{{hex:32}}}}\n", 1) for name in string.ascii_lowercase[:20]),
    ],
    ids=["passwords", "mixed", "repeated", "names"],
)
def test_other_lists_are(data: bytes) -> None:
    assert len(list(candidates.find(data, range(len(data))))) == 20


def test_far_above_is_another_column() -> None:
    filler = "".join(random.Random(1).choices("abc \n", k=spans.REACH)).encode()
    data = _rows("key={{hex:32}}\n", 6) + filler + _rows("key={{hex:31}}a\n", 1)
    assert [candidate.start > len(filler) for candidate in candidates.find(data, range(len(data)))][-1]
