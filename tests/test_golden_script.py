"""The script that compares two recordings of the whole output: tests/bench/golden.py."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

BENCH = Path(__file__).parent / "bench"


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, BENCH / f"{name}.py")
    assert spec
    assert spec.loader
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


golden_compare = _load("golden_compare")
golden_inputs = _load("golden_inputs")
golden_record = _load("golden_record")


def _finding(number: int, **changes: object) -> dict[str, Any]:
    place = {"path": "a.env", "member": None, "commit": None, "start_line": number, "start_byte": 40 * number}
    finding = {
        "rule_id": "generic-secret",
        "fingerprint": f"f{number}",
        "reasons": ["one", "two"],
        "locations": [place],
    }
    return {**finding, **changes}


def _differences(a: object, b: object) -> list[tuple[str, str]]:
    return [(difference.field, difference.says) for difference in golden_compare.differences(a, b)]


def test_equal_values_have_no_differences() -> None:
    value = {"exit_code": 1, "report": {"findings": [_finding(1), _finding(1), _finding(2)]}, "stderr": ["x"]}
    assert _differences(value, json.loads(json.dumps(value))) == []


def test_a_changed_text_is_named_by_its_path() -> None:
    a = {"findings": [_finding(1), _finding(2)]}
    b = {"findings": [_finding(1), _finding(2, reasons=["one", "three"])]}
    (difference,) = golden_compare.differences(a, b)
    assert (difference.field, difference.says) == ("findings[1].reasons[1]", '"two" -> "three"')
    assert difference.about == "generic-secret at a.env:2"


def test_a_missing_finding_does_not_shift_the_others() -> None:
    a = [_finding(number) for number in range(5)]
    assert _differences(a, a[:1] + a[2:]) == [("[1]", "only in A: generic-secret at a.env:1")]
    assert _differences(a[:1] + a[2:], a) == [("[1]", "only in B: generic-secret at a.env:1")]


def test_a_missing_place_does_not_shift_the_others() -> None:
    places = [{"path": f"{name}.env", "member": None, "commit": None, "start_byte": 0} for name in "abc"]
    ((field, says),) = _differences(_finding(1, locations=places), _finding(1, locations=places[1:]))
    assert (field, says[:9]) == ("locations[0]", "only in A")


def test_one_of_two_equal_fingerprints_is_missed() -> None:
    assert _differences([_finding(1), _finding(1)], [_finding(1)]) == [
        ("[1]", "only in A: generic-secret at a.env:1"),
    ]


def test_the_order_is_compared() -> None:
    a = [_finding(1), _finding(2), _finding(3)]
    assert _differences(a, [a[0], a[2], a[1]]) == [("", "order: [1] in A, where B has [2]")]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({"x": 1}, {"x": 1.0}),
        ({"x": 1}, {"x": True}),
        ({"x": None}, {}),
        ({}, {"x": None}),
        ({"x": []}, {"x": {}}),
        ({"x": ["a"]}, {"x": ["a", "a"]}),
    ],
)
def test_values_of_different_kinds_differ(a: object, b: object) -> None:
    assert len(_differences(a, b)) == 1


def test_the_candidates_of_explain_are_paired_by_their_heads() -> None:
    a, b = {"head": "a.env:1:2  x", "lines": ["outcome  a finding"]}, {"head": "a.env:1:2  y", "lines": []}
    assert _differences([a, b], [b]) == [("[0]", "only in A: a.env:1:2  x")]


def _recordings(tmp_path: Path, a: object, b: object) -> tuple[Path, Path]:
    for side, record in (("a", a), ("b", b)):
        (tmp_path / side / "input").mkdir(parents=True)
        (tmp_path / side / "input" / "audit.json").write_text(json.dumps(record))
    return tmp_path / "a", tmp_path / "b"


def _compare(a: Path, b: Path, expect: Path | None = None, only: list[str] | None = None) -> bool:
    same = golden_compare.compare(a, b, only or [], 10, golden_compare.read_expectations(expect))
    assert isinstance(same, bool)
    return same


def test_equal_recordings_pass_and_others_do_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = _recordings(tmp_path, {"exit_code": 0}, {"exit_code": 1})
    assert _compare(a, a)
    assert "input audit: equal" in capsys.readouterr().out
    assert not _compare(a, b)
    said = capsys.readouterr().out
    assert "input audit: differs in 1 field\n    exit_code: 0 -> 1\n" in said
    assert "1 records: 0 equal, 1 different" in said


def test_a_record_that_only_one_has_is_a_difference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = _recordings(tmp_path, {}, {})
    (b / "input" / "scan.json").write_text("{}")
    assert not _compare(a, b)
    assert "input scan: differs in 1 field\n    record: only in B" in capsys.readouterr().out


def test_nothing_to_compare_is_an_error(tmp_path: Path) -> None:
    a, b = _recordings(tmp_path, {}, {})
    with pytest.raises(ValueError, match="no records"):
        _compare(a, b, only=["other"])


def test_expected_differences_are_counted_by_their_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = _recordings(tmp_path, {"suppressed": []}, {"suppressed": [_finding(1), _finding(2)]})
    expect = tmp_path / "expect.toml"
    expect.write_text("""
        [[expected]]
        command = "aud*"
        field = "suppressed[*]"
        says = "only in B**"
        why = "accepted places are listed"
        [[expected]]
        command = "scan"
        why = "never"
    """)
    assert _compare(a, b, expect)
    said = capsys.readouterr().out
    assert "input audit: equal, 2 more as expected" in said
    assert "     2  accepted places are listed\n         0  never\n" in said
    assert not _compare(b, a, expect)


def test_texts_are_reworded_before_they_are_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = _recordings(tmp_path, {"stderr": ["it came in by x"], "places": {}}, {"stderr": ["it introduced x"]})
    expect = tmp_path / "expect.toml"
    expect.write_text(r"""
        rewrite = [{from = 'came in by (\w)', to = 'introduced \1', why = "plain words"}]
        expected = [{field = "places", why = "gone"}]
    """)
    assert _compare(a, b, expect)
    assert "     1  plain words\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    "text",
    [
        "[[expect]]\nwhy = 'x'",
        "[[expected]]\nfield = 'x'",
        "[[expected]]\nwhy = 'x'\nfeild = 'x'",
        "[[rewrite]]\nfrom = '('\nto = ''\nwhy = 'x'",
        "[[rewrite]]\nto = ''\nwhy = 'x'",
    ],
)
def test_a_file_of_expectations_is_read_strictly(tmp_path: Path, text: str) -> None:
    (tmp_path / "expect.toml").write_text(text)
    with pytest.raises(ValueError, match=r"expect\.toml"):
        golden_compare.read_expectations(tmp_path / "expect.toml")


@pytest.mark.parametrize(
    ("glob", "text", "matches"),
    [
        ("findings[*].reasons[*]", "findings[12].reasons[0]", True),
        ("findings[*]", "findings[12]", True),
        ("findings[*]", "findings[12].reasons[0]", False),
        ("**.reasons[*]", "report.findings[1].reasons[0]", True),
        ("places[*].candidates[*].lines[*]", "places[a/b.env:3].candidates[0].lines[1]", True),
        ("findings[1]", "findings[11]", False),
    ],
)
def test_globs_of_fields(glob: str, text: str, matches: bool) -> None:  # noqa: FBT001 - a column of the table
    assert golden_compare._matches(glob, text) is matches


def test_only_what_is_volatile_is_left_out() -> None:
    exposed = {"first_seen": "2024-01-01T12:00:00Z", "last_seen": None, "exposed_days": 9}
    ended = {"first_seen": "2024-01-01T12:00:00Z", "last_seen": "2024-01-10T12:00:00Z", "exposed_days": 9}
    wrong = {"first_seen": "2024-01-01T12:00:00Z", "last_seen": None, "exposed_days": 7}
    report = {
        "tool": {"name": "keysift", "version": "1"},
        "run": {"started": "2024-01-11T11:59:50Z", "duration_s": 20.0, "blobs": 3},
        "findings": [{"history": dict(life)} for life in (exposed, ended, wrong)],
    }
    golden_record._normalise(report)
    assert report == {
        "tool": {"name": "keysift", "version": "(volatile)"},
        "run": {"started": "(volatile)", "duration_s": "(volatile)", "blobs": 3},
        "findings": [{"history": {**exposed, "exposed_days": "to this day"}}, {"history": ended}, {"history": wrong}],
    }


PROGRAM = """#!{python}
import json, os, sys, time
command = sys.argv[1]
if command == "explain":
    print(sys.argv[2] + ":1  some-rule\\n    outcome  a finding\\n")
