"""What the programs that read a format ask of it, beyond the golden files."""

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from xml.etree import ElementTree as ET  # the reports are our own

import pytest
from jsonschema import Draft7Validator
from markdown_it import MarkdownIt
from tests.report import many

from keysift.detect.findings import scan_blob
from keysift.detect.matcher import Matcher
from keysift.model import Blob, Confidence, Finding, Label, Location, Rule, Run, Skipped, Verdict
from keysift.report import FORMATS, Options, write

# What GitLab's schema of secret detection asks for, versions 15.0 to 15.2, in our own words.
TEXT = {"type": "string", "minLength": 1}
TOOL = {
    "required": ["id", "name", "version", "vendor"],
    "properties": {"id": TEXT, "name": TEXT, "version": TEXT, "vendor": {"required": ["name"]}},
}
TIME = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$"}
GITLAB = {
    "required": ["scan", "version", "vulnerabilities"],
    "properties": {
        "version": {"type": "string", "pattern": r"^[0-9]+\.[0-9]+\.[0-9]+$"},
        "schema": {"type": "string", "pattern": "^https?://.+"},
        "scan": {
            "required": ["analyzer", "end_time", "scanner", "start_time", "status", "type"],
            "properties": {
                "analyzer": TOOL, "scanner": TOOL, "start_time": TIME, "end_time": TIME,
                "status": {"enum": ["success", "failure"]}, "type": {"const": "secret_detection"},
                "messages": {"items": {
                    "required": ["level", "value"],
                    "properties": {"level": {"enum": ["info", "warn", "fatal"]}, "value": TEXT},
                }},
            },
        },
        "vulnerabilities": {"type": "array", "items": {
            "required": ["id", "identifiers", "location"],
            "properties": {
                "id": TEXT,
                "name": {"type": "string", "maxLength": 255},
                "description": {"type": "string", "maxLength": 1_048_576},
                "severity": {"enum": ["Info", "Unknown", "Low", "Medium", "High", "Critical"]},
                "solution": {"type": "string", "maxLength": 7000},
                "identifiers": {"minItems": 1, "items": {
                    "required": ["type", "name", "value"], "properties": {"type": TEXT, "name": TEXT, "value": TEXT},
                }},
                "links": {"items": {"required": ["url"], "properties": {"url": {"pattern": "^(https?|ftp)://.+"}}}},
                "location": {"required": ["commit"], "properties": {
                    "file": {"type": "string"}, "start_line": {"type": "number"}, "end_line": {"type": "number"},
                    "commit": {"required": ["sha"], "properties": {
                        "sha": TEXT, "author": {"type": "string"}, "date": {"type": "string"},
                    }},
                }},
                "raw_source_code_extract": {"type": "string"},
            },
        }},
    },
}  # fmt: skip


def report(run: Run, kind: str, **options: bool) -> str:
    out = io.StringIO()
    write(run, kind, out, Options(**options))
    return out.getvalue()


@pytest.fixture(params=["full", "audit", "hostile", "empty", "no time"])
def any_run(request: pytest.FixtureRequest, full_run: Run, audit_run: Run) -> Run:
    return {
        "full": full_run,
        "audit": audit_run,
        "hostile": many.hostile(),
        "empty": Run("scan", (".",), "2026-01-02T03:04:05Z"),
        "no time": Run("scan", (".",)),
    }[request.param]


# --- GitLab -----------------------------------------------------------------------------------------------------------


def test_gitlab_takes_the_report(any_run: Run) -> None:
    found = json.loads(report(any_run, "gitlab", show_public=True))
    Draft7Validator(GITLAB).validate(found)
    assert len({one["id"] for one in found["vulnerabilities"]}) == len(found["vulnerabilities"])


def test_gitlab_is_told_what_failed(full_run: Run) -> None:
    scan = json.loads(report(full_run, "gitlab"))["scan"]
    assert scan["status"] == "failure"
    assert scan["messages"][0] == {"level": "warn", "value": "core was not scanned: larger than 10 MB"}
    assert (scan["start_time"], scan["end_time"]) == ("2026-01-02T03:04:05", "2026-01-02T03:04:05")
    full_run.skipped = [Skipped(str(number), "gone") for number in range(150)]
    assert json.loads(report(full_run, "gitlab"))["scan"]["messages"][100:] == [
        {"level": "warn", "value": "50 more not scanned"},
        {"level": "info", "value": "1 low-confidence finding not shown; --min-confidence low"},
    ]


