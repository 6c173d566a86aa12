import io
import json
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from keysift.model import Finding, Gone, Location, Rule, Run, Skipped
from keysift.report import Options, saved, write

SCHEMA = json.loads((files("keysift.report") / "schema" / "keysift-report-1.json").read_text(encoding="utf-8"))


def report(run: Run, **options: bool) -> dict[str, Any]:
    out = io.StringIO()
    write(run, "json", out, Options(**options))
    found: dict[str, Any] = json.loads(out.getvalue().encode("ascii"))
    return found


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("options", [{}, {"show_public": True}, {"show_secrets": True}])
def test_reports_validate(full_run: Run, audit_run: Run, options: dict[str, bool]) -> None:
    for run in (full_run, audit_run, Run("scan", (".",))):
        Draft202012Validator(SCHEMA).validate(report(run, **options))


def test_the_report_has_what_the_schema_describes_and_no_more(full_run: Run) -> None:
    full_run.gone, full_run.notes = [Gone("ab12.0000", "some-key", "a.env")], ["one acceptance has ended"]
    Draft202012Validator(SCHEMA).validate(report(full_run))
    found = report(full_run, show_public=True)
    assert set(found) == set(SCHEMA["properties"])
    assert set(found["run"]) == set(SCHEMA["properties"]["run"]["properties"])
    finding, location = (set(SCHEMA["$defs"][name]["properties"]) for name in ("finding", "location"))
    for one in (*found["findings"], *found["public"]):
        assert set(one) == finding - {"history", "baseline", "liveness", "repositories"}
        assert all(set(place) == location - {"repository_path"} for place in one["locations"])
    assert set(found["suppressed"][0]) == finding - {"history", "baseline", "liveness", "repositories"} | {
        "suppressions"
    }
    assert "public" not in report(full_run)


def test_an_audit_has_what_the_schema_describes_and_no_more(audit_run: Run) -> None:
    finding = set(SCHEMA["$defs"]["finding"]["properties"])
    *found, known = report(audit_run)["findings"]
    assert all(set(one) == finding - {"baseline", "liveness", "repositories"} for one in found)
    assert set(known) == finding - {"liveness", "repositories"}
    assert set(known["history"]) == set(SCHEMA["$defs"]["finding"]["properties"]["history"]["properties"])


def test_the_gravest_and_surest_come_first(full_run: Run) -> None:
    *found, below = report(full_run)["findings"]
    assert [(one["label"], one["confidence"]) for one in found] == [("secret", "high")] * 4 + [
        ("secret", "low"), ("sensitive", "high"), ("sensitive", "medium"),
    ]  # fmt: skip
    assert [one["below_threshold"] for one in (*found, below)] == [False] * 7 + [True]


def test_what_is_not_utf_8_is_escaped(
    build_finding: Callable[..., Finding], build_rule: Callable[..., Rule], build_place: Callable[..., Location]
) -> None:
    secret = b"\xfe\xff not UTF-8, though long"
    finding = build_finding(build_rule("some-key", "Some key"), secret, build_place("a\udcff\ud800\\b", secret, secret))
    found = report(Run("scan", (".",), findings=[finding], skipped=[Skipped("\udc80", "gone")]), show_secrets=True)
    assert found["findings"][0]["secret"] == "\\xfe\\xff not UTF-8, though long"
    assert found["findings"][0]["locations"][0]["path"] == "a\\xff\\ud800\\b"
    assert found["skipped"] == [{"path": "\\x80", "reason": "gone", "expected": False}]


@pytest.mark.parametrize("kind", ["json", "sarif", "html"])
def test_twenty_refs_and_places_are_listed_and_all_are_counted(kind: str, audit_run: Run) -> None:
    [live] = [one for one in audit_run.findings if one.history and one.history.in_head and not one.baseline]
    assert live.history
    refs = tuple(f"refs/heads/branch-{number:04}" for number in range(9_000))
    places = tuple(replace(live.locations[0], path=f"path-{number:04}") for number in range(3_000))
    run = Run("audit", (".",), findings=[replace(live, history=replace(live.history, refs=refs), locations=places)])
    out = io.StringIO()
    write(run, kind, out, Options())
    text = out.getvalue().rpartition('id="data">')[2]  # of a page, the list for readers without JavaScript has fewer
    assert (text.count("branch-"), text.count("path-00")) == (20, 20)
    assert "9000" in text
    assert "3000" in text
    if kind == "json":
        found = saved.parse(text.encode(), "report.json").findings[0]
        assert found.history
        assert (len(found.history.refs), found.history.more_refs) == (20, 8_980)
        assert (len(found.locations), found.more_places) == (20, 2_980)
    out = io.StringIO()
    write(run, kind, out, Options(everything=True))
    assert out.getvalue().rpartition('id="data">')[2].count("branch-") == 9_000
