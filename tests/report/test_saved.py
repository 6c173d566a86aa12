import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysift.errors import UsageError
from keysift.masking import redact
from keysift.model import Finding, Gone, Location, Rule, Run, Skipped
from keysift.report import FORMATS, Options, saved, write
from keysift.report.merge import merge

Build = Callable[..., Finding]


def report(run: Run, kind: str, **options: bool) -> str:
    out = io.StringIO()
    write(run, kind, out, Options(**options))
    return out.getvalue()


def again(run: Run, **options: bool) -> Run:
    """The run as its own report tells it."""
    return saved.parse(report(run, "json", show_public=True, **options).encode(), "report.json")


@pytest.mark.parametrize("name", ["full", "audit"])
@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind not in {"text", "sarif"}])
@pytest.mark.parametrize("shown", [False, True])
def test_every_format_is_the_same_again(name: str, kind: str, shown: bool, full_run: Run, audit_run: Run) -> None:  # noqa: FBT001
    run = {"full": full_run, "audit": audit_run}[name]
    # What is not UTF-8 is spelled out in JSON, and stays so.
    run.findings = [one for one in run.findings if "\udcff" not in one.locations[0].path]
    assert report(again(run, show_secrets=shown), kind, show_public=True, show_secrets=shown) == report(
        run, kind, show_public=True, show_secrets=shown
    )


def test_sarif_is_the_same_but_for_lines_of_code(full_run: Run, audit_run: Run) -> None:
    def bare(text: str) -> Any:  # noqa: ANN401 - JSON
        return json.loads(text, object_pairs_hook=lambda pairs: {key: one for key, one in pairs if key != "snippet"})

    full_run.findings = [one for one in full_run.findings if "\udcff" not in one.locations[0].path]
    for run in (full_run, audit_run):
        assert bare(report(again(run), "sarif")) == bare(report(run, "sarif"))


def test_text_shows_the_mask_where_it_has_no_lines(full_run: Run) -> None:
    lines = report(again(full_run), "text").splitlines()
    assert lines[:3] == [
        "secret[pagerduty-rest-api-key] PagerDuty REST API key",
        " --> deploy/prod.env:3:17",
        "3 | …u+a5***************5…",
    ]


def test_a_report_with_keys_in_the_clear_is_masked_again(full_run: Run) -> None:
    token = full_run.findings[1].secret.decode()
    run = again(full_run, show_secrets=True)
    assert token in report(run, "json", show_secrets=True)
    for kind in FORMATS:
        assert token not in report(run, kind), kind


@given(st.binary(max_size=200).map(lambda data: data.replace(b"\x00", b"a")))
def test_a_mask_is_its_own_mask(secret: bytes) -> None:
    once = redact(secret)
    twice = redact(once.encode("utf-8", "surrogateescape"))
    assert len(twice) == len(once)
    assert all(after in {before, "*"} for before, after in zip(once, twice, strict=True))


def test_complete_and_interrupted_survive() -> None:
    for run in (
        Run("scan", (".",)),
        Run("scan", (".",), interrupted=True),
        Run("scan", (".",), skipped=[Skipped("a", "gone")]),
        Run("scan", (".",), skipped=[Skipped("a", "binary", expected=True)]),
    ):
        found = again(run)
        assert (found.complete, found.interrupted, found.skipped) == (run.complete, run.interrupted, run.skipped)


def test_notes_and_what_is_gone_survive() -> None:
    run = Run("scan", (".",), notes=["an acceptance is over"], gone=[Gone("ab12", "some-rule", "a.env")])
    assert (again(run).notes, again(run).gone) == (run.notes, run.gone)
    both = merge([run, Run("audit", (".",), notes=[*run.notes, "and another"], gone=run.gone)])
    assert (both.notes, both.gone) == ([*run.notes, "and another"], run.gone)


