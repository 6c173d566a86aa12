import pytest

from keysift.detect import fields
from keysift.detect.surroundings import LONGEST_LINE, NEAR_AFTER, NEAR_BEFORE, NEARBY, Surroundings

VALUE = b"v4lue"


def around(text: str | bytes) -> Surroundings:
    """The surroundings of `VALUE` in a text."""
    data = text if isinstance(text, bytes) else text.encode()
    start = data.index(VALUE)
    return Surroundings(data, start, start + len(VALUE))


def test_before_and_after_are_the_rest_of_the_line() -> None:
    value = around("first\nkey: v4lue # why\nlast")
    assert (value.before, value.value, value.after) == ("key: ", "v4lue", " # why")


def test_of_a_very_long_line_the_nearest_part_counts() -> None:
    value = around("a" * 1000 + "v4lue" + "b" * 1000)
    assert value.before == "a" * LONGEST_LINE
    assert value.after == "b" * LONGEST_LINE


def test_a_text_is_not_cut_in_the_middle_of_a_character() -> None:
    assert "\ufffd" not in around("é" * LONGEST_LINE + "x v4lue").tail
    assert around(b"\xff key=v4lue").before == "\ufffd key="


def test_escapes_of_a_string_are_blanked_out() -> None:
    assert around('{"text": "a: 1\\nkey: v4lue\\nb: 2"}').before == "key: "


def test_near_has_the_lines_around_the_value_without_the_value() -> None:
    lines = [f"line{number}" for number in range(40)]
    near = around("\n".join([*lines[:20], "key: v4lue", *lines[20:]])).near
    assert "v4lue" not in near
    wanted = [*lines[20 - NEAR_BEFORE : 20], *lines[20 : 20 + NEAR_AFTER]]
    assert [word for word in near.split() if word.startswith("line")] == wanted


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ('key = "v4lue"', "v4lue"),
        ('key = "prefix-v4lue-suffix"', "prefix-v4lue-suffix"),
        ("key = '${A:-v4lue}'", "${A:-v4lue}"),
        ('other = "x", key = v4lue, third = "y"', "v4lue"),
        ("key = v4lue", "v4lue"),
    ],
)
def test_the_literal_is_what_is_between_the_quotation_marks_around_the_value(text: str, literal: str) -> None:
    assert around(text).literal == literal


def test_the_field_is_that_of_the_whole_text_though_its_name_is_read_from_a_part() -> None:
    blocks = "".join(f"{' ' * depth}level{depth}:\n" for depth in range(3))
    filler = "   # " + "x" * 2 * LONGEST_LINE + "\n"
    value = around(blocks + filler + "   name: v4lue\n")
    assert value.leaf.name == "name"
    assert value.field == fields.field_of(value.left, value.right)
    assert value.field.path == "level0.level1.level2.name"


def test_only_views_of_more_than_the_nearby_bytes_are_far() -> None:
    value = around("a" * 1000 + "\nkey: v4lue\n" + "b" * 1000)
    assert value.before
    assert value.literal
    assert value.leaf
    assert not value.far
    assert value.near
    assert value.far
    assert LONGEST_LINE <= NEARBY
