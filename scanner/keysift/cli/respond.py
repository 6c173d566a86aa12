"""`keysift respond`: from findings to the proof that the keys are dead."""

from __future__ import annotations

import contextlib
import getpass
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from keysift import masking, report
from keysift.cli import recovering, terminal, verifying
from keysift.cli import report as reports
from keysift.cli.responding import Key, Session
from keysift.errors import UsageError
from keysift.git import process
from keysift.model import LiveState
from keysift.report.merge import merge
from keysift.report.next_steps import next_steps
from keysift.report.plain import plain
from keysift.rules import ruleset
from keysift.verify import ledger

_CHOICES = {"m": "[m]ap", "r": "[r]evoke by request", "d": "[d]one by hand", "s": "[s]kip", "q": "[q]uit"}
_ATTEMPTS = 4
"""Times that a vendor is asked after it took a revocation, which may take it a moment."""


class _QuitError(Exception):
    """The user quits, or the input ends."""


@click.command("respond")
@click.argument("files", nargs=-1, type=click.Path(allow_dash=False))
@click.option(
    "--ledger",
    "ledger_file",
    default="keysift-ledger.jsonl",
    show_default=True,
    type=click.Path(dir_okay=False),
    help="Write here what was done; a later run goes on where this one stopped.",
)
@click.option("--who", default="", help="Who does it; by default, user.email of your git configuration, or your login.")
@verifying.options
def command(**options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Lead from the keys of saved reports to the proof that they are dead, live keys first.

    Shows for each key what to do and what breaks, maps what it reaches, and revokes it: by a request that the vendor
    documents, shown first and confirmed by typing, or by hand. Then asks the vendor again, and writes the ledger.

    \b
    keysift respond report.json
    keysift respond report.json --dry-run
    keysift report ledger
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    if not options["files"]:
        raise UsageError("no report is named", help="create one with `keysift scan -f json -o FILE`")
    run = merge([reports.read(name) for name in options["files"]])
    rules = ruleset.load()
    nearby = recovering.recover(run, rules)
    path = Path(options["ledger_file"])
    ledger.read(path)  # before anything is asked: it may be none
    if options["dry_run"]:
        run.findings = [
            replace(finding, liveness=None) for finding in run.findings
        ]  # of a report that may be anybody's
        _show_plan(Session(run, rules, nearby, options, path, ""))
        return
    verifying.verify(run, rules, options, everything=nearby)
    terminal.say(f"keysift: {run.notes[-1]}")
    session = Session(run, rules, nearby, options, path, options["who"] or process.user_email() or _login())
    if before := session.closed_before():
        terminal.say(f"keysift: {before:,} closed before, by {plain(str(path))}")
    try:
        _revoke_batches(session)
        keys = [*session.open_keys()]
        for number, key in enumerate(keys, 1):
            _respond(session, key, f"{number}/{len(keys)}  ")
    except _QuitError:
        terminal.say("keysift: stopped; the same command goes on from here")
    _close(session)


def _login() -> str:
    with contextlib.suppress(OSError, KeyError):  # as of a user without a name, in a container
        return getpass.getuser()
    return ""


def _tell(text: str, first: str = "  ", other: str = "  ") -> None:
    terminal.tell(text, first, other)


def _show_plan(session: Session) -> None:
    """Print what there is to do and each request that could be made, and send nothing."""
    for key in session.open_keys():
        _describe(key)
        for line in session.planned(key):
            _tell(line, other="    ")


def _describe(key: Key, number: str = "") -> None:
    """Print the plan for a key: what it is, where, what breaks, and the steps in their order."""
    finding, live = key.finding, key.finding.liveness
    secret = masking.shorten(masking.redact(finding.secret))
    click.echo()
    _tell(f"{number}{finding.rule.name} {secret} ({finding.fingerprint[:8]})", first="")
    _tell(f"{live.state}: {live.how}" if live else "not asked yet")
    if key.state is LiveState.DEAD:
        return
    for name, text in live.facts if live else ():
        _tell(f"{name}: {text}")
    hidden = masking.keys([finding.secret])
    places = [f"{place.path}:{place.start_line}" for place in finding.locations[:5]]
    more = len(finding.locations) + finding.more_places - len(places)
    _tell(f"where: {masking.mask_name(', '.join(places), hidden)}{f' and {more} more' if more else ''}")
    if finding.rule.why:
        _tell(f"why: {finding.rule.why}")
    if key.revocation:
        _tell(f"breaks: {key.revocation.breaks}")
    for step, text in enumerate(next_steps(finding), 1):
        _tell(f"{step}. {text}", other="     ")


def _respond(session: Session, key: Key, number: str) -> None:
    """Lead through one key until it is dead, or the user leaves it."""
    _describe(key, number)
    if key.state is LiveState.DEAD:
        session.note(key, "found dead", key.evidence)
        return
    actions: Mapping[str, Callable[[], bool]] = {
        "m": lambda: _map(session, key),
        "r": lambda: _revoke(session, [key]),
        "d": lambda: _check_by_hand(session, key),
        "s": lambda: True,
    }
    offered = {"d", "s", "q", *(["m"] if key.reaches else []), *(["r"] if session.described([key]) else [])}
    while True:
        answer = _ask("  ".join(words for letter, words in _CHOICES.items() if letter in offered)).lower()
        if answer == "q":
            raise _QuitError
        if answer not in actions:
            _tell("answer with one of these letters")
        elif actions[answer]():
            return


def _map(session: Session, key: Key) -> bool:
    """Print what the key reaches, by requests that only read."""
    lines = session.map(key)
    for line in lines or ["nothing is declared that could be asked"]:
        _tell(line, other="    ")
    if lines:
        session.note(key, "mapped", "; ".join(lines))
    return False


def _revoke_batches(session: Session) -> None:
    """Offer to revoke by one request what a vendor revokes so."""
    for keys in session.batches():
        for key in keys:
            _describe(key)
        if not _revoke(session, keys):
            _tell("each of them comes up again below")


def _revoke(session: Session, keys: Sequence[Key]) -> bool:
    """Show the request, and send it once it is confirmed; return True if all of the keys are dead then."""
    stated, described = keys[0].revocation, session.described(keys)
    if not stated or not described:
        why = "it is not known which of the vendor's hosts has it" if stated else "no request is declared"
        _tell(f"{why}: revoke it by hand, as said above, then answer d")
        return False
    click.echo()
    _tell(described, other="    ")
    _tell(f"see {stated.reference}")
    _tell(f"breaks: {stated.breaks}")
    undone = "can be undone" if stated.reversible else "cannot be undone"
    _tell(f"revokes {len(keys):,} {'key' if len(keys) == 1 else 'keys'}, which {undone}")
    word = f"revoke {keys[0].finding.fingerprint[:6]}"
    if _ask(f"type `{word}` to send it") != word:
        _tell("not sent")
        return False
    admin = _ask(f"{stated.needs} (hidden)", hidden=True) if stated.needs else ""
    if stated.needs and not admin:
        _tell("not sent")
        return False
    said = session.revoke(keys, admin)
    _tell(said)
    proven = [_prove(session, key, "revoked by request", said) for key in keys]
    return all(proven)


def _check_by_hand(session: Session, key: Key) -> bool:
    """Ask the vendor again after somebody revoked a key by hand; where nobody can ask, their word counts."""
    if key.state is LiveState.UNVERIFIABLE:
        session.note(key, "revoked by hand", f"nobody can ask: {key.evidence}")
        return True
    return _prove(session, key, "revoked by hand", "")


def _prove(session: Session, key: Key, what: str, said: str) -> bool:
    """Ask the vendor again, and write the ledger; return True if the key is dead.

    Where nobody can ask, the answer of the revocation counts if it is the documented one.
    """
    session.verify_again(key, attempts=_ATTEMPTS if "as documented" in said else 1)
    unproven = key.state is LiveState.UNVERIFIABLE and "as documented" in said
    dead = key.state is LiveState.DEAD or unproven
    then = f"nobody can ask: {key.evidence}" if unproven else f"then {key.evidence}" if said else key.evidence
    session.note(key, what if dead else "not revoked", f"{said}; {then}" if said else then)
    _tell(f"{'' if dead or key.state is LiveState.UNKNOWN else 'still '}{key.state}: {key.evidence}")
    return dead


def _ask(question: str, *, hidden: bool = False) -> str:
    if not sys.stdin.isatty():  # a hidden prompt would read the terminal that there may be all the same
        click.echo(f"{question}: ", nl=False, err=True)
        if not (line := sys.stdin.readline()):
            raise _QuitError
        return line.strip()
    try:
        text = click.prompt(question, default="", show_default=False, hide_input=hidden, err=True, type=str)
    except click.Abort as end:
        raise _QuitError from end
    return str(text).strip()


def _close(session: Session) -> None:
    """Print the ledger, and exit with 1 while something is left to do."""
    click.echo()
    for line in ledger.text(ledger.read(session.path)):
        _tell(line, first="", other="      ")
    open_findings = report.in_order(session.left().findings)
    rest = [masking.shorten(masking.redact(finding.secret)) for finding in open_findings]
    if rest:
        left = f"{len(rest):,} {'key is' if len(rest) == 1 else 'keys are'} left"
        terminal.say(f"keysift: {left}: {', '.join(rest[:10])}{', ...' if len(rest) > 10 else ''}")
    click.get_current_context().exit(1 if rest else 0)
