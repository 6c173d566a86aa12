"""The strings of pickles, in both forms of the source, against the library that disassembles them."""

from __future__ import annotations

import importlib.util
import pickle
import pickletools
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysift.containers import strings as installed

SOURCE = Path(__file__).parents[2] / "scanner" / "keysift" / "containers" / "strings.py"
VALUES = st.recursive(
    st.text() | st.binary() | st.integers() | st.floats(allow_nan=False) | st.booleans() | st.none(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
)
OLD = (
    b"(S'a\\tb'\nS\"c\"\np0\nVd\\u00e9\nPe\nI5\nL6L\nF1.5\ncos\nsystem\n(imod\nclass\n"
    b"U\x02\xe9fT\x01\0\0\0g\x8a\x01\x05\x8b\x01\0\0\0\x05."
)
"""Opcodes that no recent Python writes."""


def interpreted() -> ModuleType:
    """The source as it stands, whether or not the installed form is compiled."""
    spec = importlib.util.spec_from_file_location("plain_strings", SOURCE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module", params=["installed", "interpreted"])
def strings(request: pytest.FixtureRequest) -> Any:  # noqa: ANN401 - a module
    return installed if request.param == "installed" else interpreted()


def expected(data: bytes) -> list[bytes]:
    """The arguments that are text, as the library reads them, up to the first damage."""
    found: list[bytes] = []
    try:
        for _, argument, _ in pickletools.genops(data):
            if isinstance(argument, str):
                found.append(argument.encode("utf-8", "surrogatepass"))
            elif isinstance(argument, bytes | bytearray):
                found.append(bytes(argument))
    except Exception:  # noqa: BLE001 - damaged, as intended
        return found
    return found


@given(value=VALUES, protocol=st.integers(2, 5), cut=st.integers(0, 400))
def test_every_text_of_a_pickle_is_found(strings: Any, value: Any, protocol: int, cut: int) -> None:  # noqa: ANN401
    data = pickle.dumps(value, protocol)
    assert strings.pickled(data) == expected(data)
    assert strings.pickled(data[:cut]) == expected(data[:cut])


def test_old_opcodes_are_read(strings: Any) -> None:  # noqa: ANN401
    assert strings.pickled(OLD) == expected(OLD)
    assert strings.pickled(OLD)[-2:] == ["éf".encode(), b"g"]


@pytest.mark.parametrize(
    "damaged",
    [
        b"X\xff\xff\xff\xffa",
        b"\x8d" + b"\xff" * 8 + b"a",
        b"\x8c\x02\xff\xfe.",
        b"S'a\n",
        b"S'\\x'\n",
        b"V\\u12\n",
        b"cos\n",
        b"Pa",
        b"T\1\0",
        b"\xff",
    ],
)
def test_damage_ends_it(strings: Any, damaged: bytes) -> None:  # noqa: ANN401
    assert strings.pickled(b"\x8c\x01a" + damaged) == [b"a"]


@given(texts=st.lists(st.from_regex(r"[A-Za-z_.-]{0,64}[0-9]{0,3}\n?", fullmatch=True) | st.text()))
def test_a_text_that_looks_like_a_name_stands_before_the_next(strings: Any, texts: list[str]) -> None:  # noqa: ANN401
    lines, name = "", ""
    for text in texts:
        if re.fullmatch(r"[A-Za-z_][A-Za-z_.-]{1,60}[0-9]{0,2}", text):
            name = text
        else:
            value = text if "\n" in text else f'"{text}"'
            lines += f"{name} = {value}\n" if name else f"{value}\n"
            name = ""
    assert (
        strings.lines([text.encode("utf-8", "surrogatepass") for text in texts]).decode("utf-8", "surrogatepass")
        == lines
    )
