"""`keysift config`."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import click

from keysift import config, wide
from keysift.cli import settings as effective
from keysift.cli import targets
from keysift.cli.choices import Choice
from keysift.cli.exit_codes import FAIL_ON
from keysift.cli.options import LEVELS
from keysift.report.plain import plain

PRECEDENCE = "in order of precedence: command line, [[path]], [[branch]], top of the file, default"
_DEFAULTS = {"fail-on": "sensitive", "min-confidence": config.DEFAULT_CONFIDENCE}
"""The thresholds: the values that hold where nobody states any."""
_TABLE = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]")
_KEY = re.compile(r"""^\s*(?:"([^"]+)"|'([^']+)'|([\w.-]+))\s*=""")


@click.group("config")
def command() -> None:
    """Show the effective configuration.

    \b
    keysift config show
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines


@command.command("show", short_help="Print every value with its origin.")
@click.argument("path", default="", type=click.Path())
@click.option(
    "--config", "config_file", type=click.Path(dir_okay=False), help="Use this configuration file and no other."
)
@click.option(
    "--baseline", "baseline_file", type=click.Path(dir_okay=False), help="Use this baseline file and no other."
)
@click.option("--exclude", multiple=True, metavar="PATTERN", help="As for `scan`.")
@click.option("--fail-on", type=Choice(list(FAIL_ON)), metavar="LABEL", help="As for `scan`.")
@click.option("--min-confidence", type=Choice(LEVELS), metavar="LEVEL", help="As for `scan`.")
@click.option(
    "--no-repo-config", is_flag=True, help="Ignore the configuration, comments and baseline of the repository."
)
def show(path: str, **options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Print every value that a scan of PATH would use, with its origin, and the order of precedence.

    The configuration and the rule files that it names are checked as well.

    \b
    keysift config show
    keysift config show --fail-on secret
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    acceptances = effective.read_acceptances(path or targets.default_target(), options)
    effective.active_rules(acceptances.sources.config)
    rows = list(_rows(acceptances.sources.config, options))
    known = acceptances.sources.baseline
    stated = "command line" if options["baseline_file"] else "found" if known else "default"
    rows.append(("baseline", _shown(Path(known.origin).name if known else "none"), stated))
    rows += [("color", _shown("never"), "environment variable NO_COLOR")] if os.environ.get("NO_COLOR") else []
    width = min(60, max(len(f"{name} = {value}") for name, value, _ in rows))
    click.echo(f"# {PRECEDENCE}")
    for name, value, origin in rows:
        click.echo(plain(f"{f'{name} = {value}':{width}}  # {origin}"))


def _rows(settings: config.Config, options: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield the name, the value and the origin of each value."""
    lines = _lines(settings)
    source = Path(settings.origin).name
    for name, value in _values(settings):
        if name in _DEFAULTS and options[name.replace("-", "_")]:
            yield name, _shown(options[name.replace("-", "_")]), "command line"
        elif name in _DEFAULTS and not value:
            yield name, _shown(_DEFAULTS[name]), "default"
        elif line := lines.get(name):
            yield name, _shown(value), f"{source}:{line}"
        elif value in ((), "", 0, False):
            yield name, _shown(value), "default"
        else:
            yield name, _shown(value), f"{source}: [[branch]]" if name in _DEFAULTS else source
        if name == "exclude":
            yield from ((name, _shown([pattern]), "command line, added") for pattern in options["exclude"])


def _values(settings: config.Config) -> Iterator[tuple[str, object]]:
    """Yield each value with its full name, `ignore[2].path`: of tables what they state, of the top everything."""
    for field in fields(settings):
        name, value = field.name.replace("_", "-"), getattr(settings, field.name)
        if name == "origin":
            continue
        if isinstance(value, dict):
            for key, change in value.items():
                yield from _stated(f"rule.{key}", change)
        elif isinstance(value, tuple) and value and is_dataclass(value[0]):
            for number, table in enumerate(value, 1):
                yield from _stated(f"{name}[{number}]", table)
        elif is_dataclass(value):
            yield from ((f"{name}.{key.name.replace('_', '-')}", getattr(value, key.name)) for key in fields(value))
        elif name not in {"ignore", "skip", "path", "branch"}:
            yield name, value


def _stated(prefix: str, table: Any) -> Iterator[tuple[str, object]]:  # noqa: ANN401 - any of the tables
    for field in fields(table):
        value = getattr(table, field.name)
        if value:
            yield f"{prefix}.{field.name.replace('_', '-')}", value


def _shown(value: object) -> str:
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


def _lines(settings: config.Config) -> dict[str, int]:
    """Return the line (1-based) on which each name is stated; a file of an unusual form yields fewer of them."""
    if not settings.origin:
        return {}
    text = wide.to_utf8(Path(settings.origin).read_bytes()).decode("utf-8", "replace")
    stated: dict[str, int] = {}
    counts: dict[str, int] = {}
    prefix = ""
    for number, line in enumerate(text.split("\n"), 1):
        if table := _TABLE.match(line):
            name = table[2].replace('"', "").replace("'", "").removeprefix("tool.keysift").removeprefix(".")
            counts[name] = counts.get(name, 0) + 1
            prefix = f"{name}[{counts[name]}]." if table[1] == "[[" else f"{name}." if name else ""
        elif key := _KEY.match(line):
            stated.setdefault(prefix + (key[1] or key[2] or key[3]), number)
    return stated
