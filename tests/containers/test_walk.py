"""What is inside of containers: found at its place, in bounded memory, whatever the bytes are."""

from __future__ import annotations

import gzip
import io
import os
import random
import sqlite3
import struct
import subprocess
import sys
import tarfile
import tempfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.bench import containers
from tests.tries import tries

from keysift.containers import has_inside, kinds, walk
from keysift.containers.limits import LIMITS, Limits
from keysift.containers.windows import Window
from keysift.detect.matcher import Matcher
from keysift.model import Blob, Skipped
from keysift.rules.generate import instance
from keysift.scan.contents import scan_contents, scan_open_file

KEY = instance("{{github:ghp¦_}}", "container")[0]
NAME = "GITHUB_TOKEN"
LINE = f"# for the tests\n{NAME}={KEY}\n".encode()
DOCUMENTS = {
    "docx": (containers.docx(f"{NAME}={KEY}"), "word/document.xml!/text"),
    "xlsx": (containers.xlsx(NAME, KEY), "xl/sharedStrings.xml!/text"),
    "odt": (containers.odt(f"{NAME}={KEY}"), "content.xml!/text"),
    "pdf": (containers.pdf(f"{NAME}={KEY}"), "page 1"),
    "sqlite": (containers.database(NAME, KEY), "settings"),
    "eml": (containers.mail("a.env", LINE), "part 3: a.env"),
    "mbox": (containers.mailbox("a.env", LINE), "message 2/part 3: a.env"),
    "plist": (containers.plist(NAME, KEY), "values"),
    "pickle": (containers.pickled(NAME, KEY), "strings"),
    "pyc": (containers.bytecode(NAME, KEY), "strings"),
    "png": (containers.png(LINE), "Comment"),
    "docker": (containers.image_of_layers("a.env", LINE), "0a/layer.tar!/a.env"),
    "deb": (containers.deb("./etc/a.env", LINE), "data.tar.xz!/./etc/a.env"),
}


def members(data: bytes, limits: Limits = LIMITS, path: str = "f") -> dict[str, bytes]:
    """The bytes of everything inside, by its place."""
    found: dict[str, bytes] = {}
    for piece in walk.expand(Blob(path, data), limits):
        if isinstance(piece, Window):
            found[piece.blob.member] = found.get(piece.blob.member, b"") + piece.blob.data[slice(*piece.core)]
    return found


def left_out(data: bytes, limits: Limits = LIMITS) -> list[Skipped]:
    return [piece for piece in walk.expand(Blob("f", data), limits) if isinstance(piece, Skipped)]


# --- Found ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", containers.ARCHIVES)
def test_a_file_in_an_archive(matcher: Matcher, family: str) -> None:
    data = containers.ARCHIVES[family]("a.env", LINE * 3)
    assert members(data)["a.env"] == LINE * 3
    scanned = scan_contents(matcher, Blob("f", data))
    assert scanned.skipped == ()
    assert {(one.locations[0].member, one.locations[0].start_line) for one in scanned.findings} == {
        ("a.env", 2),
        ("a.env", 4),
        ("a.env", 6),
    }
    assert (scanned.blobs, scanned.bytes) == (1, len(data))


@pytest.mark.parametrize("family", containers.COMPRESSED)
def test_what_is_compressed_is_named_without_its_suffix(family: str) -> None:
    data = containers.COMPRESSED[family](LINE)
    assert members(data, path=f"logs/a.env.{family}")["a.env"] == LINE
    inner = containers.COMPRESSED[family](containers.tarred("b/a.env", LINE))
    assert members(inner, path=f"a.tar.{family}")["b/a.env"] == LINE, "an archive in it has it as its only layer"


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_key_in_a_document(matcher: Matcher, kind: str) -> None:
    data, member = DOCUMENTS[kind]
    scanned = scan_contents(matcher, Blob("f", data))
    assert scanned.skipped == ()
    assert [(one.secret.decode(), one.locations[0].member) for one in scanned.findings] == [(KEY, member)]


@pytest.mark.parametrize(
    ("name", "form"),
    [("d" * 150 + "/a", tarfile.PAX_FORMAT), ("d" * 150 + "/ä", tarfile.PAX_FORMAT), ("d" * 300, tarfile.GNU_FORMAT)],
)
def test_long_names_in_tar(name: str, form: int) -> None:
    assert members(containers.tarred(name, LINE, form))[name] == LINE


