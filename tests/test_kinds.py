"""Kinds of data files: each is scanned to its end, however busy the machine is. tests/bench/kinds.py measures them."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from keysift.detect.matcher import Matcher
from keysift.model import Blob
from keysift.rules import ruleset
from keysift.scan.contents import scan_contents

BENCH = Path(__file__).parent / "bench"
SIZE = 60_000
"""Bytes of each file."""


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, BENCH / f"{name}.py")
    assert spec
    assert spec.loader
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_load("kinds_pieces")
kinds_made = _load("kinds_made")


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher(ruleset.load())


@pytest.mark.parametrize("kind", kinds_made.KINDS)
def test_the_key_at_the_end_is_found(kind: str, matcher: Matcher) -> None:
    data, key = kinds_made.make(kind, size=SIZE)
    result = scan_contents(matcher, Blob(kinds_made.KINDS[kind].path, data))
    assert not result.skipped
    assert any(key.encode() in finding.secret for finding in result.findings)


@contextlib.contextmanager
def _busy(processes: int) -> Iterator[None]:
    started = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


def _scan(folder: Path) -> tuple[int, dict[str, Any]]:
    command = [sys.executable, "-P", "-m", "keysift", "scan", ".", "--format", "json"]
    process = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    report = json.loads(process.stdout)
    del report["run"]
    return process.returncode, report


def test_nothing_depends_on_how_busy_the_machine_is(tmp_path: Path) -> None:
    for number, kind in enumerate(kinds_made.KINDS):
        path = tmp_path / f"{number}" / kinds_made.KINDS[kind].path
        path.parent.mkdir(parents=True)
        path.write_bytes(kinds_made.make(kind, size=SIZE // 2)[0])
    alone = _scan(tmp_path)
    with _busy(4):
        assert _scan(tmp_path) == alone
    assert alone[0] == 1
