import json
import re
import string
from collections.abc import Callable
from xml.sax.saxutils import escape

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from keysift.masking import MOST_STARS, PUBLIC_PREFIXES, keys, mask, mask_name, redact

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


PRINTABLE = (string.digits + string.ascii_letters + string.punctuation).replace("*", "")
WRITTEN = {
    "bare": ("A_PASSWORD={}", lambda text: text),
    "exported": ("export A_PASSWORD={} # it", lambda text: text),
    "YAML": ("  password: {}", lambda text: text),
    "quoted YAML": ("  password: '{}'", lambda text: text.replace("'", "''")),
    "JSON": ('{{"password": "{}", "port": 1}}', lambda text: json.dumps(text)[1:-1]),
    "properties": ("db.password = {}", lambda text: text),
    "element": ("<password>{}</password>", escape),
    "literal": ('connect(password="{}")', lambda text: json.dumps(text)[1:-1]),
}


@pytest.mark.parametrize(("line", "escaped"), WRITTEN.values(), ids=WRITTEN)
@given(value=st.text(PRINTABLE, min_size=8, max_size=40), data=st.data())
@example("Kd83hfQ2>mZx9wLp4Tt", None)
@example("kd83\\'hfq2", None)
def test_what_a_rule_cut_off_is_hidden_too(
    line: str, escaped: Callable[[str], str], value: str, data: st.DataObject | None
) -> None:
    assume("://" not in value and value[0] not in "\"'`" and not value.endswith("\\"))
    written = escaped(value)
    start = data.draw(st.integers(0, len(written) - 4)) if data else 0
    end = data.draw(st.integers(start + 4, len(written))) if data else 8
    assume(not written[start:].startswith(PUBLIC_PREFIXES))
    text = line.format(written)
    before = line.index("{}") - line[: line.index("{}")].count("{{")
    masked = mask(text, keys([]), [(before + start, before + end)])
    assert len(masked) == len(text)
    assert not fours(written) & fours(masked[before : before + len(written)])
    assert masked[:before] == text[:before]
    assert masked[before + len(written) :] == text[before + len(written) :]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgres://app:[hunter2x]@db.acme.io/x", "postgres://app:********@db.acme.io/x"),
        ("postgres://app:[hunter]2x@y@db.acme.io/x", "postgres://app:**********@db.acme.io/x"),
        ("https://x.test/?token=[hunter2x]&user=me", "https://x.test/?token=********&user=me"),
        ("Server=db;Password=[hunter2x];Encrypt=True", "Server=db;Password=********;Encrypt=True"),
        ("login('me', '[hunter2x]', 'db')", "login('me', '********', 'db')"),
        ("password=[hunter2x]),", "password=********),"),
    ],
)
def test_what_stands_around_a_whole_value_stays(text: str, shown: str) -> None:
    start, end = text.index("["), text.index("]") - 1
    assert mask(text.replace("[", "").replace("]", ""), keys([]), [(start, end)]) == shown


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


def test_a_key_is_covered_in_an_author_as_git_keeps_it() -> None:
    key = "Qx7zWv<2kPqR9tLm3>nB8c.,"
    hidden = keys([key.encode()])
    author = "Qx7zWv2kPqR9tLm3nB8c <Qx7zWv2kPqR9tLm3nB8c@example.org>"
    assert not re.search(r"zWv2|2kPq|R9tL|nB8c", mask_name(author, hidden))
    assert "@example.org" in mask_name(author, hidden)
