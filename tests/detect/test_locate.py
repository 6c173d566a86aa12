import dataclasses

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from keysift import wide
from keysift.detect import locate
from keysift.detect.locate import decode
from keysift.model import Blob, Location, Span

PIECES = st.sampled_from(
    [
        b"a",
        b"key",
        b" ",
        b"\t",
        b"\n",
        b"\r\n",
        b"\r",
        "ä".encode(),
        "密".encode(),
        "👍".encode(),
        b"\xff",
        b"\xc3",
        b"\x00",
        b"\x1b[31m",
    ]
)
TEXT = st.lists(PIECES, min_size=1, max_size=40).map(b"".join)


def characters(data: bytes) -> list[int]:
    """The bytes at which characters start; an undecodable byte is one."""
    starts, position = [], 0
    for character in data.decode("utf-8", "surrogateescape"):
        starts.append(position)
        position += len(character.encode("utf-8", "surrogateescape"))
    return [*starts, len(data)]


@given(TEXT, st.data())
@example("x=ä密\r\nkey".encode(), None)
@example(b"key", None)
@example(b"\n\nkey\n", None)
def test_lines_and_columns_lead_back_to_the_bytes(data: bytes, draw: st.DataObject | None) -> None:
    places = characters(data)
    if draw is None:
        start, end = data.index(b"key"), data.index(b"key") + 3
    else:
        start, end = sorted(draw.draw(st.lists(st.sampled_from(places), min_size=2, max_size=2)))
    assume(wide.around(data, start, end) is None)
    found = locate.locate(Blob("p", data), Span(start, end))
    lines = data.decode("utf-8", "surrogateescape").split("\n")

    def offset(line: int, column: int) -> int:
        before = [*lines[: line - 1], lines[line - 1][: column - 1]]
        return len("\n".join(before).encode("utf-8", "surrogateescape"))

    assert offset(found.start_line, found.start_column) == start == found.start_byte
    assert offset(found.end_line, found.end_column) == end == found.end_byte
    assert found.start_line >= 1
    assert found.start_column >= 1


@given(TEXT, st.data())
def test_the_snippet_holds_the_lines_of_the_key_and_one_on_either_side(data: bytes, draw: st.DataObject) -> None:
    start, end = sorted(draw.draw(st.lists(st.sampled_from(characters(data)), min_size=2, max_size=2)))
    assume(wide.around(data, start, end) is None)
    found = locate.locate(Blob("p", data), Span(start, end))
    assert found.snippet is not None
    lines = [line.rstrip("\r") for line in data.decode("utf-8", "surrogateescape").split("\n")]
    first = max(0, found.start_line - 2)
    assert found.snippet.first_line == first + 1
    assert found.snippet.lines == tuple(lines[first : found.end_line + 1])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"key", (1, 1, 1, 4)),
        (b"\nkey", (2, 1, 2, 4)),
        (b"a\r\n key\r\n", (2, 2, 2, 5)),
        ("ä密👍key".encode(), (1, 4, 1, 7)),
        (b"\xff\xfekey", (1, 3, 1, 6)),
        (b"a\rkey", (1, 3, 1, 6)),
        ("\N{LINE SEPARATOR}key".encode(), (1, 2, 1, 5)),
    ],
)
def test_columns_count_characters_from_one(data: bytes, expected: tuple[int, ...]) -> None:
    start = data.index(b"key")
    found = locate.locate(Blob("p", data), Span(start, start + 3))
    assert (found.start_line, found.start_column, found.end_line, found.end_column) == expected


def test_a_key_over_several_lines_ends_on_the_last() -> None:
    data = b"a\n--key\nbody\nend--\nz\n"
    found = locate.locate(Blob("p", data), Span(2, 18))
    assert (found.start_line, found.start_column, found.end_line, found.end_column) == (2, 1, 4, 6)
    assert found.snippet is not None
    assert found.snippet.lines == ("a", "--key", "body", "end--", "z")


def test_of_a_very_long_line_only_the_part_around_the_key_is_kept() -> None:
    data = b"x" * 1_000_000 + b"key" + b"y" * 1_000_000
    found = locate.locate(Blob("p", data), Span(1_000_000, 1_000_003))
    assert found.start_column == 1_000_001
    assert found.snippet is not None
    [line] = found.snippet.lines
    assert "key" in line
    assert len(line) == 2 * locate.LONGEST_LINE + 3