def test_members_keep_their_names_and_links_are_passed_over() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, kind in (("../up", tarfile.REGTYPE), ("/etc/x", tarfile.REGTYPE), ("link", tarfile.SYMTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.size, info.linkname = kind, 0, "/etc/passwd"
            archive.addfile(info)
        device = tarfile.TarInfo("null")
        device.type = tarfile.CHRTYPE
        archive.addfile(device)
    found = set(members(buffer.getvalue())) - {""}
    assert {name.lstrip("/") for name in found} == {"../up", "etc/x"}


LAYERS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(sorted(containers.ARCHIVES)), st.sampled_from(["a.env", "b/ä x.txt", "c"])),
        st.tuples(st.sampled_from(sorted(containers.COMPRESSED)), st.just("")),
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=25)
@given(layers=LAYERS, size=st.sampled_from([1, 3_000, 200_000]))
def test_containers_in_containers(matcher: Matcher, layers: list[tuple[str, str]], size: int) -> None:
    data = LINE + random.Random(size).randbytes(size)
    expected: list[str] = []
    for family, name in layers:
        if family in containers.COMPRESSED:
            data = containers.COMPRESSED[family](data)
        else:
            stripped = "a.env" if family in ("ar", "iso") else name  # neither takes every name
            data = containers.ARCHIVES[family](stripped, data)
            expected.insert(0, stripped)
    scanned = scan_contents(matcher, Blob("outer", data))
    assert [one.reason for one in scanned.skipped] == []
    [finding] = [one for one in scanned.findings if one.secret.decode() == KEY]
    [location] = finding.locations
    assert (location.start_line, location.start_column) == (2, 14)
    if layers[0][0] in containers.COMPRESSED:
        assert location.member.startswith("!/".join(expected[:-1]))
    else:
        assert location.member == "!/".join(expected)


def test_a_container_on_disk_is_read_from_disk(matcher: Matcher, tmp_path: Path) -> None:
    place = tmp_path / "a.zip"
    filler = random.Random(1).randbytes(1 << 20)
    with zipfile.ZipFile(place, "w") as archive:
        for number in range(20):
            archive.writestr(f"{number}.bin", filler)
        archive.writestr("last.env", LINE)
    with place.open("rb", buffering=0) as file:
        scanned = scan_open_file(matcher, file, "a.zip")
    assert [one.locations[0].member for one in scanned.findings] == ["last.env"]
    assert scanned.bytes == place.stat().st_size


def test_a_long_member_comes_in_windows(matcher: Matcher) -> None:
    body = b"nothing to see here\n" * 600_000
    data = gzip.compress(body + LINE)
    [finding] = scan_contents(matcher, Blob("a.log.gz", data)).findings
    assert (finding.locations[0].member, finding.locations[0].start_line) == ("a.log", 600_002)
    assert finding.locations[0].start_byte == len(body) + LINE.index(KEY.encode())


@pytest.mark.parametrize("lead", [b"#!/bin/sh\nexit\n", b"\x7fELF" + b"\0" * 600, b"%PDF-1.4 no pdf\n"])
def test_what_is_two_things_is_scanned_as_both(matcher: Matcher, lead: bytes) -> None:
    other = instance("{{github:ghp¦_}}", "polyglot")[0]
    data = lead + f"GITHUB_TOKEN={other}\n".encode() + containers.zipped("a.env", LINE)
    found = {one.secret.decode() for one in scan_contents(matcher, Blob("f", data)).findings}
    assert other in found
    assert KEY in found or lead.startswith(b"%PDF")


def test_what_the_list_of_a_zip_leaves_out_is_seen_as_it_stands(matcher: Matcher) -> None:
    data = containers.stored("gone.env", LINE)
    visible = containers.zipped("a.txt", b"x")
    with zipfile.ZipFile(io.BytesIO(data + visible)) as archive:
        assert archive.namelist() == ["a.txt"]
    [finding] = scan_contents(matcher, Blob("f", data + visible)).findings
    assert finding.locations[0].member == ""


def test_a_plain_file_is_left_alone() -> None:
    for data in (
        b"",
        b"x",
        b"PK",
        b"From here on\nnothing: x\n",
        b"BZh but no archive",
        b"070701 dates\n" * 99,
        b"{}" * 99,
    ):
        assert not has_inside(data)


# --- Not found, and said ----------------------------------------------------------------------------------------------


def encrypted() -> bytes:
    """A zip archive whose only member claims to be encrypted."""
    data = bytearray(containers.stored("a.env", LINE))
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def test_encrypted_members_are_said_and_make_the_run_incomplete() -> None:
    assert left_out(encrypted()) == [Skipped("f!/a.env", "encrypted")]


def test_what_no_library_reads_is_said() -> None:
    assert left_out(b"Rar!\x1a\x07\0" + b"x" * 99) == [Skipped("f", "a RAR archive, which keysift cannot open")]


