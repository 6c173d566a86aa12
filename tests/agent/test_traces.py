"""`keysift agent scan`, `clean` and `undo`, and `keysift scan --machine`, in a home of their own."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.cli.conftest import Keysift

from keysift.agent import cleaning, transcripts
from keysift.agent.user_settings import Settings
from keysift.errors import UsageError
from keysift.rules.generate import instance

DAY = 86_400


@pytest.fixture
def home(environment: dict[str, str]) -> Path:
    return Path(environment["HOME"])


@pytest.fixture
def other_key() -> str:
    return instance("{{hex:32}}", "another")[0]


def write(place: Path, content: str, *, days: float = 1) -> Path:
    """Write a file that was last changed so many days ago."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(content, encoding="utf-8")
    then = time.time() - days * DAY
    os.utime(place, (then, then))
    return place


def line(**fields: object) -> str:
    return json.dumps(fields) + "\n"


@pytest.fixture
def session(home: Path, key: str) -> Path:
    content = line(type="user", message={"content": f"deploy with\nPAGERDUTY_TOKEN={key}\nthanks"}, cost=1.0)
    content += f'{{"type":"assistant", "text": "it was {key}, é", "big": 12345678901234567890}}\n'
    content += '{"type":"x", "plain":"nothing here"}\n{"cut of'
    return write(home / ".claude/projects/-w/s.jsonl", content)


def findings(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(done.stdout)["findings"]
    return found


def test_transcripts_of_agents_are_scanned(keysift: Keysift, home: Path, session: Path, other_key: str) -> None:
    write(home / ".codex/sessions/2026/11/30/rollout-1.jsonl", line(text=f"PAGERDUTY_TOKEN={other_key}"))
    write(home / "work/app/.aider.chat.history.md", f"> export PAGERDUTY_TOKEN={other_key}\n")
    write(home / "work/app/notes.md", f"PAGERDUTY_TOKEN={other_key}\n")
    done = keysift("agent", "scan", "-f", "json")
    assert done.returncode == 1
    places = {place["path"] for found in findings(done) for place in found["locations"]}  # type: ignore[attr-defined]
    others = (".codex/sessions/2026/11/30/rollout-1.jsonl", "work/app/.aider.chat.history.md")
    assert places == {str(session), *(str(home / name) for name in others)}
    assert b"`keysift agent clean --dry-run`" in done.stderr


def test_only_some_agents_and_only_lately(keysift: Keysift, home: Path, session: Path, other_key: str) -> None:
    write(home / ".codex/sessions/a.jsonl", line(text=f"PAGERDUTY_TOKEN={other_key}"), days=40)
    assert len(findings(keysift("agent", "scan", "-f", "json"))) == 2
    assert len(findings(keysift("agent", "scan", "-f", "json", "--since", "30d"))) == 1
    assert len(findings(keysift("agent", "scan", "-f", "json", "--agent", "codex"))) == 1
    assert keysift("agent", "scan", "--since", "30").returncode == 2
    assert b"help: it knows" in keysift("agent", "scan", "--agent", "clod").stderr
    assert session.exists()


def test_a_comment_in_a_transcript_accepts_nothing(keysift: Keysift, home: Path, key: str) -> None:
    write(home / ".claude/history.jsonl", line(display=f"PAGERDUTY_TOKEN={key} # keysift: ignore"))
    write(home / ".keysift.toml", 'disable = ["*"]\n')
    assert len(findings(keysift("agent", "scan", "-f", "json"))) == 1


def test_cleaning_masks_and_nothing_else(keysift: Keysift, session: Path, key: str, tmp_path: Path) -> None:
    before, changed = session.read_text(), session.stat().st_mtime_ns
    assert b"1 key in 1 file would be masked" in keysift("agent", "clean", "--dry-run").stderr
    assert session.read_text() == before
    done = keysift("agent", "clean", "--backup", str(tmp_path / "backup"))
    assert done.returncode == 0
    after = session.read_text()
    assert key[4:-4] not in after
    assert after.count("\n") == before.count("\n")
    for old, new in zip(before.splitlines()[:3], after.splitlines()[:3], strict=True):
        assert json.loads(old).keys() == json.loads(new).keys()
        assert len(old) == len(new)
    assert after.splitlines()[2:] == before.splitlines()[2:]
    assert '"big": 12345678901234567890' in after
    assert session.stat().st_mtime_ns == changed
    assert keysift("agent", "scan").returncode == 0


def test_the_backup_is_for_its_owner_alone(keysift: Keysift, session: Path, tmp_path: Path) -> None:
    keysift("agent", "clean", "--backup", str(tmp_path / "backup"))
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "backup").iterdir()} == {0o600}
    assert keysift("agent", "clean", "--backup", str(tmp_path / "backup")).returncode == 2
    assert session.exists()


