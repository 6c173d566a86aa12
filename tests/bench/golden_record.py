"""Records what each command says of an input, without what differs from run to run."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import golden_inputs
from golden_inputs import Input

GATE_COMMITS = (30, 300)
"""First-parent commits that a gate judges."""
EXPLAINED_PLACES, EXPLAINED_FILES, EXPLAINED_BYTES = 30, 5, 64 * 1024
"""The numbers of findings that are explained, of open and of accepted ones, and of whole files up
to this length."""

VOLATILE = """\
What is left out of a record, and nothing else:
- the version of the program: `tool.version`;
- the start of the run and how long it took: `run.started`, `run.duration_s`, and `1.23 s` on standard error;
- the path of the cache folder, wherever it stands in a text;
- `exposed_days` of a key that is exposed to this day: it says so in words in place of a number.
"""
_SECONDS = re.compile(r"\b\d+\.\d\d s\b")
_DAY = timedelta(days=1)
_SLACK = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Recorder:
    """The program to record, and where."""

    keysift: Path
    work: Path
    home: Path

    def record(self, given: Input, out: Path) -> None:
        """Write one file for each command to `out/NAME`."""
        commands = self._commands(given)
        commit = golden_inputs.git("-C", given.tree, "rev-parse", "HEAD", home=self.home)
        for name, (folder, arguments) in commands.items():
            answer = self._answer(folder, [*arguments, "--min-confidence", "low", "-f", "json"])
            _write(out / given.name / f"{name}.json", {"commit": commit, "arguments": arguments, **answer})
            if name == "scan":
                explained = {place: self._explain(given.tree, place) for place in _places(given, answer["report"])}
                _write(out / given.name / "explain.json", {"commit": commit, "places": explained})

    def _commands(self, given: Input) -> dict[str, tuple[Path, list[str]]]:
        """Return the folder and the arguments of each command, by the name of its record."""
        ignored = ["--no-ignore"] if given.ignored_too else []
        commands = {
            "scan": (given.tree, ["scan", *ignored]),
            "scan-folder": (given.folder, ["scan", *ignored]),
            "scan-ignored": (given.tree, ["scan", "--no-ignore"]),
            "audit": (given.tree, ["audit"]),
            "hook": (given.staged, ["hook"]),
            "hook-all": (given.unborn, ["hook"]),
        }
        for distance in GATE_COMMITS:
            if base := golden_inputs.ancestor(given.tree, distance, self.home):
                commands[f"gate-{distance}"] = (given.tree, ["gate", "--base", base])
        names = {(str(folder), *arguments): name for name, (folder, arguments) in reversed(commands.items())}
        return {name: commands[name] for name in commands if name in names.values()}  # the same command only once

    def _run(self, folder: Path, arguments: list[str]) -> tuple[int, str, list[str]]:
        """Return the exit code, standard output, and the lines of standard error."""
        process = subprocess.run(
            [str(self.keysift), *arguments],
            cwd=folder,
            env=golden_inputs.environment(self.home),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="backslashreplace",
            check=False,
        )
        stdout, stderr = (text.replace(str(self.work), "(work)") for text in (process.stdout, process.stderr))
        return process.returncode, stdout, [_SECONDS.sub("(volatile) s", line) for line in stderr.splitlines()]

    def _answer(self, folder: Path, arguments: list[str]) -> dict[str, Any]:
        """Return exit code, report and messages; the text in lines where standard output is no JSON."""
        exit_code, stdout, stderr = self._run(folder, arguments)
        try:
            report, text = json.loads(stdout), []
        except ValueError:
            report, text = {}, stdout.splitlines()
        _normalise(report)
        return {"exit_code": exit_code, "report": report, "text": text, "stderr": stderr}

    def _explain(self, folder: Path, place: str) -> dict[str, Any]:
        """Return the exit code, the candidates and the messages of `explain`."""
        exit_code, stdout, stderr = self._run(folder, ["explain", place])
        blocks = [block.split("\n") for block in stdout.rstrip("\n").split("\n\n") if block]
        candidates = [{"head": head, "lines": lines} for head, *lines in blocks]
        return {"exit_code": exit_code, "candidates": candidates, "stderr": stderr}


def _places(given: Input, report: dict[str, Any]) -> list[str]:
    """Return what to explain: the first place of the first findings, and the first files that hold one."""
    places, files = [], []
    for part in ("findings", "suppressed"):
        locations = [finding["locations"][0] for finding in report.get(part, [])]
        places += [f"{location['path']}:{location['start_line']}" for location in locations[:EXPLAINED_PLACES]]
        paths = (location["path"] for location in locations)
        files += [path for path in paths if _is_short_file(given.tree / path)]
    return [*dict.fromkeys(places), *list(dict.fromkeys(files))[:EXPLAINED_FILES]]


def _is_short_file(path: Path) -> bool:
    return path.is_file() and path.stat().st_size <= EXPLAINED_BYTES


def _normalise(report: dict[str, Any]) -> None:
    """Replace what the list `VOLATILE` names."""
    run = report.get("run", {})
    if "started" in run:
        start = datetime.fromisoformat(run["started"])
        end = start + timedelta(seconds=run.get("duration_s", 0)) + _SLACK
        for finding in [*report.get("findings", []), *report.get("suppressed", [])]:
            if life := finding.get("history"):
                _normalise_life(life, start, end)
    for place, name in ((run, "started"), (run, "duration_s"), (report.get("tool", {}), "version")):
        if name in place:
            place[name] = "(volatile)"


def _normalise_life(life: dict[str, Any], start: datetime, end: datetime) -> None:
    """Replace the days of a key that is exposed until the run, which took place from `start` to `end`."""
    if life.get("first_seen") and not life.get("last_seen"):
        first = datetime.fromisoformat(life["first_seen"])
        if (start - first) // _DAY <= life.get("exposed_days", -1) <= (end - first) // _DAY:
            life["exposed_days"] = "to this day"


def _write(path: Path, record: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
