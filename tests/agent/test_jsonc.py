"""Changes to somebody else's JSON: what was not asked for stays, byte for byte."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysift.agent import jsonc
from keysift.errors import ConfigError

OURS = {"command": "keysift agent hook"}


def is_ours(item: object) -> bool:
    return item == OURS


FILES = [
    "{}\n",
    '{"a": 1}\n',
    '{\n  "a": 1, // why\n  "hooks": {\n    "P": [\n      {"x": 1} // mine, and kept\n    ]\n  }\n}\n',
    '{\n\t"hooks": {\n\t\t"P": [\n\t\t\t{"x": [1, 2]}\n\t\t]\n\t},\n\t"b": "//"\n}',
    '/* all */ {\r\n  "b": {"c": []}\r\n}\r\n',
    '{\n  "hooks": {\n    "Q": [\n      {"y": 2},\n    ],\n  },\n}\n',
]


@pytest.mark.parametrize("text", FILES)
def test_what_is_added_can_be_taken_out_again(text: str) -> None:
    more = jsonc.append(text, ("hooks", "P"), OURS, "f")
    value = jsonc.parse(more, "f").value
    assert value["hooks"]["P"][-1] == OURS
    assert jsonc.append(more, ("hooks", "P"), OURS, "f").count("keysift") == 2
    less = jsonc.remove(more, ("hooks", "P"), is_ours, "f")
    assert jsonc.parse(less, "f").value == jsonc.parse(text, "f").value
    assert [line for line in text.splitlines() if "//" in line or "/*" in line] == [
        line.rstrip(",") if line.rstrip(",") in text.splitlines() else line
        for line in less.splitlines()
        if "//" in line or "/*" in line
    ]


def test_neighbours_and_their_comments_stay() -> None:
    text = '{\n  "P": [\n    {"x": 1}, // a, b\n    {"command": "keysift agent hook"}, // ours\n    {"z": 3}\n  ]\n}\n'
    less = jsonc.remove(text, ("P",), is_ours, "f")
    assert jsonc.parse(less, "f").value == {"P": [{"x": 1}, {"z": 3}]}
    assert '{"x": 1}, // a, b\n' in less
    last = '{\n  "P": [\n    {"x": 1}, // a, b\n    {"command": "keysift agent hook"}\n  ]\n}\n'
    assert jsonc.remove(last, ("P",), is_ours, "f") == '{\n  "P": [\n    {"x": 1} // a, b\n  ]\n}\n'


def test_indentation_is_that_of_the_file() -> None:
    assert jsonc.append('{\n    "a": 1\n}\n', ("P",), 2, "f") == '{\n    "a": 1,\n    "P": [\n        2\n    ]\n}\n'


@pytest.mark.parametrize(
    ("text", "line"),
    [("{", 1), ("", 1), ('{"a" 1}', 1), ('{\n"a": tru}', 2), ("[1 2]", 1), ('{"a": 1} x', 1), ('{"a": 1, "a": 2}', 1),
     ('{"a": "\n"}', 1), ("[" * 200, 1), ("{a: 1}", 1), ('{"a": 01x}', 1)],
)  # fmt: skip
def test_what_is_no_json_is_an_error_with_a_line(text: str, line: int) -> None:
    with pytest.raises(ConfigError, match=rf"^f:{line}: invalid JSON"):
        jsonc.parse(text, "f")


@pytest.mark.parametrize("text", ["[]", '{"hooks": []}', '{"hooks": {"P": {}}}', '{"hooks": null}'])
def test_another_kind_on_the_way_is_an_error(text: str) -> None:
    with pytest.raises(ConfigError, match="is not"):
        jsonc.append(text, ("hooks", "P"), OURS, "f")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


@given(
    st.dictionaries(st.text(max_size=4).filter(lambda name: name != "hooks"), JSON, max_size=4),
    st.sampled_from([None, 2, "\t"]),
)
def test_any_object_is_read_as_python_reads_it(value: dict[str, object], indent: int | str | None) -> None:
    text = json.dumps(value, indent=indent)
    assert jsonc.parse(text, "f").value == value
    more = jsonc.append(text, ("hooks", "P"), OURS, "f")
    assert json.loads(more) == {**value, "hooks": {"P": [OURS]}}
    assert json.loads(jsonc.remove(more, ("hooks", "P"), is_ours, "f")) == value