def test_undo_puts_back_what_was_there(keysift: Keysift, session: Path, tmp_path: Path) -> None:
    before = session.read_bytes()
    keysift("agent", "clean", "--backup", str(tmp_path / "backup"))
    assert keysift("agent", "undo", str(tmp_path / "backup")).returncode == 0
    assert session.read_bytes() == before


def test_undo_keeps_what_an_agent_has_added(keysift: Keysift, session: Path, tmp_path: Path) -> None:
    before = session.read_bytes()
    keysift("agent", "clean", "--backup", str(tmp_path / "backup"))
    with session.open("ab") as file:
        file.write(b'{"more": 1}\n')
    assert keysift("agent", "undo", str(tmp_path / "backup")).returncode == 0
    assert session.read_bytes() == before + b'{"more": 1}\n'


def test_undo_leaves_what_has_changed_otherwise(keysift: Keysift, session: Path, tmp_path: Path) -> None:
    keysift("agent", "clean", "--backup", str(tmp_path / "backup"))
    session.write_text("new\n")
    done = keysift("agent", "undo", str(tmp_path / "backup"))
    assert done.returncode == 3
    assert session.read_text() == "new\n"
    assert keysift("agent", "undo", str(tmp_path)).returncode == 2


def test_a_session_that_is_being_written_is_skipped(keysift: Keysift, session: Path, tmp_path: Path) -> None:
    os.utime(session)
    before = session.read_bytes()
    done = keysift("agent", "clean", "--backup", str(tmp_path / "backup"))
    assert done.returncode == 3
    assert b"written less than two minutes ago" in done.stderr
    assert session.read_bytes() == before


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="this system does not tell who holds a file")
def test_a_session_that_is_open_elsewhere_is_skipped(keysift: Keysift, session: Path, tmp_path: Path) -> None:
    code = "import sys; f = open(sys.argv[1], 'ab'); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(session)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout
        other.stdout.readline()
        done = keysift("agent", "clean", "--backup", str(tmp_path / "backup"))
        other.communicate()
    assert b"open in another program" in done.stderr


def test_a_database_is_left_as_it_is(keysift: Keysift, home: Path, key: str) -> None:
    place = home / ".local/share/opencode/opencode.db"
    place.parent.mkdir(parents=True)
    with sqlite3.connect(place) as database:
        database.execute("create table message (data text)")
        database.execute("insert into message values (?)", (f"PAGERDUTY_TOKEN={key}",))
    database.close()
    os.utime(place, (1, 1))
    assert keysift("agent", "scan").returncode == 1
    done = keysift("agent", "clean", "--dry-run")
    assert done.returncode == 3
    assert b"no text: a key in it stays" in done.stderr


def test_cleaning_asks_for_a_copy(keysift: Keysift) -> None:
    assert keysift("agent", "clean").returncode == 2
    assert keysift("agent", "clean", "--dry-run", "--backup", "x").returncode == 2


