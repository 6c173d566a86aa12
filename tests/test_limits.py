"""The table of limits in the guide has all limits that leave something out, as the program has them."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from keysift import config
from keysift.accept import baseline
from keysift.cli import keysift, subject
from keysift.cli.options import parse_size
from keysift.containers import limits, windows
from keysift.detect import confirm, decode
from keysift.detect.decode import binary, tables
from keysift.files import git_directory, walking
from keysift.git import process, repository
from keysift.history import audit
from keysift.report import sarif, text
from keysift.rules import custom
from keysift.scan import contents

GUIDE = (Path(__file__).parent.parent / "docs" / "guide" / "limits-and-safety.md").read_text(encoding="utf-8")
ROWS = {
    row[0]: (row[1], row[2])
    for row in re.findall(r"^\| ([^|]+?) \| ([^|]+?) \| ?([^|]*?) ?\|$", GUIDE, re.MULTILINE)
    if row[0] != "limit"
}
SIZES: dict[str, int] = {
    "one file of `explain`": subject.LONGEST,
    "all that one file unpacks to": limits.LIMITS.total,
    "likewise, in any case allowed": limits.LIMITS.allowance(0),
    "an inner container that is held in memory": limits.LIMITS.held,
    "one compressed value within an encoding": binary.MOST_INFLATED,
    "one file that git keeps beside the objects": git_directory.LARGEST,
    "a configuration, a rule file": config.LARGEST,
    "a baseline": baseline.LARGEST,
}
NUMBERS: dict[str, float] = {
    "likewise, for each byte of the file": limits.LIMITS.ratio,
    "members of one file, at all levels": limits.LIMITS.members,
    "containers within containers": limits.LIMITS.depth,
    "nested encodings": decode.DEPTH,
    "rows of a table in text": tables.MOST_ROWS,
    "keys in one file": contents.MOST_FINDINGS,
    "of these, with the lines around them": contents.MOST_SNIPPETS,
    "submodules within submodules in `audit`": audit.MOST_NESTED,
    "object directories that borrow from each other": repository.DEEPEST_ALTERNATES,
    "rules of your own": custom.MOST_RULES,
    "findings that `-f text` shows": text.MOST_FINDINGS,
    "results in SARIF": sarif.MOST_RESULTS,
    "places of a key in SARIF": sarif.MOST_LOCATIONS,
}
SECONDS: dict[str, float] = {
    "time for opening one file, and for scanning what is in it": limits.LIMITS.seconds,
    "likewise, for each MB of the file": limits._PER_MEGABYTE,
    "time of one rule in one place": confirm.TIMEOUT,
    "time in which git neither answers nor computes": process._PATIENCE_S,
}
BY_OPTION = {"one file in `scan`", "one file or object in `hook`, `gate`, `audit`"}


def size(number: int) -> str:
    """Return a size in the largest unit of which it is a multiple."""
    for unit, name in ((1 << 30, "GiB"), (1 << 20, "MiB")):
        if number % unit == 0:
            return f"{number // unit} {name}"
    return f"{number:,} bytes"


@pytest.mark.parametrize("limit", SIZES)
def test_sizes(limit: str) -> None:
    assert ROWS[limit][0] == size(SIZES[limit])


@pytest.mark.parametrize("limit", NUMBERS)
def test_numbers(limit: str) -> None:
    assert ROWS[limit][0] == f"{NUMBERS[limit]:,}"


@pytest.mark.parametrize("limit", SECONDS)
def test_times(limit: str) -> None:
    assert ROWS[limit][0] == f"{SECONDS[limit]:g} s"


def test_no_row_is_unproved() -> None:
    assert ROWS.keys() == SIZES.keys() | NUMBERS.keys() | SECONDS.keys() | BY_OPTION | {"a `.gitignore` outside of git"}
    assert ROWS["a `.gitignore` outside of git"][0] == f"{walking._LARGEST_LIST:,} bytes"
    assert config.LARGEST == custom.LARGEST
    assert f"windows of {size(windows.CHUNK)}" in GUIDE


def test_options_have_these_defaults() -> None:
    stated = ROWS["one file or object in `hook`, `gate`, `audit`"][0]
    assert [size(parse_size(str(default(name, "max_file_size")))) for name in ("hook", "gate", "audit")] == [stated] * 3
    assert not isinstance(default("scan", "max_file_size"), str)
    assert ROWS["one file in `scan`"][0] == "none"
    assert parse_size(str(default("scan", "max_expanded"))) == limits.LIMITS.total


def default(command: str, name: str) -> object:
    found = keysift.get_command(click.Context(keysift), command)
    assert found is not None
    return next(option.default for option in found.params if option.name == name)