def test_gitlab_knows_who_brought_it_in(audit_run: Run) -> None:
    live, *_, accepted = json.loads(report(audit_run, "gitlab"))["vulnerabilities"]
    assert live["location"]["commit"] == {
        "sha": "3f5c2d1e" * 5,
        "author": "Ada Byron <ada@example.org>",
        "date": "2024-05-01T08:00:00Z",
    }
    assert (live["severity"], accepted["severity"]) == ("Critical", "Medium")


def test_code_quality_has_its_fields(any_run: Run) -> None:
    for issue in json.loads(report(any_run, "codeclimate")):
        assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert {"description", "check_name", "fingerprint", "location"} < set(issue)
        assert issue["location"]["lines"]["begin"] >= 1


# --- GitHub -----------------------------------------------------------------------------------------------------------


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """As GitHub's runner reads them: https://github.com/actions/runner, ActionCommand."""
    found = []
    for line in text.splitlines():
        assert "##[" not in line
        if line.lstrip().startswith("::"):
            head, _, data = line.lstrip()[2:].partition("::")
            name, _, listed = head.partition(" ")
            properties = dict(part.split("=", 1) for part in listed.split(",") if part)
            decoded = {key: re.sub("%(3A|2C|0D|0A|25)", lambda code: chr(int(code[1], 16)), value)
                       for key, value in properties.items()}  # fmt: skip
            found.append((name, decoded, re.sub("%(0D|0A|25)", lambda code: chr(int(code[1], 16)), data)))
    return found


def test_annotations_stand_at_the_key(full_run: Run) -> None:
    name, properties, data = commands(report(full_run, "github"))[0]
    assert (name, properties) == (
        "error",
        {
            "file": "deploy/prod.env", "line": "3", "endLine": "3", "col": "17", "endColumn": "37",
            "title": "secret: PagerDuty REST API key",
        },
    )  # fmt: skip
    assert data.splitlines()[0].endswith("in 5 places [pagerduty-rest-api-key]")


def test_no_text_of_a_file_becomes_a_command(any_run: Run) -> None:
    names = [name for name, _, _ in commands(report(any_run, "github", show_public=True))]
    assert set(names) <= {"error", "warning", "notice"}
    assert len(names) == 1 + len(any_run.findings) + len(any_run.public)


def test_github_gets_no_more_than_it_shows_and_the_total() -> None:
    text = report(many.audit(400), "github")
    names = [name for name, _, _ in commands(text)]
    assert {name: names.count(name) for name in names} == {
        "error": 10, "warning": 10, "notice": 10, "group": 1, "endgroup": 1,
    }  # fmt: skip
    assert text.count("\n ") == 392 - 29
    assert "::notice title=keysift::392 leaked keys (" in text


# --- JUnit ------------------------------------------------------------------------------------------------------------


def test_junit_counts_what_it_holds(any_run: Run) -> None:
    root = ET.fromstring(report(any_run, "junit"))  # noqa: S314 - our own
    (suite,) = root
    cases = suite.findall("testcase")
    kinds = [child.tag for case in cases for child in case]
    assert int(suite.get("tests", "")) == len(cases) >= 1
    assert [child.tag for child in suite if child not in cases] == ["system-out"] * bool(any_run.below)
    assert int(suite.get("failures", "")) == kinds.count("failure") == len(any_run.findings)
    assert int(suite.get("skipped", "")) == kinds.count("skipped") == len(any_run.suppressed)
    assert int(suite.get("errors", "")) == kinds.count("error") == sum(not one.expected for one in any_run.skipped)


# --- CSV --------------------------------------------------------------------------------------------------------------


def test_csv_has_a_line_a_place_and_no_formula(any_run: Run) -> None:
    head, *rows = csv.reader(io.StringIO(report(any_run, "csv", show_public=True)))
    everything = [*any_run.everything()]
    assert len(rows) == sum(len(finding.locations) for finding in everything)
    assert all(len(row) == len(head) for row in rows)
    assert not [cell for row in rows for cell in row if cell.lstrip(" \"'")[:1] in {*"=+-@"} and cell[:1] != "'"]


