"""README tells the truth: its commands parse, its options exist, its findings are what the program prints."""

import os
import random
import re
import shlex
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest
import yaml
from tests import in_process

from keysift import config
from keysift.cli import keysift
from keysift.rules import ruleset

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<content>.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [(found["language"], found["content"]) for found in FENCE.finditer(README)]
SPANS = re.findall(r"`([^`\n]+)`", FENCE.sub("", README))
FINDINGS = [content for language, content in BLOCKS if language == "text"]


def command_lines() -> list[str]:
    """Every `keysift ...` of the shell blocks and of the sentences, without pipes and comments."""
    shell = "\n".join(content for language, content in BLOCKS if language == "sh")
    lines = [*shell.splitlines(), *(span for span in SPANS if span.startswith("keysift "))]
    found = (re.search(r"(?:^|[|&/] ?|bin/)(keysift .*)", line) for line in lines)
    return sorted({one[1] for one in found if one})


def commands(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command with its name: `rules list`."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{path}{name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{path}{name} ")


def options() -> list[tuple[str, tuple[str, ...]]]:
    """Each option with its command, in all its spellings."""
    return [
        (name, tuple(parameter.opts))
        for name, command in [("", keysift), *commands(keysift)]
        for parameter in command.params
        if isinstance(parameter, click.Option)
    ]


def test_quick_start_holds_exactly_two_lines() -> None:
    section = README.partition("## Quick start\n")[2]
    found = FENCE.search(section)
    assert found
    assert found["content"].splitlines() == [
        "python3 -m venv .venv && .venv/bin/pip install -q . && .venv/bin/keysift scan .",
        "python3 -m venv .venv && .venv/bin/pip install -q -e '.[test]' && .venv/bin/pytest -q -n auto",
    ]


def test_first_forty_lines_say_what_matters() -> None:
    start = "\n".join(README.splitlines()[:40])
    parts = ("secret[", "## Quick start", "Install:", "keysift scan", ".pre-commit-config.yaml", "Exit codes", "Never")
    assert [part for part in parts if part not in start] == []


@pytest.mark.parametrize("line", command_lines())
def test_command_line_parses(line: str) -> None:
    _, *words = shlex.split(line, comments=True)
    command: click.Command = keysift
    context = click.Context(keysift)
    while isinstance(command, click.Group):
        name = words.pop(0)
        if name == "--version":
            return
        found = command.get_command(context, name)
        assert found is not None, f"no command is called {name}"
        command = found
    command.make_context(command.name, words, parent=context, resilient_parsing=False)


@pytest.mark.parametrize(("name", "spellings"), options())
def test_option_is_documented(name: str, spellings: tuple[str, ...]) -> None:
    lines = [line for line in command_lines() if line.startswith(f"keysift {name}")]
    spans = [span for span in SPANS if span.startswith("-")]
    spelled = re.compile(rf"(?<![\w-])(?:{'|'.join(spellings)})(?![\w-])")
    assert any(spelled.search(text) for text in [*lines, *spans])


def test_options_exist() -> None:
    known = {"--help", *(spelling for _, spellings in options() for spelling in spellings)}
    named = {word for span in SPANS if span.startswith("-") for word in re.findall(r"(?<!\S)--?[a-z][\w-]*", span)}
    assert named - known == set()


@pytest.mark.parametrize("name", [name for name, _ in commands(keysift)])
def test_command_is_documented(name: str) -> None:
    assert re.search(rf"keysift {name}\b", README)


def unmasked(text: str, source: random.Random) -> str:
    """Text in which the stars of a masked key are made-up characters; what is shown of the key stays."""
    return re.sub(r"\*{5,}", lambda stars: "".join(source.choices("0123456789abcdef", k=len(stars[0]))), text)


@pytest.mark.parametrize("block", FINDINGS)
def test_finding_is_what_the_program_prints(block: str, tmp_path: Path) -> None:
    place = re.search(r"^ --> ([^:\n]+):", block, re.MULTILINE)
    assert place
    sources = [content for _, content in BLOCKS if content.startswith(f"# {place[1]}\n")]
    shown = re.findall(r"^\d+ \| (.*)$", block, re.MULTILINE)
    text = sources[0] if sources else "".join(f"{line}\n" for line in shown)
    file = tmp_path / place[1]
    file.parent.mkdir(parents=True)
    file.write_text(unmasked(text, random.Random(place[1])), encoding="utf-8")
    done = in_process.run("scan", place[1], cwd=tmp_path, environment={**os.environ, "COLUMNS": "100"})
    assert (done.stdout.decode().rstrip("\n"), done.returncode) == (block.rstrip("\n"), 1)


def test_no_key_stands_in_readme() -> None:
    done = in_process.run("scan", "README.md", "--config", os.devnull, cwd=ROOT, environment=os.environ.copy())
    assert (done.stdout, done.returncode) == (b"", 0)


def test_counts_are_true() -> None:
    counts = re.search(r"over ([\d,]+) rules for over ([\d,]+) providers", README)
    assert counts
    loaded = ruleset.load()
    assert len(loaded) > int(counts[1].replace(",", ""))
    assert len({rule.provider for rule in loaded}) > int(counts[2].replace(",", ""))


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", README):
        assert (ROOT / target).exists(), target


def test_configuration_example_names_rules() -> None:
    disabled = re.search(r"^disable = \[(.*?)\]", README, re.MULTILINE)
    assert disabled
    known = {rule.id for rule in ruleset.load()} | {"tracked-secret-file"}
    assert set(re.findall(r'"([^"]+)"', disabled[1])) <= known


def test_configuration_example_is_one() -> None:
    [example] = [content for language, content in BLOCKS if language == "toml"]
    settings = config.parse(example.encode(), ".keysift.toml")
    known = {field.name for field in fields(config.Config)} - {"origin"}
    assert {name for name in known if getattr(settings, name)} == known


def test_pre_commit_stanza_names_our_hook() -> None:
    stanza = yaml.safe_load(next(content for _, content in BLOCKS if content.startswith("repos:")))
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert [hook["id"] for hook in stanza["repos"][0]["hooks"]] == [hook["id"] for hook in hooks]
    assert [hook["entry"] for hook in hooks] == ["keysift hook"]
