"""No key in any report of any format, whatever it is made of and wherever it stands."""

import base64
import html
import io
import json
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.tries import tries

from keysift.model import Finding, History, Location, Rule, Run, Skipped, Suppression
from keysift.report import FORMATS, Options, summary, write

JSON = {"json", "sarif", "gitlab", "codeclimate"}
# Digits and stars stand in every report; these letters and signs stand together in none but by a leak.
NASTY = st.sampled_from(
    ["\x1b[31m", "\x1b]0;x\x07", "'", '"', "<b>", "&amp;", "\\", "{0}", "](x)", "\u202e", "\u200b", "密", "\t", "%41"]
)
LETTERS = st.text("QZXJKVWqzxjkvw", min_size=4, max_size=12)
LINE = st.lists(st.one_of(LETTERS, NASTY), min_size=3, max_size=8).map("".join)
SECRET = st.one_of(
    LINE.map(str.encode),
    st.lists(LINE, min_size=2, max_size=4).map(lambda lines: "\n".join(lines).encode()),
    st.tuples(LETTERS, st.binary(min_size=1, max_size=4), LETTERS, LETTERS).map(
        lambda parts: b"".join(part.encode() if isinstance(part, str) else part for part in parts)
    ),
).filter(lambda secret: len(secret.decode("utf-8", "surrogateescape")) >= 12 and secret.strip() == secret)


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)


def leaked(secret: bytes, shown: str) -> bool:
    """Return whether six characters of the key in a row are shown: more than its ends may show."""
    text = secret.decode("utf-8", "surrogateescape")
    pieces = {line[start : start + 6] for line in text.splitlines() for start in range(len(line) - 5)}
    return any(piece in shown for piece in pieces if any(letter in "QZXJKVWqzxjkvw" for letter in piece))


def page_data(page: str) -> str:
    return page.partition('<script type="application/json" id="data">')[2].partition("</script>")[0]


def report(run: Run, kind: str, **options: bool) -> str:
    out, errors = io.StringIO(), io.StringIO()
    write(run, kind, out, Options(width=10_000, show_public=True, **options))
    summary(run, errors, Options())
    return out.getvalue() + ("" if kind != "text" else errors.getvalue())


def spread(
    build_finding: Callable[..., Finding],
    build_rule: Callable[..., Rule],
    build_place: Callable[..., Location],
    secrets: list[bytes],
) -> Run:
    """A run in which every key also stands on the lines, in the paths and in the reasons of every other."""
    kind = build_rule("some-key", "Some key")
    everything = b"' and '".join(secrets)
    encoded = b" | ".join(base64.b64encode(secret) for secret in secrets)
    names = " ".join(secret.decode("utf-8", "surrogateescape") for secret in secrets)
    findings = []
    life = History("c" * 40, "2025-01-01", (names,), "d" * 40, "2025-02-01", refs=(names,), kept_by="refs")
    for secret in secrets:
        lines = b"a: '" + everything + b"' " + encoded
        hidden = base64.b64encode(secret)
        places = [build_place("x/" + names, lines, part) for part in (secret, hidden)]
        findings.append(build_finding(kind, secret, *places, reasons=(f"beside {names}",), history=life))
        findings.append(build_finding(kind, secret, build_place("y", encoded + b"\n" + everything, hidden)))
    accepted = build_finding(
        kind, secrets[0], *findings[0].locations, suppressions=(Suppression("external", names, who=names),)
    )
    return Run("scan", (names,), "now", 1.0, 1, 1, findings, [accepted], findings[:1], [Skipped(names, names)])


@given(secrets=st.lists(SECRET, min_size=1, max_size=3, unique=True))
@settings(max_examples=tries(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_key_in_any_report(
    secrets: list[bytes],
    build_finding: Callable[..., Finding],
    build_rule: Callable[..., Rule],
    build_place: Callable[..., Location],
) -> None:
    """Each set of keys is written in every format: making the keys up takes longer than writing them."""
    run = spread(build_finding, build_rule, build_place, secrets)
    encoded = [base64.b64encode(secret) for secret in secrets]
    for kind in FORMATS:
        text = report(run, kind)
        text.encode()
        texts = [text, html.unescape(text), *(strings(json.loads(text)) if kind in JSON else ())]
        texts += strings(json.loads(page_data(text))) if kind == "html" else ()
        shown = "\n".join({line for text in texts for line in text.split("\n")})
        for secret in [*secrets, *encoded]:
            assert not leaked(secret, shown), (kind, secret)
        if kind in JSON:
            assert text.isascii(), kind
        else:
            assert text.replace("\n", "").isprintable(), kind


@pytest.mark.parametrize("kind", FORMATS)
def test_keys_are_shown_when_asked_for(kind: str, full_run: Run) -> None:
    text = report(full_run, kind, show_secrets=True)
    token = full_run.findings[1].secret.decode()
    assert token in html.unescape(text)
    text.encode()
