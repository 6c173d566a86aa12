"""No command shows four characters in a row of any key, wherever it stands; `python -m tests.leaks` tries many more."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests import leaks

from keysift.masking import keys, mask, mask_name


@pytest.mark.parametrize("seed", range(2))
def test_nothing_shows_a_key(seed: int, tmp_path: Path) -> None:
    assert leaks.try_one(seed, str(tmp_path / "cache"), formats=1) == []


KEY = "QzX7" + "kVw3jJ9qKx2ZzW5v"


@pytest.mark.parametrize("spell", leaks.ENCODINGS)
def test_a_key_beside_itself_in_another_form_is_masked(spell: leaks.Spell) -> None:
    line = f"password = '{KEY}' was {spell(KEY)} before"
    masked = mask(line, keys([KEY.encode()]))
    assert len(masked) == len(line)
    assert masked.startswith("password = '")
    assert masked.endswith(" before")
    assert masked.count("*") > (len(KEY) + len(spell(KEY))) // 2
    assert not any(KEY[at : at + 4] in masked for at in range(len(KEY) - 3))


def test_what_was_cut_out_of_an_encoded_key_is_masked() -> None:
    """The name of a field has no digit at its start: it lacks half a character of the key."""
    for spell, cut in ((leaks.ENCODINGS[2], 3), (leaks.ENCODINGS[1], 2), (leaks.ENCODINGS[3 + 2], 5)):
        encoded = spell(KEY)[cut:-cut]
        for masked in (mask(f"in the field {encoded}", keys([KEY.encode()])), mask_name(encoded, keys([KEY.encode()]))):
            assert masked.count("*") > len(encoded) * 2 // 3, masked


def test_a_key_in_base64_among_other_bytes_is_masked() -> None:
    for before in ("", "a", "ab", "user:"):
        spelled = leaks.ENCODINGS[1](f"{before}{KEY} and more")
        masked = mask_name(f"x {spelled} y", keys([KEY.encode()]))
        assert masked.startswith("x ")
        assert "*" * 20 in masked


def test_what_spells_no_key_stays() -> None:
    text = "100%25 &amp; \\x41\\x42 c2VjcmV0IGFuZCBub3RoaW5nIGVsc2U= 68656c6c6f20776f726c64"
    assert mask(text, keys([KEY.encode()])) == text
