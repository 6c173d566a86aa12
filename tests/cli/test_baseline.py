"""`keysift baseline`, from the first acceptance to the last, in real repositories."""

import base64
import json
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from keysift.accept import baseline
from keysift.rules.generate import instance

Keysift = Callable[..., subprocess.CompletedProcess[bytes]]
Git = Callable[..., None]
KEY = "PAGERDUTY_INTEGRATION_KEY={{hex:32}}\n"


@pytest.fixture
def repository(tmp_path: Path, git: Git) -> Path:
    git(tmp_path, "init", "-q")
    write(tmp_path / "a.conf", "a")
    write(tmp_path / "b.conf", "b")
    return tmp_path


def write(place: Path, seed: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(instance(KEY, seed)[0])


def scan(keysift: Keysift, *arguments: str) -> tuple[int, dict, str]:
    done = keysift("scan", "-f", "json", *arguments)
    return done.returncode, json.loads(done.stdout), done.stderr.decode()


def test_what_is_accepted_stays_so_through_moves_and_edits_and_is_counted(keysift: Keysift, repository: Path) -> None:
    done = keysift("baseline", "create", "--why", "before we began", "--who", "ada@example.org")
    assert done.returncode == 0, done.stderr
    assert (repository / ".gitattributes").read_text() == f"{baseline.ATTRIBUTE}\n"
    status, report, said = scan(keysift)
    assert (status, report["findings"], "2 accepted" in said) == (0, [], True)
    (repository / "a.conf").rename(repository / "moved.txt")
    (repository / "moved.txt").write_text("\n\nexport " + (repository / "moved.txt").read_text())
    write(repository / "new.conf", "new")
    status, report, _ = scan(keysift)
    assert status == 1
    assert [place["path"] for one in report["findings"] for place in one["locations"]] == ["new.conf"]
    assert [
        (one["kind"], one["justification"], one["who"]) for kept in report["suppressed"] for one in kept["suppressions"]
    ] == [("external", "before we began", "ada@example.org")] * 2


@pytest.mark.parametrize("command", [("create",), ("update", "--accept-high"), ("update",)])
def test_no_key_in_the_name_of_a_file_is_written_or_printed(
    command: tuple[str, ...], keysift: Keysift, repository: Path
) -> None:
    key = instance("{{github:ghp¦_}}", "name")[0]
    if command[0] == "update":
        keysift("baseline", "create", "--why", "x")
    write(repository / f"{key}.conf", "inside")
    done = keysift("baseline", *command, "--why", "x")
    assert done.stdout + done.stderr
    assert key not in (done.stdout + done.stderr).decode()
    assert key not in (repository / ".keysift-baseline").read_text()
    (repository / f"{key}.conf").write_text("# keysift: ignore nothing\n")
    assert key not in keysift("baseline", "prune", "--dry-run").stdout.decode()
    assert key not in keysift("baseline", "show").stdout.decode()


def test_the_file_does_not_hold_the_key_and_is_no_finding(keysift: Keysift, repository: Path) -> None:
    keysift("baseline", "create")
    text = (repository / baseline.NAME).read_text()
    for name in "ab":
        assert (repository / f"{name}.conf").read_text().partition("=")[2].strip() not in text
    assert scan(keysift, baseline.NAME)[1]["findings"] == []


def test_update_adds_and_changes_nothing_else(keysift: Keysift, repository: Path) -> None:
    keysift("baseline", "create", "--why", "first")
    before = (repository / baseline.NAME).read_bytes()
    assert keysift("baseline", "update", "--why", "again").returncode == 0
    assert (repository / baseline.NAME).read_bytes() == before
    write(repository / "tests" / "c.conf", "c")
    write(repository / "src" / "d.conf", "d")
    keysift("baseline", "update", "--why", "tests", "--path", "tests/**", "--accept-high")
    after = (repository / baseline.NAME).read_bytes()
    assert len(after.splitlines()) == len(before.splitlines()) + 1
    assert set(before.splitlines()) < set(after.splitlines())
    assert [place["path"] for place in scan(keysift)[1]["findings"][0]["locations"]] == ["src/d.conf"]
    write(repository / "src" / "d.conf", "c")
    assert scan(keysift)[0] == 1, "the entry holds in tests alone"


def test_create_does_not_overwrite_and_update_wants_a_file(keysift: Keysift, repository: Path) -> None:
    assert keysift("baseline", "update").returncode == 2
    keysift("baseline", "create")
    done = keysift("baseline", "create")
    assert (done.returncode, b"update" in done.stderr) == (2, True)
    assert repository.joinpath(baseline.NAME).exists()


def test_an_acceptance_that_is_over_is_a_finding_again_and_says_so(keysift: Keysift, repository: Path) -> None:
    keysift("baseline", "create", "--until", "2099-01-01")
    place = repository / baseline.NAME
    place.write_text(place.read_text().replace("2099-01-01", "2001-01-01"))
    status, report, said = scan(keysift)
    assert status == 1
    assert all("its acceptance ended on 2001-01-01" in one["reasons"][-1] for one in report["findings"])
    assert "keysift: acceptances: 2 ended; `keysift baseline prune --dry-run` lists them" in said
    assert report["run"]["notes"]
    assert b"expired" in keysift("baseline", "show").stdout
    assert keysift("baseline", "prune").stdout.count(b"expired: ") == 2
    assert len(place.read_text().splitlines()) == 1


def test_what_is_gone_is_said_listed_and_pruned(keysift: Keysift, repository: Path) -> None:
    keysift("baseline", "create")
    (repository / "a.conf").write_text("nothing\n")
    _, report, said = scan(keysift)
    assert [one["path"] for one in report["gone"]] == ["a.conf"]
    assert "1 no longer matches a finding" in said
    assert "gone" not in scan(keysift, "b.conf")[1], "of a part of the repository nothing can be said"
    before = (repository / baseline.NAME).read_bytes()
    assert b"gone: " in keysift("baseline", "prune", "--dry-run").stdout
    assert (repository / baseline.NAME).read_bytes() == before
    keysift("baseline", "prune")
    assert len((repository / baseline.NAME).read_bytes().splitlines()) == len(before.splitlines()) - 1
    assert "any more" not in scan(keysift)[2]


def test_prune_lists_comments_and_tables_that_accept_nothing(keysift: Keysift, repository: Path) -> None:
    repository.joinpath("c.conf").write_text("x = 1\n# keysift: ignore[slack-*] once there was a key\ny = 2\n")
    text = '[[ignore]]\nrule = "slack-*"\n[[ignore]]\npath = "vendor/"\n[[ignore]]\nvalue = "^x"\nuntil = 2001-01-01\n'
    repository.joinpath(".keysift.toml").write_text(text)
    listed = keysift("baseline", "prune").stdout.decode().splitlines()
    assert listed == [
        "expired: .keysift.toml: [[ignore]] number 3",
        "accepts nothing: .keysift.toml: [[ignore]] number 1",
        "accepts nothing: .keysift.toml: [[ignore]] number 3",
        "accepts nothing: c.conf:2: comment",
    ]


@pytest.mark.parametrize("end", ["soon", "2001-01-01", "-3d", "99999999999d"])
def test_an_end_is_a_day_to_come(end: str, keysift: Keysift, repository: Path) -> None:
    done = keysift("baseline", "create", "--until", end)
    assert (done.returncode, b"help:" in done.stderr) == (2, True)
    assert not repository.joinpath(baseline.NAME).exists()


# --- audit ------------------------------------------------------------------------------------------------------------


def entries(repository: Path) -> list[baseline.Entry]:
    return list(baseline.read(repository / baseline.NAME).entries.values())


def test_audit_stops_and_goes_on_where_it_was(keysift: Keysift, repository: Path) -> None:
    write(repository / "c.conf", "c")
    done = keysift("baseline", "audit", stdin=b"f\nmade up\nq\n")
    assert (done.returncode, done.stdout.count(b"--- key ")) == (0, 2)
    assert [entry.why for entry in entries(repository)] == ["false alarm: made up"]
    done = keysift("baseline", "audit", stdin=b"r\nSEC-7\na\nnever\n30d\nthe sandbox\n")
    assert b"--- key 2 of 2 ---" in done.stdout
    assert b"invalid date: never" in done.stdout
    assert sorted((entry.status, bool(entry.until)) for entry in entries(repository)) == [
        ("", False), ("", True), ("real", False),
    ]  # fmt: skip
    assert b"--- key" not in keysift("baseline", "audit").stdout
    status, report, _ = scan(keysift)
    assert (status, len(report["findings"])) == (1, 1)
    assert "known to be real since" in report["findings"][0]["reasons"][-1]


def test_audit_shows_no_key_not_even_a_neighbours(keysift: Keysift, repository: Path) -> None:
    text = instance("PAGERDUTY_INTEGRATION_KEY={{hex:32}} GITHUB_TOKEN={{github:ghp_}}\n", "two")[0]
    (repository / "a.conf").write_text(text)
    shown = keysift("baseline", "audit", stdin=b"s\ns\ns\n").stdout.decode()
    for value in text.replace("=", " ").split():
        assert len(value) < 30 or value not in shown


def test_the_end_of_input_is_the_end_and_nothing_is_written(keysift: Keysift, repository: Path) -> None:
    assert keysift("baseline", "audit", stdin=b"a\n").returncode == 0
    assert not (repository / baseline.NAME).exists()


def test_audit_in_a_terminal(repository: Path, environment: dict[str, str]) -> None:
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(repository)
        os.execve(sys.executable, [sys.executable, "-m", "keysift", "baseline", "audit"], environment)  # noqa: S606
    read_until(terminal, b"[q]uit")
    press(terminal, b"f")
    read_until(terminal, b"why")
    press(terminal, b"a test\n")
    read_until(terminal, b"[q]uit")
    press(terminal, b"\x04")  # Ctrl-D
    read_until(terminal, b"1 decided, 1 left")
    _, status = os.waitpid(process, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0
    assert [entry.why for entry in entries(repository)] == ["false alarm: a test"]


def test_audit_goes_back_undoes_and_shows_a_value_in_a_terminal(repository: Path, environment: dict[str, str]) -> None:
    value = (repository / "a.conf").read_text().strip().partition("=")[2].encode()
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(repository)
        os.execve(sys.executable, [sys.executable, "-m", "keysift", "baseline", "audit"], environment)  # noqa: S606
    steps = [
        (b"v", value), (b"x", b"\x1b[2K"), (b"r", b"why"), (b"one\n", b"key 2 of 2"),
        (b"\x1b[D", b"decided: real: one"),
        (b"\x1b[C", b"key 2 of 2"), (b"u", b"undone: real"), (b"f", b"why"), (b"\x03", b"not decided"),
        (b"f", b"why"), (b"two\n", b"key 2 of 2"), (b"r", b"why"), (b"\n", b"that was the last key"),
        (b"u", b"undone: real"), (b"q", b"1 decided, 1 left"),
    ]  # fmt: skip
    seen = read_until(terminal, b"[q]uit")
    assert value not in seen
    for keys, wanted in steps:
        press(terminal, keys)
        # The report of a key has a "why", too, so all of it is read before the next question.
        shown = wanted.startswith((b"key ", b"decided: ", b"undone: ", b"not decided", b"that was"))
        assert wanted in read_until(terminal, b"[q]uit" if shown else wanted)
    _, status = os.waitpid(process, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0
    assert [entry.why for entry in entries(repository)] == ["false alarm: two"]


def test_context_has_the_lines_around_and_no_key(keysift: Keysift, repository: Path) -> None:
    other = instance("GITHUB_TOKEN={{github:ghp_}}\n", "two")[0]
    encoded = base64.b64encode(instance("{{hex:32}}", "three")[0].encode()).decode()
    own = (repository / "a.conf").read_text().strip()
    lines = ["the first line", *["..."] * 9, own, other.strip(), f"pagerduty_key: {encoded}", "", "the last line."]
    (repository / "a.conf").write_text("\n".join(lines))
    shown = keysift("baseline", "audit", "a.conf", stdin=b"c\nc\n").stdout.decode()
    assert " 1 | the first line" in shown
    assert shown.count("the last line.") == 2
    for value in (lines[10].partition("=")[2], other.strip().partition("=")[2], encoded):
        assert value not in shown
        assert value[6:-6] not in shown


def test_an_undone_decision_puts_back_what_was_there(keysift: Keysift, repository: Path) -> None:
    keysift("baseline", "create", "--until", "2099-01-01", "--why", "first", "a.conf")
    place = repository / baseline.NAME
    place.write_text(place.read_text().replace("2099-01-01", "2020-01-01"))
    before = entries(repository)
    keysift("baseline", "audit", "a.conf", stdin=b"a\n30d\nagain\n")
    assert [entry.why for entry in entries(repository)] == ["again"]
    place.write_bytes(baseline.changed(place.read_bytes(), before))
    write(repository / "0.conf", "0")
    keysift("baseline", "audit", stdin=b"s\na\n30d\nagain\nu\nq\n")
    assert entries(repository) == before


# --- Of a report ------------------------------------------------------------------------------------------------------


def test_a_first_day_is_one_command_for_history_as_well(keysift: Keysift, git: Git, repository: Path) -> None:
    write(repository / ".env", "of a file that should not be tracked")
    git(repository, "add", "--all")
    git(repository, "commit", "-q", "-m", "one")
    (repository / "a.conf").unlink()
    write(repository / "c.conf", "c")
    git(repository, "add", "--all")
    git(repository, "commit", "-q", "-m", "two")
    assert len(json.loads(keysift("audit", "-f", "json", "-o", "audit.json").stdout or b"[]")) == 0
    done = keysift("baseline", "create", "--from", "audit.json", "--why", "old")
    assert (done.returncode, b"5 keys accepted" in done.stderr) == (0, True)
    assert {entry.rule for entry in entries(repository) if entry.scope != "history"} == {"tracked-secret-file"}
    assert keysift("audit").returncode == 0
    status, report, said = scan(keysift)
    assert (status, report.get("gone", []), "no longer match" in said) == (0, [], False)
    git(repository, "add", "--all")
    assert keysift("hook").returncode == 0
    git(repository, "commit", "-q", "-m", "what we begin with")
    assert keysift("gate", "--base", "HEAD~1").returncode == 0
    assert keysift("baseline", "prune", "--dry-run").stdout == b""
    write(repository / "d.conf", "d")
    git(repository, "add", "--all")
    git(repository, "commit", "-q", "-m", "three")
    assert keysift("audit").returncode == 1


def test_a_report_adds_to_a_baseline_and_changes_no_line_that_holds(keysift: Keysift, repository: Path) -> None:
    keysift("baseline", "create", "--why", "first", "a.conf")
    before = entries(repository)
    keysift("scan", "-f", "json", "-o", "all.json", "--no-repo-config")
    done = keysift("baseline", "update", "--from", "all.json", "--why", "second", "--accept-high")
    assert done.returncode == 0
    after = entries(repository)
    assert before[0] in after
    assert sorted(entry.why for entry in after) == ["first", "second"]
    assert scan(keysift)[0] == 0


def test_audit_decides_on_the_keys_of_a_report(keysift: Keysift, git: Git, repository: Path) -> None:
    git(repository, "add", "--all")
    git(repository, "commit", "-q", "-m", "one")
    (repository / "a.conf").unlink()
    git(repository, "commit", "-qam", "two")
    keysift("audit", "-f", "json", "-o", "audit.json")
    done = keysift("baseline", "audit", "--from", "audit.json", stdin=b"c\nf\nold\nr\nSEC-1\n")
    assert b"key 2 of 2" in done.stdout
    assert sorted((entry.status, entry.why, entry.scope) for entry in entries(repository)) == [
        ("", "false alarm: old", "history"), ("real", "SEC-1", "history"),
    ]  # fmt: skip
    assert b"--- key" not in keysift("baseline", "audit", "--from", "audit.json").stdout


def test_a_report_of_something_else_is_refused(keysift: Keysift, repository: Path, tmp_path_factory) -> None:  # noqa: ANN001
    other = tmp_path_factory.mktemp("other")
    write(other / "x.conf", "x")
    keysift("scan", str(other), "-f", "json", "-o", "other.json")
    done = keysift("baseline", "create", "--from", "other.json")
    assert (done.returncode, b"the report is of" in done.stderr) == (2, True)
    assert not (repository / baseline.NAME).exists()


# --- Update -----------------------------------------------------------------------------------------------------------


def test_update_without_a_reason_is_refused_where_nobody_can_be_asked(keysift: Keysift, repository: Path) -> None:
    keysift("baseline", "create", "a.conf")
    done = keysift("baseline", "update")
    assert (done.returncode, b"--why" in done.stderr) == (2, True)
    assert len(entries(repository)) == 1


def test_update_accepts_no_key_of_high_confidence_silently(keysift: Keysift, repository: Path) -> None:
    keysift("baseline", "create", "a.conf")
    (repository / "c.conf").write_text(instance("# for pagerduty\nTOKEN={{base64url:20}}\n", "medium")[0])
    done = keysift("baseline", "update", "--why", "x")
    assert done.returncode == 1
    assert "not accepted, because they are of high confidence: 1 key\n  pagerduty-integration-key  b.conf:1" in (
        done.stderr.decode()
    )
    assert sorted(entry.seen for entry in entries(repository)) == ["a.conf:1", "c.conf:2"]
    assert keysift("baseline", "update", "--why", "x", "--accept-high").returncode == 0
    assert scan(keysift)[0] == 0


def test_update_asks_in_a_terminal(keysift: Keysift, repository: Path, environment: dict[str, str]) -> None:
    keysift("baseline", "create", "a.conf")
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(repository)
        os.execve(sys.executable, [sys.executable, "-m", "keysift", "baseline", "update"], environment)  # noqa: S606
    for wanted, answer in ((b"of high confidence?", b"y\n"), (b"why", b"the sandbox\n"), (b"1 key accepted", b"")):
        read_until(terminal, wanted)
        press(terminal, answer)
    _, status = os.waitpid(process, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0
    assert sorted(entry.why for entry in entries(repository)) == ["", "the sandbox"]


def press(terminal: int, keys: bytes) -> None:
    """Types as a person does, a moment after the question: readline sets the terminal after it has shown it."""
    time.sleep(0.3)
    os.write(terminal, keys)


def read_until(terminal: int, wanted: bytes) -> bytes:
    seen = b""
    deadline = time.monotonic() + 60
    while wanted not in seen:
        ready, _, _ = select.select([terminal], [], [], deadline - time.monotonic())
        assert ready, seen
        seen += os.read(terminal, 4096)
    return seen


# --- Policy -----------------------------------------------------------------------------------------------------------


def test_a_policy_demands_a_reason_and_sets_an_end(keysift: Keysift, repository: Path) -> None:
    (repository / ".keysift.toml").write_text("[policy]\nrequire-reason = true\nmax-lifetime-days = 30\n")
    done = keysift("baseline", "create")
    assert (done.returncode, b"--why" in done.stderr) == (2, True)
    keysift("baseline", "create", "--why", "x")
    assert all(entry.until for entry in entries(repository))
    assert scan(keysift)[0] == 0
    place = repository / baseline.NAME
    place.write_text(place.read_text().replace(entries(repository)[0].until, "2090-01-01"))
    _, report, _ = scan(keysift)
    assert "longer than the 30 days" in report["findings"][0]["reasons"][-1]


@pytest.mark.parametrize(
    ("comment", "holds"), [("keysift: ignore", False), ("gitleaks:allow", False), ("keysift: ignore why", True)]
)
def test_a_policy_speaks_of_comments_as_well(comment: str, *, holds: bool, keysift: Keysift, repository: Path) -> None:
    (repository / ".keysift.toml").write_text("[policy]\nrequire-reason = true\n")
    place = repository / "a.conf"
    place.write_text(place.read_text().strip() + f" # {comment}\n")
    _, report, _ = scan(keysift, "a.conf")
    assert bool(report["suppressed"]) == holds
    assert holds or "gives no reason" in report["findings"][0]["reasons"][-1]
