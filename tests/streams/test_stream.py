"""Streams in pieces: what comes out does not depend on the pieces, and no part of a key comes out early."""

import base64
import itertools
import random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from keysift import api
from keysift.containers import kinds
from keysift.rules.generate import instance
from keysift.streams import styles
from keysift.streams.masker import Masked, Masker, WithheldError
from keysift.streams.places import Policy
from keysift.streams.redactor import StreamRedactor

TEMPLATES = (
    "PAGERDUTY_TOKEN={{hex:32}}\n",
    '{"level": "info", "github": "{{github:ghp_}}", "n": 1}\n',
    "password: {{alnum:20}}\n",
    "-----BEGIN RSA PRIVATE KEY-----\n{{base64:64}}\n{{base64:64}}\n-----END RSA PRIVATE KEY-----\n",
    'curl -H "Authorization: Bearer {{github:gho_}}" https://example.org/\n',
)
WORDS = (
    "2026-12-01T00:00:00Z",
    "INFO",
    "GET /v1/things?page=3",
    "ü",
    "status=200",
    "\r\n",
    "\n",
    "\n",
    "-",
    "took 12 ms",
)
SMALL = {"chunk": 2048, "margin": 12_288}
"""Windows so short that a test has many; the margin is still longer than what a verdict looks at."""
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def planted(draw: st.DrawFn) -> tuple[bytes, list[str]]:
    """A log with keys in it, and the keys."""
    seed = draw(st.integers(0, 10_000))
    source = random.Random(seed)
    pieces: list[str] = []
    keys: list[str] = []
    for number in range(draw(st.integers(1, 6))):
        pieces += ["\n", *(f"{source.choice(WORDS)} " for _ in range(source.randrange(300))), "\n"]
        text, values = instance(source.choice(TEMPLATES), f"{seed}-{number}")
        pieces.append(text)
        keys += values
        if source.random() < 0.5:
            pieces.append(f"again {values[0]} and {base64.b64encode(values[0].encode()).decode()} there\n")
    return "".join(pieces).encode(), keys


def masker(style: styles.Style = styles.mask) -> Masker:
    return Masker(api.ready_matcher(None), Policy(), style)


def shown(data: bytes, key: str) -> list[bytes]:
    """Every four consecutive characters of a key that stand in some bytes, but for a prefix that its vendor tells."""
    bare = key.removeprefix("ghp_").removeprefix("gho_").encode()
    return [bare[at : at + 4] for at in range(len(bare) - 3) if bare[at : at + 4] in data]


