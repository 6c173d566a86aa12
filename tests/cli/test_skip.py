"""`[[skip]]`: what cannot be read is accepted, and still named."""

from __future__ import annotations

import io
import json
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from keysift.report import FORMATS

Answer = subprocess.CompletedProcess[bytes]
Keysift = Callable[..., Answer]
Git = Callable[..., None]
NAMING = sorted(set(FORMATS) - {"csv", "github", "codeclimate", "markdown"})
"""The formats that name what was not scanned; beside the others, standard error does."""


def rar(seed: int) -> bytes:
    return b"Rar!\x1a\x07\x01\x00" + bytes([seed]) * 20


def encrypted_zip() -> bytes:
    """Return a zip with one member whose flags say that it is encrypted."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("inner.txt", "x" * 100)
    data = bytearray(out.getvalue())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    return bytes(data)


@pytest.fixture
def repo(tmp_path: Path, git: Git) -> Path:
    """With what cannot be read: `new.rar` and `new.zip` in the tree, `old.rar` in an old commit alone."""
    git(tmp_path, "init", "-q", "-b", "main", "repo")
    place = tmp_path / "repo"
    (place / "old.rar").write_bytes(rar(1))
    git(place, "add", "--all")
    git(place, "commit", "-q", "-m", "first")
    (place / "old.rar").unlink()
    (place / "new.rar").write_bytes(rar(2))
    (place / "new.zip").write_bytes(encrypted_zip())
    git(place, "add", "--all")
    git(place, "commit", "-q", "-m", "second")
    return place


def state(repo: Path, text: str) -> None:
    (repo / ".keysift.toml").write_text(text)


def skipped(answer: Answer) -> dict[str, dict[str, Any]]:
    return {item["path"].partition(" in ")[0]: item for item in json.loads(answer.stdout)["skipped"]}


def test_what_cannot_be_read_is_accepted_by_path(keysift: Keysift, repo: Path) -> None:
    assert keysift("scan", cwd=repo).returncode == 3
    assert keysift("audit", cwd=repo).returncode == 3
    state(repo, '[[skip]]\npath = "*.rar"\nreason = "an installer"\nuntil = 2099-01-02\n[[skip]]\npath = "new.zip"\n')
    for command, names in (("scan", {"new.rar"}), ("audit", {"new.rar", "old.rar"})):
        answer = keysift(command, "-f", "json", cwd=repo)
        assert answer.returncode == 0, answer.stderr
        said = skipped(answer)
        assert said.keys() == {*names, "new.zip!/inner.txt"}
        for name in names:
            assert (said[name]["accepted"], said[name]["expected"]) == (True, True)
            assert said[name]["reason"].endswith("accepted until 2099-01-02: an installer")
        assert b"nothing that was not scanned matches" not in answer.stderr


@pytest.mark.parametrize("form", NAMING)
def test_every_report_still_names_it(form: str, keysift: Keysift, repo: Path) -> None:
    state(repo, '[[skip]]\npath = "/new.*"\nreason = "looked at by hand"\n')
    answer = keysift("scan", "-f", form, cwd=repo)
    assert answer.returncode == 0
    said = answer.stdout if form != "text" else answer.stderr
    assert b"new.rar" in said
    assert b"looked at by hand" in b" ".join(said.split())


@pytest.mark.parametrize("digits", [7, 40])
def test_one_version_is_accepted_by_its_object(digits: int, keysift: Keysift, repo: Path) -> None:
    oid = skipped(keysift("audit", "-f", "json", cwd=repo))["old.rar"]["object"]
    state(repo, f'[[skip]]\nobject = "{oid[:digits].upper()}"\n')
    said = skipped(keysift("audit", "-f", "json", cwd=repo))
    assert {name for name, item in said.items() if item.get("accepted")} == {"old.rar"}
    state(repo, f'[[skip]]\npath = "other/"\nobject = "{oid}"\n')
    assert not any(item.get("accepted") for item in skipped(keysift("audit", "-f", "json", cwd=repo)).values())


def test_one_member_is_accepted_by_its_name(keysift: Keysift, repo: Path) -> None:
    state(repo, '[[skip]]\npath = "new.zip!/inner.txt"\n')
    said = skipped(keysift("scan", "-f", "json", cwd=repo))
    assert [name for name, item in said.items() if item.get("accepted")] == ["new.zip!/inner.txt"]
    unopened = keysift("scan", "--max-expanded", "0", cwd=repo)
    assert b"matches .keysift.toml" not in unopened.stderr, "an archive that is not opened shows no members"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[[skip]]\npath = "*"\nuntil = 2020-01-01\n', "its acceptance ended on 2020-01-01"),
        ('[[skip]]\npath = "*"\n[policy]\nrequire-reason = true\n', "gives no reason, which the policy requires"),
        ('[[skip]]\npath = "*"\nreason = "x"\n[policy]\nmax-lifetime-days = 9\n', "longer than the 9 days"),
    ],
)
def test_one_that_does_not_hold_counts_again_and_says_why(text: str, why: str, keysift: Keysift, repo: Path) -> None:
    state(repo, text)
    for command in ("scan", "audit"):
        answer = keysift(command, "-f", "json", cwd=repo)
        assert answer.returncode == 3
        assert all(why in item["reason"] and not item["expected"] for item in skipped(answer).values())


def test_one_that_nothing_needs_is_said(keysift: Keysift, repo: Path) -> None:
    state(repo, f'[[skip]]\npath = "*"\n[[skip]]\npath = "gone/"\n[[skip]]\nobject = "{"0" * 40}"\n')
    assert b"not scanned matches .keysift.toml: [[skip]] number 2\n" in keysift("scan", cwd=repo).stderr
    said = keysift("audit", cwd=repo).stderr
    assert b"matches .keysift.toml: [[skip]] number 2, .keysift.toml: [[skip]] number 3\n" in said
    assert b"matches" not in keysift("audit", "--path", "a", cwd=repo).stderr


def test_what_is_no_file_cannot_be_accepted(keysift: Keysift, tmp_path: Path, repo: Path, git: Git) -> None:
    git(tmp_path, "clone", "-q", "--depth", "1", repo.as_uri(), "shallow")
    place = tmp_path / "shallow"
    state(place, '[[skip]]\npath = "*"\n')
    answer = keysift("audit", "-f", "json", cwd=place)
    assert answer.returncode == 3
    assert [name for name, item in skipped(answer).items() if not item["expected"]] == [
        "history before the shallow boundary"
    ]


def test_a_report_that_is_read_back_keeps_it(keysift: Keysift, repo: Path) -> None:
    state(repo, '[[skip]]\npath = "*"\nreason = "old"\n')
    (repo / "report.json").write_bytes(keysift("audit", "-f", "json", cwd=repo).stdout)
    again = keysift("report", "report.json", "-f", "json", cwd=repo)
    assert again.returncode == 0
    assert skipped(again) == skipped(keysift("audit", "-f", "json", cwd=repo))


def test_the_hook_and_the_gate_heed_it(keysift: Keysift, repo: Path, git: Git) -> None:
    state(repo, '[[skip]]\npath = "*.rar"\nreason = "ours"\n')
    git(repo, "add", "--all")
    git(repo, "commit", "-q", "-m", "accept")
    (repo / "more.rar").write_bytes(rar(3))
    git(repo, "add", "--all")
    hook = keysift("hook", "-f", "json", cwd=repo)
    assert (hook.returncode, skipped(hook)["more.rar"]["accepted"]) == (0, True)
    git(repo, "commit", "-q", "-m", "more")
    gate = keysift("gate", "--base", "HEAD~1", "-f", "json", cwd=repo)
    assert (gate.returncode, skipped(gate)["more.rar"]["accepted"]) == (0, True)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[skip]]\nreason = 'x'\n", b"does not say what may be skipped"),
        ("[[skip]]\nobject = 'abc'\n", b"is not the id of an object"),
        ("[[skip]]\nobject = 'g123456'\n", b"is not the id of an object"),
        ("[[skip]]\npath = 'a'\nrule = 'x'\n", b"unknown key 'rule'"),
        ("[skip]\npath = 'a'\n", b"must be a list of tables"),
    ],
)
def test_what_is_wrong_is_said(text: str, says: bytes, keysift: Keysift, repo: Path) -> None:
    state(repo, text)
    answer = keysift("scan", cwd=repo)
    assert answer.returncode == 2
    assert says in answer.stderr


def test_show_names_its_values(keysift: Keysift, repo: Path) -> None:
    state(repo, '[[skip]]\npath = "*.rar"\nuntil = 2099-01-01\n')
    shown = keysift("config", "show", cwd=repo).stdout.decode()
    assert 'skip[1].path = "*.rar"' in shown
    assert "# .keysift.toml:2" in shown
