"""What an older version wrote is read by this one: reports, baselines and configurations, as they were kept."""

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Keysift
from tests.upgrade import keep

from keysift.version import VERSION

KEPT = sorted(path for path in Path(__file__).parent.iterdir() if (path / "baseline").exists())


def test_this_version_is_kept() -> None:
    assert VERSION in {folder.name for folder in KEPT}


@pytest.mark.parametrize("folder", KEPT, ids=lambda path: path.name)
@pytest.mark.parametrize("command", ["scan", "audit"])
@pytest.mark.parametrize("form", ["text", "json", "html", "sarif", "csv", "junit", "markdown"])
def test_a_report_is_read(folder: Path, command: str, form: str, keysift: Keysift) -> None:
    done = keysift("report", str(folder / f"{command}.json"), "-f", form, "-o", "out")
    assert done.returncode == 0, done.stderr
    assert b"2 leaked keys found" in done.stderr


@pytest.mark.parametrize("folder", KEPT, ids=lambda path: path.name)
def test_a_baseline_and_a_configuration_hold(folder: Path, keysift: Keysift, tmp_path: Path) -> None:
    keep.write_files(tmp_path)
    (tmp_path / ".keysift.toml").write_text((folder / "keysift.toml").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / ".keysift-baseline").write_bytes((folder / "baseline").read_bytes())
    done = keysift("scan", "-f", "json")
    report = json.loads(done.stdout)
    assert [finding["locations"][0]["path"] for finding in report["findings"]] == ["stage.env"], done.stderr
    assert len(report["suppressed"]) == 1


@pytest.mark.parametrize("folder", KEPT, ids=lambda path: path.name)
def test_a_baseline_is_made_from_a_report(folder: Path, keysift: Keysift, tmp_path: Path) -> None:
    keep.write_files(tmp_path)
    done = keysift("baseline", "create", "--why", "known", "--from", str(folder / "audit.json"))
    assert done.returncode == 0, done.stderr
    assert json.loads(keysift("scan", "-f", "json").stdout)["findings"] == []