def test_reports_from_before_expected_was_written() -> None:
    old: dict[str, Any] = json.loads(
        report(Run("scan", (".",), skipped=[Skipped("a", "binary", expected=True)]), "json")
    )
    del old["skipped"][0]["expected"], old["run"]["interrupted"]
    assert saved.parse(json.dumps(old).encode(), "old").complete
    old["run"]["complete"] = False
    assert not saved.parse(json.dumps(old).encode(), "old").complete
    old["skipped"] = []
    assert saved.parse(json.dumps(old).encode(), "old").interrupted


# --- What is no report ------------------------------------------------------------------------------------------------


def broken(change: Callable[[dict[str, Any]], object]) -> bytes:
    run = Run("scan", (".",), findings=[])
    content: dict[str, Any] = json.loads(report(run, "json"))
    content["findings"] = [
        {
            "rule_id": "k",
            "label": "secret",
            "confidence": "high",
            "fingerprint": "f",
            "locations": [],
            "secret": "hunter2-hunter2",
        }
    ]
    change(content)
    return json.dumps(content).encode()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is not a JSON report of keysift: Input data was truncated"),
        (b"\xff\xfe{}", "is not a JSON report of keysift: JSON is malformed"),
        (b"[]", "is not a JSON report of keysift: Expected `object`"),
        (b'{"version": "2.1.0", "runs": []}', "is not a JSON report of keysift"),
        (b'{"schema": "keysift-report/2"}', "is a report of an unsupported version: keysift-report/2"),
        (b"[" * 100_000, "is not a JSON report"),
        (broken(lambda content: content.pop("run")), "missing required field `run`"),
        (broken(lambda content: content["findings"][0].update(label="grave")), r"\$\.findings\[0\]\.label"),
        (broken(lambda content: content["findings"][0].update(fingerprint="a\x1b[2J")), "fingerprint"),
        (broken(lambda content: content["findings"][0].update(locations=[{"path": "a"}])), "locations"),
        (broken(lambda content: content["run"].update(blobs=-1)), "blobs"),
    ],
)
def test_what_is_no_report_is_said_with_its_place_and_no_key(data: bytes, message: str) -> None:
    with pytest.raises(UsageError, match=message) as found:
        saved.parse(data, "some\x1bfile")
    assert str(found.value).startswith("some␛file is ")
    assert found.value.help
    assert "hunter2" not in str(found.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read .*none: No such file"):
        saved.read(tmp_path / "none")


@pytest.fixture
def finding(build_finding: Build, build_rule: Callable[..., Rule], build_place: Callable[..., Location]) -> Finding:
    text = b"PAGERDUTY_TOKEN=some-key-of-ours-that-is-long"
    return build_finding(build_rule("k", "K"), text[16:], build_place("a", text, text[16:]))


def test_the_paths_from_the_top_of_the_repository_survive(finding: Finding) -> None:
    place = replace(finding.locations[0], path="/r/a", repository_path="a")
    run = Run("scan", ("/r",), findings=[replace(finding, locations=(place,))])
    run.skipped, run.gone = [Skipped("/r/b", "gone", repository_path="b")], [Gone("ab12", "k", "/r/c", "c")]
    told = again(run)
    assert told.findings[0].locations == run.findings[0].locations
    assert (told.skipped, told.gone) == (run.skipped, run.gone)
    for kind in ("sarif", "github", "gitlab", "codeclimate", "junit"):
        assert "/r/" not in report(run, kind), kind
        assert report(told, kind) == report(run, kind) or kind == "sarif"
    for kind in ("text", "markdown", "csv", "html", "json"):
        assert "/r/a" in report(run, kind), kind


def test_outside_of_git_no_path_from_a_repository_is_told(finding: Finding) -> None:
    place = replace(finding.locations[0], path="a", repository_path="/r/a")
    (told,) = again(Run("scan", ("a",), findings=[replace(finding, locations=(place,))])).findings
    assert told.locations == finding.locations


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_a_report_that_powershell_redirected_is_read(codec: str, full_run: Run) -> None:
    text = report(full_run, "json")
    assert saved.parse(text.replace("\n", "\r\n").encode(codec), "r") == saved.parse(text.encode(), "r")
