"""`keysift redact`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from keysift import config, lazy
from keysift.cli import output, running, settings, terminal
from keysift.cli.choices import Choice, within
from keysift.cli.completing import complete_rule
from keysift.cli.options import LEVELS, choosing_rules
from keysift.detect.matcher import Matcher
from keysift.errors import ReportError, SourceError, UsageError
from keysift.model import Confidence, Label, Run
from keysift.streams import rewriting, sources, styles
from keysift.streams.masker import Masker, WithheldError
from keysift.streams.places import Place, Policy
from keysift.streams.recording import Recorder
from keysift.streams.redactor import Note, StreamRedactor
from keysift.version import VERSION

if TYPE_CHECKING:
    from keysift import report
    from keysift.report import plain
    from keysift.scan import tally
else:
    plain = lazy.module("keysift.report.plain")
    report = lazy.module("keysift.report")
    tally = lazy.module("keysift.scan.tally")


class _MaskedError(Exception):
    """Something would be masked, which is all that `--check` asks."""


@click.command("redact")
@click.argument("files", nargs=-1, type=click.Path())
@click.option(
    "--style",
    type=Choice(styles.NAMES),
    metavar="STYLE",
    default="mask",
    show_default=True,
    help="What stands in the place of a key: its mask, a tag such as [secret:RULE:3f9a], or the same with a hash.",
)
@click.option("--key-file", type=click.Path(dir_okay=False), help="Key of the hashes: equal keys, equal hashes.")
@click.option(
    "--label",
    "labels",
    multiple=True,
    type=Choice([str(label) for label in Label]),
    metavar="LABEL",
    help="Mask keys with this label: secret, sensitive or public. Repeatable.  [default: secret, sensitive]",
)
@click.option(
    "--min-confidence",
    type=Choice(LEVELS),
    metavar="LEVEL",
    default="medium",
    show_default=True,
    help="Lowest confidence of a key that is masked: low, medium or high.",
)
@click.option(
    "--rule",
    "only",
    multiple=True,
    metavar="ID",
    shell_complete=complete_rule,
    help="Mask the keys of this rule only; `pagerduty-*` is a family. Repeatable.",
)
@click.option(
    "--disable",
    multiple=True,
    metavar="ID",
    shell_complete=complete_rule,
    help="Turn this rule off; `generic-*` is a family. Repeatable.",
)
@choosing_rules
@click.option(
    "--config", "config_file", type=click.Path(dir_okay=False), help="Use the rules of this configuration file."
)
@click.option("--in-place", is_flag=True, help="Rewrite the files; keep each original for its owner alone.")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if something would be masked.")
@click.option("--follow", is_flag=True, help="Go on as the file grows, is rotated or cut short.")
@click.option(
    "--max-delay",
    type=int,
    default=1000,
    show_default=True,
    metavar="MS",
    callback=within(0, 3_600_000),
    help="Longest time for which bytes wait for what follows them.",
)
@click.option(
    "--on-error",
    type=Choice(["closed", "open"]),
    metavar="WHAT",
    default="closed",
    show_default=True,
    help="What cannot be searched in full: hold it back and end (closed), or let it through (open).",
)
@click.option(
    "--report",
    "report_file",
    type=click.Path(dir_okay=False),
    callback=output.check_destination,
    help="Write what was masked to this file, as JSON.",
)
@click.option(
    "--stdin-name",
    default="standard input",
    show_default=True,
    metavar="PATH",
    help="Name by which the input of `-` is judged.",
)
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Copy files, or standard input, with every key masked.

    \b
    kubectl logs -f deploy/api | keysift redact
    keysift redact --style tag app.log > app.shareable.log
    keysift redact --in-place notes/*.md
    keysift redact --check prompt.txt || echo 'not to be shared'
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    _check_options(options)
    ctx.exit(_Redaction(options).run())


def _check_options(options: dict[str, Any]) -> None:
    ways = [f"--{name.replace('_', '-')}" for name in ("in_place", "check", "follow") if options[name]]
    if len(ways) > 1:
        raise UsageError(f"{' and '.join(ways)} exclude each other", help="keysift redact --help")
    names = options["files"] or ("-",)
    if options["in_place"] and "-" in names:
        raise UsageError("--in-place rewrites files, and standard input is none", help="name the files")
    if options["follow"] and (len(names) > 1 or "-" in names):
        raise UsageError("--follow goes on with one file", help="keysift redact --follow app.log")
    for name in names:
        if name != "-" and not Path(name).exists():
            raise UsageError(f"no such file: {plain.plain(name)}", help="`-` is standard input")
        if name != "-" and Path(name).is_dir():
            raise UsageError(f"{plain.plain(name)} is a directory", help="name the files in it")


class _Redaction:
    """One run of the command."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        self._names: tuple[str, ...] = options["files"] or ("-",)
        self._record = running.begin("redact", self._names)
        stated = config.read(Path(options["config_file"])) if options["config_file"] else config.Config()
        self._rules = settings.active_rules(stated, None, options)
        key = styles.read_key(Path(options["key_file"])) if options["key_file"] else None
        labels = options["labels"] or (Label.SECRET, Label.SENSITIVE)
        policy = Policy(frozenset(map(Label, labels)), Confidence(options["min_confidence"]))
        self._masker = Masker(Matcher(self._rules), policy, styles.make(options["style"], key))
        self._recorders: list[Recorder] = []
        self._unfinished = False

    def run(self) -> int:
        """Do what the options ask for, and return the exit code."""
        way = self._rewrite if self._options["in_place"] else self._follow if self._options["follow"] else self._copy
        try:
            for name in self._names:
                way(name)
        except _MaskedError:
            return 1
        except BrokenPipeError:
            running.forget_output()  # its reader has enough
        finally:
            self._write_report()
        return 3 if self._unfinished else 0

    def _copy(self, name: str) -> None:
        with _reading(name, self._shown(name)) as file:
            sources.copy(sources.of(file), self._stream(name), self._write, self._delay)

    def _follow(self, name: str) -> None:
        try:
            growing = sources.Growing(Path(name))
        except OSError as error:
            raise SourceError(
                f"cannot read {self._shown(name)}: {error.strerror}", help="check its permissions"
            ) from error
        with closing(growing):
            while True:
                sources.copy(growing, self._stream(name), self._write, self._delay)

    def _rewrite(self, name: str) -> None:
        recorder = self._recorder(name)
        try:
            backup = rewriting.rewrite(self._masker, Path(name), recorder, self._unfinished_of(name))
        except OSError as error:
            raise SourceError(
                f"cannot rewrite {self._shown(name)}: {error.strerror}", help="check its permissions"
            ) from error
        except WithheldError as error:
            raise WithheldError(f"{self._shown(name)} stays as it is: {error}", help=error.help) from None
        if backup:
            count = f"{recorder.masked:,} place{'s' if recorder.masked > 1 else ''}"
            shown = plain.plain(str(backup))
            terminal.say(f"keysift: {self._shown(name)}: {count} masked; the original, with its keys, is {shown}")

    @property
    def _delay(self) -> float:
        return float(self._options["max_delay"]) / 1000

    def _shown(self, name: str) -> str:
        return plain.plain(self._options["stdin_name"] if name == "-" else name)

    def _recorder(self, name: str) -> Recorder:
        recorder = Recorder(self._options["stdin_name"] if name == "-" else name)
        self._recorders.append(recorder)
        return recorder

    def _stream(self, name: str) -> StreamRedactor:
        path = "" if name == "-" and self._options["stdin_name"] == "standard input" else self._options["stdin_name"]
        note: Note | None = _stop if self._options["check"] else None
        if self._options["report_file"] and not note:
            note = self._recorder(name).note
        return StreamRedactor(
            self._masker, path if name == "-" else name, note=note, unfinished=self._unfinished_of(name)
        )

    def _unfinished_of(self, name: str) -> Callable[[str], None] | None:
        if self._options["on_error"] == "closed":
            return None

        def tell(reason: str) -> None:
            self._unfinished = True
            terminal.say(f"keysift: {self._shown(name)}: not fully searched, and let through: {reason}")

        return tell

    def _write(self, data: bytes) -> None:
        if not data or self._options["check"]:
            return
        try:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            running.forget_output()
            raise ReportError(
                f"cannot write standard output: {error.strerror}", help="what was not written is lost: run it again"
            ) from error

    def _write_report(self) -> None:
        destination = self._options["report_file"]
        if destination:
            run: Run = self._record
            tally.tally(run, [recorder.result() for recorder in self._recorders])
            run.duration_s = round(run.duration_s + time.monotonic(), 3)
            run.settings = {"version": VERSION, "rules": str(settings.count_active(self._rules))}
            report.write(run, "json", Path(destination), report.Options())


def _stop(_window: bytes, _base: int, places: Sequence[Place], _end: int) -> None:
    if places:
        raise _MaskedError


@contextmanager
def _reading(name: str, shown: str) -> Iterator[BinaryIO]:
    """Open a file, or standard input.

    Raises:
        SourceError: it cannot be read.
    """
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115 - what is read from it fails in its own way
    except OSError as error:
        raise _unreadable(shown, error) from error
    with file:
        yield file


def _unreadable(shown: str, error: OSError) -> SourceError:
    return SourceError(f"cannot read {shown}: {error.strerror}", help="check its permissions")
