"""Fuzzes what reads bytes of strangers, by hand: `python tests/fuzz/parsers.py TARGET [-max_total_time=600 FOLDER]`.

Needs atheris (`pip install atheris`), which is no dependency of ours. The options are libFuzzer's. Promised is of all:
no exception but the ones that they state, in bounded time and memory. What breaks a promise is written to the current
directory; keep it, cut down, in `tests/fuzz/finds/TARGET`, from where `tests/test_fuzz_finds.py` tries it again.
"""

# atheris instruments what is imported after it.
# ruff: noqa: PLC0415

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scanner"), str(ROOT)]

Target = Callable[[bytes], None]
Made = tuple[Target, Iterable[bytes]]
LONGEST = 1 << 20
CONFIG = b"""
exclude = ["a/*"]
fail-on = "secret"
disable = ["x-*"]
[[ignore]]
rule = "a"
path = "b"
reason = "c"
until = "2026-01-01"
[rule.x]
label = "secret"
keywords = ["abc"]
[[branch]]
pattern = "main"
fail-on = "never"
"""
PROJECT = b"""
[tool.keysift]
rules = ["a.yaml"]
[[tool.keysift.ignore]]
path-regex = "a+"
value = "x"
line = "y"
"""
GITLEAKS = b"""
title = "a"
[extend]
useDefault = true
disabledRules = ["x"]
[[rules]]
id = "a"
regex = '''a[0-9]{3}'''
keywords = ["abc"]
entropy = 3.5
secretGroup = 1
[[rules.allowlists]]
condition = "AND"
paths = ["a"]
regexes = ["b"]
regexTarget = "line"
stopwords = ["c"]
commits = ["abcdef"]
"""
RULES = b"""
provider: Us
rules:
- id: us-key
  name: Our key
  label: secret
  why: It opens.
  revoke: Ask.
  references: ['https://example.org']
  pattern: us_[0-9a-f]{32}
  keywords: [us_]
  when:
  - field: token
  examples: ['us_{{hex:32}}']
  counterexamples: [us_]
"""
COMMENTS = b"""
# keysift: ignore-start[a-*] why until 2026-01-01
x = y # keysift: ignore[a-b, c] so
# keysift: ignore-end
"""


def pack() -> Made:
    """A pack and its index: opened, every object inflated, every delta applied. The length of the pack comes first."""
    from keysift.git import delta, pack
    from keysift.git.delta import DamagedError, TooLargeError

    place = Path(tempfile.mkdtemp(prefix="fuzz-pack-"))

    def one(data: bytes) -> None:
        length = int.from_bytes(data[:3], "big")
        (place / "a.pack").write_bytes(data[3 : 3 + length])
        (place / "a.idx").write_bytes(data[3 + length :])
        with suppress(DamagedError):
            found = pack.open_pack(place / "a.pack")
            below = pack.find_children(found)
            for number in range(len(found)):
                assert len(found.oid(number)) == 40
                with suppress(DamagedError, TooLargeError):
                    data = found.inflate(number)
                    for child in below.of(number):
                        delta.apply(data, found.inflate(child), LONGEST)

    return one, [packed()]