else:
    place = {{"path": "a.env", "member": None, "commit": None, "start_line": 1, "start_byte": 0}}
    run = {{"command": command, "started": "2024-01-01T00:00:00Z", "duration_s": time.monotonic(), "at": os.getcwd()}}
    print(json.dumps({{"run": run, "findings": [{{"fingerprint": "f", "locations": [place]}}]}}))
    print(f"1 key found, {{time.monotonic():.2f}} s", file=sys.stderr)
sys.exit(1)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a script is no program there")
def test_two_recordings_of_one_program_are_equal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program, work, origin = tmp_path / "keysift", tmp_path / "work", tmp_path / "repositories" / "some"
    program.write_text(PROGRAM.format(python=sys.executable))
    program.chmod(0o755)
    work.mkdir()
    golden_inputs.git("init", "-q", "-b", "main", origin, home=work)
    for text in ("one\n", "two\n"):
        (origin / "a.env").write_text(text)
        golden_inputs.git("-C", origin, "add", ".", home=work)
        golden_inputs.git("-C", origin, "commit", "-q", "-m", text, home=work)
    (source,) = golden_inputs.repositories(origin.parent, work)
    recorder = golden_record.Recorder(program, work, work)
    for name in ("a", "b"):
        recorder.record(golden_inputs.prepare(source, work), tmp_path / name)
    assert sorted(path.stem for path in (tmp_path / "a" / "some").iterdir()) == [
        *("audit", "explain", "gate-30", "hook", "hook-all", "scan", "scan-folder", "scan-ignored")
    ]
    assert _compare(tmp_path / "a", tmp_path / "b")
    assert "8 records: 8 equal" in capsys.readouterr().out
    audit = json.loads((tmp_path / "a" / "some" / "audit.json").read_text())
    assert (audit["exit_code"], audit["report"]["run"]["at"]) == (1, "(work)/some/tree")
    explain = json.loads((tmp_path / "a" / "some" / "explain.json").read_text())
    assert list(explain["places"]) == ["a.env:1", "a.env"]
    staged = golden_inputs.git("-C", work / "some" / "staged", "diff", "--cached", "--name-only", home=work)
    assert staged == "a.env"