def test_path_and_member_come_from_the_blob() -> None:
    found = locate.locate(Blob("a.zip", b"key", member="b/c.env"), Span(0, 3))
    assert (found.path, found.member, found.commit) == ("a.zip", "b/c.env", "")


def test_the_lines_are_in_no_repr() -> None:
    found = locate.locate(Blob("p", b"hunter2"), Span(0, 7))
    assert "hunter2" not in repr(found)
    assert "hunter2" not in repr(Blob("p", b"hunter2"))
    assert dataclasses.replace(found, snippet=None) == found, "the lines do not tell one place from another"


@given(st.binary(max_size=80))
def test_decoding_for_people_loses_nothing(data: bytes) -> None:
    assert decode(data).encode("utf-8", "surrogateescape") == data


# --- Wide text --------------------------------------------------------------------------------------------------------

KEY = "Jd83hf" + "Q2mZx9"
CODECS = ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]
TEXTS = [
    f"{KEY}",
    f"A=1\r\nDB_PASSWORD={KEY}\r\nB=2\r\n",
    f"# \u63a5\u7d9a\nx='\u65e5\u672c'; P='{KEY}'; y='\u5bc6'\n",
    f"\U0001f680 = 1\n'\U0001f44d': 1, 'p': '{KEY}'\n",
    f"\u0a05 \u0a0a\n\u010a \u0a0a\nP={KEY}\n",
]


def located(text: str, codec: str, *, mark: bool = False, off: int = 0) -> Location:
    """Return the location of the key in a text of this encoding, whose span is so many bytes off."""
    data = ("\ufeff" * mark + text).encode(codec)
    start = len(("\ufeff" * mark + text[: text.index(KEY)]).encode(codec))
    return locate.locate(Blob("p", data), Span(start + off, start + off + len(KEY.encode(codec))))


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("mark", [False, True])
@pytest.mark.parametrize("codec", [*CODECS, "utf-8"])
def test_wide_text_has_the_lines_and_columns_of_the_same_text_in_utf_8(text: str, codec: str, *, mark: bool) -> None:
    expected, found = located(text, "utf-8"), located(text, codec, mark=mark)
    assert (found.start_line, found.start_column) == (expected.start_line, expected.start_column)
    assert (found.end_line, found.end_column) == (expected.end_line, expected.end_column)
    assert found.snippet == expected.snippet
    assert found.end_byte - found.start_byte == len(KEY.encode(codec))


@pytest.mark.parametrize(("codec", "off"), [("utf-16-be", 1), ("utf-32-be", 3)])
def test_zeros_of_the_next_character_do_not_move_the_key(codec: str, off: int) -> None:
    text = f"x='\u65e5\u672c'; P='{KEY}'\n"
    assert located(text, codec, off=off) == located(text, codec)


@pytest.mark.parametrize("codec", CODECS)
def test_a_very_long_line_of_wide_text_is_cut_like_any_other(codec: str) -> None:
    text = "\u00e9" * 9000 + KEY + "\u00e9" * 9000
    found, expected = located(text, codec), located(text, "utf-8")
    assert found.start_column == 9001
    assert (found.snippet and found.snippet.lines) == (expected.snippet and expected.snippet.lines)


@pytest.mark.parametrize("codec", CODECS)
def test_wide_text_amid_other_data_is_readable(codec: str) -> None:
    text = f"User=sa;Password={KEY};Pooling=no"
    before = bytes(range(256)) + b"\n\xff\x01"
    data = before + text.encode(codec) + b"\xff\xd8\x02\n"
    start = len(before) + len(text[: text.index(KEY)].encode(codec))
    found = locate.locate(Blob("p", data), Span(start, start + len(KEY.encode(codec))))
    assert found.snippet
    line = found.snippet.lines[found.start_line - found.snippet.first_line]
    assert line[found.start_column - 1 : found.end_column - 1] == KEY
    assert text in line


def test_keys_are_located_in_any_order() -> None:
    data = f"a={KEY}\nb={KEY}\n".encode("utf-16-le")
    places = locate.Places(Blob("p", data))
    first, second = (data.find(KEY.encode("utf-16-le"), after) for after in (0, 20))
    spans = [Span(start, start + 2 * len(KEY)) for start in (second, first, second)]
    assert [places.locate(span).start_line for span in spans] == [2, 1, 2]
