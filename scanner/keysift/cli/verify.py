"""`keysift verify`."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Any

import click

from keysift.cli import output, recovering, running, verifying
from keysift.cli import report as reports
from keysift.cli.choices import Choice
from keysift.cli.completing import complete_rule
from keysift.cli.sections import Sectioned
from keysift.errors import UsageError
from keysift.fingerprint import fingerprint
from keysift.model import Finding, LiveState, Location, Rule, Run, Verdict
from keysift.report.merge import merge
from keysift.report.plain import plain
from keysift.rules import ruleset
from keysift.rules.ruleset import Rules
from keysift.rules.suggestions import suggestion

LONGEST_INPUT = 64 * 1024


@click.command("verify", cls=Sectioned)
@click.argument("files", nargs=-1, type=click.Path(allow_dash=True))
@click.option(
    "--rule", "rule_id", metavar="ID", shell_complete=complete_rule, help="Verify one key of this rule, read from `-`."
)
@click.option(
    "--only",
    "wanted",
    multiple=True,
    type=Choice([state.value for state in LiveState]),
    metavar="STATE",
    help="List only keys of this state: live (also stands for limited), limited, unknown, unverifiable or dead. "
    "Repeatable.",
)
@click.option("--list", "listing", is_flag=True, help="Print every request that could ever be made, and send nothing.")
@verifying.options
@output.FORMAT
@output.OUTPUT
@click.option("--show-secrets", is_flag=True, help="Show keys in full instead of redacting them.")
@click.option("--show-public", is_flag=True, help="Also list keys that are public by design.")
@output.appearance
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Ask vendors whether the keys of saved reports are live.

    FILES are reports saved with `-f json`. Keys that are masked in them are looked for again at their places. Nothing
    is sent but what `--list` prints, and only to the hosts there and those of --allow-host. Of `--rule ID -` the first
    line of standard input is the key, further ones are its other halves: NAME=VALUE.

    Exit code 1: a key is valid; 3: the state of one is unknown; 0: neither. [verify] in config.toml of your own
    configuration directory (`~/.config/keysift` on Linux) holds the options that you always need.

    \b
    keysift verify report.json --dry-run
    keysift verify report.json --only live
    pbpaste | keysift verify --rule pagerduty-rest-api-key -
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    rules = ruleset.load()
    if options["listing"]:
        verifying.list_requests(rules, verifying.settings(options))
        return
    files: Sequence[str] = options["files"]
    if options["rule_id"]:
        run, halves = _one_key(rules, options["rule_id"], files)
        verifying.verify(run, rules, options, halves=halves)
        run.duration_s = round(run.duration_s + time.monotonic(), 3)
    elif files:
        run = merge([reports.read(name) for name in files])
        nearby = recovering.recover(run, rules)
        verifying.verify(run, rules, options, everything=nearby)
    else:
        raise UsageError("nothing to verify", help="name a report, or --rule ID -; or: keysift scan --verify")
    if options["dry_run"]:
        return
    verifying.keep_only(run, options["wanted"])
    running.deliver(run, options)
    ctx.exit(verifying.exit_code(run))


def _one_key(rules: Rules, rule_id: str, files: Sequence[str]) -> tuple[Run, dict[str, str]]:
    """Return a run whose one finding is the key that standard input holds, and its other halves."""
    if rule_id not in rules.ids:
        raise UsageError(f"keysift has no such rule: {plain(rule_id)}", help=suggestion(rule_id, rules.ids))
    if tuple(files) != ("-",):
        raise UsageError("--rule takes the key from standard input", help=f"keysift verify --rule {rule_id} - < FILE")
    if sys.stdin.isatty():
        text = click.prompt("key", hide_input=True, err=True, type=str)
    else:
        text = sys.stdin.buffer.read(LONGEST_INPUT).decode("utf-8", "surrogateescape")
    secret, *further = [line.strip() for line in text.splitlines() if line.strip()] or [""]
    if not secret:
        raise UsageError("there is no key in standard input", help="its first line is the key")
    halves = dict(line.split("=", 1) for line in further if "=" in line)
    run = running.begin("verify", ["-"])
    run.findings = [_finding(rules[rules.ids.index(rule_id)], secret.encode("utf-8", "surrogateescape"))]
    return run, halves


def _finding(rule: Rule, secret: bytes) -> Finding:
    place = Location("standard input", 1, 1, 1, 1 + len(secret), 0, len(secret))
    verdict = Verdict(rule.label, rule.best_confidence, ("its kind was stated",))
    return Finding(rule, secret, verdict, (place,), fingerprint(rule.id, secret))
