"""What is kept for the next run comes back, and only if nobody else can have written it."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from keysift import cache
from keysift.errors import UsageError

KEY = b"key"


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache directory that is not there yet."""
    place = tmp_path / "cache"
    monkeypatch.setenv("KEYSIFT_CACHE_DIR", str(place))
    return place


@pytest.fixture
def kept(base: Path) -> Path:
    """A kept file."""
    cache.write("words", KEY, b"data")
    [file] = (base / "compiled").iterdir()
    return file


def test_what_is_kept_comes_back_with_its_key_alone(kept: Path) -> None:
    assert cache.read("words", KEY) == b"data"
    assert cache.read("words", b"other") is None
    assert cache.read("other", KEY) is None
    assert kept.name.startswith("words-")


def test_directories_and_files_are_for_their_owner_alone(kept: Path, base: Path) -> None:
    assert [place.stat().st_mode & 0o777 for place in (kept, kept.parent, base)] == [0o600, 0o700, 0o700]


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-1], lambda data: data[:9], lambda _: b"", lambda data: data + b"x"]
)
def test_a_damaged_file_is_none(kept: Path, damage: Callable[[bytes], bytes]) -> None:
    kept.write_bytes(damage(kept.read_bytes()))
    assert cache.read("words", KEY) is None
    cache.write("words", KEY, b"data")
    assert cache.read("words", KEY) == b"data"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o644])
def test_a_file_that_is_open_to_others_is_none(kept: Path, mode: int) -> None:
    kept.chmod(mode)
    assert cache.read("words", KEY) is None


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o777, 0o1777, 0o702])
def test_a_directory_that_is_open_to_others_is_none(kept: Path, mode: int) -> None:
    kept.parent.chmod(mode)
    assert cache.read("words", KEY) is None
    cache.write("more", KEY, b"data")
    assert [file.name for file in kept.parent.iterdir()] == [kept.name]


@pytest.mark.parametrize("mode", [0o777, 0o702])
def test_nothing_is_read_or_kept_below_a_directory_that_others_can_change(kept: Path, base: Path, mode: int) -> None:
    base.chmod(mode)
    assert cache.read("words", KEY) is None
    cache.write("more", KEY, b"data")
    assert [file.name for file in kept.parent.iterdir()] == [kept.name]


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("mode", [0o755, 0o1777])
def test_the_directory_above_may_be_shared_if_nobody_can_rename_what_is_ours(base: Path, mode: int) -> None:
    base.chmod(mode)
    assert cache.read("words", KEY) == b"data"


def test_links_are_not_followed(kept: Path) -> None:
    elsewhere = kept.rename(kept.parent.parent / "elsewhere")
    kept.symlink_to(elsewhere)
    assert cache.read("words", KEY) is None
    kept.unlink()
    elsewhere.rename(kept)
    moved = kept.parent.rename(kept.parent.parent / "moved")
    (moved.parent / "compiled").symlink_to(moved)
    assert cache.read("words", KEY) is None


def test_a_pipe_in_place_of_a_file_is_none(kept: Path) -> None:
    kept.unlink()
    os.mkfifo(kept, 0o600)
    assert cache.read("words", KEY) is None


def owners(monkeypatch: pytest.MonkeyPatch, me: int, owner: dict[str, int]) -> None:
    """Let the process have another user, and the files whose path ends so other owners."""
    monkeypatch.setattr(os, "geteuid", lambda: me)
    fstat, stat_of = os.fstat, os.stat

    def changed(status: os.stat_result, path: str) -> os.stat_result:
        uid = next((uid for end, uid in owner.items() if path.endswith(end)), 0)
        return os.stat_result((*status[:4], uid, *status[5:]))

    def stat(path: str | Path, *, dir_fd: None = None, follow_symlinks: bool = True) -> os.stat_result:
        assert dir_fd is None
        return changed(stat_of(path, follow_symlinks=follow_symlinks), str(path))

    monkeypatch.setattr(os, "stat", stat)
    monkeypatch.setattr(os, "lstat", lambda path: stat(path, follow_symlinks=False))
    monkeypatch.setattr(
        os, "fstat", lambda number: changed(fstat(number), Path(f"/proc/self/fd/{number}").readlink().name)
    )


