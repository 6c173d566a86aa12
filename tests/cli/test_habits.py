"""What people are used to from other programs."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import click
import pytest
from click.shell_completion import ShellComplete

from keysift.cli import HABITS
from keysift.cli import keysift as program
from keysift.version import VERSION

Keysift = Callable[..., CompletedProcess[bytes]]


def contexts(command: click.Command, name: str, parent: click.Context | None = None) -> Iterator[click.Context]:
    """Yield the context of each command."""
    context = click.Context(command, info_name=name, parent=parent)
    yield context
    if isinstance(command, click.Group):
        for inner in (*command.list_commands(context), *(HABITS if parent is None else ())):
            found = command.get_command(context, inner)
            assert found is not None
            yield from contexts(found, inner, context)


@pytest.mark.parametrize("context", [*contexts(program, "keysift")], ids=lambda context: context.command_path)
def test_help_pages_have_no_marks_of_their_source(context: click.Context) -> None:
    page = context.get_help()
    assert "\b" not in page
    assert "\\b" not in page
    assert "``" not in page


@pytest.mark.parametrize("context", [*contexts(program, "keysift")], ids=lambda context: context.command_path)
def test_help_pages_have_an_example_and_fit_a_terminal(context: click.Context) -> None:
    lines = context.get_help().splitlines()
    if context.info_name != "version":
        assert any(context.command_path in line for line in lines if line.startswith("  "))
    assert not any(line.startswith("  [") and line.endswith("...") for line in lines)  # an argument is no option
    # Values and bounds are told in words, by the option's own description.
    assert not any(re.search(r" RANGE\b|x[<>]=|\[\w+\|", line) for line in lines)


@pytest.mark.parametrize("name", ["scan", "hook", "gate", "audit", "report"])
def test_long_help_pages_have_sections(name: str, keysift: Keysift) -> None:
    page = keysift("help", name).stdout.decode()
    own, *sections = [line for line in page.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert sections[-3:] == ["The report:", "Text:", "More:"]
    assert {"What counts:", own} <= {own, *sections}
    assert page.index("--fail-on") < page.index("The report:") < page.index("--format FORMAT") < page.index("Text:")


@pytest.mark.parametrize(
    "typed",
    [
        *(("scan", "--jobs", number) for number in ("-1", "257", "x")),
        *(("verify", "saved.json", "--timeout", number) for number in ("0", "301", "nan")),
        ("redact", "--max-delay", "-1"),
        ("view", "saved.json", "--port", "65536"),
        ("mcp", "--http", "-1"),
    ],
    ids=" ".join,
)
def test_numbers_have_an_end(typed: tuple[str, ...], keysift: Keysift) -> None:
    answer = keysift(*typed)
    assert (answer.returncode, answer.stdout) == (2, b"")
    assert typed[-2].encode() in answer.stderr


@pytest.mark.parametrize("words", [("scan",), ("rules", "show"), ()])
def test_help_is_the_page_of_a_command(words: tuple[str, ...], keysift: Keysift) -> None:
    answer = keysift("help", *words)
    assert (answer.returncode, answer.stderr) == (0, b"")
    assert answer.stdout.startswith(" ".join(("Usage: keysift", *words, "[OPTIONS]")).encode())
    assert answer.stdout.replace(b"\n", b"") == keysift(*words, "--help").stdout.replace(b"\n", b"")


def test_version_is_that_of_the_option(keysift: Keysift) -> None:
    assert keysift("version").stdout == keysift("--version").stdout == f"keysift {VERSION}\n".encode()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (("scn",), "Did you mean scan?"),
        (("help", "adit"), "Did you mean audit?"),
        (("hlep", "scan"), "Did you mean help?"),
        (("completion", "bsh"), "Did you mean bash?"),
        (("scan", "--rule", "githb-pat"), "did you mean one of github-*?"),
        (("rules", "shwo", "x"), "'show'"),
        (("scan", "--fromat", "json"), "'--format'"),
        (("rules", "show", "pagerduty-rest-api-kye"), "did you mean pagerduty-rest-api-key"),
        (("scan", "deplyo/prod.env"), "did you mean deploy/prod.env?"),
        (("scan", "deploy/prd.env"), "did you mean deploy/prod.env?"),
        (("explain", "deploy/prod.evn"), "did you mean deploy/prod.env?"),
        (("audit", "deplo"), "did you mean deploy?"),
        (("report", "saved.jsn"), "did you mean saved.json?"),
        (("scan", "-f", "jsn"), "Did you mean json?"),
        (("scan", "--min-confidence", "hihg"), "Did you mean high?"),
        (("rules", "list", "--label", "secrets"), "Did you mean secret?"),
    ],
)
def test_the_nearest_name_is_suggested(typed: tuple[str, ...], meant: str, keysift: Keysift, tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "prod.env").write_text("A=1\n")
    (tmp_path / "saved.json").write_text("{}")
    answer = keysift(*typed, cwd=tmp_path)
    assert (answer.returncode, answer.stdout) == (2, b"")
    assert meant in answer.stderr.decode()


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)],
)
def test_colours_by_variables(
    variables: dict[str, str],
    coloured: bool,  # noqa: FBT001
    environment: dict[str, str],
    keysift: Keysift,
    leak: Path,
) -> None:
    environment.update(variables)
    answer = keysift("scan", leak.name)
    assert (b"\x1b[" in answer.stdout, b"\x1b[" in answer.stderr) == (coloured, coloured)
    keysift("scan", leak.name, "-o", "report.txt")
    assert "\x1b[" not in (leak.parent / "report.txt").read_text()


@pytest.mark.skipif(os.name == "nt", reason="no such terminals")
@pytest.mark.parametrize(("options", "told"), [((), True), (("-q",), False), (("-f", "json"), False)])
def test_a_person_is_told_how_to_accept(
    options: tuple[str, ...],
    told: bool,  # noqa: FBT001 - a parameter of a test
    environment: dict[str, str],
    leak: Path,
) -> None:
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "keysift", "scan", leak.name, *options]
    done = subprocess.run(
        command, cwd=leak.parent, env=environment, stdout=subprocess.DEVNULL, stderr=theirs, check=False
    )
    os.write(theirs, b"the end\n")
    said = b""
    while b"the end" not in said:
        said += os.read(ours, 4096)
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 1
    assert (b"`keysift baseline audit` asks" in said) == told


def test_a_program_is_not_told_how_to_accept(keysift: Keysift, leak: Path) -> None:
    assert b"help:" not in keysift("scan", leak.name).stderr


@pytest.mark.parametrize(
    ("words", "incomplete", "offered"),
    [
        (["rules", "show"], "pagerduty-rest", "pagerduty-rest-api-key"),
        (["rules", "check", "x"], "slack-bot", "slack-bot-token"),
        (["help"], "sc", "scan"),
        (["scan", "--group-by"], "f", "file"),
        (["scan", "--format"], "s", "sarif"),
        (["scan", "--fail-on"], "", "never"),
        (["audit", "--min-confidence"], "h", "high"),
        (["scan", "--rule"], "pagerduty-rest", "pagerduty-rest-api-key"),
        (["rules", "list", "--provider"], "pagerd", "PagerDuty"),
        (["rules", "list", "--label"], "p", "public"),
        (["help", "baseline"], "cr", "create"),
    ],
)
def test_completion_knows_names(words: list[str], incomplete: str, offered: str) -> None:
    found = ShellComplete(program, {}, "keysift", "_KEYSIFT_COMPLETE").get_completions(words, incomplete)
    assert offered in [item.value for item in found]
