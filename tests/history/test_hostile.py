"""Damaged and hostile repositories are audited as far as they can be, and run nothing."""

from __future__ import annotations

import os
import shutil
import struct
import tracemalloc
import zlib
from pathlib import Path

import pytest
from tests.history.repositories import (
    LIMIT,
    Audited,
    Repository,
    life,
    one,
    paths,
    results,
    token,
)

from keysift.detect.matcher import Matcher
from keysift.git import pack, process
from keysift.git.delta import DamagedError
from keysift.history.audit import Audit
from keysift.history.context import AuditOptions
from keysift.model import Run
from keysift.scan.tally import tally


def corrupt(file: Path) -> None:
    file.chmod(0o644)
    file.write_bytes(b"no object" + file.read_bytes()[9:])


@pytest.mark.parametrize("what", ["HEAD:bad", "HEAD:dir", "HEAD^{tree}", "HEAD~2", "HEAD~2^{tree}", "HEAD"])
@pytest.mark.parametrize("missing", [False, True], ids=["corrupt", "missing"])
def test_damaged_objects_are_said_and_the_others_read(
    repo: Repository, audited: Audited, what: str, *, missing: bool
) -> None:
    key, later = token("early"), token("late")
    repo.commit("good", f"{key}\n")
    repo.commit("bad", "bad\n")
    repo.commit("dir/x", "x\n")
    repo.commit("later", f"{later}\n")
    file = repo.loose(repo.git("rev-parse", what))
    if missing:
        file.unlink()
    else:
        corrupt(file)
    run = audited(repo.place)
    assert {finding.secret.decode() for finding in run.findings} == {key, later}
    assert not run.complete
    assert run.skipped


def packed(repo: Repository) -> list[str]:
    """Twelve keys, in versions of three files in one pack with all indexes; nothing of them is in the working tree."""
    keys = [token(f"packed {number}") for number in range(12)]
    for number, key in enumerate(keys):
        repo.commit(f"f{number % 3}.env", f"TOKEN={key}\n" + f"line {number}\n" * 40)
    repo.git("repack", "-adq")
    repo.git("multi-pack-index", "write")
    repo.git("rm", "-q", "f0.env", "f1.env", "f2.env")
    return keys


@pytest.mark.parametrize("at", [0, 7, 8, 8 + 4 * 100, 8 + 1024, -1, -30])
@pytest.mark.parametrize("which", ["multi-pack-index", "*.pack", "*.idx"])
def test_a_damaged_byte_of_what_packs_are_read_by_loses_no_key(
    repo: Repository, github: Matcher, which: str, at: int
) -> None:
    keys = packed(repo)
    [file] = repo.place.glob(f".git/objects/pack/{which}")
    data = bytearray(file.read_bytes())
    data[at] ^= 0xFF
    file.chmod(0o644)
    file.write_bytes(data)
    run = Run("audit", ())
    tally(run, results(Audit(github, repo.place, AuditOptions(LIMIT, 1))))
    missing = {*keys} - {finding.secret.decode() for finding in run.findings}
    # Without the head of its index nobody knows where the objects of a pack are.
    assert not missing or (which == "*.idx" and at < 8) or run.skipped
    assert not missing or any("git cannot list" in one.path or one.object for one in run.skipped)
    if not (which == "*.idx" and at < 8):
        assert len(missing) <= 1