@pytest.mark.parametrize(
    ("family", "module"), [("7z", "py7zr"), ("iso", "pycdlib"), ("zst", "backports.zstd"), ("pdf", "pypdf")]
)
def test_a_missing_library_is_named_with_the_way_to_it(
    monkeypatch: pytest.MonkeyPatch, family: str, module: str
) -> None:
    data = {
        "7z": containers.sevenzip("a", b"x"),
        "iso": containers.iso("a", b"x"),
        "zst": containers.zstandard(b"x"),
        "pdf": DOCUMENTS["pdf"][0],
    }[family]
    monkeypatch.setitem(sys.modules, module, None)
    if sys.version_info >= (3, 14) and family == "zst":
        pytest.skip("Python has it")
    [skipped] = left_out(data)
    assert "(pip install " in skipped.reason
    assert not skipped.expected


@pytest.mark.parametrize("family", ["zip", "tar", "ar", "cpio", "rpm"])
def test_a_damaged_member_does_not_take_the_others_with_it(family: str) -> None:
    if family == "zip":
        data = bytearray(containers.zipped_files({"a": os.urandom(500), "b": LINE}))
        data[60:90] = b"\xff" * 30
        assert members(bytes(data))["b"] == LINE
        assert [one.path for one in left_out(bytes(data))] == ["f!/a"]
    else:
        data = bytearray(containers.ARCHIVES[family]("a.env", LINE + os.urandom(200_000)))
        cut = bytes(data[: len(data) * 2 // 3])
        assert left_out(cut)
        assert LINE in b"".join(members(cut).values())


def test_a_damaged_header_of_a_tar_loses_one_member() -> None:
    parts = [containers.tarred(name, LINE)[:1024] for name in ("a", "b", "c")]
    data = parts[0] + b"\x01" * 512 + parts[1][512:] + parts[2] + b"\0" * 1024
    assert set(members(data)) == {"", "a", "c"}
    assert "damaged" in left_out(data)[0].reason


# --- Hostile ----------------------------------------------------------------------------------------------------------


SMALL = Limits(total=1 << 20, ratio=1 << 30, held=1 << 20)


@pytest.mark.parametrize("family", [*containers.COMPRESSED, "zip", "zip, bzip2", "zip, lzma", "7z", "png"])
def test_a_bomb_is_put_out(monkeypatch: pytest.MonkeyPatch, family: str) -> None:
    monkeypatch.setattr("keysift.containers.limits._FREE", 1 << 20)
    zeros = bytes(26 << 20)
    if family in containers.COMPRESSED:
        data = containers.COMPRESSED[family](zeros)
    elif family == "png":
        data = containers.png(zeros)
    else:
        data = containers.ARCHIVES[family]("zeros", zeros)
    del zeros
    tracemalloc.start()
    try:
        found = members(data, SMALL)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sum(map(len, found.values())) < 4 << 20
    assert peak < 24 << 20
    if family != "png":
        assert left_out(data, SMALL)


def test_containers_without_end_are_not_followed() -> None:
    data = LINE
    for _ in range(20):
        data = containers.zipped("a", data)
    assert [one.reason for one in left_out(data)] == ["not opened: nested more than 16 containers deep"]


def test_members_without_end_are_not_listed() -> None:
    data = containers.zipped_files({str(number): b"" for number in range(30)})
    limits = Limits(members=20)
    assert len(members(data, limits)) == 21
    assert [one.reason for one in left_out(data, limits)] == ["not fully scanned: it has more than 20 members"]


def test_time_ends() -> None:
    data = containers.zipped("a", LINE)
    assert [one.reason for one in left_out(data, Limits(seconds=-1))] == ["not fully scanned: it took longer than -1 s"]


def test_no_entity_grows(matcher: Matcher) -> None:
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(12))
    body = f'<!DOCTYPE x [<!ENTITY e0 "ha">{entities}]><w:p>&e12;</w:p>{LINE.decode()}'.encode()
    data = containers.zipped_files({"[Content_Types].xml": b"", "word/document.xml": body})
    assert sum(map(len, members(data).values())) < 10_000
    assert len(scan_contents(matcher, Blob("f", data)).findings) == 1


def property_list(*objects: bytes) -> bytes:
    """Return a binary property list of these objects, which refer to each other by their numbers; the first is top."""
    table, body = b"", b"bplist00"
    for encoded in objects:
        table += struct.pack(">H", len(body))
        body += encoded
    return body + table + b"\0" * 6 + bytes((2, 1)) + struct.pack(">QQQ", len(objects), 0, len(body))


def test_shared_values_of_a_property_list_do_not_unfold() -> None:
    levels = 60
    lists = (b"\xa2" + bytes((level + 1, level + 1)) for level in range(levels))
    assert members(property_list(*lists, b"\x51x"))["values"] == b' = "x"\n' * 2


@pytest.mark.parametrize("count", [1, 100])
def test_a_property_list_that_holds_itself_is_read_once(count: int) -> None:
    a, b, leaf = count, count + 1, count + 2
    dictionaries = (b"\xd3" + bytes((a, b, leaf, (n + 1) % count, (n + 1) % count, leaf)) for n in range(count))
    read = members(property_list(*dictionaries, b"\x51a", b"\x51b", b"\x51z"))["values"]
    assert read.count(b"\n") == count


def test_values_that_share_a_long_text_are_read_once() -> None:
    text = b"\x5f\x11" + struct.pack(">H", 5000) + b"x" * 5000
    read = members(property_list(b"\xaf\x10\xc8" + b"\x01" * 200, text))["values"]
    assert len(read) < 6000


def test_the_time_limit_counts_what_opening_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    """CPU time, so that load changes nothing, and not what the caller does with a piece."""
    now = 0.0
    monkeypatch.setattr("keysift.containers.stream.time.thread_time", lambda: now)
    data = containers.zipped_files({f"{number}": b"x" for number in range(20)})
    seen = 0
    for piece in walk.expand(Blob("a", data), Limits(seconds=1)):
        assert isinstance(piece, Window)
        seen += 1
        now += 100
    assert seen == 21
    real = kinds.kind

    def slow(*given: bytes) -> str | None:
        nonlocal now
        now += 0.1
        return real(*given)

    monkeypatch.setattr(kinds, "kind", slow)
    [late] = [piece for piece in walk.expand(Blob("a", data), Limits(seconds=1)) if isinstance(piece, Skipped)]
    assert late.reason == "not fully scanned: it took longer than 1 s"


def test_rows_before_the_damage_are_read() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("PRAGMA page_size = 512")
    connection.execute("CREATE TABLE t (a)")
    connection.executemany("INSERT INTO t VALUES (?)", [(f"row {number:03} {'x' * 100}",) for number in range(100)])
    connection.commit()
    data = bytearray(connection.serialize())
    damaged = data.index(b"row 090") // 512 * 512
    data[damaged : damaged + 512] = b"\xff" * 512
    found = [piece for piece in walk.expand(Blob("a", bytes(data))) if isinstance(piece, Skipped) or piece.blob.member]
    assert [piece.reason for piece in found if isinstance(piece, Skipped)] == [
        "not fully scanned: damaged or truncated (DatabaseError)"
    ]
    [rows] = [piece.blob.data for piece in found if isinstance(piece, Window)]
    assert rows.startswith(b'{"a": "row 000 ')
    assert b"row 080" in rows


def test_nothing_is_unpickled_or_imported(tmp_path: Path) -> None:
    mark = tmp_path / "ran"

    class Hostile:
        def __reduce__(self) -> tuple[object, ...]:
            return os.mkdir, (str(mark),)

    import pickle  # noqa: PLC0415 - here alone

    members(pickle.dumps(Hostile()))
    assert not mark.exists()


def test_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for family, wrap in containers.ARCHIVES.items():
        members(wrap("a.env" if family in ("ar", "iso") else "d/a.env", LINE))
    assert list(tmp_path.iterdir()) == []


def everything() -> Iterator[bytes]:
    for wrap in containers.ARCHIVES.values():
        yield wrap("a.env", LINE)
    for compress in containers.COMPRESSED.values():
        yield compress(LINE)
    for data, _ in DOCUMENTS.values():
        yield data


EVERYTHING = list(everything())


@settings(max_examples=tries(300))
@given(data=st.data())
def test_damage_is_never_a_crash(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from(EVERYTHING))
    hurt = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for place, value in data.draw(st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), max_size=6)):
        if hurt:
            hurt[place % len(hurt)] = value
    found = members(bytes(hurt), Limits(total=64 << 20))
    assert found[""] == bytes(hurt), "the bytes as they are come first, whatever is inside"


@given(
    head=st.sampled_from([*kinds._MAGIC, *kinds.UNREAD, b"BZh91AY&SY", b"070701", b"\x80\x04\x95", b""]),
    rest=st.binary(),
)
def test_any_bytes_behind_a_magic_number(head: bytes, rest: bytes) -> None:
    assert members(head + rest)[""] == head + rest


def test_looking_inside_imports_nothing_before_it_must() -> None:
    code = "import sys, keysift.scan.parallel; print([name for name in sys.modules if name in HEAVY])".replace(
        "HEAVY", "('zipfile', 'tarfile', 'sqlite3', 'email', 'lzma', 'pypdf', 'py7zr', 'plistlib')"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_a_truncated_deflate_gives_what_it_has() -> None:
    packed = containers.zipped("a.env", LINE + os.urandom(2000))
    assert zlib.crc32(packed)
    assert members(packed[:1500])["a.env"].startswith(LINE)


def test_a_member_without_a_name_is_not_taken_for_its_container() -> None:
    body = b"\0\0" + zlib.compress(b"inside")
    chunk = b"zTXt" + body
    data = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", len(body)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    assert members(data) == {"": data, "(no name)": b" = inside"}
