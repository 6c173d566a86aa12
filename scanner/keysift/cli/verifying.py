"""What the commands that verify share: options, what the user allows, and the states of the keys of a run."""

from __future__ import annotations

import importlib.util
import ipaddress
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from keysift import lazy, masking
from keysift.cli import surroundings, terminal
from keysift.cli.bar import Bar
from keysift.cli.choices import within
from keysift.config import user
from keysift.errors import UsageError
from keysift.history.progress import Phase, Progress
from keysift.model import Finding, LiveState, Rule, Run
from keysift.rules.ruleset import Rules

if TYPE_CHECKING:
    from keysift.verify import asking, network, plan, remembered
    from keysift.verify import requests as requesting
else:
    asking = lazy.module("keysift.verify.asking")
    network = lazy.module("keysift.verify.network")
    plan = lazy.module("keysift.verify.plan")
    remembered = lazy.module("keysift.verify.remembered")
    requesting = lazy.module("keysift.verify.requests")

_VALID = frozenset({LiveState.LIVE, LiveState.LIMITED})
_OPTIONS = (
    click.option("--dry-run", is_flag=True, help="Print each request, with keys masked, and send nothing."),
    click.option(
        "--allow-host",
        multiple=True,
        metavar="RULE=HOST",
        help="Ask this host about keys of a rule, too: `gitlab-*=git.acme.example`. Repeatable.",
    ),
    click.option(
        "--allow-network",
        multiple=True,
        metavar="NETWORK",
        help="Let hosts of --allow-host lie in this private network: 10.0.0.0/8. Repeatable.",
    ),
    click.option("--proxy", metavar="URL", help="Go through this proxy; the environment names none."),
    click.option("--ca-file", metavar="FILE", help="Trust the certificates in this file, and no others."),
    click.option(
        "--timeout",
        type=float,
        default=10,
        show_default=True,
        metavar="SECONDS",
        callback=within(0.1, 300),
        help="Longest wait for each answer.",
    ),
    click.option(
        "--no-other-hosts",
        is_flag=True,
        help="Call a key that all hosts refuse dead, even if it may belong to a server of your own.",
    ),
    click.option("--no-cache", is_flag=True, help="Ask again what was asked within the last hour."),
)


def options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say whom to ask, and how."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def settings(stated: Mapping[str, Any]) -> user.VerifySettings:
    """Return what the user's configuration and the command line allow together.

    Raises:
        ConfigError: one of them is invalid.
    """
    own = user.read()
    return user.VerifySettings(
        (*own.hosts, *user.check_hosts("--allow-host", tuple(stated.get("allow_host", ())))),
        (*own.networks, *user.check_networks("--allow-network", tuple(stated.get("allow_network", ())))),
        stated.get("proxy") or own.proxy,
        stated.get("ca_file") or own.ca_file,
    )


def allowed_hosts(stated: user.VerifySettings) -> dict[str, list[str]]:
    """Return the hosts that the user adds, by patterns of rule ids."""
    allowed: dict[str, list[str]] = {}
    for text in stated.hosts:
        pattern, _, host = text.partition("=")
        name, slash, path = host.partition("/")
        allowed.setdefault(pattern, []).append(name.lower() + slash + path)
    return allowed


def verify(
    run: Run,
    rules: Rules,
    stated: Mapping[str, Any],
    *,
    everything: Iterable[Finding] = (),
    halves: Mapping[str, str] | None = None,
) -> None:
    """Find the states of the open findings of a run, and note them there; with `dry_run`, print what would be asked.

    Raises:
        UsageError: the libraries are missing, or what the user states of the network cannot be.
    """
    allowed = settings(stated)
    wanted = {finding.rule.id for finding in run.findings}
    known = {rule_id: rules[number] for number, rule_id in enumerate(rules.ids) if rule_id in wanted}
    nearby = [*run.everything(), *run.hidden, *everything]
    besides = plan.Known(nearby, allowed_hosts(allowed), halves or {}, surroundings.texts)
    questions = [*plan.questions(run.findings, known, besides)]
    if stated.get("no_other_hosts"):
        questions = [replace(question, elsewhere=False, servers=None) for question in questions]
    if stated.get("dry_run"):
        for line in _dry(questions):
            click.echo(line)
        return
    _require_library()
    memory = remembered.Memory(fresh=bool(stated.get("no_cache")))
    with Bar(Phase.ASK, wanted=not stated.get("quiet")) as bar:
        outcome = asking.ask(
            questions,
            trust(allowed),
            memory=memory,
            seconds=stated.get("timeout", 10.0),
            tell=lambda done, total: bar.draw(Progress(Phase.ASK, done, total)),
        )
    run.interrupted |= outcome.interrupted
    run.findings = [replace(finding, liveness=outcome.states[finding.fingerprint]) for finding in run.findings]
    run.notes.append(_sentence(run.findings))


