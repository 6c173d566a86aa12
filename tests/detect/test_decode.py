"""What is encoded is found where it stands, through every encoding and through several; nothing else is touched."""

import base64
import functools
import gzip
import quopri
import random
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tries import tries

from keysift.detect import decode, nested
from keysift.detect.findings import scan_blob
from keysift.detect.matcher import Matcher
from keysift.model import Blob, Finding, Span
from keysift.rules.generate import instance

SECRET = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: pagerduty\ndata:\n  routing_key: "
[KEY] = instance("{{github:ghp_}}", "decode")[1]
[OTHER] = instance("{{github:ghp_}}", "other")[1]
TEXT = f"# settings of the bot, written by hand\nGITHUB_TOKEN={KEY}\nSHELL=/bin/sh\n"


def encoded(text: str | bytes) -> str:
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


def wrapped(text: str, width: int, indent: str = "") -> str:
    return "\n".join(indent + text[start : start + width] for start in range(0, len(text), width))


def escaped(template: str, text: str = KEY) -> str:
    return "".join(template % ord(character) for character in text)


def scan(matcher: Matcher, data: str | bytes) -> list[Finding]:
    blob = Blob("file.txt", data if isinstance(data, bytes) else data.encode())
    scanned = scan_blob(matcher, blob)
    assert not scanned.skipped
    return list(scanned.findings)


CLAIMS = '{"token":"' + KEY + '"}'
POWERSHELL = f"$t='{KEY}'".encode("utf-16-le")
WHOLE = {
    "base64": (f'x = "{encoded(KEY)}"', "base64"),
    "unquoted": (f"X={encoded(KEY)}", "base64"),
    "in YAML": (f"x: {encoded(KEY)}", "base64"),
    "first in the file": (encoded(KEY), "base64"),
    "URL-safe": (f'x = "{base64.urlsafe_b64encode((KEY + "?>?>~~").encode()).decode()}"', "base64"),
    "wrapped": (wrapped(encoded(TEXT), 64), "base64"),
    "wrapped elsewhere": ("\n" + wrapped(encoded(TEXT), 50), "base64"),
    "a YAML block": ("data: |\n" + wrapped(encoded(TEXT), 60, "    "), "base64"),
    "wrapped in JSON": ('{"x": "' + wrapped(encoded(TEXT), 64).replace("\n", "\\n") + '"}', "base64"),
    "a data URL": (f'<a href="data:text/plain;base64,{encoded(TEXT)}">', "base64"),
    "a shell command": (f"echo {encoded(KEY)} | base64 -d", "base64"),
    "a Kubernetes secret": (f"kind: Secret\ndata:\n  token: {encoded(KEY)}\n", "base64"),
    "armour": (f"-----BEGIN CONFIG-----\n{wrapped(encoded(TEXT), 64)}\n-----END CONFIG-----", "base64"),
    "with a mark": (f'"{encoded(chr(0xFEFF) + KEY)}"', "base64"),
    "a JWT": (f"eyJhbGciOiJIUzI1NiJ9.{encoded(CLAIMS).rstrip('=')}.c2lnbmF0dXJl", "base64"),
    "twice": (f"'{encoded(encoded(KEY))}'", "base64, base64"),
    "thrice": (f"'{encoded(encoded(encoded(KEY)))}'", "base64, base64, base64"),
    "gzip": (f"x: {encoded(gzip.compress(TEXT.encode()))}", "base64, gzip"),
    "zlib": (f"x: {encoded(zlib.compress(TEXT.encode()))}", "base64, zlib"),
    "gzip in hex": (gzip.compress(TEXT.encode()).hex(), "hex, gzip"),
    "PowerShell": (f"powershell -EncodedCommand {encoded(POWERSHELL)}", "base64, UTF-16"),
    "PowerShell, short": (f"pwsh -e {encoded(POWERSHELL)}", "base64, UTF-16"),
    "UTF-32 in base64": (f'"{encoded(KEY.encode("utf-32-le"))}"', "base64, UTF-32"),
    "hex": (f"x={KEY.encode().hex()}", "hex"),
    "a hex number": (f"x=0x{KEY.encode().hex().upper()}", "hex"),
    "base64 in hex": (f'"{encoded(KEY).encode().hex()}"', "hex, base64"),
    "hex in base64": (f'"{encoded(KEY.encode().hex())}"', "base64, hex"),
    "percent": ("x=" + escaped("%%%02X"), "percent-encoding"),
    "percent of one": (KEY.replace("_", "%5F"), "percent-encoding"),
    "percent twice": (KEY.replace("_", "%255F"), "percent-encoding, percent-encoding"),
    "x escapes": (escaped("\\x%02x"), "string escapes"),
    "u escapes": (escaped("\\u%04x"), "string escapes"),
    "octal": (escaped("\\%03o"), "string escapes"),
    "u of one": (KEY.replace("_", "\\u005f"), "string escapes"),
    "escaped twice": (KEY.replace("_", "\\\\u005f"), "string escapes"),
    "u in braces": (KEY.replace("_", "\\u{5f}"), "string escapes"),
    "entities": (escaped("&#%d;"), "HTML entities"),
    "hex entities": (escaped("&#x%x;"), "HTML entities"),
    "entity of one": (KEY.replace("_", "&#95;"), "HTML entities"),
    "quoted-printable": ("Token=3D" + KEY, "quoted-printable"),
    "quoted-printable, all of it": (escaped("=%02X"), "quoted-printable"),
    "a soft break": (
        quopri.encodestring(f"The token of the bot for all of our builds is {KEY}".encode()),
        "quoted-printable",
    ),
    "UTF-16": (TEXT.encode("utf-16"), "UTF-16"),
    "UTF-16 LE": (KEY.encode("utf-16-le"), "UTF-16"),
    "UTF-16 BE": (KEY.encode("utf-16-be"), "UTF-16"),
    "UTF-16, umlauts": (f"größe ä={KEY} ü".encode("utf-16"), "UTF-16"),
    "UTF-32": (TEXT.encode("utf-32"), "UTF-32"),
    "UTF-32 BE": (KEY.encode("utf-32-be"), "UTF-32"),
    "plus": (f'k = "{KEY[:8]}" + "{KEY[8:20]}" + "{KEY[20:]}"', "joined pieces"),
    "short pieces": (f'k = "{KEY[:3]}" + "{KEY[3:6]}" + "{KEY[6:]}"', "joined pieces"),
    "implicit": (f"k = ('{KEY[:8]}'\n     '{KEY[8:20]}'\n     '{KEY[20:]}')", "joined pieces"),
    "shell": (f"k='{KEY[:8]}''{KEY[8:]}'", "joined pieces"),
    "shell, two quotes": (f"k='{KEY[:8]}'\"{KEY[8:]}\"", "joined pieces"),
    "continued": (f'k="{KEY[:8]}\\\n{KEY[8:]}"', "joined pieces"),
    "PHP": (f"$k = '{KEY[:8]}' . '{KEY[8:]}';", "joined pieces"),
    "Lua": (f'k = "{KEY[:8]}" .. "{KEY[8:]}"', "joined pieces"),
    "Visual Basic": (f'k = "{KEY[:8]}" & _\n "{KEY[8:]}"', "joined pieces"),
    "an f-string": ("k = f\"ghp_{'" + KEY[4:] + "'}\"", "joined pieces"),
    "join": (f'k = "".join(["{KEY[:8]}", "{KEY[8:]}"])', "joined pieces"),
    "JavaScript's join": (f"k = ['{KEY[:8]}', '{KEY[8:]}'].join('')", "joined pieces"),
    "folded": (f"k: >-\n  {KEY[:20]}\n  {KEY[20:]}\n", "joined pieces"),
    "base64 in pieces": (f'x = "{encoded(TEXT)[:90]}" + "{encoded(TEXT)[90:]}"', "joined pieces, base64"),
}


