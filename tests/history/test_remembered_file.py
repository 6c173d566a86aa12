"""The file in which an audit is remembered: nothing of a key is in it, and nothing half-written or damaged counts."""

from __future__ import annotations

import base64
import itertools
import multiprocessing
import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from tests.history.repositories import LIMIT, Kept, Repository, file_of, one, token

from keysift import atomic
from keysift.detect.matcher import Matcher
from keysift.errors import UsageError
from keysift.history.audit import Audit
from keysift.history.context import AuditOptions
from keysift.history.remembered import directory, records
from keysift.model import ScanResult


def test_nothing_of_a_key_is_written(repo: Repository, kept: Kept, tmp_path: Path) -> None:
    plain, decoded, message, name, tagged, author, packed = (
        token(seed) for seed in ("plain", "decoded", "message", "name", "tag", "author", "packed")
    )
    repo.commit("a", f"x = {plain}\n", f"with {message}")
    repo.commit("b", f"data: {base64.b64encode(f'token={decoded}'.encode()).decode()}\n")
    with zipfile.ZipFile(repo.place / f"{name}.zip", "w") as archive:
        archive.writestr("a.env", f"{packed}\n")
    repo.git("add", "-A")
    repo.commit(f"keys/{name}.txt", "nothing\n")
    repo.git("tag", "-a", "-m", f"with {tagged}", "v1")
    repo.write("c", f"{plain}\n")
    repo.git("add", "-A")
    repo.git("-c", f"user.name={author}", "commit", "-q", "-m", "x")
    for _ in range(2):
        run, _ = kept(repo.place)
        assert {plain, message, name, tagged, author, packed} <= {finding.secret.decode() for finding in run.findings}
        for file in (tmp_path / "state").iterdir():
            content = file.read_bytes()
            for key in (plain, decoded, message, name, tagged, author, packed):
                for form in (key.encode(), base64.b64encode(key.encode())[:-4], key[4:24].encode()):
                    assert form not in content, file


def test_keys_of_one_object_tell_nothing_of_each_other(repo: Repository, kept: Kept, tmp_path: Path) -> None:
    first, second = (token(seed).encode() for seed in ("first", "second"))
    repo.commit("a", f"{first.decode()}\n{second.decode()}\n")
    kept(repo.place)
    keys = records.decode_record(file_of(tmp_path).read_bytes()).keys
    [one_of_them] = {key.blob for key in keys}
    assert one_of_them
    sealed = [key.sealed for key in keys]
    assert len(sealed) == 2
    assert _both(*sealed) != _both(first, second)


def _both(left: bytes, right: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(left, right, strict=True))


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_what_is_written_is_for_its_owner_alone(repo: Repository, kept: Kept, tmp_path: Path) -> None:
    kept(repo.place)
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700
    assert stat.S_IMODE(file_of(tmp_path).stat().st_mode) == 0o600
    assert sorted(file.name for file in (tmp_path / "state").iterdir()) == [".gitignore", "lock", "repository.state"]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut": lambda content: content[: len(content) // 2],
    "changed": lambda content: content[:-1] + bytes([content[-1] ^ 1]),
    "another thing": lambda content: b"PK\3\4" + content,
    "numbers": lambda content: changed(content, oids=[], paths=[]),
    "ids": lambda content: changed(content, unread=["x" * 40]),
    "short ids": lambda content: changed(content, unread=["ab"]),
    "labels": lambda content: changed(content, verdicts=[records.VerdictRecord("harmless", "high", (), 0)] * 9),
}


def changed(content: bytes, **fields: object) -> bytes:
    """Return a file with other content, and with the digest of that."""
    record = msgspec.structs.replace(records.decode_record(content), **fields)
    return records.encode(records.decode_header(content), record)


@pytest.mark.parametrize("way", DAMAGES)
def test_a_damaged_file_is_as_good_as_none(repo: Repository, kept: Kept, tmp_path: Path, way: str) -> None:
    key = token("damage")
    repo.commit("a", f"{key}\n")
    kept(repo.place)
    file_of(tmp_path).write_bytes(DAMAGES[way](file_of(tmp_path).read_bytes()))
    run, said = kept(repo.place)
    assert "does not count: it is damaged" in said
    assert one(run, key)
    assert "0 objects are new" in kept(repo.place)[1]


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_what_others_may_write_is_not_believed(repo: Repository, kept: Kept, tmp_path: Path) -> None:
    repo.commit("a", f"{token('others')}\n")
    kept(repo.place)
    file_of(tmp_path).chmod(0o666)
    assert "not a file that only you can write" in kept(repo.place)[1]
    (tmp_path / "state").chmod(0o777)
    with pytest.raises(UsageError, match="others may change"):
        kept(repo.place)


def test_a_key_sealed_with_other_bytes_is_searched_for(repo: Repository, kept: Kept, tmp_path: Path) -> None:
    key = token("sealed")
    repo.commit("a", f"{key}\n")
    kept(repo.place)
    content = file_of(tmp_path).read_bytes()
    keys = records.decode_record(content).keys
    assert keys
    sealed = [records.KeyRecord(known.rule, known.fingerprint, known.blob, b"?" * 40) for known in keys]
    file_of(tmp_path).write_bytes(changed(content, keys=sealed))
    assert one(kept(repo.place)[0], key)


def test_one_audit_at_a_time(repo: Repository, kept: Kept, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    holder = context.Process(target=hold, args=(tmp_path / "state", ready, done))
    holder.start()
    try:
        assert ready.wait(60)
        with pytest.raises(UsageError, match="another audit is using"):
            kept(repo.place)
    finally:
        done.set()
        holder.join()
    assert kept(repo.place)


def hold(place: Path, ready: object, done: object) -> None:
    with directory.locked(place):
        ready.set()  # type: ignore[attr-defined] # an event of multiprocessing
        done.wait(60)  # type: ignore[attr-defined] # likewise


def test_an_interrupted_audit_leaves_what_was_there(
    repo: Repository, kept: Kept, github: Matcher, tmp_path: Path
) -> None:
    keys = [token(str(number)) for number in range(5)]
    repo.commit("a", f"{keys[0]}\n")
    kept(repo.place)
    before = file_of(tmp_path).read_bytes()
    repo.commit("b", "\n".join(keys[1:]))
    for stop in itertools.count(1):
        audit = Audit(github, repo.place, AuditOptions(LIMIT, 1, state=tmp_path / "state"))
        events = iter(audit)
        taken = list(itertools.islice(events, stop))
        if len(taken) < stop:
            break
        assert file_of(tmp_path).read_bytes() == before
        so_far = [finding.secret.decode() for event in audit.so_far() for finding in event.findings]
        shown = [one for event in taken if isinstance(event, ScanResult) for one in event.findings]
        if stop > 3:
            assert {*so_far, *(finding.secret.decode() for finding in shown)} >= {*keys}
        events.close()  # type: ignore[attr-defined] # it is a generator
    assert stop > 5
    assert file_of(tmp_path).read_bytes() != before


def test_a_full_disk_is_said(repo: Repository, kept: Kept, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    key = token("disk")
    repo.commit("a", f"{key}\n")
    kept(repo.place)
    before = file_of(tmp_path).read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic, "replacing", full)
    repo.commit("b", "more\n")
    run, said = kept(repo.place)
    assert "the state cannot be written" in said
    assert "no space left" in said
    assert one(run, key)
    assert file_of(tmp_path).read_bytes() == before