def packed() -> bytes:
    """A small pack that git made, with deltas, behind its length; and its index."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:

        def git(*arguments: str) -> None:
            who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
            subprocess.run(["git", "-C", name, *who, *arguments], check=True, capture_output=True)

        git("init", "-q")
        for number in range(4):
            (Path(name) / "a").write_text("".join(f"line {one * number % 7} of the file\n" for one in range(30)))
            git("add", "-A")
            git("commit", "-q", "-m", f"{number}")
        git("repack", "-adq")
        [index] = Path(name).glob(".git/objects/pack/*.idx")
        data = index.with_suffix(".pack").read_bytes()
        return len(data).to_bytes(3, "big") + data + index.read_bytes()


def delta() -> Made:
    """A delta and its base: what it says was copied does stand in the base. The length of the base comes first."""
    from keysift.detect import carry, seams
    from keysift.git import delta
    from keysift.git.delta import DamagedError, TooLargeError

    def one(data: bytes) -> None:
        length = int.from_bytes(data[:2], "big")
        base, changes = data[2 : 2 + length], data[2 + length :]
        with suppress(DamagedError, TooLargeError):
            made, copies = delta.apply(base, changes, LONGEST)
            for start, end, shift in zip(copies[::3], copies[1::3], copies[2::3], strict=True):
                assert 0 <= start < end <= len(made)
                assert made[start:end] == base[start + shift : end + shift]
            zones = carry.zones(copies, len(made), len(base), 5)
            assert all(0 <= low <= high <= len(made) for low, high in zip(zones[::2], zones[1::2], strict=True))
            begins: list[int] = []
            seams.gather(made, zones, [], begins, 0)
            assert len(begins) == len(zones) // 2 * 3

    return one, [b"\0\x0aabcdefghij\x0a\x08\x90\x04\x02xy\x91\x06\x02"]


def history() -> Made:
    """What git says of commits and changes, with paths and authors of a stranger's: they come back as they are."""
    from keysift.git import log
    from keysift.git.diff import parse_changes

    def one(data: bytes) -> None:
        author, *paths = data.split(b"\0")
        rows = [b"0" * 40, author, b"12", b"\n" if paths else b""]
        raw = b""
        oid = b"1" * 40
        for number, path in enumerate(path for path in paths if path):
            colons = number % 3 + 1
            meta = b":" * colons + b" ".join([b"100644"] * (colons + 1) + [oid] * (colons + 1)) + b" M"
            raw += meta + b"\0" + path + b"\0"
            rows += [meta, path]
        wanted = [path for path in paths if path]
        assert [os.fsencode(change.path) for change in parse_changes(raw.split(b"\0"))] == wanted
        commit, changes = log._parse_commit(rows)
        assert [os.fsencode(change.path) for change in changes] == wanted
        assert commit.author.encode("utf-8", "surrogateescape") == author

    return one, [b"A <a@example.org>\0:name\0a b\nc\0\xff\xfe"]


def config() -> Made:
    """`.keysift.toml`, and `[tool.keysift]`."""
    from keysift import config
    from keysift.errors import ConfigError

    def one(data: bytes) -> None:
        for name in (".keysift.toml", "pyproject.toml"):
            with suppress(ConfigError):
                config.parse(data, name)

    return one, [CONFIG, PROJECT]


def baseline() -> Made:
    """A baseline; and the same with an entry more, which can be read again."""
    from keysift.accept import baseline
    from keysift.errors import ConfigError

    def one(data: bytes) -> None:
        with suppress(ConfigError):
            read = baseline.parse(data, "x")
            again = baseline.parse(baseline.changed(data, read.entries.values()), "x")
            assert again.entries == read.entries

    entry = b'{"id": "ab", "rule": "x", "path": "a", "who": "me", "why": "so", "since": "2026-01-01", "until": ""}\n'
    return one, [baseline.header(b"1" * 16) + entry]


def saved() -> Made:
    """A saved report; what is read can be joined and written in any format."""
    import io

    from keysift import report
    from keysift.errors import UsageError
    from keysift.report import saved
    from keysift.report.merge import merge

    def one(data: bytes) -> None:
        with suppress(UsageError):
            run = merge([saved.parse(data, "x"), saved.parse(data, "x")])
            for write in report.FORMATS:
                report.write(run, write, io.StringIO(), report.Options(show_public=True))

    golden = (ROOT / "tests" / "report" / "golden").glob("*.json")
    return one, [data for place in golden if (data := place.read_bytes()).lstrip().startswith(b"{")]


def gitleaks() -> Made:
    """`.gitleaks.toml` and `.gitleaksignore`."""
    from keysift.errors import ConfigError
    from keysift.migrate import gitleaks

    def one(data: bytes) -> None:
        with suppress(ConfigError):
            gitleaks.read_configuration(data, "x", {"a-b"})
        gitleaks.read_ignore_file(data, "x")

    return one, [GITLEAKS, b"abcdef0:a/b.txt:rule-x:12\n# x\na/b:rule:3\n"]


