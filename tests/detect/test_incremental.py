"""What is known of a blob that was made from another is what a look at the whole of it shows."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tries import tries

from keysift.detect import carry
from keysift.detect.incremental import IncrementalDetector
from keysift.detect.matcher import Matcher
from keysift.detect.occurrences import NOTHING, BlobState, ContextMatch, Fate
from keysift.detect.versions import Version
from keysift.rules.generate import instance

KEYS = [
    "PAGERDUTY_TOKEN={{hex:32}}\n", "routing_key: {{hex:32}}\n", "x = {{github:ghp_}}\n", "{{github:ghp_}}",
    "{{hex:32}}",
    "PAGERDUTY_", "TOKEN=", "pagerduty", "aws_secret_access_key = {{base64:40}}\n", "xoxb-{{digits:12}}-{{alnum:24}}",
    "kind: Secret\ndata:\n  token: {{base64of:alnum.32}}\n", "Authorization: Basic {{base64of:alnum.24}}\n", "ghp_",
    "Bearer pdus+_0XBPWQQ_¦dfd3c718-4a46-400d-a8ec-45bab1fd417e\n".replace("¦", ""), "Authorization: ", "\n",
    "- name: DB_PASSWORD\n  value: {{password:16}}\n", "- value: {{alnum:18}}\n  name: ",
    "api_token: >-\n  {{alnum:32}}\n",
    "user,password\n", "bob,{{alnum:18}}\n", "| key | value |\n|---|---|\n| auth_token | {{hex:40}} |\n",
    "INSERT INTO t (a, secret) VALUES ('x', '{{alnum:20}}');\n",
    "{", "}", "    ", "example ", "# placeholder\n", "https://user:{{alnum:16}}@example.com/\n",
]  # fmt: skip
Known = set[tuple[int, int, int, bool, ContextMatch | None]]


@pytest.fixture(scope="module")
def examiner(matcher: Matcher) -> IncrementalDetector:
    matcher.prefilter.prepare()  # the engines tell different ends of one keyword
    return IncrementalDetector(matcher)


def text(source: random.Random, parts: int) -> bytes:
    """Keys, pieces of keys, and what stands around them."""
    found = []
    for _ in range(parts):
        found.append(instance(source.choice(KEYS), str(source.randrange(3)))[0])
        if source.random() < 0.5:
            found.append("".join(source.choices("abc def=:,\n", k=source.choice([1, 10, 300, 3000]))))
    return "".join(found).encode()


def known(examiner: IncrementalDetector, state: BlobState) -> Known:
    """Everything that verdicts and deltas of this blob depend on."""
    return {
        (one.start, one.end, one.rule, refused, None if refused else examiner.matches[one.match])
        for one in (*state.occurrences, *state.decoded)
        for refused in (one.fate is not Fate.OPEN,)
    }


def telling(examiner: IncrementalDetector, state: BlobState) -> list[int]:
    """The hits, without those of names, whose length is not known, so one more may be handed down, for nothing.

    Nor those that count only near a value: the plain path may know more of them.
    """
    matcher = examiner._matcher
    words = {hit: hit % (1 << carry.WORD_BITS) for hit in state.hits}
    return [hit for hit, word in words.items() if not matcher.is_stem(word) and word not in matcher.near]


def first(examiner: IncrementalDetector, data: bytes) -> Version:
    """A version that is stored whole."""
    state = examiner.whole(data)
    return Version(data, state=state, hits=state.hits, values=state.values)


def following(examiner: IncrementalDetector, data: bytes, copies: list[int], base: Version) -> Version:
    version = Version(data, base, copies)
    version.state = examiner.changed(version)
    return version


def made(source: random.Random, base: bytes) -> tuple[bytes, list[int]]:
    """The base with some places changed, and the copies; some stretches are moved, left out or doubled."""
    cuts = sorted(source.randrange(len(base) + 1) for _ in range(source.randrange(5)))
    stretches = list(zip([0, *cuts], [*cuts, len(base)], strict=True))
    if source.random() < 0.3:
        source.shuffle(stretches)
    data, copies = b"", []
    for low, high in stretches:
        if source.random() < 0.4:
            data += text(source, source.randrange(3))
        if high > low and source.random() < 0.9:
            if copies and copies[-2] == len(data) and copies[-1] + len(data) == low:
                copies[-2] += high - low
            else:
                copies += [len(data), len(data) + high - low, low - len(data)]
            data += base[low:high]
    return data, copies


@settings(max_examples=tries(60))
@given(st.integers(0, 1 << 32))
def test_changed_is_whole(examiner: IncrementalDetector, seed: int) -> None:
    source = random.Random(seed)
    base = text(source, 12)
    examiner.begin([])
    version = first(examiner, base)
    for _ in range(4):
        data, copies = made(source, version.data)
        expected = examiner.whole(data)
        version = following(examiner, data, copies, version)
        assert version.state
        assert telling(examiner, version.state) == telling(examiner, expected)
        assert known(examiner, version.state) == known(examiner, expected)


@settings(max_examples=20)
@given(st.integers(0, 1 << 32))
def test_versions_searched_together_are_as_each_alone(examiner: IncrementalDetector, seed: int) -> None:
    source = random.Random(seed)
    examiner.begin([])
    versions = [first(examiner, text(source, 12))]
    for _ in range(5):
        base = source.choice(versions)
        data, copies = made(source, base.data)
        versions.append(Version(data, base, copies))
    examiner.search(versions[1:])
    for version in versions[1:]:
        version.state = examiner.changed(version)
        assert known(examiner, version.state) == known(examiner, examiner.whole(version.data))


@pytest.mark.parametrize("row", ["hit key={{hex:32}}", "pagerduty etag={{hex:32}}"])
def test_a_value_is_in_a_column_as_long_as_enough_others_are_above(examiner: IncrementalDetector, row: str) -> None:
    filler = "of a cache that is full of things, each of which has a number and a name of its own, " * 3
    base = instance(f"{row} {filler}\n" * 12, "column")[0].encode()
    size = len(base) // 12
    examiner.begin([])
    stored = first(examiner, base)
    for cut in range(1, 12):
        data = base[: size * (cut - 1)] + base[size * cut :]
        copies = [0, size * (cut - 1), 0, size * (cut - 1), len(data), size] if cut > 1 else [0, len(data), size]
        changed = following(examiner, data, copies, stored).state
        assert changed
        assert known(examiner, changed) == known(examiner, examiner.whole(data))


def test_lines_of_strings_are_joined_from_long_pieces_alone(examiner: IncrementalDetector) -> None:
    """A piece that a delta makes shorter calls for nothing any more, and one that it makes longer does."""
    long, short = b'x = ("abcdefgh0123"\n"4567890123456789abcd")\n', b'x = ("0123"\n"4567890123456789abcd")\n'
    for base, data, copies in (
        (long, short, [0, 6, 0, 6, len(short), 8]),
        (short, long, [0, 6, 0, 14, len(long), -8]),
    ):
        examiner.begin([])
        changed = following(examiner, data, copies, first(examiner, base)).state
        assert changed
        assert telling(examiner, changed) == telling(examiner, examiner.whole(data))


def test_nothing_is_known_of_nothing(examiner: IncrementalDetector) -> None:
    base = Version(b"123456789", state=NOTHING, hits=[])
    assert examiner.whole(b"") == following(examiner, b"", [], base).state == NOTHING


def test_hits_are_numbered_by_the_bits_of_the_delta(matcher: Matcher) -> None:
    assert len(matcher.lengths) < 1 << carry.WORD_BITS
