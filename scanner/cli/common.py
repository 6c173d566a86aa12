"""What several commands share: the rules that are to run, options, exit codes."""

from __future__ import annotations

import fnmatch
import os
import sys
from collections.abc import Sequence

from scanner.errors import ConfigError, UsageError
from scanner.model import Label, Rule, Run

FAIL_ON = {
    "secret": (Label.SECRET,),
    "sensitive": (Label.SECRET, Label.SENSITIVE),
    "never": (),
}


def version() -> str:
    """The version of the installed distribution."""
    from importlib import metadata  # noqa: PLC0415 - 20 ms

    try:
        return metadata.version("keysift")
    except metadata.PackageNotFoundError:
        return "0+unknown"


def enabled(rules: Sequence[Rule], disable: Sequence[str], origin: str) -> tuple[Rule, ...]:
    """The rules without those that the configuration turns off.

    Raises:
        ConfigError: a pattern names no rule: a slip of the pen must not pass for a wish fulfilled.
    """
    for pattern in disable:
        if pattern != "tracked-secret-file" and not any(fnmatch.fnmatchcase(rule.id, pattern) for rule in rules):
            raise ConfigError(f"{origin}: disable names no rule: '{pattern}'", help="`keysift rules list` lists them")
    return tuple(rule for rule in rules if not any(fnmatch.fnmatchcase(rule.id, pattern) for pattern in disable))


def forget_output() -> None:
    """Standard output to nowhere: its reader (`| head`) has what it wanted, and Python would complain while closing."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def exit_code(run: Run, fail_on: str) -> int:
    """130 interrupted, 1 findings at or above the threshold, 3 incomplete, else 0; in this order."""
    if run.interrupted:
        return 130
    if any(finding.verdict.label in FAIL_ON[fail_on] for finding in run.findings):
        return 1
    return 0 if run.complete else 3


def size(text: str) -> int:
    """`64M` in bytes; k, M, G are powers of 1,024.

    Raises:
        UsageError: it is no size.
    """
    units = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
    number = text.strip().lower().removesuffix("b").removesuffix("i")
    unit = number[-1:] if number[-1:].isalpha() else ""
    digits = number.removesuffix(unit)
    if unit not in units or not (digits.isascii() and digits.isdigit()):
        raise UsageError(f"no size: {text}", help="write bytes, or a number with k, M or G: 64M")
    return int(digits) * units[unit]
