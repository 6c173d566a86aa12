"""`keysift cache`, and where runs keep what they compile."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Keysift = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def base(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("user") / "cache"
    environment["KEYSIFT_CACHE_DIR"] = str(place)
    return place


def test_path_prints_the_directory(keysift: Keysift, base: Path) -> None:
    answer = keysift("cache", "path")
    assert (answer.returncode, answer.stdout.decode().strip()) == (0, str(base / "compiled"))


def test_path_says_why_nothing_is_kept(keysift: Keysift, base: Path) -> None:
    base.mkdir()
    base.chmod(0o777)
    answer = keysift("cache", "path")
    assert answer.returncode == 2
    assert answer.stdout.decode().strip() == str(base / "compiled")
    assert f"keysift: nothing is kept: {base} can be changed by others" in answer.stderr.decode()


def test_clear_says_what_it_removed(keysift: Keysift, base: Path) -> None:
    assert keysift("cache", "clear").stdout.decode() == f"removed 0 files, 0.0 MB, from {base / 'compiled'}\n"
    assert keysift("cache", "path").returncode == 0
    (base / "compiled" / "words-1.kept").write_bytes(b" " * 1_500_000)
    assert keysift("cache", "clear").stdout.decode() == f"removed 1 file, 1.5 MB, from {base / 'compiled'}\n"
    assert list(base.iterdir()) == []


def test_clear_touches_nothing_where_others_can_write(keysift: Keysift, base: Path) -> None:
    (base / "compiled").mkdir(parents=True, mode=0o777)
    (base / "compiled").chmod(0o777)
    (base / "compiled" / "words-1.kept").touch()
    assert keysift("cache", "clear").returncode == 2
    assert (base / "compiled" / "words-1.kept").exists()


@pytest.mark.parametrize("command", [("scan", "."), ("cache", "path"), ("cache", "clear")])
def test_a_relative_directory_is_wrong_usage(
    keysift: Keysift, environment: dict[str, str], command: tuple[str, ...]
) -> None:
    environment["KEYSIFT_CACHE_DIR"] = "cache"
    answer = keysift(*command)
    assert answer.returncode == 2
    assert b"KEYSIFT_CACHE_DIR is not an absolute path: cache\nhelp: set KEYSIFT_CACHE_DIR" in answer.stderr


def test_a_run_keeps_what_it_compiles_where_python_writes_no_byte_code(
    environment: dict[str, str], base: Path, tmp_path: Path
) -> None:
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    (tmp_path / "a.txt").write_bytes(b"word " * 30_000)
    command = [sys.executable, "-P", "-m", "keysift", "scan", "a.txt"]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert [*(base / "compiled").glob("keywords*")]