def test_a_formula_in_a_path_is_text() -> None:
    rows = list(csv.DictReader(io.StringIO(report(many.hostile(), "csv"))))
    assert rows[1]["path"] == "'=cmd|' /C calc'!A0"
    assert [row["state"] for row in rows] == ["open"] * 2 + ["suppressed"] * 2


# --- Markdown ---------------------------------------------------------------------------------------------------------


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.loose = ""
        self.within = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.within += tag == "code"
        assert not attrs

    def handle_endtag(self, tag: str) -> None:
        self.within -= tag == "code"

    def handle_data(self, data: str) -> None:
        self.loose += "" if self.within else data


def test_markdown_is_what_we_wrote_and_nothing_else(any_run: Run) -> None:
    page = Tags(MarkdownIt("gfm-like", {"linkify": False}).render(report(any_run, "markdown")))
    ours = {
        "h3",
        "p",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "br",
        "code",
        "details",
        "summary",
        "ol",
        "ul",
        "li",
    }
    assert page.tags <= ours | {"sub", "em", "strong"}
    # Outside of code, where GitHub looks for people and issues to tell.
    assert not re.search(r"@\w|#\d|://|www\.", page.loose)


def test_markdown_shows_paths_as_they_are(full_run: Run) -> None:
    text = MarkdownIt("gfm-like", {"linkify": False}).render(report(full_run, "markdown"))
    assert "<code>deploy/prod.env:3:17</code>" in unescape(text)


@pytest.mark.parametrize("count", [1, 100, 3000])
def test_markdown_fits_into_a_comment(count: int) -> None:
    text = report(many.audit(count), "markdown")
    assert len(text) <= 65_536
    assert ("did not fit here" in text) == (count > 50)
    long = many.hostile()
    place = replace(long.findings[0].locations[0], path="x" * 100_000)
    long.findings = [replace(long.findings[0], locations=(place,) * 10)]
    assert len(report(long, "markdown")) < 20_000


# --- All --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "stated"),
    [("json", '"provider": ""'), ("sarif", '"provider": "Password"'), ("csv", ",Password,")],
)
def test_a_rule_without_a_provider_names_none(kind: str, stated: str, full_run: Run) -> None:
    first = full_run.findings[0]
    rule = replace(first.rule, id="generic-password", name="password", provider="Any")
    text = report(replace(full_run, findings=[replace(first, rule=rule)]), kind)
    assert "Any" not in re.findall(r"\w+", text)
    assert stated in text


@pytest.mark.parametrize("kind", ["github", "gitlab", "codeclimate", "junit", "csv", "markdown", "html"])
def test_a_finding_without_a_place_is_no_trouble(
    kind: str, build_finding: Callable[..., Finding], build_rule: Callable[..., Rule]
) -> None:
    finding = build_finding(build_rule("k", "K", why="", revoke=""), b"")
    public = replace(finding, verdict=Verdict(Label.PUBLIC, finding.verdict.confidence, ()))
    assert report(Run("scan", (".",), findings=[finding], public=[public]), kind, show_public=True)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_scan_of_a_report_finds_nothing(
    kind: str, all_rules: tuple[Rule, ...], matcher: Matcher, build_finding: Callable[..., Finding]
) -> None:
    """Findings in the words of their rules: of passwords all, of other keys a tenth."""
    rules = [rule for rule in all_rules if rule.password] + [*all_rules[::10]]
    findings = [
        build_finding(
            rule,
            f"{rule.id}-{number:020}".encode(),
            Location(f"deploy/{rule.id}.env", number + 1, 1, number + 1, 9, 0, 8),
            reasons=(f"in the field {rule.id.replace('-', '_')}", f"looks like a {rule.name}", "after 'Password='"),
        )
        for number, rule in enumerate(rules)
    ]
    out = io.StringIO()
    write(Run("scan", (".",), findings=findings), kind, out, Options(everything=True))
    found = scan_blob(matcher, Blob(f"report.{kind}", out.getvalue().encode())).findings
    worst = [one.rule.id for one in found if one.verdict.confidence is not Confidence.LOW]
    assert worst == []
