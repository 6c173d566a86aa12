"""README and the guides tell the truth: commands parse, options exist, and the program prints what they show."""

import doctest
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
README = ROOT / "README.md"
DOCUMENTS = [README, *sorted((ROOT / "docs" / "guide").glob("*.md"))]
FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<content>.*?)^```$", re.MULTILINE | re.DOTALL)
TEXTS = {path: path.read_text(encoding="utf-8") for path in DOCUMENTS}
BLOCKS = [(path, found["language"], found["content"]) for path, text in TEXTS.items() for found in FENCE.finditer(text)]
SPANS = [span for text in TEXTS.values() for span in re.findall(r"`([^`\n]+)`", FENCE.sub("", text))]


def blocks(language: str) -> list[tuple[Path, str]]:
    """The blocks of a language, each with its document."""
    return [(path, content) for path, name, content in BLOCKS if name == language]


def named(block: tuple[Path, str]) -> str:
    """The id of a block as a parameter of a test."""
    path, content = block
    return f"{path.stem}-{content.splitlines()[0]}"


def command_lines() -> list[str]:
    """Every `keysift ...` of the shell blocks, the transcripts and the sentences, without pipes and comments."""
    shell = [line for _, content in blocks("sh") for line in content.splitlines()]
    typed = [line for _, content in blocks("console") for line in content.splitlines() if line.startswith("$ ")]
    lines = [*shell, *typed, *(span for span in SPANS if span.startswith("keysift "))]
    found = (re.search(r"(?:^|[|&/] ?|bin/|\$ )(keysift .*)", line) for line in lines)
    return sorted({command[1] for command in found if command})


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
    section = TEXTS[README].partition("## Quick start\n")[2]
    found = FENCE.search(section)
    assert found
    assert found["content"].splitlines() == [
        "python3 -m venv .venv && .venv/bin/pip install -q . && .venv/bin/keysift scan .",
        "python3 -m venv .venv && .venv/bin/pip install -q -e '.[test]' && .venv/bin/pytest -q -n auto",
    ]


def test_first_forty_lines_say_what_matters() -> None:
    start = "\n".join(TEXTS[README].splitlines()[:40])
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


def test_options_are_documented() -> None:
    spans = [span for span in SPANS if span.startswith("-")]

    def is_documented(name: str, spellings: tuple[str, ...]) -> bool:
        lines = [line for line in command_lines() if line.startswith(f"keysift {name}")]
        spelled = re.compile(rf"(?<![\w-])(?:{'|'.join(spellings)})(?![\w-])")
        return any(spelled.search(text) for text in [*lines, *spans])

    assert [option for option in options() if not is_documented(*option)] == []


def test_options_exist() -> None:
    known = {"--help", *(spelling for _, spellings in options() for spelling in spellings)}
    named = {word for span in SPANS if span.startswith("-") for word in re.findall(r"(?<!\S)--?[a-z][\w-]*", span)}
    assert named - known == set()


@pytest.mark.parametrize("name", [name for name, _ in commands(keysift)])
def test_command_is_documented(name: str) -> None:
    assert any(re.match(rf"keysift {name}\b", line) for line in command_lines())


@pytest.mark.parametrize("name", keysift.list_commands(click.Context(keysift)))
def test_table_of_readme_has_every_command(name: str) -> None:
    assert re.search(rf"^\| `keysift {name}\b", TEXTS[README], re.MULTILINE)


def unmasked(text: str, source: random.Random) -> str:
    """Text in which the stars of a masked key are made-up characters; what is shown of the key stays."""
    return re.sub(r"\*{5,}", lambda stars: "".join(source.choices("0123456789abcdef", k=len(stars[0]))), text)


def write_sources(document: Path, folder: Path) -> None:
    """Write every file that a document shows, named in its first line (`# a.yml`), with its masked keys filled in."""
    for path, _, content in BLOCKS:
        name = re.match(r"# ([\w./-]+)\n", content)
        if path == document and name:
            write(folder / name[1], content)


def write(file: Path, content: str) -> None:
    """Write a file with the stars of its masked keys filled in."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(unmasked(content, random.Random(file.name)), encoding="utf-8")


def run(words: list[str], folder: Path) -> tuple[str, int]:
    """Run a command in a folder; return its output and its exit code."""
    done = in_process.run(*words, cwd=folder, environment={**os.environ, "COLUMNS": "100"})
    return done.stdout.decode().rstrip("\n"), done.returncode


@pytest.mark.parametrize("block", blocks("text"), ids=named)
def test_finding_is_what_the_program_prints(block: tuple[Path, str], tmp_path: Path) -> None:
    document, finding = block
    place = re.search(r"^ --> ([^:\n]+):", finding, re.MULTILINE)
    assert place
    write_sources(document, tmp_path)
    if not (tmp_path / place[1]).exists():
        write(tmp_path / place[1], "".join(f"{line}\n" for line in re.findall(r"^\d+ \| (.*)$", finding, re.MULTILINE)))
    assert run(["scan", place[1]], tmp_path) == (finding.rstrip("\n"), 1)


@pytest.mark.parametrize("block", blocks("console"), ids=named)
def test_transcript_is_what_the_program_prints(block: tuple[Path, str], tmp_path: Path) -> None:
    document, transcript = block
    write_sources(document, tmp_path)
    parts = re.split(r"^\$ (.*)\n", transcript, flags=re.MULTILINE)[1:]
    assert parts
    for command, output in zip(parts[::2], parts[1::2], strict=True):
        assert run(shlex.split(command)[1:], tmp_path)[0] == output.rstrip("\n")


def test_examples_in_python_hold() -> None:
    examples = "".join(content for _, content in blocks("pycon"))
    tried = doctest.DocTestParser().get_doctest(examples, {}, "guides", None, None)
    assert tried.examples
    doctest.DebugRunner(verbose=False).run(tried)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_no_key_stands_in_a_document(document: Path) -> None:
    assert run(["scan", str(document), "--config", os.devnull], ROOT) == ("", 0)


def test_counts_are_true() -> None:
    counts = re.search(r"over ([\d,]+) rules for over ([\d,]+) providers", TEXTS[README])
    assert counts
    loaded = ruleset.load()
    assert len(loaded) > int(counts[1].replace(",", ""))
    assert len({rule.provider for rule in loaded}) > int(counts[2].replace(",", ""))


def test_configuration_example_names_rules() -> None:
    [example] = [content for path, content in blocks("toml") if path.stem != "fleet"]
    disabled = re.search(r"^disable = \[(.*?)\]", example, re.MULTILINE)
    assert disabled
    known = {rule.id for rule in ruleset.load()} | {"tracked-secret-file"}
    assert set(re.findall(r'"([^"]+)"', disabled[1])) <= known


def test_configuration_example_is_one() -> None:
    [example] = [content for path, content in blocks("toml") if path.stem != "fleet"]
    settings = config.parse(example.encode(), ".keysift.toml")
    known = {field.name for field in fields(config.Config)} - {"origin"}
    assert {name for name in known if getattr(settings, name)} == known


def test_pre_commit_stanza_names_our_hook() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    stanzas = [yaml.safe_load(content) for _, content in blocks("yaml") if content.startswith("repos:")]
    assert stanzas
    for stanza in stanzas:
        assert {hook["id"] for hook in stanza["repos"][0]["hooks"]} <= {hook["id"] for hook in hooks}
    assert [hook["entry"] for hook in hooks] == ["keysift hook", "keysift hook --message"]
