"""Makes the inputs of golden.py that are made: labelled sets, core corpus, acceptances, hiding places."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

from golden_inputs import NEW_COMMITS, Source, derive, environment, git

BENCH = Path(__file__).resolve().parent
ACCEPTING_SEED = 3
"""The core corpus of this seed is the one in which keys are accepted."""
CONFIGURATION = """\
exclude = ["????2/"]
disable = ["opsgenie-*"]

[[ignore]]
path = "????3/**"
reason = "made up"

[[ignore]]
rule = "pagerduty-*"
path = "????4/**"
reason = "made up"
owner = "platform team"

[[ignore]]
path = "????7/**"
reason = "made up, and over"
until = 2020-01-01

[[path]]
pattern = "????5/**"
min-confidence = "high"

[[path]]
pattern = "????6/**"
fail-on = "never"
disable = ["pagerduty-*"]
"""
"""Accepts by the last digit of the numbered folders, one means for each; 0, 8 and 9 have comments, 1 the baseline."""
COMMENTS = {"0": "keysift: ignore made up", "8": "keysift: ignore[sentry-dsn] another rule"}


def corpora(labelled: list[Path], seeds: list[int], keysift: Path, home: Path) -> list[Source]:
    """Return all inputs that are made; `keysift` writes the baseline of one of them."""
    return [
        *(Source(rows.name.split(".")[0], partial(_labelled, rows, home), ignored_too=True) for rows in labelled),
        *(Source(f"core-corpus-{seed}", partial(_core_corpus, seed, home), ignored_too=True) for seed in seeds),
        Source("acceptances", partial(_acceptances, keysift, home), ignored_too=True),
        Source("hiding-places", partial(_hiding_places, home)),
    ]


def _labelled(rows: Path, home: Path, top: Path) -> None:
    """Write each row's text to `NUMBER/FOLDER/NAME`, as the script that scores the labelled sets does."""
    with gzip.open(rows, "rt", encoding="utf-8") as lines:
        for number, row in enumerate(map(json.loads, lines)):
            path = top / "folder" / f"{number:05d}" / row.get("folder", ".") / row["name"]
            path.parent.mkdir(parents=True, exist_ok=True)
            text = row["text"]
            path.write_text(text if text.endswith("\n") else text + "\n", encoding="utf-8", newline="")
    _commit_folder(top, home)


def _core_corpus(seed: int, home: Path, top: Path) -> None:
    _write_corpus(seed, top / "folder")
    _commit_folder(top, home)


def _acceptances(keysift: Path, home: Path, top: Path) -> None:
    """Make a core corpus in which keys are accepted by every means, in places that stay open elsewhere too."""
    folder = top / "folder"
    for row in _write_corpus(ACCEPTING_SEED, folder):
        number, path = row["number"], folder / row["number"] / row["name"]
        values = [key["value"].split("\n")[0] for key in row["expected"]]
        if comment := COMMENTS.get(number[-1]):
            path.write_text(_commented(row["text"], values, comment), encoding="utf-8", newline="")
        if number.endswith("9"):  # open in the one, accepted in the other
            copy = folder / f"{number}-accepted" / row["name"]
            copy.parent.mkdir(parents=True)
            copy.write_text(_commented(row["text"], values, COMMENTS["0"]), encoding="utf-8", newline="")
    (folder / ".keysift.toml").write_text(CONFIGURATION, encoding="utf-8")
    command = [str(keysift), "baseline", "create", "--why", "made up", "--who", "a@example.org", "--path", "????1/**"]
    subprocess.run(command, check=True, cwd=folder, env=environment(home), stdout=subprocess.DEVNULL)
    _commit_folder(top, home, first=(".keysift.toml", ".keysift-baseline"))


def _commented(text: str, values: list[str], comment: str) -> str:
    """Return the text with the comment behind each line that holds one of the values."""
    lines = text.split("\n")
    return "\n".join(f"{line}  # {comment}" if any(value in line for value in values) else line for line in lines)


def _hiding_places(home: Path, top: Path) -> None:
    _run_sibling("hiding_places.py", "--seed", "golden", "--keep", str(top / "tree"))
    derive(top / "tree", top, home)


def _commit_folder(top: Path, home: Path, first: tuple[str, ...] = ()) -> None:
    """Make a repository of `top/folder`: a commit with the first files or with none, and one with all the others."""
    tree = top / "tree"
    shutil.copytree(top / "folder", tree)
    git("init", "-q", "-b", "main", tree, home=home)
    if first:
        git("-C", tree, "add", *first, home=home)
    git("-C", tree, "commit", "-q", "--allow-empty", "-m", "begin", home=home)
    git("-C", tree, "add", "-f", ".", home=home)
    git("-C", tree, "commit", "-q", "-m", "all files", home=home)
    derive(tree, top, home)


def _write_corpus(seed: int, folder: Path) -> list[dict[str, Any]]:
    """Write the core corpus without its answers, and return those: a row a file."""
    folder.mkdir()
    _run_sibling("core_corpus.py", "--seed", str(seed), "--write", str(folder))
    answers = folder / "labels.jsonl"
    rows = [json.loads(line) for line in answers.read_text(encoding="utf-8").splitlines()]
    answers.unlink()
    return rows


def _run_sibling(script: str, *arguments: str) -> None:
    """Run another script of this folder; it may need an environment where keysift is installed."""
    command = [sys.executable, str(BENCH / script), *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **NEW_COMMITS})