@pytest.mark.parametrize(("data", "steps"), WHOLE.values(), ids=WHOLE)
def test_an_encoded_key_is_found_once_and_the_steps_are_said(data: str | bytes, steps: str, matcher: Matcher) -> None:
    [finding] = scan(matcher, data)
    assert finding.secret == KEY.encode()
    assert finding.verdict.reasons[-1] == f"decoded from {steps}"


VISIBLE = {
    "UTF-8 with a mark": "\ufeff" + KEY,
    "an entity beside it": f"&quot;token&quot;:&quot;{KEY}&quot;",
    "JSON in JSON in JSON": '{"a": "{\\"b\\": \\"{\\\\\\"token\\\\\\": \\\\\\"' + KEY + '\\\\\\"}\\"}"}',
    "percent beside it": f"https://example.org/?token%3D{KEY}",
    "a folded scalar": f"k: >-\n  {KEY}\n",
}


@pytest.mark.parametrize("data", VISIBLE.values(), ids=VISIBLE)
def test_what_the_bytes_show_is_found_once_in_its_place(data: str, matcher: Matcher) -> None:
    [finding] = scan(matcher, data)
    place = finding.locations[0]
    assert data.encode()[place.start_byte : place.end_byte] == KEY.encode()


STEPS: dict[str, Callable[[str], str]] = {
    "base64": lambda text: f'"{encoded(text)}"',
    "hex": lambda text: f'"{text.encode().hex()}"',
    "percent-encoding": lambda text: escaped("%%%02x", text),
    "string escapes": lambda text: escaped("\\x%02x", text),
    "HTML entities": lambda text: escaped("&#%d;", text),
    "gzip": lambda text: f'"{encoded(gzip.compress(text.encode(), mtime=0))}"',
    "UTF-16": lambda text: f'"{encoded(text.encode("utf-16"))}"',
}


