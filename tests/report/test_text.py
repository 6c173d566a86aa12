import io
import re
import string
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keysift.model import Finding, Label, Location, Rule, Run, Skipped, Snippet
from keysift.report import Options, plain, summary, write

Find = Callable[[bytes, bytes], Finding]


def report(*findings: Finding, width: int = 100, **options: Any) -> list[str]:  # noqa: ANN401 - of several types
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
    assert lines[2:7] == [
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
    assert report(finding)[2:4] == [
        "7 | …ab*****************t…",
        "  |  ^^^^^^^^^^^^^^^^^^^^ high confidence: field PAGERDUTY_TOKEN, 20 characters",
    ]


def test_a_snippet_that_lacks_the_line_of_the_key_is_not_shown(find_in: Find) -> None:
    finding = find_in(b"abcdefghijklmnopqrst", b"abcdefghijklmnopqrst")
    elsewhere = replace(finding.locations[0], snippet=Snippet(9, ("not this line",)))
    assert report(replace(finding, locations=(elsewhere,)))[2] == "1 | …ab*****************t…"


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
    assert lines[11] == "  other reasons (9): -v lists them"
    assert len(lines) == 13


def blocks(lines: list[str]) -> list[list[str]]:
    """The paragraphs of a report: the findings, then what to do."""
    return [block.splitlines() for block in "\n".join(lines).split("\n\n")]


@pytest.mark.parametrize("width", [60, 80, 120, 200])
@pytest.mark.parametrize("name", ["full_run", "audit_run"])
def test_a_finding_has_a_dozen_lines_at_most_within_the_width(
    width: int, name: str, request: pytest.FixtureRequest
) -> None:
    run: Run = request.getfixturevalue(name)
    for finding in run.findings:
        for several in ([finding], [finding, replace(finding, fingerprint="2")]):
            for block in blocks(report(*several, width=width)):
                assert len(block) <= 12 or block[0].startswith("what to do"), "\n".join(block)
                assert [line for line in block if plain.columns(line) > width and " --> " not in line] == []


@given(words=st.lists(st.text("ab密`", min_size=1, max_size=30)), room=st.integers(20, 80), indent=st.integers(0, 8))
def test_text_is_broken_between_words_only(words: list[str], room: int, indent: int) -> None:
    text = " ".join(words)
    lines = plain.wrapped(text, room, indent)
    assert " ".join([*lines[:1], *(line[indent:] for line in lines[1:])]) == text
    assert all(line.startswith(" " * indent) for line in lines[1:])
    assert all(plain.columns(line) <= room or " " not in line.strip() or "`" in line for line in lines)


def test_a_command_between_backquotes_is_not_broken() -> None:
    lines = plain.wrapped("run the command `git reflog expire --expire=now --all` and wait", 30)
    assert lines == ["run the command", "`git reflog expire --expire=now --all`", "and wait"]


def test_advice_for_several_findings_of_a_rule_comes_once_at_the_end(audit_run: Run) -> None:
    *findings, last = blocks(report(*audit_run.findings[:3]))
    assert [line for block in findings for line in block if "why:" in line or "next:" in line] == []
    assert last[0] == "what to do about each PagerDuty REST API key (3 findings)"
    assert [line[:4] for line in last if line[2].isdigit()] == ["  1.", "  2.", "  3.", "  4.", "  5.", "  6."]
    assert "since 2024-05-01" in "".join(last)


@pytest.fixture
def many(build_finding: Callable[..., Finding], build_rule: Callable[..., Rule]) -> list[Finding]:
    """Findings of three files and two rules."""
    kinds = [build_rule("a-key", "A key"), build_rule("b-key", "B key", Label.SENSITIVE)]
    return [
        build_finding(kinds[n % 2], f"abcdefghijklmnopqrst{n:04}".encode(), Location(f"f{n % 3}", n, 1, n, 9, 0, 8))
        for n in range(10, 70)
    ]


def test_a_long_list_ends_with_how_many_more_there_are_and_how_to_see_them(many: list[Finding]) -> None:
    lines = report(*many)
    assert sum("-->" in line for line in lines) == 50
    assert lines[-1].startswith("10 more findings (10 sensitive): --all lists them, `-f html -o report.html`")
    assert sum("-->" in line for line in report(*many, everything=True)) == 60
    assert "more findings" not in "".join(report(*many[:50]))


@pytest.mark.parametrize(
    ("by", "headings"),
    [
        ("file", ["f0: 20 findings", "f1: 20 findings", "f2: 20 findings"]),
        ("rule", ["a-key, A key: 30 findings", "b-key, B key: 30 findings"]),
        ("label", ["secret: 30 findings", "sensitive: 30 findings"]),
    ],
)
def test_findings_are_grouped(by: str, headings: list[str], many: list[Finding]) -> None:
    lines = report(*many, group_by=by, everything=True)
    assert [line for line in lines if line.endswith(" findings")] == headings


def test_quiet_is_a_line_for_each_finding(many: list[Finding]) -> None:
    lines = report(*many[:2], quiet=True)
    assert lines == [
        "f1:10:1: secret[a-key] abc********************0 (high)",
        "f2:11:1: sensitive[b-key] abc********************1 (high)",
    ]


def test_without_snippets_the_masked_key_is_named(many: list[Finding]) -> None:
    lines = report(many[0], snippets=False)
    assert not any("|" in line or "^" in line for line in lines)
    assert "  = key: abc" in lines[2]


def test_verbose_lists_everything_with_each_finding(audit_run: Run) -> None:
    live = next(f for f in audit_run.findings if f.history and f.history.in_head)
    places = tuple(replace(live.locations[0], path=f"p{number}") for number in range(30))
    lines = report(replace(live, locations=places), live, verbose=True, everything=True)
    text = " ".join(line.strip() for line in lines)
    assert "p29:1:17" in text
    assert "refs/pull/7/head" in text
    assert sum("next: 1." in line for line in lines) == 2


def test_quiet_still_names_what_was_missed() -> None:
    skipped = [Skipped("core", "larger than 10 MB"), Skipped("logo.png", "binary", expected=True)]
    out = io.StringIO()
    summary(Run("scan", (".",), skipped=skipped), out, Options(quiet=True))
    assert out.getvalue().splitlines() == ["not scanned: 1", "  larger than 10 MB (1): core"]
    out = io.StringIO()
    summary(Run("scan", (".",), skipped=skipped[1:]), out, Options(quiet=True))
    assert out.getvalue() == ""
