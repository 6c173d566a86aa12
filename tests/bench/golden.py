"""Guards a redesign: records all that keysift says of many inputs, and compares two recordings field by field.

    python tests/bench/golden.py record OUT --keysift PROGRAM --work CACHE [--repositories FOLDER] [--labelled FILE ...]
    python tests/bench/golden.py compare A B [--expect FILE]

`record` runs `scan`, `audit`, `gate`, `hook` and `explain` on every repository in FOLDER (`NAME` or `NAME/repo`), on
labelled sets (`.jsonl.gz`, a row a file), on the core corpus, plain and with accepted keys, and on the hiding places.
Keys stay redacted. It prepares the inputs once in CACHE; only recordings that share it can be compared. Planting the
hiding places needs a Python where keysift is installed. What golden_record.VOLATILE lists is left out; all else is
compared.

`compare` exits with 1 where anything differs that the file of expected differences does not name: see golden_compare.
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import golden_compare
import golden_corpora
import golden_inputs
from golden_compare import is_among
from golden_inputs import Source
from golden_record import Recorder


def record(options: argparse.Namespace) -> int:
    """Prepare and record every chosen input."""
    work = options.work.resolve()
    recorder = Recorder(options.keysift.absolute(), work, work / "home")
    recorder.home.mkdir(parents=True, exist_ok=True)
    known = [
        *(golden_inputs.repositories(options.repositories, recorder.home) if options.repositories else []),
        *golden_corpora.corpora(options.labelled, options.seeds, recorder.keysift, recorder.home),
    ]
    chosen = [source for source in known if is_among(source.name, options.only)]

    def run(source: Source) -> None:
        started = time.monotonic()
        recorder.record(golden_inputs.prepare(source, work), options.out)
        print(f"{source.name}: recorded in {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)

    with ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(run, chosen))
    return 0


def compare(options: argparse.Namespace) -> int:
    """Print the differences; return 1 where there are unexpected ones, 2 where nothing could be compared."""
    try:
        expectations = golden_compare.read_expectations(options.expect)
        same = golden_compare.compare(options.a, options.b, options.only, options.show, expectations)
    except (OSError, ValueError) as error:
        print(f"golden: {error}", file=sys.stderr)
        return 2
    return 0 if same else 1


def main() -> int:
    """Read the command line and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    recording = commands.add_parser("record", help="record all that a program says")
    recording.set_defaults(run=record)
    recording.add_argument("out", type=Path, help="folder for the records")
    recording.add_argument("--keysift", type=Path, required=True, help="the program")
    recording.add_argument("--work", type=Path, required=True, help="cache folder for the inputs")
    recording.add_argument("--repositories", type=Path, help="folder of repositories")
    recording.add_argument("--labelled", type=Path, nargs="*", default=[], help="labelled sets, .jsonl.gz")
    recording.add_argument("--seeds", type=int, nargs="*", default=[1, 2], help="of the core corpus")
    recording.add_argument("--only", nargs="*", default=[], metavar="NAME", help="globs for the names of inputs")
    recording.add_argument("--jobs", type=int, default=1, help="inputs at once")
    comparing = commands.add_parser("compare", help="compare two recordings")
    comparing.set_defaults(run=compare)
    comparing.add_argument("a", type=Path, help="folder of the first recording")
    comparing.add_argument("b", type=Path, help="folder of the second recording")
    comparing.add_argument("--expect", type=Path, metavar="FILE", help="TOML of differences that are meant")
    comparing.add_argument("--only", nargs="*", default=[], metavar="NAME", help="globs for the names of inputs")
    comparing.add_argument("--show", type=int, default=10, help="differences to show of each record")
    options = parser.parse_args()
    return int(options.run(options))


if __name__ == "__main__":
    sys.exit(main())
