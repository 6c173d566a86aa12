import errno
import io
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from keysift import report
from keysift.errors import ReportError
from keysift.model import Run
from keysift.report import FORMATS, Options, write


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_holds_what_a_stream_gets(kind: str, full_run: Run, tmp_path: Path) -> None:
    out = io.StringIO()
    write(full_run, kind, out, Options())
    place = tmp_path / "report"
    write(full_run, kind, place, Options())
    assert place.read_bytes().decode() == out.getvalue()
    assert [file.name for file in tmp_path.iterdir()] == ["report"]


@pytest.mark.parametrize(
    "failure", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt(), ValueError()]
)
def test_whatever_goes_wrong_the_old_report_stays(
    failure: BaseException, full_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_run: Run, out: io.TextIOBase, _options: Options) -> None:
        out.write("half")
        raise failure

    place = tmp_path / "report"
    place.write_text("old")
    monkeypatch.setitem(FORMATS, "text", fail)
    with pytest.raises(ReportError if isinstance(failure, OSError) else type(failure)):
        write(full_run, "text", place, Options())
    assert place.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("kind", ["text", "json"])
def test_a_full_disk_is_an_error_that_says_so(kind: str, full_run: Run) -> None:
    with pytest.raises(ReportError, match="No space left") as found:
        write(full_run, kind, Path("/dev/full"), Options())
    assert found.value.exit_code == 3
    assert Path("/dev/full").is_char_device()
    with Path("/dev/full").open("w") as out:
        with pytest.raises(ReportError, match="standard output"):
            write(full_run, kind, out, Options())
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())


def test_a_folder_that_is_not_there_is_an_error(full_run: Run, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="No such file"):
        write(full_run, "json", tmp_path / "none" / "report", Options())
    with pytest.raises(ReportError, match=r"Is a directory|Permission denied"):
        write(full_run, "json", tmp_path, Options())


@pytest.mark.skipif(sys.platform == "win32", reason="modes and links of POSIX")
def test_modes_and_links_are_kept_and_keys_are_private(full_run: Run, tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    write(full_run, "json", link, Options())
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    write(full_run, "json", link, Options(show_secrets=True))
    assert stat.S_IMODE(real.stat().st_mode) == 0o600


def test_a_closed_pipe_is_left_to_the_caller(full_run: Run) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as out:
        with pytest.raises(BrokenPipeError):
            write(full_run, "text", out, Options())
        os.dup2(os.open(os.devnull, os.O_WRONLY), writing)


def test_a_stream_that_lacks_a_character_gets_a_mark(full_run: Run) -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    write(full_run, "text", out, Options())
    report.summary(full_run, out, Options())
    out.flush()
    assert b"config/??.yaml" in raw.getvalue()


def test_nothing_heavy_is_imported() -> None:
    heavy = {"rich", "json", "datetime", "tempfile", "unicodedata", "keysift.report.text"}
    code = f"import sys, keysift.report; print(*sorted(set(sys.modules) & {heavy}))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
def test_a_pipe_is_written_to_and_not_replaced(full_run: Run, tmp_path: Path) -> None:
    place, out = tmp_path / "pipe", io.StringIO()
    os.mkfifo(place)
    write(full_run, "json", out, Options())
    with subprocess.Popen(["cat", place], stdout=subprocess.PIPE) as reader:
        write(full_run, "json", place, Options())
        found, _ = reader.communicate()
    assert found.decode() == out.getvalue()
    assert place.is_fifo()


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="not a system with such names")
def test_standard_output_has_a_name_that_can_be_written_to() -> None:
    code = """if True:
        from pathlib import Path
        from keysift import model, report
        report.write(model.Run("scan", (".",), "2026-01-01T00:00:00Z"), "json", Path("/dev/stdout"), report.Options())
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith('{"schema": "keysift-report/1"')
