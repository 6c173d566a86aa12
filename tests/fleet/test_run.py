"""A fleet from end to end: a code host with pages, limits and losses, sixty repositories, and what a run says."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from tests.fleet import stand_in
from tests.fleet.conftest import PROGRAM, SHARED, TOKEN, Few, Fleet, add_commit, key, make_repository
from tests.fleet.stand_in import Forge

SCHEMA = json.loads((files("keysift.report") / "schema" / "keysift-report-1.json").read_bytes())


def _leaks_nothing(fleet: Fleet, *said: str) -> None:
    """Nothing of the token, nor of a key, is in any file that a run leaves, nor in what it said."""
    hidden = [TOKEN, fleet.forge.token, SHARED, *(key(f"r{number:02}") for number in range(60))]
    texts = {str(file): file.read_bytes() for file in fleet.place.rglob("*") if file.is_file()}
    texts |= {f"stream {number}": text.encode() for number, text in enumerate(said)}
    basic = [
        header.rpartition(" ")[2] for _, headers in fleet.forge.seen if (header := headers.get("authorization", ""))
    ]
    for secret in {*hidden, *basic}:
        assert not [name for name, data in texts.items() if secret.encode() in data]


@pytest.mark.parametrize(
    ("numbers", "page"),
    [((0, 1, 7, 20, 21, 40), 3), pytest.param(range(60), 25, marks=pytest.mark.thorough)],
    ids=["six", "sixty"],
)
def test_many_repositories_behind_pages_and_limits(
    fleet: Fleet, forge: Forge, numbers: Sequence[int], page: int
) -> None:
    forge.page = page
    forge.lists["/orgs/acme/repos"] = [forge.github(f"acme/r{number:02}") for number in numbers]
    all_of_them = len(numbers) + 1
    forge.answers["/api/orgs/acme/repos"] = stand_in.busy(2)
    forge.lists["/orgs/acme/repos"].append(forge.github("acme/empty", size=0))
    fleet.github()
    out, err = fleet.run("run", "--jobs", "2", expect=1)
    assert f"{all_of_them} repositories: {all_of_them} scanned, 0 unchanged, 0 failed" in err
    keys = fleet.keys()
    assert len(keys) == all_of_them
    [shared] = [names for names in keys.values() if len(names) > 1]
    assert shared == [f"{forge.host}/acme/r{number}" for number in ("00", "20", "40")]
    assert not fleet.clones()
    _leaks_nothing(fleet, out, err)
    asked = forge.clones("acme/r07")
    _, err = fleet.run("run", "--jobs", "2", expect=1)
    assert f"{all_of_them} repositories: 0 scanned, {all_of_them} unchanged, 0 failed" in err
    assert f"0 keys new, 0 gone, {all_of_them} still there" in err
    assert fleet.keys() == keys
    assert forge.clones("acme/r07") == asked + 1, "only its refs are asked for"


def test_what_is_lost_moved_or_elsewhere_is_named(fleet: Fleet, forge: Forge) -> None:
    forge.lists["/orgs/acme/repos"] = [
        forge.github("acme/r00"),
        forge.github("acme/lost"),
        forge.github("acme/old"),
        forge.github("acme/r01") | {"clone_url": "https://evil.example/acme/r01.git"},
        forge.github("acme/r02", has_wiki=True),
    ]
    forge.answers["/acme/old.git"] = stand_in.moved(f"{forge.url}/acme/r03.git")
    fleet.github(wikis=True)
    out, err = fleet.run("run", expect=1)
    report = fleet.report()
    assert {each["path"].rpartition("/")[2]: (each["reason"], each["expected"]) for each in report["skipped"]} == {
        "lost": ("cannot be cloned: it is not there", False),
        "old": ("cannot be cloned: the server sends git to another address: it has moved", False),
        "r01": ("not scanned: its address leads to another host than that of the service", False),
        "r02.wiki": ("it is announced, and there is none", True),
    }
    assert not report["run"]["complete"]
    assert len(report["findings"]) == 3
    assert not [path for path, _ in forge.seen if "r03" in path], "a redirect is not followed"
    _leaks_nothing(fleet, out, err)


def test_a_page_that_is_missing_leaves_the_others(fleet: Fleet, forge: Forge, few: Few) -> None:
    few(6)
    forge.page = 3
    pages = iter(range(10))
    forge.answers["/api/orgs/acme/repos"] = lambda handler: next(pages) > 0 and stand_in.lost(handler)
    fleet.github()
    _, err = fleet.run("run", expect=1)
    assert "3 repositories: 3 scanned" in err
    [missed] = fleet.report()["skipped"]
    assert missed["path"] == f"{forge.host}: repositories of acme"
    assert "knows no acme" in missed["reason"]
    assert not missed["expected"]
    assert len(fleet.keys()) == 4
    forge.answers["/api/orgs/acme/repos"] = stand_in.lost
    _, err = fleet.run("run", expect=1)
    assert "0 keys new, 0 gone, 4 still there" in err, "what could not be listed is not gone"


def test_a_token_that_ends_halfway(fleet: Fleet, forge: Forge, few: Few) -> None:
    few(8)
    forge.valid = lambda: forge.clones("acme/r03") == 0
    fleet.github()
    out, err = fleet.run("run", "--jobs", "1", expect=1)
    refused = [each for each in fleet.report()["skipped"] if "the server refuses access" in each["reason"]]
    assert len(refused) == 5
    assert all(each["reason"].endswith("(with the token in FORGE_TOKEN)") for each in refused)
    _leaks_nothing(fleet, out, err)
    forge.token = TOKEN.replace("token", "newer")
    forge.valid = lambda: True
    fleet.environment["FORGE_TOKEN"] = forge.token
    _, err = fleet.run("run", expect=1)
    assert "8 repositories: 5 scanned, 3 unchanged, 0 failed" in err
    assert len(fleet.keys()) == 9
    _leaks_nothing(fleet, err)


def test_a_token_that_is_missing_stops_the_run_at_once(fleet: Fleet) -> None:
    fleet.github()
    del fleet.environment["FORGE_TOKEN"]
    _, err = fleet.run("run", expect=2)
    assert "the environment variable FORGE_TOKEN is not set" in err


def test_the_second_run_says_what_is_new_and_gone(fleet: Fleet, forge: Forge, few: Few, repositories: Path) -> None:
    few(4)
    make_repository(repositories / "acme" / "changing.git", {"a.env": f"DB_PASSWORD={key('changing')}\n"})
    forge.lists["/orgs/acme/repos"].append(forge.github("acme/changing"))
    fleet.github()
    fleet.run("run", expect=1)
    before = fleet.place / "before.json"
    fleet.run("report", "-f", "json", "-o", str(before), expect=0)
    add_commit(repositories / "acme" / "changing.git", {"b.env": f"MAIL_PASSWORD={key('newer')}\n"}, "second")
    del forge.lists["/orgs/acme/repos"][1]
    _, err = fleet.run("run", expect=1)
    assert "4 repositories: 1 scanned, 3 unchanged, 0 failed" in err
    assert "1 key new, 1 gone, 5 still there" in err
    report = fleet.report("--since-last")
    states = {finding["locations"][0]["path"]: finding["baseline"] for finding in report["findings"]}
    assert states.pop(f"{forge.host}/acme/changing/b.env") == "new"
    assert set(states.values()) == {"unchanged"}
    assert [gone["path"] for gone in report["gone"]] == [f"{forge.host}/acme/r01/deploy/prod.env"]
    out, err = fleet.run("report", "--since-last", "--fail-on", "secret", expect=1)
    assert out.count("new since the last run") == 1
    after = fleet.place / "after.json"
    fleet.run("report", "-f", "json", "-o", str(after))
    out, err = fleet.run("diff", str(before), str(after), expect=1)
    assert out.count("generic-password") == 1
    assert "1 key new, 1 gone, 5 still there" in err
    fleet.run("diff", str(after), str(after), expect=0)


@pytest.mark.thorough
def test_a_driver_that_is_killed_loses_nothing(fleet: Fleet, few: Few) -> None:
    few(12)
    fleet.github()
    for number in (3, 7):
        with fleet.start("run", "--jobs", "2") as process:
            fleet.wait_for(number)
            os.kill(process.pid, signal.SIGKILL)
    assert not fleet.progress()["stopped"]
    _, err = fleet.run("run", "--jobs", "2", expect=1)
    assert "12 repositories" in err
    assert not fleet.clones()
    resumed = fleet.keys()
    (fleet.place / "reports").rename(fleet.place / "resumed")
    (fleet.place / "reports").mkdir()
    (fleet.place / "reports" / "salt").write_bytes((fleet.place / "resumed" / "salt").read_bytes())
    fleet.run("run", expect=1)
    assert fleet.keys() == resumed
    assert len(resumed) == 13


def test_a_second_driver_is_refused(fleet: Fleet, few: Few, forge: Forge) -> None:
    few(3)
    forge.answers["/acme/r02.git"] = lambda _: bool(os.system("sleep 3"))  # noqa: S605 - a slow host
    fleet.github()
    with fleet.start("run", "--jobs", "1") as process:
        fleet.wait_for(1)
        _, err = fleet.run("run", expect=2)
        assert f"another run of this fleet is under way: process {process.pid}" in err
        assert "  running  " in fleet.run("status", "--once", expect=0)[0]
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    assert process.returncode == 130
    assert b"interrupted; run it again to go on" in said
    assert "stopped after" in fleet.run("status", expect=0)[0]
    assert not fleet.clones()
    _, err = fleet.run("run", expect=1)
    assert "3 repositories: " in err
    assert len(fleet.keys()) == 4


def test_a_repository_that_kills_its_workers_is_named(fleet: Fleet, deadly: tuple[str, ...]) -> None:
    fleet.github()
    _, err = fleet.run("run", "--jobs", "2", expect=1, program=deadly)
    assert "7 repositories: 6 scanned, 0 unchanged, 1 failed" in err
    [missed] = fleet.report()["skipped"]
    assert missed["path"].endswith("/acme/deadly")
    assert missed["reason"] == "not scanned: 2 workers died of it"
    assert not fleet.clones()
    _, err = fleet.run("run", expect=1)
    assert "7 repositories: 1 scanned, 6 unchanged, 0 failed" in err
    assert not fleet.clones()


def test_clones_that_are_kept_are_fetched(fleet: Fleet, few: Few, repositories: Path, forge: Forge) -> None:
    few(2)
    make_repository(repositories / "acme" / "kept.git", {"a.txt": "nothing\n"})
    forge.lists["/orgs/acme/repos"].append(forge.github("acme/kept"))
    fleet.github()
    fleet.run("run", "--keep", expect=1)
    work = fleet.place / "work"
    assert len(list(work.glob("*/*.git"))) == 3
    for config in work.glob("*/*/config"):
        assert "extraheader" not in config.read_text().lower()
    add_commit(repositories / "acme" / "kept.git", {"b.env": f"DB_PASSWORD={key('kept')}\n"}, "second")
    _, err = fleet.run("run", "--keep", expect=1)
    assert "3 repositories: 1 scanned, 2 unchanged, 0 failed" in err
    assert len(fleet.keys()) == 4
    _leaks_nothing(fleet)
    # The longest unused clones make room, and what does not fit at all is said.
    add_commit(repositories / "acme" / "kept.git", {"c.bin": os.urandom(600_000).hex()}, "third")
    _, err = fleet.run("run", "--keep", "--quota", "300k", expect=1)
    [missed] = fleet.report()["skipped"]
    assert "it is larger than the" in missed["reason"] or "no room" in missed["reason"]
    assert "the report of" in missed["reason"], "the report of yesterday stands"
    assert len(fleet.keys()) == 4


def _has_tmpfs() -> bool:
    mount = ["unshare", "-rm", "mount", "-t", "tmpfs", "-o", "size=64k", "none", "/mnt"]
    return subprocess.run(mount, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not _has_tmpfs(), reason="a small disk needs Linux with user namespaces")
@pytest.mark.parametrize(("folder", "said"), [("reports", "No space left on device"), ("work", "the disk is full")])
def test_a_full_disk_is_said(fleet: Fleet, few: Few, folder: str, said: str) -> None:
    few(12)
    fleet.github()
    (fleet.place / folder).mkdir(mode=0o700)
    mount = f'mount -t tmpfs -o size=24k none {folder} && exec "$0" "$@"'
    _, err = fleet.run("run", "--jobs", "1", expect=3, program=("unshare", "-rm", "sh", "-c", mount, *PROGRAM))
    assert said in err
    fleet.run("run", expect=1)
    assert len(fleet.keys()) == 13


def test_teams_topics_and_formats(fleet: Fleet, forge: Forge, few: Few) -> None:
    few(3)
    listed = forge.lists["/orgs/acme/repos"]
    listed[0]["topics"] = ["payments", "go"]
    listed[1]["topics"] = ["payments"]
    forge.lists["/orgs/acme/teams"] = [{"name": "Red", "slug": "red"}]
    forge.lists["/orgs/acme/teams/red/repos"] = [listed[0], listed[2]]
    fleet.github()
    fleet.run("run", expect=1)
    _, err = fleet.run("report", "--by", "topic")
    assert [line for line in err.splitlines() if "topic" in line] == [
        "keysift: topic payments: keys 3, repositories 2",
        "keysift: topic go: keys 2, repositories 1",
        "keysift: no topic: keys 1, repositories 1",
    ]
    _, err = fleet.run("report", "--by", "team")
    assert "team Red: keys 3, repositories 2" in err
    assert len(fleet.report("--team", "R*")["findings"]) == 3
    assert len(fleet.report("--topic", "go", "--topic", "rust")["findings"]) == 2
    Draft202012Validator(SCHEMA).validate(fleet.report())
    rows = list(csv.DictReader(fleet.run("report", "-f", "csv")[0].splitlines()))
    assert {(row["repository"].rpartition("/")[2], row["teams"], row["topics"]) for row in rows} == {
        ("r00", "Red", "payments; go"), ("r01", "", "payments"), ("r02", "Red", ""),
    }  # fmt: skip
    sarif = json.loads(fleet.run("report", "-f", "sarif")[0])
    [first, *_] = sarif["runs"][0]["results"]
    assert first["properties"]["repositories"][0]["history"]["in_head"] is True
    page = fleet.run("report", "-f", "html")[0]
    assert '"repositories": [{"name": ' in page
    _leaks_nothing(fleet, page, json.dumps(sarif))


def test_each_repository_states_what_it_accepts(fleet: Fleet, forge: Forge, repositories: Path) -> None:
    ignored = '[[ignore]]\npath = "a.env"\nreason = "a test"\nuntil = "2099-01-01"\n'
    leak = f"DB_PASSWORD={key('accepted')}\n"
    make_repository(repositories / "acme" / "accepts.git", {"a.env": leak, ".keysift.toml": ignored})
    make_repository(repositories / "acme" / "broken.git", {"a.env": leak, ".keysift.toml": "nonsense = 1\n"})
    forge.lists["/orgs/acme/repos"] = [forge.github("acme/accepts"), forge.github("acme/broken")]
    fleet.github()
    fleet.run("run", expect=1)
    report = fleet.report()
    [open_one], [accepted] = report["findings"], report["suppressed"]
    assert open_one["locations"][0]["path"] == f"{forge.host}/acme/broken/a.env"
    assert accepted["locations"][0]["path"] == f"{forge.host}/acme/accepts/a.env"
    assert open_one["fingerprint"] == accepted["fingerprint"]
    _, err = fleet.run("run", "--no-repo-config", expect=1)
    assert "2 scanned" in err, "other wishes are another report"
    assert not fleet.report()["suppressed"]


def test_a_fleet_has_fingerprints_of_its_own(fleet: Fleet, few: Few) -> None:
    few(1)
    fleet.github()
    fleet.run("run", expect=1)
    first = set(fleet.keys())
    (fleet.place / "reports" / "salt").unlink()
    for file in (fleet.place / "reports" / "repositories").iterdir():
        file.unlink()
    fleet.run("run", expect=1)
    assert len(first) == 2
    assert first.isdisjoint(fleet.keys())
