import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from keysift.redact import MOST_STARS, PUBLIC_PREFIXES, keys, mask, mask_name, redact

LETTERS = string.ascii_letters + string.digits + "_-+/="
RANDOM = st.text(LETTERS, min_size=1, max_size=120)


def fours(text: str) -> set[str]:
    return {text[start : start + 4] for start in range(len(text) - 3)}


def longest_prefix(text: str) -> str:
    return max((prefix for prefix in PUBLIC_PREFIXES if text.startswith(prefix)), key=len, default="")


@pytest.mark.parametrize(
    ("secret", "redacted"),
    [
        ("", ""),
        ("hunter2", "*******"),
        ("fifteenletters!", "*" * 15),
        ("sixteen-letters!", "si*************!"),
        ("u+" + "abcdefghijklmnopqr", "u+ab***************r"),
        ("gh" + "p_" + "0123456789" * 3 + "abcdef", "gh" + "p_012*******************************ef"),
        ("x" * 500, "xxx" + "*" * MOST_STARS + "xx"),
        ("\x1b[31mred and very long\x1b[0m", "*[3**********************m"),
        (
            "-----BEGIN " + "KEY-----\nabcd\nefgh\n-----END KEY-----\n",
            "-----BEGIN KEY-----***********-----END KEY-----",
        ),
        ("first line, long\nsecond line, long", "fir" + "*" * 31),
    ],
)
def test_what_a_redacted_key_shows(secret: str, redacted: str) -> None:
    assert redact(secret.encode()) == redacted


@given(prefix=st.sampled_from(("", *PUBLIC_PREFIXES)), random=RANDOM)
def test_no_four_characters_of_the_random_part_are_shown(prefix: str, random: str) -> None:
    secret = prefix + random
    public = longest_prefix(secret)
    rest = secret[len(public) :]
    shown = redact(secret.encode())
    assert shown.startswith(public)
    shown = shown[len(public) :]
    assert not fours(rest) & fours(shown)
    kept = len(shown.replace("*", ""))
    assert kept <= (0 if len(rest) < 16 else min(3, len(rest) // 8) + min(2, len(rest) // 16))


@given(st.binary(max_size=200))
def test_any_bytes_become_one_printable_line_of_utf_8(secret: bytes) -> None:
    shown = redact(secret)
    assert shown.isprintable()
    shown.encode()


@given(st.lists(RANDOM.filter(lambda text: len(text) >= 4), min_size=1, max_size=4), st.data())
def test_a_masked_line_keeps_its_length_and_no_key(secrets: list[str], data: st.DataObject) -> None:
    parts = data.draw(st.lists(st.sampled_from([*secrets, " ", "x=", "'"]), max_size=12))
    line = "".join(parts)
    masked = mask(line, keys(secret.encode() for secret in secrets))
    assert len(masked) == len(line)
    for secret in secrets:
        if len(longest_prefix(secret)) < len(secret):
            assert secret not in masked


@given(st.lists(st.text(LETTERS, min_size=8, max_size=70), min_size=2, max_size=8), st.sampled_from(["\n", "\r\n"]))
@example(["pk_" + "test_", "00000000", "00000001"], "\n")  # The first line is all prefix.
def test_a_key_of_several_lines_is_masked_line_by_line(lines: list[str], end: str) -> None:
    hidden = keys([end.join(lines).encode()])
    for line in lines[1:]:
        assert mask(f"    {line}", hidden) == "    " + "*" * len(line)


def test_overlapping_keys_are_both_covered() -> None:
    assert mask("abcdefghijklmnop", keys([b"abcdefgh", b"efghijklmnop"])) == "*" * 16


def test_an_encoded_key_is_masked_by_its_place() -> None:
    assert mask("key: c2VjcmV0 # c2V", keys([b"secret"]), [(5, 13)]) == "key: ******** # c2V"


def test_a_short_key_is_hidden_in_lines_but_leaves_names_alone() -> None:
    hidden = keys([b"postgres"])
    assert mask("user=postgres", hidden) == "user=********"
    assert mask_name("postgres/config.py", hidden) == "postgres/config.py"


def test_a_long_key_is_hidden_in_names() -> None:
    hidden = keys([b"abcdefghijkl"])
    assert mask_name("made/abcdefghijkl.txt", hidden) == "made/************.txt"


def test_line_ends_stay() -> None:
    assert mask("a\nsecret-line\nb", keys([b"a\nsecret-line\nb"])) == "*\n***********\n*"


def test_the_keys_are_in_no_repr() -> None:
    assert "hunter2" not in repr(keys([b"hunter2-hunter2"]))