def re2() -> Made:
    """A regex of Go's."""
    from keysift.migrate import re2

    def one(data: bytes) -> None:
        for group in (None, 1):
            with suppress(ValueError):
                re2.translate(data.decode("utf-8", "replace"), secret_group=group)

    return one, [rb"(?i)(?P<a>[[:alnum:]_-]{3,9})\Qx.y\E(?s:.)\x{1F}[^\d]\z", rb"(?:a|b)*?\pL\C"]


def reports() -> Made:
    """Reports and baselines of other scanners."""
    from keysift.errors import ConfigError
    from keysift.migrate import reports

    def one(data: bytes) -> None:
        with suppress(ConfigError):
            reports.read_report(data, "x")

    found = {"RuleID": "a", "File": "b", "StartLine": 3, "Secret": "c", "Commit": "d"}
    other = {
        "SourceMetadata": {"Data": {"Git": {"file": "a", "line": 3, "commit": "b"}}},
        "Raw": "c",
        "Verified": True,
        "DetectorName": "x",
    }
    third = {"rule": {"id": "a"}, "finding": {"path": "b", "line": 3, "snippet": "c"}}
    kept = {"version": "1", "results": {"a": [{"type": "x", "hashed_secret": "0" * 40, "line_number": 3}]}}
    return one, [json.dumps(each).encode() for each in ([found], other, {"findings": [third]}, kept)]


def ignore() -> Made:
    """A `.gitignore`, and the paths of its own lines."""
    from keysift import patterns

    def one(data: bytes) -> None:
        rules = patterns.parse(data)
        for line in data.split(b"\n")[:20]:
            patterns.ignored([rules], line[:200] or b"a", directory=False)

    return one, [b"*.py[co]\n!/a/**/b?\n\\#x\\ \n[[:alpha:]!-z]/\n**/c\n[!a-]\\*\n"]


def own_rules() -> Made:
    """A file with rules of a repository's own."""
    from keysift.errors import RuleError
    from keysift.rules import authoring

    def one(data: bytes) -> None:
        with suppress(RuleError):
            list(authoring.read_own(data, "x.yaml"))

    return one, [RULES]


def comments() -> Made:
    """Comments that accept a finding."""
    from keysift.detect import comments
    from keysift.model import Blob, Confidence, Finding, Label, Location, Rule, Verdict

    rule = Rule("a-b", "A", "B", Label.SECRET, "W.", "R.", ())

    def one(data: bytes) -> None:
        blob = Blob("a", data)
        middle = len(data) // 2
        line = data.count(b"\n", 0, middle) + 1
        place = Location("a", line, 1, line, 2, middle, min(len(data), middle + 1))
        finding = Finding(rule, b"x", Verdict(Label.SECRET, Confidence.HIGH, ()), (place,), "f")
        [found] = comments.inline(blob, [finding])
        list(comments.unused(blob, [found]))

    return one, [COMMENTS, b"// pragma: allowlist nextline secret\nx # gitleaks:allow\n# nosecret\n"]


def decode() -> Made:
    """Encodings in encodings: what is decoded comes from somewhere."""
    import random

    from tests.fuzz import fuzz_decode

    return fuzz_decode.target, [fuzz_decode.made_up(random.Random(number)) for number in range(60)]


TARGETS: dict[str, Callable[[], Made]] = {
    made.__name__: made
    for made in (
        pack,
        delta,
        history,
        config,
        baseline,
        saved,
        gitleaks,
        re2,
        reports,
        ignore,
        own_rules,
        comments,
        decode,
    )
}


def main() -> None:
    """Runs until stopped."""
    import atheris

    target = TARGETS[sys.argv.pop(1)]
    libraries = ["keysift", "tomllib", "json", "yaml"]
    with atheris.instrument_imports(include=libraries), tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        one, seeds = target()
        for number, data in enumerate(seeds):
            (Path(folder) / f"seed-{number}").write_bytes(data)
        atheris.Setup([*sys.argv, folder, "-max_len=20000", "-timeout=30", "-rss_limit_mb=2000"], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
