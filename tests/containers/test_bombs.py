"""What small files can make of themselves costs what they hold, not what they claim; `bench/bombs.py` measures it."""

from __future__ import annotations

import base64
import io
import struct
import tarfile
import time
import zlib
from pathlib import Path

import pytest
from tests.bench import containers

from keysift.containers import markup, png, walk, zips
from keysift.containers.limits import Limits
from keysift.containers.windows import Window
from keysift.detect import decode
from keysift.detect.findings import scan_blob
from keysift.detect.matcher import Matcher
from keysift.model import Blob, Skipped
from keysift.rules.generate import instance
from keysift.scan import contents

KEY, _ = instance("{{github:ghp¦_}}", "bombs")
LINE = f"GITHUB_TOKEN={KEY}\n".encode()


def opened(data: bytes, limits: Limits | None = None) -> tuple[dict[str, bytes], list[str]]:
    """Return the members of a container, and what is said of those that were left out."""
    pieces = list(walk.expand(Blob("f", data), limits or Limits()))
    members = {one.blob.member: one.blob.data for one in pieces if isinstance(one, Window) and one.blob.member}
    return members, [one.reason for one in pieces if isinstance(one, Skipped)]


def test_a_page_that_stands_in_a_document_often_is_read_once() -> None:
    data = containers.pdf("name = value of the page").replace(
        b"/Kids[3 0 R]/Count 1", b"/Kids[" + b"3 0 R " * 50 + b"]/Count 50"
    )
    members, left_out = opened(data)
    assert [name for name in members if name.startswith("page")] == ["page 1"]
    assert left_out == []


def test_objects_that_are_nowhere_in_a_document_are_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    import pypdf._reader  # noqa: PLC0415 - only here

    searched: list[int] = []
    ask = pypdf._reader.get_stream_data
    monkeypatch.setattr(pypdf._reader, "get_stream_data", lambda stream: searched.append(1) or ask(stream))
    references = b" ".join(b"%d 0 R" % number for number in range(1000, 1100))
    data = containers.pdf("name = value of the page")
    place = data.index(b"/Contents ") + len(b"/Contents ")
    end = place + len(data[place:].split(b"R", 1)[0]) + 1
    data = data[:place] + b"[" + references + b" " + data[place:end] + b"]" + data[end:]
    members, _ = opened(data)
    assert b"name = value of the page" in members["page 1"]
    assert len(searched) < 20


def test_members_without_a_directory_are_found_by_reading_little(tmp_path: Path) -> None:
    header = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, 0, 0, 4, 4, 1, 0)
    (tmp_path / "a").write_bytes((header + b"abody") * 3_000 + bytes(1 << 21) + header + b"zlast")
    read = 0

    class Counted(io.FileIO):
        def read(self, size: int = -1, /) -> bytes:
            nonlocal read
            data = super().read(size)
            read += len(data)
            return data

    with Counted(tmp_path / "a") as file:
        names = [one.name for one in zips._salvaged(file)]  # type: ignore[arg-type]
    assert names == ["a"] * 3_000 + ["z"]
    assert read < 10_000_000


def test_texts_of_an_image_are_read_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(png, "_TOGETHER", 100)
    assert opened(containers.png(LINE))[1] == []
    members, left_out = opened(containers.png(LINE * 10))
    assert members == {}
    assert left_out == ["not fully scanned: its texts are longer than 100 bytes together"]


def test_what_follows_very_many_empty_blocks_is_read() -> None:
    info = tarfile.TarInfo("a.env")
    info.size = len(LINE)
    member = io.BytesIO()
    with tarfile.open(fileobj=member, mode="w") as archive:
        archive.addfile(info, io.BytesIO(LINE))
    first = containers.tarred("b.env", b"x")
    for blocks in (2, 127, 128, 129, 1000):
        assert opened(first + bytes(512 * blocks) + member.getvalue())[0]["a.env"] == LINE


def test_strings_of_bytecode_are_found_behind_claims_of_others() -> None:
    data = containers.bytecode("TOKEN", KEY)
    hostile = data[:16] + b"s\xff\xff\0\0" * 5000 + b"z\xff" * 200 + data[16:]
    assert KEY.encode() in opened(hostile)[0]["strings"]


@pytest.mark.parametrize("part", [1, 7, 1 << 20])
def test_markup_reads_the_same_in_parts(part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "_PART", part)
    members, _ = opened(containers.docx(f"TOKEN = {KEY} &amp; more"))
    assert members["word/document.xml!/text"].decode() == f"TOKEN = {KEY} & more\n"


def test_compressed_noise_is_not_unpacked(matcher: Matcher) -> None:
    """A value that unpacks to no text costs its first bytes, so that what follows is still looked at."""
    noise = base64.b64encode(zlib.compress(bytes(1 << 20)))
    lines = b"".join(b'data = "' + noise + b'"\n' for _ in range(40))
    result = scan_blob(matcher, Blob("a.txt", lines + LINE))
    assert [finding.secret.decode() for finding in result.findings] == [KEY]
    assert result.skipped == ()


def test_encoded_characters_without_end_are_given_up(matcher: Matcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "MOST_PARTS", 100)
    result = scan_blob(matcher, Blob("a.txt", b"x=&#65;&#66;" * 60 + b"\n" + LINE))
    assert [finding.secret.decode() for finding in result.findings] == [KEY]
    said = "not fully scanned: more than 100 values or characters of it are encoded"
    assert [one.reason for one in result.skipped] == [said]


def test_the_time_for_members_counts(matcher: Matcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file's own bytes may take as long as they do; what it unpacks to may not."""
    now = 0.0
    monkeypatch.setattr(time, "thread_time", lambda: now)
    real = contents.scan_window

    def slow(matcher: Matcher, window: Window) -> object:
        nonlocal now
        now += 10
        return real(matcher, window)

    monkeypatch.setattr(contents, "scan_window", slow)
    files = {f"{number}.env": LINE for number in range(20)}
    scanned = contents.scan_contents(matcher, Blob("a.zip", containers.zipped_files(files)), Limits(seconds=45))
    assert [one.reason for one in scanned.skipped] == ["not fully scanned: it took longer than 45 s"]
    assert len({finding.locations[0].member for finding in scanned.findings}) == 5


def test_a_large_file_may_take_longer() -> None:
    limits = Limits()
    assert [limits.time(size) for size in (0, 999_999, 10_000_000, 5_000_000_000)] == [30, 30, 50, 10_030]
