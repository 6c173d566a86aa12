"""Measures how fast each kind of file is scanned, and if the key planted at its end is found.

    python tests/bench/kinds.py [KIND...] [--seed N] [--profile] [--keep FOLDER]

Makes files that look like the data people keep beside code (see `kinds_made`), scans each in a process of its own, with
one thread, and prints megabytes a CPU second, which load does not change much. `--profile` scans again and prints where
the time goes. Run it where keysift is installed with its compiled loops: plain ones take several times as long.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import kinds_made
import stages

from keysift.detect.matcher import Matcher
from keysift.model import Blob, ScanResult
from keysift.rules import ruleset
from keysift.scan.contents import scan_contents

WANTED = 15.0
"""Megabytes a CPU second of each kind."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for one kind."""

    size: int
    seconds: float
    """Of CPU."""
    found: bool
    findings: int
    skipped: tuple[str, ...]
    profile: tuple[str, ...] = ()
    stages: tuple[tuple[str, float], ...] = ()

    @property
    def speed(self) -> float:
        """Megabytes a CPU second."""
        return self.size / 1e6 / self.seconds

    @property
    def good(self) -> bool:
        """True if it is what we want."""
        return self.speed >= WANTED and self.found and not self.skipped


def measure(name: str, seed: int, profile: bool, keep: Path | None) -> Outcome:  # noqa: FBT001 - in another process
    """Make a file of this kind and scan it."""
    data, key = kinds_made.make(name, seed)
    path = kinds_made.KINDS[name].path
    if keep:
        (keep / path).parent.mkdir(parents=True, exist_ok=True)
        (keep / path).write_bytes(data)
    gc.set_threshold(100_000)  # as the command does
    matcher = Matcher(ruleset.load())
    matcher.prefilter.prepare()
    scan_contents(matcher, Blob(path, kinds_made.make(name, seed + 1, 300_000)[0]))  # what is loaded once
    started = time.process_time()
    result = scan_contents(matcher, Blob(path, data))
    seconds = time.process_time() - started
    found = any(
        finding.secret.decode() in {key, f"x{key}"} or key in finding.secret.decode() for finding in result.findings
    )
    lines, spent = _profiled(matcher, path, data) if profile else ((), ())
    skipped = tuple(skipped.reason for skipped in result.skipped)
    return Outcome(len(data), seconds, found, len(result.findings), skipped, lines, spent)


def _profiled(matcher: Matcher, path: str, data: bytes) -> tuple[tuple[str, ...], tuple[tuple[str, float], ...]]:
    with stages.Profile() as profile:
        result: ScanResult = scan_contents(matcher, Blob(path, data))
    del result
    return tuple(profile.table(12, 8)), tuple(profile.seconds.items())


def main() -> int:
    """Measure the chosen kinds; return 1 if one is slow, not scanned to its end, or its key is not found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", help="some of: " + ", ".join(kinds_made.KINDS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--profile", action="store_true", help="where the time goes: by stage, by rule, by reason")
    parser.add_argument("--keep", type=Path, help="folder for the files, to look at them")
    options = parser.parse_args()
    chosen = options.kinds or [*kinds_made.KINDS]
    if unknown := [name for name in chosen if name not in kinds_made.KINDS]:
        parser.error(f"no such kind: {', '.join(unknown)}")
    print(f"{'kind':22}{'MB':>6}{'CPU s':>8}{'MB/s':>8}  {'findings':>8}  key")
    good = True
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawned, max_tasks_per_child=1) as pool:
        for name in chosen:
            outcome = pool.submit(measure, name, options.seed, options.profile, options.keep).result()
            good = good and outcome.good
            mark = "" if outcome.good else "  (!)"
            print(
                f"{name:22}{outcome.size / 1e6:6.1f}{outcome.seconds:8.2f}{outcome.speed:8.1f}  {outcome.findings:8}"
                f"  {'found' if outcome.found else 'LOST'}{mark} {'; '.join(outcome.skipped)}",
                flush=True,
            )
            for line in outcome.profile:
                print(f"    {line}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
