import io
import re
import string
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keysift.model import Finding, Location, Rule, Run, Skipped, Snippet
from keysift.report import Options, plain, summary, write

Find = Callable[[bytes, bytes], Finding]


def report(*findings: Finding, width: int = 100, **options: bool) -> list[str]:
    out = io.StringIO()
    write(Run("scan", (".",), findings=list(findings)), "text", out, Options(width=width, **options))
    return out.getvalue().splitlines()


def marked(lines: list[str], width: int = 100) -> str:
    """What stands above the carets, by columns; and nothing of the source is wider than the terminal."""
    row = next(number for number, line in enumerate(lines) if "^" in line)
    above, carets = lines[row - 1], lines[row]
    assert plain.columns(above) <= width
    start, end = carets.index("^"), carets.rindex("^") + 1
    column, found = 0, ""
    for character in above:
        if start <= column < end:
            found += character
        column += plain.width(character)
    return found


def test_nothing_found_is_an_empty_report_and_one_clear_line() -> None:
    assert report() == []
    out = io.StringIO()
    summary(Run("scan", (".",), blobs=1234, bytes=5_600_000, duration_s=0.5), out, Options())
    assert out.getvalue() == "no leaked keys found in 1,234 files, 5.6 MB, 0.50 s\n"


def test_colours_only_when_asked_for(full_run: Run) -> None:
    assert "\x1b" not in "\n".join(report(*full_run.findings))
    painted = "\n".join(report(*full_run.findings, colour=True))
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == "\n".join(report(*full_run.findings))


@given(
    before=st.text(
        st.one_of(st.characters(codec="utf-8", exclude_characters="\r\n^*"), st.just("\t"), st.sampled_from("密钥é"))
    ),
    after=st.text(st.characters(codec="utf-8", exclude_characters="\r\n^*"), max_size=300),
    secret=st.text(string.ascii_letters, min_size=12, max_size=200),
    width=st.integers(40, 200),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_carets_stand_under_the_key(
    before: str,
    after: str,
    secret: str,
    width: int,
    find_in: Find,
) -> None:
    data = secret.encode()
    line = f"{before}密{secret}".encode() + after.encode()
    found = marked(report(find_in(line, data), width=width), width)
    assert set(found[3:-2]) == {"*"}
    assert len(found) == len(secret) or (len(found) >= width // 4 and len(secret) > width // 3)


@pytest.mark.parametrize("far", [0, 90, 3999, 4000, 4001, 100_000])
@pytest.mark.parametrize("filler", ["x", "é"])
def test_a_very_long_line_is_cut_around_the_key(far: int, filler: str, find_in: Find) -> None:
    secret = b"abcdefghijklmnopqrst"
    line = (filler * far).encode() + b" '" + secret + b"'" + b"y" * 100_000
    lines = report(find_in(line, secret))
    assert marked(lines) == "ab*****************t"
    assert any("…" in line for line in lines)


def test_several_lines_show_the_first_and_the_last(find_in: Find) -> None:
    secret = b"first-line-of-it\n\tsecond\n\tthird-of-it\n"
    lines = report(find_in(b"a = '" + secret + b"'", secret))
    assert lines[2:8] == [
        "  |",
        "1 | a = 'fir*************",
        "  |      ^^^^^^^^^^^^^^^^",
        "  ...",
        "3 | ************",
        "  | ^^^^^^^^^^^^ high confidence: field PAGERDUTY_TOKEN, 38 characters",
    ]


def test_a_key_whose_lines_are_not_known_is_shown_by_itself(
    build_finding: Callable[..., Finding], build_rule: Callable[..., Rule]
) -> None:
    finding = build_finding(build_rule("k", "K"), b"abcdefghijklmnopqrst", Location("p", 7, 1, 7, 21, 0, 20))
    assert report(finding)[3:5] == [
        "7 | …ab*****************t…",
        "  |  ^^^^^^^^^^^^^^^^^^^^ high confidence: field PAGERDUTY_TOKEN, 20 characters",
    ]


def test_a_snippet_that_lacks_the_line_of_the_key_is_not_shown(find_in: Find) -> None:
    finding = find_in(b"abcdefghijklmnopqrst", b"abcdefghijklmnopqrst")
    elsewhere = replace(finding.locations[0], snippet=Snippet(9, ("not this line",)))
    assert report(replace(finding, locations=(elsewhere,)))[3] == "1 | …ab*****************t…"


@given(st.text())
def test_plain_text_has_nothing_that_a_terminal_obeys(text: str) -> None:
    shown = plain.plain(text)
    assert len(shown) == len(text)
    assert shown.isprintable()
    assert not set(shown) & set("\x1b\x9b\u202e\u2066\u200b\u200d\ufeff\ufe0f\u2028\U000e0041")
    shown.encode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", "␛[31m"),
        ("\x9b31m", "�31m"),
        ("a\nb\x7f", "a␊b␡"),
        ("abc\u202edcb", "abc�dcb"),
        ("a\u200bb\ufe0f\u3164\udcff", "a�b���"),
        ("café 日本", "café 日本"),
        ("a\u00a0b\u3000c", "a b c"),
    ],
)
def test_plain(text: str, shown: str) -> None:
    assert plain.plain(text) == shown


def test_many_reasons_are_grouped() -> None:
    skipped = [Skipped(f"file-{number}", f"reason {number % 13}") for number in range(40)]
    out = io.StringIO()
    summary(Run("scan", (".",), skipped=skipped), out, Options())
    lines = out.getvalue().splitlines()
    assert lines[0] == "not scanned: 40"
    assert lines[1] == "  reason 0 (4): file-0, file-13, file-26 and 1 more"
    assert lines[11] == "  other reasons (9): see the JSON report (-f json)"
    assert len(lines) == 13
