"""Files that are written whole or not at all."""

import stat
import sys
from pathlib import Path

import pytest

from keysift import atomic


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_bytes(b"old")
    with atomic.replacing(place) as file:
        file.write(b"new")
        assert place.read_bytes() == b"old"
    assert (place.read_bytes(), list(tmp_path.iterdir())) == (b"new", [place])


@pytest.mark.parametrize("failure", [OSError, KeyboardInterrupt, ValueError])
def test_whatever_goes_wrong_the_old_file_stays(failure: type[BaseException], tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_bytes(b"old")

    def fail() -> None:
        with atomic.replacing(place) as file:
            file.write(b"half")
            raise failure

    with pytest.raises(failure):
        fail()
    assert (place.read_bytes(), list(tmp_path.iterdir())) == (b"old", [place])


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
@pytest.mark.parametrize(("private", "mode"), [(False, 0o640), (True, 0o600)])
def test_the_mode_of_the_old_file_is_kept_unless_the_new_one_is_private(
    mode: int, tmp_path: Path, *, private: bool
) -> None:
    place = tmp_path / "file"
    place.write_bytes(b"old")
    place.chmod(0o640)
    with atomic.replacing(place, private=private) as file:
        file.write(b"new")
    assert stat.S_IMODE(place.stat().st_mode) == mode
