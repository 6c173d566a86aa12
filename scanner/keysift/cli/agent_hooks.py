"""`keysift agent install`, `uninstall` and `status`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from keysift.agent import agents, keys, user_settings
from keysift.agent import install as installing
from keysift.agent.agents import Agent
from keysift.agent.install import Change, Place
from keysift.cli import targets
from keysift.errors import KeysiftError
from keysift.report.plain import plain


def install(options: dict[str, Any]) -> None:
    """Write the hook for each agent that is named."""
    user_settings.read(user_settings.default_path())  # a mistake in it is better heard now than from a hook
    for name in options["agents"]:
        agent = agents.find(name)
        if agent.none:
            click.echo(f"{agent.title}: nothing to install: {agent.none} ({agent.page})")
            continue
        if _made(installing.installed, _place(name, agent, options), options):
            keys.matcher().prefilter.prepare()  # seconds, which no agent waits for
            if agent.note:
                click.echo(f"note: {agent.note}")


def uninstall(options: dict[str, Any]) -> None:
    """Take the hook of each agent out that is named."""
    for name in options["agents"]:
        agent = agents.find(name)
        if agent.none:
            click.echo(f"{agent.title}: nothing to take out: {agent.none}")
        else:
            _made(installing.uninstalled, _place(name, agent, options), options)


def status(names: Iterable[str]) -> int:
    """Show each agent; return the exit code."""
    code = 0
    repository = _repository()
    known = agents.table()
    for name in [*names] or [*known]:
        agent = agents.find(name)
        if agent.none:
            click.echo(f"{name:9} nothing to install: {agent.none}")
            continue
        found = [_line(installing.place(name, agent, top)) for top in (None, *([repository] if repository else []))]
        lines = [line for line, _ in found if line]
        click.echo("\n".join(f"{name:9} {line}" for line in lines) or f"{name:9} not installed")
        code = max(code, *(wrong for _, wrong in found))
    settings, _ = user_settings.read(user_settings.default_path())
    there = "" if user_settings.default_path().exists() else " (not there: these are the usual ones)"
    click.echo(f"\n{plain(str(user_settings.default_path()))}{there}")
    labels = ", ".join(settings.labels)
    click.echo(
        f"mode {settings.mode}, labels {labels}, min-confidence {settings.min_confidence}, on-error {settings.on_error}"
    )
    return code


def _line(where: Place) -> tuple[str, int]:
    """Return what is said of one configuration, empty if it has no hook, and the exit code for it."""
    try:
        there, wrong = installing.problems(where)
    except KeysiftError as error:
        return f"unknown: {plain(str(error))}", 1
    if not there:
        return "", 0
    return f"installed in {plain(str(where.path))}" + "".join(f"\n{'':9} but {plain(each)}" for each in wrong), int(
        bool(wrong)
    )


def _place(name: str, agent: Agent, options: dict[str, Any]) -> Place:
    return installing.place(name, agent, targets.repository() if options["project"] else None)


def _repository() -> Path | None:
    try:
        return targets.repository()
    except KeysiftError:
        return None


def _made(work_out: Callable[[Place], Change], where: Place, options: dict[str, Any]) -> bool:
    """Show a change and make it; return True if it was made."""
    change = work_out(where)
    if change.is_none:
        click.echo(f"{where.agent.title}: {plain(str(where.path))} is as it should be already")
        return False
    click.echo("\n".join(map(plain, change.shown().splitlines())))
    if options["dry_run"]:
        return False
    if not options["yes"] and sys.stdin.isatty() and not click.confirm("Write this?", default=True):
        return False
    copy = installing.write(change)
    done = "removed" if change.after is None else "written"
    click.echo(
        f"{where.agent.title}: {plain(str(where.path))} {done}" + (f"; before: {plain(str(copy))}" if copy else "")
    )
    return True