def test_what_is_left_of_a_pack_that_was_cut_off_is_read(repo: Repository, github: Matcher) -> None:
    keys = packed(repo)
    [file] = repo.place.glob(".git/objects/pack/*.pack")
    [index] = repo.place.glob(".git/objects/pack/*.idx")
    begins = pack.open_pack(file).starts
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[: begins[len(begins) * 3 // 4]])
    run = Run("audit", ())
    tally(run, results(Audit(github, repo.place, AuditOptions(LIMIT, 1))))
    assert any("it ends before" in one.reason for one in run.skipped)
    assert {finding.secret.decode() for finding in run.findings} & {*keys}
    assert index.exists()


def test_a_commit_graph_hides_no_commit(repo: Repository, audited: Audited) -> None:
    key = token("hidden")
    repo.commit("a.env", f"TOKEN={key}\n")
    repo.commit("a.env", "gone\n")
    repo.commit("b", "b\n")
    repo.git("commit-graph", "write", "--reachable")
    file = repo.place / ".git" / "objects" / "info" / "commit-graph"
    data = bytearray(file.read_bytes())
    tree = bytes.fromhex(repo.git("rev-parse", "HEAD^{tree}"))
    parent = data.index(tree) + 20
    data[parent : parent + 4] = b"\x70\0\0\0"  # no parent
    file.chmod(0o644)
    file.write_bytes(data)
    found = one(audited(repo.place), key)
    assert paths(found) == ["a.env"]
    assert "refs/heads/main" not in life(found).refs
    assert life(found).kept_by == "refs"


def test_a_tree_that_holds_itself_many_times_ends_soon(
    repo: Repository, github: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve objects, ten billion paths: https://kate.io/blog/git-bomb/."""
    monkeypatch.setattr(process, "LONGEST", 8 << 20)
    key = token("in a bomb")
    blob = repo.git("hash-object", "-w", "--stdin", stdin="nothing\n")
    tree = repo.git("mktree", stdin="".join(f"100644 blob {blob}\tf{number}\n" for number in range(10)))
    for _ in range(9):
        tree = repo.git("mktree", stdin="".join(f"040000 tree {tree}\td{number}\n" for number in range(10)))
    secret = repo.git("hash-object", "-w", "--stdin", stdin=f"TOKEN={key}\n")
    tree = repo.git("mktree", stdin=f"100644 blob {secret}\ta.env\n040000 tree {tree}\tz\n")
    repo.git("update-ref", "HEAD", repo.git("commit-tree", tree, "-m", "bomb"))
    run = Run("audit", ())
    tally(run, results(Audit(github, repo.place, AuditOptions(LIMIT, 1))))
    assert [finding.secret for finding in run.findings] == [key.encode()]
    assert sum("more than 8,388,608 bytes of paths" in skipped.reason for skipped in run.skipped) == 2


def test_a_short_object_that_inflates_to_much_is_damaged(tmp_path: Path) -> None:
    place = tmp_path / "a.pack"
    deflating = zlib.compressobj(9)
    body = b"".join(deflating.compress(bytes(1 << 20)) for _ in range(256)) + deflating.flush()
    place.write_bytes(b"PACK\0\0\0\2\0\0\0\1" + b"\xb4\x06" + body + bytes(20))
    counts = struct.pack(">I", 0) * 0xAB + struct.pack(">I", 1) * (256 - 0xAB)
    place.with_suffix(".idx").write_bytes(
        b"\xfftOc\0\0\0\2" + counts + b"\xab" * 20 + bytes(4) + b"\0\0\0\x0c" + bytes(40)
    )
    opened = pack.open_pack(place)
    tracemalloc.start()
    with pytest.raises(DamagedError, match="another size"):
        opened.inflate(0)
    assert tracemalloc.get_traced_memory()[1] < 64 << 20
    tracemalloc.stop()


@pytest.mark.parametrize("place", [0.3, 0.6, 0.9])
def test_a_damaged_pack_is_said_and_the_others_read(repo: Repository, audited: Audited, place: float) -> None:
    for number in range(12):
        repo.commit(
            "grows", "".join(f"line {line} {line * 7919}\n" for line in range(100 * number, 100 * number + 200))
        )
    repo.git("repack", "-adq")
    key = token("beside")
    repo.commit("good", f"{key}\n")
    (file,) = repo.place.glob(".git/objects/pack/*.pack")
    data = bytearray(file.read_bytes())
    for number in range(40):
        data[int(len(data) * place) + number] ^= 0x5A
    file.chmod(0o644)
    file.write_bytes(data)
    run = audited(repo.place)
    assert key.encode() in {finding.secret for finding in run.findings}
    assert not run.complete


def test_no_command_of_the_repository_runs(repo: Repository, audited: Audited, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    program = tmp_path / "planted"
    program.write_text(f"#!/bin/sh\necho ran >> '{marker}'\nexit 0\n")
    program.chmod(0o755)
    key = token("planted")
    repo.write(".gitattributes", "* filter=planted diff=planted\n")
    repo.commit("file", f"{key}\n")
    repo.write("file", f"{key}\nchanged\n")
    for hook in ("post-index-change", "reference-transaction", "post-checkout", "fsmonitor-watchman"):
        shutil.copy(program, repo.place / ".git" / "hooks" / hook)
    for name in (
        "core.fsmonitor", "core.pager", "core.sshCommand", "core.gitProxy", "core.alternateRefsCommand",
        "diff.external", "diff.planted.command", "diff.planted.textconv", "filter.planted.clean",
        "filter.planted.smudge", "filter.planted.process", "gpg.program", "pager.log", "credential.helper",
    ):  # fmt: skip
        repo.git("config", name, str(program))
    for name, value in {"log.showSignature": "true", "diff.renames": "copies", "log.follow": "true"}.items():
        repo.git("config", name, value)
    marker.unlink(missing_ok=True)
    assert paths(one(audited(repo.place), key)) == ["file"]
    assert not marker.exists()


def test_no_url_of_a_submodule_runs_or_leads_anywhere(repo: Repository, audited: Audited, tmp_path: Path) -> None:
    marker, program = tmp_path / "marker", tmp_path / "planted"
    program.write_text(f"#!/bin/sh\necho ran >> '{marker}'\n")
    program.chmod(0o755)
    key = token("submodules")
    repo.write(
        ".gitmodules",
        f'[submodule "../../hooks"]\n\tpath = a\n\turl = ext::{program}\n\tupdate = !{program}\n'
        f'[submodule "b"]\n\tpath = --upload-pack={program}\n\turl = -u{program}\n',
    )
    repo.commit("file", f"{key}\n")
    oid = repo.git("rev-parse", "HEAD")
    for path in ("a", f"--upload-pack={program.name}", "-c"):
        repo.git("update-index", "--add", "--cacheinfo", f"160000,{oid},{path}")
    repo.git("commit", "-q", "-m", "submodules")
    repo.git("config", "submodule.b.update", f"!{program}")
    (repo.place / "a").mkdir()
    (repo.place / "a" / ".git").write_text("gitdir: ../../../../../../etc\n")
    run = audited(repo.place)
    assert paths(one(run, key)) == ["file"]
    assert not marker.exists()


@pytest.mark.parametrize("name", ["new\nline", 'quo"te', "\x1b[31mred", "tab\there", "\x01\x02", "a\u2028b", "back\\"])
def test_strange_names_are_told_apart(repo: Repository, audited: Audited, name: str) -> None:
    key, gone = token(name), token(f"gone {name}")
    repo.commit(name, f"{gone}\n")
    oid = repo.commit(name, f"{key}\n")
    run = audited(repo.place)
    assert (paths(one(run, key)), paths(one(run, gone))) == ([name], [name])
    assert life(one(run, gone)).last_commit == oid


def test_names_that_are_no_text(repo: Repository, audited: Audited) -> None:
    key = token("bytes")
    (Path(os.fsdecode(bytes(repo.place) + b"/\xff\xfe"))).write_text(f"{key}\n")
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "x")
    assert paths(one(audited(repo.place), key)) == ["\udcff\udcfe"]


def test_a_tree_thousands_of_levels_deep(repo: Repository, audited: Audited) -> None:
    key, other = token("deep"), token("beside the deep")
    oid = repo.git("hash-object", "-w", "--stdin", stdin=f"{key}\n")
    lines = [f"blob\nmark :1\ndata {len(key) + 1}\n{key}\n\n"]
    path = "d/" * 4_000 + "file"
    lines.append(
        f"commit refs/heads/deep\ncommitter A <a@example.org> 1700000000 +0000\ndata 1\nx\nM 100644 :1 {path}\n\n"
    )
    repo.git("fast-import", "--quiet", stdin="".join(lines))
    repo.commit("good", f"{other}\n")
    run = audited(repo.place)
    found = one(run, key)
    assert paths(found) in ([path], [f"(object {oid})"])
    assert paths(found) == [path] or not run.complete
    assert paths(one(run, other)) == ["good"]


def test_a_commit_with_a_thousand_parents(repo: Repository, audited: Audited) -> None:
    key = token("octopus")
    tree, base = repo.git("rev-parse", "HEAD^{tree}"), repo.git("rev-parse", "HEAD")
    stream = "".join(
        f"commit refs/heads/p\nmark :{number}\ncommitter A <a@example.org> {1700000000 + number} +0000\ndata 1\nx\n"
        f"from {base}\n\n"
        for number in range(1, 1001)
    )
    marks = repo.place.parent / "marks"
    repo.git("fast-import", "--quiet", "--force", f"--export-marks={marks}", stdin=stream)
    parents = "".join(f"parent {line.split()[1]}\n" for line in marks.read_text().splitlines())
    blob = repo.git("hash-object", "-w", "--stdin", stdin=f"{key}\n")
    tree = repo.git("mktree", stdin=f"100644 blob {blob}\tfile\n")
    who = "A <a@example.org> 1700002000 +0000"
    text = f"tree {tree}\n{parents}author {who}\ncommitter {who}\n\nmany\n"
    oid = repo.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=text)
    repo.git("update-ref", "refs/heads/octopus", oid)
    found = one(audited(repo.place), key)
    assert (life(found).first_commit, life(found).refs) == (oid, ("refs/heads/octopus",))


@pytest.mark.parametrize(
    "date", ["99999999999999999999 +0000", "18446744073709551615 +0000", "-5 +0000", "x", "0 +9999"]
)
def test_absurd_dates(repo: Repository, audited: Audited, date: str) -> None:
    key = token(date)
    blob = repo.git("hash-object", "-w", "--stdin", stdin=f"{key}\n")
    tree = repo.git("mktree", stdin=f"100644 blob {blob}\tfile\n")
    who = f"A <a@example.org> {date}"
    text = f"tree {tree}\nauthor {who}\ncommitter {who}\n\nx\n"
    oid = repo.git("hash-object", "--literally", "-t", "commit", "-w", "--stdin", stdin=text)
    (repo.place / ".git" / "refs" / "heads" / "absurd").write_text(f"{oid}\n")
    found = one(audited(repo.place), key)
    assert (paths(found), life(found).first_commit) == (["file"], oid)


def test_a_huge_message(repo: Repository, audited: Audited) -> None:
    key = token("huge")
    repo.git("commit", "-q", "--allow-empty", "-F", "-", stdin="word " * 100_000 + f"\n\n{key}\n")
    assert paths(one(audited(repo.place), key)) == ["commit message"]


def test_a_ref_and_a_reflog_that_lead_nowhere(repo: Repository, audited: Audited) -> None:
    key = token("nowhere")
    repo.commit("file", f"{key}\n")
    (repo.place / ".git" / "refs" / "heads" / "broken").write_text("12" * 20 + "\n")
    with (repo.place / ".git" / "logs" / "HEAD").open("a") as log:
        log.write(f"{'34' * 20} {'56' * 20} A <a@example.org> 1700000000 +0000\tx\n")
    run = audited(repo.place)
    assert (paths(one(run, key)), life(one(run, key)).in_head, run.complete) == (["file"], True, False)