@settings(max_examples=tries(60))
@given(st.lists(st.sampled_from(sorted(STEPS)), min_size=1, max_size=3), st.integers(0, 3), st.integers(0, 3))
def test_any_three_encodings_in_any_order(matcher: Matcher, steps: list[str], before: int, after: int) -> None:
    text = KEY
    for step in steps:
        text = STEPS[step](text)
    head, tail = "# words before it\n" * before, "\nwords after it" * after
    [finding] = scan(matcher, f"{head}x = {text}{tail}")
    assert finding.secret == KEY.encode()
    place = finding.locations[0]
    assert len(head) <= place.start_byte < place.end_byte <= len(head) + 4 + len(text)
    said = finding.verdict.reasons[-1].removeprefix("decoded from ").split(", ")
    assert [step for step in said if step in steps and step != "base64"] == [
        step for step in reversed(steps) if step != "base64"
    ]


def test_the_place_is_that_of_the_key_not_of_all_that_is_encoded(matcher: Matcher) -> None:
    text = "words and words " * 20 + f"{KEY} {OTHER}" + " and words" * 20
    data = f'"{encoded(text)}"'.encode()
    first, second = scan(matcher, data)
    for finding, key in ((first, KEY), (second, OTHER)):
        place = finding.locations[0]
        assert place.end_byte - place.start_byte < 60
        low = place.start_byte - (place.start_byte - 1) % 4
        assert key.encode()[3:-3] in base64.b64decode(data[low : place.end_byte + 3] + b"==", validate=False)
    assert first.locations[0].end_byte <= second.locations[0].start_byte


@given(st.lists(st.one_of(st.binary(max_size=40), st.sampled_from([value[0] for value in WHOLE.values()])), max_size=6))
def test_nothing_breaks_it(matcher: Matcher, pieces: list[str | bytes]) -> None:
    data = b"\n".join(piece if isinstance(piece, bytes) else piece.encode() for piece in pieces)
    for view, _ in nested.views(matcher, data, matcher.windows(data).encoded):
        for segment in view.segments:
            if segment.view.start == segment.view.end:
                continue
            origin = view.origin(segment.view)
            assert origin is not None
            assert 0 <= origin.start <= origin.end <= len(data)


HOSTILE = {
    "percent": b"%25" * 30_000,
    "percent of percent": b"a%25252525252525b12345678901234567890 " * 5_000,
    "backslashes": b"\\" * 300_000 + b"\\x41",
    "base64 of base64": b'"' + functools.reduce(lambda data, _: base64.b64encode(data), range(14), b"x" * 2000) + b'"',
    "a bomb": b'"' + base64.b64encode(gzip.compress(b"text " * 4_000_000)) + b'"',
    "glue": b"'a1' + " * 20_000,
    "zeros": b"a\0" * 300_000,
    "entities": b"&#95;" * 30_000,
    "openers": b"''.join([" * 20_000,
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_hostile_input_unfolds_to_no_more_than_the_limit(data: bytes, matcher: Matcher) -> None:
    total = 0
    try:
        for view, _ in nested.views(matcher, data, matcher.windows(data).encoded):
            total += len(view.data)
    except decode.LimitError:
        pass
    assert total <= nested.MOST + 8 * len(data)


def test_beyond_the_limit_the_file_is_said_to_be_unfinished(matcher: Matcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nested, "MOST", -1000)
    scanned = scan_blob(matcher, Blob("file.txt", f'"{encoded(KEY)}"'.encode()))
    assert [skipped.reason for skipped in scanned.skipped] == [
        "not fully scanned: too much is encoded in it, or too deep"
    ]


def test_what_unpacks_to_too_much_hides_nothing_after_it(matcher: Matcher) -> None:
    bomb = f'"{encoded(gzip.compress(b"text " * 4_000_000))}"\n'
    scanned = scan_blob(matcher, Blob("file.txt", f'{bomb}token = "{encoded(KEY)}"\n{bomb}'.encode()))
    assert [skipped.reason for skipped in scanned.skipped] == [
        "not fully scanned: a compressed value unpacks to more than 8 MB"
    ]
    assert len(scanned.findings) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"plain words without any meaning",
        b'"' + base64.b64encode(bytes(range(128, 188))) + b'"',
        f'integrity "sha512-{encoded(random.Random(1).randbytes(64))}"'.encode(),
        random.Random(2).randbytes(32).hex().encode(),
        b'"a sentence that is too long " + "for one line, and is 2 lines long" + "so"',
        b"printf('\\033[1m')",
    ],
)
def test_what_is_no_encoded_text_is_left_alone(data: bytes, matcher: Matcher) -> None:
    assert list(nested.views(matcher, data, matcher.windows(data).encoded)) == []