def cut(data: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({min(place, len(data)) for place in places} | {0, len(data)})
    return [data[low:high] for low, high in itertools.pairwise(ends)]


def through(stream: StreamRedactor, pieces: list[bytes]) -> bytes:
    return b"".join([*(stream.feed(piece) for piece in pieces), stream.finish()])


@QUICK
@given(planted(), st.lists(st.integers(0, 20_000)))
def test_no_cut_changes_what_comes_out_or_shows_a_key(log: tuple[bytes, list[str]], places: list[int]) -> None:
    data, keys = log
    whole = through(StreamRedactor(masker(styles.Tags(b"salt")), **SMALL), [data])
    assert through(StreamRedactor(masker(styles.Tags(b"salt")), **SMALL), cut(data, places)) == whole
    masked = through(StreamRedactor(masker(), **SMALL), cut(data, places))
    assert [shown(text, key) for key in keys for text in (masked, whole)] == [[]] * 2 * len(keys)


@QUICK
@given(planted(), st.lists(st.integers(0, 20_000), max_size=10), st.lists(st.integers(-9, 70), max_size=5))
def test_no_flush_shows_a_key(log: tuple[bytes, list[str]], places: list[int], near: list[int]) -> None:
    data, keys = log
    places += [max(0, data.find(key.encode()) + offset) for key in keys for offset in near]
    stream = StreamRedactor(masker(), **SMALL)
    masked = b"".join(stream.feed(piece) + stream.flush() for piece in cut(data, places)) + stream.finish()
    assert [shown(masked, key) for key in keys] == [[]] * len(keys)


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_key_that_comes_byte_by_byte_is_not_shown(template: str) -> None:
    text, keys = instance(template, "drip")
    stream = StreamRedactor(masker())
    masked = b"".join(stream.feed(bytes([byte])) + stream.flush() for byte in f"start\n{text}end\n".encode())
    masked += stream.finish()
    assert [shown(masked, key) for key in keys] == [[]] * len(keys)
    assert masked.startswith(b"start\n")
    assert masked.endswith(b"end\n")


@QUICK
@given(st.binary(max_size=3000), st.integers(0, 6000), st.integers(0, 50))
def test_every_byte_outside_of_a_key_is_unchanged(noise: bytes, place: int, seed: int) -> None:
    assume(kinds.kind(noise) is None)  # what is inside of an archive is not let through
    text, [key] = instance("\nPAGERDUTY_TOKEN={{hex:32}}\n", str(seed))
    data = noise[:place] + text.encode() + noise[place:]
    stream = StreamRedactor(masker(lambda _key, shown: b"\0<" + shown + b">\0"), **SMALL)
    marked = through(stream, cut(data, [place, place + 20, place + 40]))
    assert marked.replace(b"\0<", b"").replace(b">\0", b"") == data.replace(b"\0<", b"").replace(b">\0", b"")
    assert b"\0<" + key.encode() + b">\0" in marked


def test_what_is_held_is_bounded() -> None:
    stream = StreamRedactor(masker(), chunk=1000, margin=500)
    held = []
    for _ in range(100):
        stream.feed(b"x = 1\n" * 50)
        held.append(stream.waiting)
    assert max(held) <= 1500 + 300


def test_a_word_that_has_not_ended_waits_and_a_prompt_does_not() -> None:
    stream = StreamRedactor(masker())
    assert stream.feed(b"go on? [y/N]") + stream.flush() == b"go on? [y/N]"
    assert stream.feed(b" abcdefgh") + stream.flush() == b" "
    assert stream.feed(b"\n") + stream.flush() == b"abcdefgh\n"
    assert stream.waiting == 0


def test_a_repeat_is_masked_where_it_is_still_held() -> None:
    text, [key] = instance("PAGERDUTY_TOKEN={{hex:32}}\n", "held")
    data = (f"saw {key} first\n" + "x = 1\n" * 100 + text).encode()
    assert shown(through(StreamRedactor(masker()), [data]), key) == []
    stream = StreamRedactor(masker())
    early = stream.feed(data[:100]) + stream.flush()
    assert key.encode() in early  # nothing says yet what it is, and the time is up
    assert shown(stream.feed(data[100:]) + stream.finish(), key) == []


@pytest.mark.parametrize("archive", [b"PK\x03\x04" + b"\0" * 60, b"\x1f\x8b\x08" + b"\0" * 60, b"Rar!\x1a\x07\0" * 9])
def test_an_archive_is_not_let_through(archive: bytes) -> None:
    with pytest.raises(WithheldError, match="archive"):
        through(StreamRedactor(masker()), [archive])
    told: list[str] = []
    assert through(StreamRedactor(masker(), unfinished=told.append), [archive]) == archive
    assert len(told) == 1


class Failing(Masker):
    """A masker that fails on one line of what it searches, and says what it was."""

    def places(self, data: bytes, path: str = "", *, goes_on: bool = False) -> Masked:
        if b"boom" in data:
            raise RuntimeError(data)
        return super().places(data, path, goes_on=goes_on)


def test_if_masking_fails_nothing_comes_out() -> None:
    data = b"x = 1\n" * 1000 + b"boom\n" + b"x = 1\n" * 1000
    failing = Failing(api.ready_matcher(None), Policy(), styles.mask)
    stream = StreamRedactor(failing, chunk=1000, margin=500)
    out: list[bytes] = []
    with pytest.raises(WithheldError, match="RuntimeError") as caught:
        out.extend(map(stream.feed, cut(data, [*range(0, len(data), 100)])))
    assert b"boom" not in b"".join(out)
    assert len(b"".join(out)) > 1000
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    told: list[str] = []
    assert through(StreamRedactor(failing, chunk=1000, margin=500, unfinished=told.append), [data]) == data
    assert set(told) == {"RuntimeError"}
