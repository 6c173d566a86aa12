"""The file that holds what is accepted: its form, what it says of a key, and that branches merge."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keysift.accept import baseline
from keysift.accept.baseline import REAL, Baseline, Entry
from keysift.errors import ConfigError
from keysift.fingerprint import fingerprint
from keysift.model import Confidence, Finding, Label, Location, Rule, Verdict

TEXT = st.text(max_size=20)
DATES = st.dates().map(str) | st.just("")
ENTRIES = st.builds(
    Entry, st.uuids().map(str), st.just("some-key"), TEXT, TEXT, TEXT, DATES, DATES, TEXT, st.sampled_from(["", REAL])
)


HEADER = baseline.header(b"\1" * 16)


def finding(secret: bytes, rule_id: str = "some-key", path: str = "a.env") -> Finding:
    rule = Rule(rule_id, "A key", "Some", Label.SECRET, "", "", ())
    place = Location(path, 1, 1, 1, 1, 0, 0)
    verdict = Verdict(Label.SECRET, Confidence.HIGH, ())
    return Finding(rule, secret, verdict, (place,), fingerprint(rule_id, secret))


def file_of(*entries: Entry) -> bytes:
    return baseline.changed(baseline.header(b"\1" * 16), entries)


@given(st.lists(ENTRIES, unique_by=lambda entry: entry.id))
def test_what_is_written_is_read_again(entries: list[Entry]) -> None:
    data = file_of(*entries)
    known = baseline.parse(data, "x")
    assert known.entries == {entry.id: entry for entry in entries}
    assert baseline.changed(data) == data
    lines = data.decode("ascii").splitlines()
    assert len(lines) == 1 + len(entries)
    assert [baseline.parse(data, "x").entries[line[8:44]].id for line in lines[1:]] == sorted(known.entries)


def test_lines_that_do_not_change_stay_byte_for_byte() -> None:
    by_hand = b'{"rule":"some-key",   "id": "b"}'
    data = baseline.header() + b'{"id": "c", "rule": "some-key"}\n' + by_hand + b"\n"
    added = baseline.changed(data, [Entry("a", "some-key")]).splitlines()
    assert added[2] == by_hand
    assert [line.count(b'"id"') for line in added] == [0, 1, 1, 1]
    assert baseline.changed(b"\n".join(added), remove={"a"}).splitlines()[1] == by_hand


def test_a_key_is_known_wherever_it_stands_and_by_its_rule() -> None:
    known = baseline.parse(baseline.header(), "x")
    entry = Entry(baseline.identify(known.salts[0], finding(b"hunter2hunter2")), "some-key")
    known = Baseline("x", known.salts, {entry.id: entry}, frozenset({"some-key"}))
    assert known.entry(finding(b"hunter2hunter2", path="moved/b.env")) == entry
    assert known.entry(finding(b"hunter2hunter3")) is None
    assert known.entry(finding(b"hunter2hunter2", "other-key")) is None


def test_the_hash_depends_on_the_salt_and_shows_nothing() -> None:
    one, two = (baseline.identify(salt, finding(b"password")) for salt in (b"\1" * 16, b"\2" * 16))
    assert one.partition(".")[2] != two.partition(".")[2]
    assert re.fullmatch(r"0101\.[0-9a-f]{4}(-[0-9a-f]{4}){7}", one)


def test_a_masked_key_has_the_entry_of_the_key() -> None:
    known = baseline.parse(HEADER, "x")
    whole = finding(b"hunter2hunter2")
    masked = replace(whole, secret=b"***")
    assert known.identify(masked) == known.identify(whole)


def test_files_of_the_first_form_are_read_and_written_as_before() -> None:
    first = b'{"keysift-baseline": 1, "salt": "' + b"01" * 16 + b'"}\n'
    # What keysift 1 wrote for this key.
    entry = Entry("0101.6452-3bb8-b6dc-ed1b-a4e3-0e81-33e5-d679", "some-key", why="old")
    data = baseline.changed(first, [entry])
    key = finding(b"hunter2hunter2")
    assert baseline.parse(data, "x").entry(key) == entry
    assert baseline.parse(first, "x").identify(key) == entry.id
    # Beside a header of the new form, new entries take that form, and of two for a key the stricter counts.
    data += baseline.header(b"\2" * 16)
    both = baseline.parse(data, "x")
    assert both.identify(key) == baseline.identify(b"\2" * 16, key)
    again = replace(entry, id=both.identify(key), until="2027-01-01")
    both = baseline.parse(baseline.changed(data, [again]), "x")
    assert both.entry(key) == again
    assert both.all_entries(key) == [entry, again]


def test_a_file_without_a_key_is_known_by_its_path() -> None:
    salt = b"\1" * 16
    assert baseline.identify(salt, finding(b"", path="a")) != baseline.identify(salt, finding(b"", path="b"))


@pytest.mark.parametrize(
    ("one", "other", "counts"),
    [({"until": "2030-01-01"}, {"until": "2029-01-01"}, 1), ({"until": ""}, {"until": "2029-01-01"}, 1),
     ({"status": REAL}, {"until": "2029-01-01"}, 0)],
)  # fmt: skip
def test_of_two_lines_for_a_key_the_stricter_counts(one: dict[str, str], other: dict[str, str], counts: int) -> None:
    entries = [replace(Entry("a", "some-key"), **values) for values in (one, other)]
    for order in (entries, entries[::-1]):
        data = baseline.header() + b"\n".join(map(baseline.formatted, order))
        assert baseline.parse(data, "x").entries["a"] == entries[counts]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (b"", "has 0 headers"),
        (HEADER * 2 + b"no\n", "x:3 is not a line of a baseline"),
        (HEADER + b'{"id": 1}\n', "x:2: an entry has only these fields"),
        (HEADER + b'{"id": "a", "rule": "b", "more": "c"}\n', "x:2: an entry has only these fields"),
        (HEADER + b'{"id": "a"}\n', "x:2 is not a line of a baseline"),
        (HEADER + b'{"id": "a", "rule": "b", "until": "soon"}\n', "x:2 is not a line of a baseline"),
        (b'{"keysift-baseline": 3, "salt": "00"}\n', "newer version"),
        (b'{"keysift-baseline": 1, "salt": "zz"}\n', "x:1 is not a line of a baseline"),
        (b"".join(baseline.header(bytes([number])) for number in range(1, 10)), "has 9 headers"),
        (b"[" * 100_000, "x:1 is not a line of a baseline"),
        (b"7\n", "x:1 is not a line of a baseline"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(lines: bytes, says: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(says)):
        baseline.parse(lines, "x")


def test_a_conflict_says_what_to_do() -> None:
    with pytest.raises(ConfigError) as found:
        baseline.parse(baseline.header() + b"<<<<<<< HEAD\n", "x")
    assert "both sides" in found.value.help


# --- Branches ---------------------------------------------------------------------------------------------------------


def git(place: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments]
    return subprocess.run(command, cwd=place, check=True, capture_output=True, text=True).stdout


ADDED = st.lists(ENTRIES, max_size=4, unique_by=lambda entry: entry.id)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=ADDED, ours=ADDED, theirs=ADDED, begun=st.booleans())
def test_two_branches_that_add_entries_merge(
    tmp_path_factory: pytest.TempPathFactory,
    *,
    before: list[Entry],
    ours: list[Entry],
    theirs: list[Entry],
    begun: bool,
) -> None:
    place = tmp_path_factory.mktemp("merge")
    file = place / baseline.NAME
    git(place, "init", "-q", "-b", "main")
    (place / ".gitattributes").write_text(f"{baseline.ATTRIBUTE}\n")
    if begun:
        file.write_bytes(file_of(*before))
    git(place, "add", "-A")
    git(place, "commit", "-q", "-m", "base")
    for branch, added in (("ours", ours), ("theirs", theirs)):
        git(place, "checkout", "-q", "-b", branch, "main")
        file.write_bytes(baseline.changed(file.read_bytes() if begun else baseline.header(), added))
        git(place, "add", "-A")
        git(place, "commit", "-q", "--allow-empty", "-m", branch)
    git(place, "merge", "-q", "-m", "both", "ours")
    merged = baseline.parse(file.read_bytes(), "x")
    expected = {entry.id for entry in (*(before if begun else ()), *ours, *theirs)}
    assert set(merged.entries) == expected
    again = baseline.changed(file.read_bytes(), merged.entries.values())
    assert baseline.parse(again, "x").entries == merged.entries


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_read_and_written_no_more(codec: str) -> None:
    data = baseline.changed(baseline.header(b"\1" * 16), [Entry("0101.a", "some-key")])
    marked = data.decode().encode(codec)
    assert baseline.parse(marked, "x") == baseline.parse(data, "x")
    assert baseline.changed(marked) == data