@pytest.mark.parametrize("tail", ["", "\n"])
def test_a_key_in_a_kubernetes_secret_is_found_where_it_stands(tail: str, matcher: Matcher) -> None:
    [key] = instance("{{hex:32}}", "secret")[1]
    token = encoded(key + tail)
    data = f"{SECRET}{token}\n".encode()
    [finding] = scan_blob(matcher, Blob("secret.yaml", data)).findings
    assert finding.rule.id == "pagerduty-integration-key"
    assert finding.secret == key.encode()
    place = finding.locations[0]
    assert data[place.start_byte : place.end_byte] == token.encode()
    assert place.start_line == 6
    assert any("base64" in reason for reason in finding.verdict.reasons)


def test_two_keys_in_one_encoded_value_are_both_found(matcher: Matcher) -> None:
    first, second = instance("{{hex:32}} {{hex:32}}", "secret")[1]
    token = encoded(f"PAGERDUTY_ROUTING_KEY={first}\nPAGERDUTY_SERVICE_KEY={second}\n")
    data = f"kind: Secret\ndata:\n  env: {token}\n".encode()
    found = scan_blob(matcher, Blob("secret.yaml", data)).findings
    assert {finding.secret for finding in found} == {first.encode(), second.encode()}


def test_outside_of_what_was_decoded_a_view_has_no_origin(matcher: Matcher) -> None:
    data = f'name: "{encoded("first value, long enough")}" # the end'.encode()
    [(view, _)] = nested.views(matcher, data, matcher.windows(data).encoded)
    assert view.data == b'name: "first value, long enough" # the end'
    assert view.origin(Span(0, 5)) is None
    assert view.origin(Span(7, 31)) == Span(7, 39)
    assert view.origin(Span(7, 10)) == Span(7, 11)


NOISE = encoded(random.Random(3).randbytes(60_000))
LONG = {
    "base64": encoded("words of it " * 20_000 + TEXT),
    "gzip in base64": encoded(gzip.compress((NOISE + TEXT).encode())),
    "gzip in base64, wrapped": wrapped(encoded(gzip.compress((NOISE + TEXT).encode())), 76),
    "gzip in hex": gzip.compress((NOISE + TEXT).encode()).hex(),
    "hex": ("words of it " * 20_000 + TEXT).encode().hex(),
    "Kubernetes": "kind: Secret\ndata:\n  a: " + encoded("words of it " * 20_000 + TEXT),
}


@pytest.mark.parametrize("data", LONG.values(), ids=LONG)
def test_a_value_may_be_long(data: str, matcher: Matcher) -> None:
    [finding] = scan(matcher, f"x: {data}\n" if "kind" not in data else data)
    assert finding.secret == KEY.encode()


@pytest.mark.parametrize("compress", [gzip.compress, zlib.compress])
def test_what_was_cut_is_read_as_far_as_it_goes(compress: Callable[[bytes], bytes], matcher: Matcher) -> None:
    packed = compress((TEXT + "end " * 10 + NOISE[:300]).encode())
    [finding] = scan(matcher, f"x: {encoded(packed[:-90])}")
    assert finding.secret == KEY.encode()


def test_a_value_that_inflates_to_too_much_is_said(matcher: Matcher) -> None:
    data = b"x: " + base64.b64encode(gzip.compress(b"text " * 4_000_000))
    assert [one.reason for one in scan_blob(matcher, Blob("file.txt", data)).skipped] == [
        "not fully scanned: a compressed value unpacks to more than 8 MB"
    ]


@pytest.mark.parametrize("start", ["eJwzNDI2MTUzt7A0MDQyNjE1M7ewNDAEAG", "eyJ0aGlzIjoiaXMgbm90aGluZyJ9AAAA"])
def test_nothing_begins_in_the_midst_of_a_run(start: str, matcher: Matcher) -> None:
    """A key may hold the letters with which an encoded value begins."""
    data = f'"XyZ{start}"'.encode()
    assert list(nested.views(matcher, data, matcher.windows(data).encoded)) == []


@pytest.mark.parametrize("before", ['"', "=", "/", ".", "\\n", "%22", "\\u0022"])
def test_a_run_begins_behind_what_is_no_letter(before: str, matcher: Matcher) -> None:
    data = f"a b {before}{encoded(CLAIMS)}".encode()
    assert [one.secret for one in scan(matcher, data)] == [KEY.encode()]


def test_what_begins_before_an_encoded_value_does_not_end_in_it(matcher: Matcher) -> None:
    data = f"name: abc-{encoded(CLAIMS)} more".encode()
    [(view, _)] = nested.views(matcher, data, matcher.windows(data).encoded)
    start = view.data.index(b"{")
    assert view.origin(Span(start, start + 10))
    assert view.origin(Span(start - 4, start + 10)) is None
