"""Streams in windows: nothing is lost at a boundary, and every place is right."""

from __future__ import annotations

import io
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keysift import wide
from keysift.containers.windows import windows
from keysift.detect.findings import scan_blob
from keysift.detect.matcher import Matcher
from keysift.model import Blob
from keysift.rules.generate import instance
from keysift.scan.contents import scan_pieces

MARGIN = 16_384
"""As the real one, more than any rule reaches plus what has a say in a verdict."""


def reading(data: bytes) -> Callable[[int], bytes]:
    return io.BytesIO(data).read


def text(seed: int) -> bytes:
    """Lines of all kinds, most of them without a key, some very long, some not UTF-8."""
    source = random.Random(seed)
    parts: list[bytes] = []
    for number in range(source.randrange(40, 400)):
        kind = source.randrange(12)
        key = instance(source.choice(["{{github:ghp¦_}}", "AKIA¦{{base32:16}}", "{{hex:32}}"]), f"{seed}{number}")[0]
        if kind == 0:
            parts.append(f"GITHUB_TOKEN = '{key}'\n".encode())
        elif kind == 1:
            parts.append(f'{{"pagerduty": {{"integration_key": "{key}"}}, "密码 ä": 1}}'.encode())
        elif kind == 2:
            parts.append(b"\xff\xfe\x80\x80\x80\x80\xe5\xaf\n" * source.randrange(30))
        elif kind == 3:
            parts.append("密👍".encode() * source.randrange(3000))
        else:
            parts.append(b"some = thing of no interest\n" * source.randrange(200))
    return b"".join(parts)


@settings(max_examples=8)
@given(seed=st.integers(0, 1 << 30), chunk=st.integers(3_000, 60_000))
def test_a_stream_gives_what_the_whole_gives(matcher: Matcher, seed: int, chunk: int) -> None:
    data = text(seed)
    whole = scan_blob(matcher, Blob("a.txt", data))
    streamed = scan_pieces(matcher, windows(reading(data), "a.txt", chunk=chunk, margin=MARGIN))
    assert streamed.findings == whole.findings
    assert [one.locations[0].snippet for one in streamed.findings] == [
        one.locations[0].snippet for one in whole.findings
    ]
    assert (streamed.blobs, streamed.bytes) == (1, len(data))


@given(
    data=st.one_of(st.binary(max_size=300), st.text(max_size=90).map(lambda text: text.encode("utf-16"))),
    chunk=st.integers(1, 40),
    margin=st.integers(4, 40),
)
def test_the_cores_are_the_stream_and_each_window_knows_where_it_is(data: bytes, chunk: int, margin: int) -> None:
    position = 0
    for window in windows(reading(data), "p", chunk=chunk, margin=margin):
        start, end = window.core
        assert window.byte + start == position
        position = window.byte + end
        assert window.blob.data == data[window.byte : window.byte + len(window.blob.data)]
        assert len(window.blob.data) <= 2 * chunk + 2 * margin + 4
        text = wide.by_mark(data[: chunk + margin])
        read = data[text.start if text else 0 : window.byte]
        decoded = text.text(read) if text else read.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
        before = decoded.split("\n")
        assert (window.line, window.column) == (len(before) - 1, len(before[-1]))
        if position < len(data):
            assert len(window.blob.data) - end >= min(margin, len(data) - position), "what follows is looked at as well"
    assert position == len(data)


@pytest.mark.parametrize("place", range(-60, 60, 7))
def test_a_key_across_a_boundary_is_found_once(matcher: Matcher, place: int) -> None:
    key = instance("{{github:ghp¦_}}", "boundary")[0].encode()
    chunk = 20_000
    data = b"x" * (chunk + place - 14) + b"\nGITHUB_TOKEN=" + key + b"\n" + b"y\n" * 20_000
    [finding] = scan_pieces(matcher, windows(reading(data), "a.env", chunk=chunk, margin=MARGIN)).findings
    [location] = finding.locations
    assert (location.start_byte, location.start_line, location.start_column) == (chunk + place, 2, 14)


def test_thousands_of_keys_on_one_line_are_all_found(matcher: Matcher) -> None:
    keys = [instance("{{github:ghp¦_}}", str(number))[0] for number in range(3_000)]
    data = ("[" + ",".join(f'"token_{number}":"{key}"' for number, key in enumerate(keys)) + "]").encode()
    assert len(data) > 160_000
    streamed = scan_pieces(matcher, windows(reading(data), "a.json", chunk=40_000, margin=MARGIN))
    found = {finding.secret.decode() for finding in streamed.findings}
    assert found == set(keys)
    assert {finding.locations[0].start_line for finding in streamed.findings} == {1}
    for finding in streamed.findings[:3] + streamed.findings[-3:]:
        assert finding.locations[0].start_column == data.index(finding.secret) + 1


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("place", range(-60, 60, 9))
def test_a_key_of_wide_text_across_a_boundary_is_where_it_is(matcher: Matcher, codec: str, place: int) -> None:
    key = instance("{{github:ghp¦_}}", "boundary")[0]
    chunk = 20_000
    mark = "" if codec in {"utf-16", "utf-32"} else "\ufeff"
    width = len("x".encode(codec + ("-le" if not mark else "")))
    text = mark + "密\n" * 10 + "x" * (chunk // width + place - 30) + "\nGITHUB_TOKEN=" + key + "\n" + "y\n" * 20_000
    [finding] = scan_pieces(matcher, windows(reading(text.encode(codec)), "a.env", chunk=chunk, margin=MARGIN)).findings
    [location] = finding.locations
    assert (location.start_line, location.start_column) == (12, 14)