def trust(stated: user.VerifySettings) -> network.Trust:
    """Return what the user states of the network, as connections need it."""
    hosts = (host for each in allowed_hosts(stated).values() for host in each)
    return network.Trust(
        frozenset(host.partition("/")[0].partition(":")[0] for host in hosts),
        tuple(map(ipaddress.ip_network, stated.networks)),
        stated.proxy,
        stated.ca_file,
    )


def _require_library() -> None:
    if importlib.util.find_spec("httpcore") is None:
        raise UsageError("verifying needs libraries that are not installed", help="pip install 'keysift[verify]'")


def _dry(questions: Sequence[plan.Question]) -> Iterable[str]:
    for question in questions:
        key = masking.redact(question.finding.secret)
        yield f"{question.finding.rule.id} {key}".strip()
        for request in question.requests:
            yield f"  {requesting.describe(question.stated, question.values, request.host)}"
        if not question.requests:
            yield f"  nothing: {question.why_not}"


def _sentence(findings: Sequence[Finding]) -> str:
    """Say how many keys have which state."""
    states = [finding.liveness.state for finding in findings if finding.liveness]
    counted = [f"{states.count(state):,} {state}" for state in LiveState if state in states]
    return f"verified {len(states):,} {'key' if len(states) == 1 else 'keys'}: {', '.join(counted) or 'none'}"


def keep_only(run: Run, wanted: Sequence[str]) -> None:
    """Leave out findings whose state is not wanted; `live` also stands for limited ones."""
    if not wanted:
        return
    states = {*wanted, *(["limited"] if "live" in wanted else [])}
    left = [finding for finding in run.findings if finding.liveness and finding.liveness.state in states]
    run.hidden = (*run.hidden, *run.findings)
    run.findings = left


def exit_code(run: Run) -> int:
    """Return 130 if interrupted, 1 if a key is valid, 3 if the state of one is unknown, else 0; in this order."""
    states = {finding.liveness.state for finding in run.findings if finding.liveness}
    if run.interrupted:
        return 130
    return 1 if states & _VALID else 3 if LiveState.UNKNOWN in states else 0


def list_requests(rules: Iterable[Rule], stated: user.VerifySettings) -> None:
    """Print every request that could ever be made, and of every other rule that says so why there is none."""
    from keysift.rules import verification  # noqa: PLC0415 - for this list alone

    hosts: set[str] = set()
    for rule in rules:
        known = verification.decode(rule.verify)
        if known is None:
            continue
        if known.none:
            click.echo(f"{rule.id}: nothing: {known.none}")
            continue
        added = [host for text in stated.hosts for pattern, _, host in [text.partition("=")] if _fits(rule.id, pattern)]
        hosts.update((*known.hosts, *added))
        path = known.url.removeprefix("https://").partition("/")[2]
        name = known.url.removeprefix("https://").partition("/")[0]
        request = f"{known.method} https://{name}/{path}" if known.url else f"POST ({known.function})"
        named = ", ".join((*known.hosts, *added)) or f"none, unless you name one: {known.yours}"
        click.echo(f"{rule.id}: {request}  hosts: {named}  see {known.reference}")
    terminal.say(f"keysift: {len(hosts):,} hosts")


def _fits(rule_id: str, pattern: str) -> bool:
    import fnmatch  # noqa: PLC0415 - as above

    return fnmatch.fnmatchcase(rule_id, pattern)
