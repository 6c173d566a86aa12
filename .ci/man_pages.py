"""The manual pages, one for each command, from the texts of `--help`: python .ci/man_pages.py FOLDER.

The build hook puts them into the wheel, and `pip` where `man keysift` finds them. How pages are written:
https://man7.org/linux/man-pages/man7/man-pages.7.html
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from keysift import cli
from keysift.version import VERSION

EXIT_STATUS = inspect.cleandoc(cli.__doc__ or "").partition("Exit codes: ")[2].rstrip(".")
"""`0 nothing at or above --fail-on; 1 findings; ...`"""
VERBATIM = "\b"
"""click's mark for a paragraph that keeps its lines."""


def main() -> None:
    """Write all pages into a folder."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for context in contexts(cli.keysift, "keysift"):
        (folder / f"{name(context)}.1").write_text(page(context), encoding="utf-8")


def contexts(command: click.Command, word: str, parent: click.Context | None = None) -> Iterator[click.Context]:
    """Yield the context of a command, then those of the commands in it."""
    context = click.Context(command, info_name=word, parent=parent, **command.context_settings)
    yield context
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            if found:
                yield from contexts(found, inner, context)


def name(context: click.Context) -> str:
    """Return the name of a page: `keysift-rules-show`."""
    return context.command_path.replace(" ", "-")


def page(context: click.Context) -> str:
    """Return a page in the language of man(7)."""
    command, title = context.command, name(context)
    synopsis = " ".join(command.collect_usage_pieces(context))
    lines = [
        f'.TH "{escaped(title.upper())}" 1 "" "keysift {VERSION}" "keysift"',
        ".ad l",
        ".nh",
        ".SH NAME",
        f"{escaped(title)} \\- {escaped(summary(command))}",
        ".SH SYNOPSIS",
        f".B {escaped(context.command_path)}",
        escaped(synopsis),
        ".SH DESCRIPTION",
        *description(command),
        ".SH OPTIONS",
        *entries(records(context)),
    ]
    if isinstance(command, click.Group):
        lines += [".SH COMMANDS", *entries(commands(context))]
    lines += [".SH EXIT STATUS", *entries(status.split(" ", 1) for status in EXIT_STATUS.split("; "))]
    lines += [".SH SEE ALSO", *see_also(context)]
    return "\n".join(lines) + "\n"


def summary(command: click.Command) -> str:
    """Return the first sentence of a help page, as the line of a list."""
    first = inspect.cleandoc(command.help or "").partition("\n\n")[0]
    sentence = re.split(r"(?<=[.:]) ", " ".join(first.split()))[0]
    return sentence[:1].lower() + sentence[1:].rstrip(".:")


def description(command: click.Command) -> Iterator[str]:
    """Yield the paragraphs of a help page."""
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        if paragraph.startswith(VERBATIM):
            lines = paragraph.removeprefix(VERBATIM).strip("\n").split("\n")
            yield from (".PP", ".nf", ".RS", *map(escaped, lines), ".RE", ".fi")
        else:
            yield from (".PP", escaped(" ".join(paragraph.split())))


def records(context: click.Context) -> Iterator[tuple[str, str]]:
    """Yield each option with its text."""
    for parameter in context.command.get_params(context):
        record = parameter.get_help_record(context)
        if record and record[1]:
            yield record


def commands(context: click.Context) -> Iterator[tuple[str, str]]:
    """Yield each command of a group with a line about it."""
    for inner in contexts(context.command, context.info_name or "", context.parent):
        if inner.parent is not None and inner.parent.command is context.command:
            yield f"{name(inner)}(1)", summary(inner.command)


def entries(pairs: Iterator[tuple[str, str]] | Iterator[list[str]]) -> Iterator[str]:
    """Yield a list of terms with their texts."""
    for term, text in pairs:
        yield from (".TP", f".B {escaped(term)}", escaped(" ".join(text.split())))


def see_also(context: click.Context) -> Iterator[str]:
    """Yield the pages above and beside this one."""
    parent = context.parent or context
    others = list(contexts(parent.command, parent.info_name or "", parent.parent))
    pages = [name(inner) for inner in others if inner.parent is None or inner.parent.command is parent.command]
    named = [f".BR {escaped(title)} (1)" for title in dict.fromkeys(pages) if title != name(context)]
    yield from (f"{line} ," for line in named[:-1])
    yield from named[-1:]


_ESCAPES = str.maketrans({
    "\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti", '"': "\\(dq",
})  # fmt: skip


def escaped(text: str) -> str:
    """Return text that roff takes for nothing but text."""
    text = text.translate(_ESCAPES)
    return f"\\&{text}" if text.startswith(".") else text


if __name__ == "__main__":
    main()