@pytest.mark.usefixtures("kept")
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="finds the path of a descriptor there")
@pytest.mark.parametrize(
    ("me", "owner", "expected"),
    [
        (7, {"/cache": 7, "/compiled": 7, ".kept": 7}, b"data"),
        (7, {"/cache": 8, "/compiled": 7, ".kept": 7}, None),
        (7, {"/cache": 7, "/compiled": 8, ".kept": 7}, None),
        (7, {"/cache": 7, "/compiled": 7, ".kept": 8}, None),
        (0, {"/cache": 7, "/compiled": 7, ".kept": 7}, None),  # sudo with the home of a user
        (0, {"/cache": 7}, None),
        (7, {}, b"data"),  # made by root
    ],
)
def test_what_somebody_else_owns_is_none(
    monkeypatch: pytest.MonkeyPatch, me: int, owner: dict[str, int], expected: bytes | None
) -> None:
    owners(monkeypatch, me, owner)
    assert cache.read("words", KEY) == expected


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="as above")
def test_root_makes_no_directory_in_the_home_of_a_user(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owners(monkeypatch, 0, {base.parent.name: 7})
    cache.write("words", KEY, b"data")
    assert not base.exists()


def test_what_root_made_for_everyone_to_read_is_read(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.chmod(0o644)
    kept.parent.chmod(0o755)
    owners(monkeypatch, 7, {})
    assert cache.read("words", KEY) == b"data"
    kept.chmod(0o664)
    assert cache.read("words", KEY) is None


@pytest.mark.parametrize("name", ["relative", "./relative", "../x"])
def test_a_relative_directory_is_wrong_usage_and_holds_nothing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KEYSIFT_CACHE_DIR", name)
    with pytest.raises(UsageError, match="not an absolute path"):
        cache.directory()
    cache.write("words", KEY, b"data")
    assert cache.read("words", KEY) is None
    assert list(tmp_path.iterdir()) == []


def test_without_a_home_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KEYSIFT_CACHE_DIR", raising=False)
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: "~/.cache/keysift")
    with pytest.raises(UsageError, match="no home"):
        cache.directory()
    cache.write("words", KEY, b"data")
    assert list(tmp_path.iterdir()) == []


def test_the_directory_is_that_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEYSIFT_CACHE_DIR", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert cache.directory().is_relative_to(tmp_path)
    assert "keysift" in cache.directory().parts


def test_a_place_that_cannot_be_made_does_no_harm(base: Path) -> None:
    base.write_text("no directory", "ascii")
    cache.write("words", KEY, b"data")
    assert cache.read("words", KEY) is None


def test_a_disk_that_is_full_leaves_nothing_half_written(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    cache.write("more", KEY, b"data")
    assert list(kept.parent.iterdir()) == [kept]


def test_the_longest_unused_files_of_a_name_go(kept: Path) -> None:
    now = time.time()
    others = [b"%d" % number for number in range(cache.MOST)]
    for number, key in enumerate(others[:-1]):
        cache.write("words", key, key)
        os.utime(kept.parent / cache._file_name("words", key), (now - 1000 + number, now - 1000 + number))
    os.utime(kept, (now - 9 * 86_400, now - 9 * 86_400))
    assert cache.read("words", KEY) == b"data"  # so it has been used
    abandoned, busy = kept.with_name(f"{kept.name}.1.tmp"), kept.with_name(f"{kept.name}.2.tmp")
    for file in (abandoned, busy):
        file.touch()
    os.utime(abandoned, (now - 2 * 86_400, now - 2 * 86_400))
    cache.write("more", KEY, b"of another name")
    cache.write("words", others[-1], others[-1])
    assert cache.read("words", KEY) == b"data"
    assert [key for key in others if cache.read("words", key) is None] == [others[0]]
    assert cache.read("more", KEY)
    assert (abandoned.exists(), busy.exists()) == (False, True)


def test_clear_removes_what_is_ours(kept: Path) -> None:
    foreign = kept.parent / "notes"
    foreign.write_text("mine", "ascii")
    cache.write("more", KEY, b"data")
    assert cache.clear() == (2, 2 * (32 + 4))
    assert list(kept.parent.iterdir()) == [foreign]
    foreign.unlink()
    assert cache.clear() == (0, 0)
    assert not kept.parent.exists()
    assert cache.clear() == (0, 0)
