"""Wherever a key is planted, an audit finds it; `tests/bench/hiding_places.py` plants them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
NOT_FOUND = {"file that git ignores"}
"""Where a key may be."""


def test_an_audit_finds_every_planted_key(
    keysift: Callable[..., object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tests" / "bench"))
    import hiding_places  # noqa: PLC0415 - the scripts import each other by bare name

    for name in ("HOME", "GIT_CONFIG_NOSYSTEM"):
        monkeypatch.setenv(name, environment[name])
    repo = tmp_path / "repo"
    repo.mkdir()
    keys = hiding_places.plant(repo, "test")
    assert len(keys) >= 85
    keysift("audit", str(repo), "--jobs", "2", "-f", "json", "-o", "report.json", "--show-secrets")
    report = json.loads((tmp_path / "report.json").read_bytes())
    found = [finding["secret"] for finding in report["findings"]]
    assert {place.name for place, key in keys.items() if key not in found} == NOT_FOUND
    assert len(found) == len(set(found))
    assert report["skipped"] == []
    assert report["run"]["complete"]
    sys.modules.pop("hiding_places", None)