@pytest.mark.parametrize("indent", [None, 2])
def test_json_of_several_lines_stays_json(indent: int | None, key: str) -> None:
    value = {
        "messages": [{"text": f"a\nPAGERDUTY_TOKEN={key}\n", "n": [1, None]}, {"text": f"again {key}"}],
        "k": "\u00e9\\",
    }
    text, number = cleaning.masked(json.dumps(value, indent=indent), Settings())
    assert number == 1
    assert key[4:-4] not in text
    assert json.loads(text)["k"] == value["k"]
    assert json.loads(text)["messages"][0]["n"] == [1, None]


def test_a_key_of_several_lines_is_masked_in_json() -> None:
    body = "MII{{base64:61}}\n" + "{{base64:64}}\n" * 12 + "{{base64:40}}=="
    block, _ = instance(f"-----BEGIN RSA PRIVATE KEY-----\n{body}", "pem")
    text, number = cleaning.masked(line(content=f"here:\n{block}\n-----END RSA PRIVATE KEY-----\nthanks"), Settings())
    shown = json.loads(text)["content"]
    assert number == 1
    assert shown.startswith("here:\n-----BEGIN RSA PRIVATE KEY-----\n***")
    assert not [part for part in block.split("\n")[1:] if part[8:32] in shown]


def test_spans_of_time() -> None:
    assert transcripts.oldest("", 1000) == 0
    assert transcripts.oldest("2h", 10_000) == 10_000 - 7200
    assert transcripts.oldest("1w", 10 * DAY) == 3 * DAY
    for wrong in ("d", "1x", "-1d", "1.5d", "\u0661d"):
        with pytest.raises(UsageError):
            transcripts.oldest(wrong)


# --- The machine ------------------------------------------------------------------------------------------------------


@pytest.fixture
def workstation(home: Path, key: str, other_key: str) -> Path:
    write(home / ".bash_history", f"ls\nexport PAGERDUTY_TOKEN={key}\n")
    write(home / "work/app/.env", f"PAGERDUTY_TOKEN={other_key}\n")
    subprocess.run(["git", "init", "-q", str(home / "work/app")], check=True)
    write(home / ".netrc", f"machine api.example.org login a password {other_key[:20]}\n", days=40).chmod(0o644)
    write(home / ".pypirc", "[pypi]\nusername = a\n").chmod(0o600)
    (home / ".zsh_history").symlink_to(home / ".bash_history")
    return home


def test_a_workstation_is_scanned_where_keys_lie(keysift: Keysift, workstation: Path) -> None:
    done = keysift("scan", "--machine", "-f", "json")
    assert done.returncode == 1
    found = {place["path"] for one in findings(done) for place in one["locations"]}  # type: ignore[attr-defined]
    assert found == {str(workstation / ".bash_history"), str(workstation / "work/app/.env")}
    assert all(len(one["locations"]) == 1 for one in findings(done))  # type: ignore[arg-type]
    said = done.stderr.decode()
    assert ".zsh_history" in json.dumps(json.loads(done.stdout)) or ".zsh_history" in said
    assert "1 clone scanned as repositories of their own" in said


def test_a_store_is_no_alarm(keysift: Keysift, workstation: Path) -> None:
    done = keysift("scan", "--machine", "-f", "json")
    said = done.stderr.decode()
    assert (
        f"store: {workstation / '.netrc'} (netrc): 1 key, mode 644, changed 40 days ago, others on this machine" in said
    )
    assert f"store: {workstation / '.pypirc'} (PyPI): nothing that looks like a key, mode 600" in said
    assert not any(str(workstation / ".netrc") in json.dumps(one) for one in findings(done))


def test_a_broken_clone_does_not_lose_the_others(keysift: Keysift, workstation: Path) -> None:
    write(workstation / "broken/.keysift.toml", "broken = [\n")
    subprocess.run(["git", "init", "-q", str(workstation / "broken")], check=True)
    write(workstation / ".keysift.toml", 'disable = ["*"]\n')
    done = keysift("scan", "--machine", "-f", "json")
    assert len(findings(done)) == 2
    assert "invalid TOML" in json.dumps(json.loads(done.stdout))


def test_a_machine_takes_no_paths(keysift: Keysift) -> None:
    assert keysift("scan", "--machine", ".").returncode == 2
