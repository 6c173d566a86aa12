"""Documents lead somewhere: their links, their anchors, and the modules and folders that they name."""

import pkgutil
import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

import keysift

ROOT = Path(__file__).parent.parent
PACKAGE = Path(keysift.__file__).parent
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "rules/README.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
DECISIONS = sorted((ROOT / "docs/decisions").glob("*.md"))
REPLACED = [path for path in DECISIONS if "\nReplaced by [" in path.read_text(encoding="utf-8")]
IN_FORCE = [path for path in DECISIONS if path not in REPLACED]
ABOUT_CODE = [ROOT / "CONTRIBUTING.md", ROOT / "docs/architecture.md", *IN_FORCE]
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"\.?[\w-]+(?:[./][\w-]+)*\.(?:py|md|toml|json|yml|yaml)|justfile|\.?[\w-]+(?:/[\w-]+)*/")
"""A file or a folder: `detect/prefilter.py`, `rules/`."""
DOTTED = re.compile(r"[a-z_]+(?:\.[A-Za-z_]+)+")
NOT_KEPT = {".keysift.toml", "app.py", "rules.json"}
"""What a user writes, or what the build makes."""


def spans(document: Path) -> list[str]:
    """The code spans of a document, without its code blocks."""
    text = FENCE.sub("", document.read_text(encoding="utf-8"))
    return re.findall(r"`([^`\n]+)`", text)


def anchors(document: Path) -> set[str]:
    """The anchors of the headings of a document, as code hosts make them."""
    tokens = MarkdownIt().parse(document.read_text(encoding="utf-8"))
    headings = (after.content for token, after in pairwise(tokens) if token.type == "heading_open")
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", FENCE.sub("", document.read_text(encoding="utf-8"))):
        name, _, anchor = target.partition("#")
        place = document.parent / name if name else document
        assert place.exists(), target
        assert not anchor or anchor in anchors(place), target


@pytest.mark.parametrize("document", ABOUT_CODE, ids=lambda path: path.stem)
def test_named_files_exist(document: Path) -> None:
    named = {span for span in spans(document) if FILE.fullmatch(span)} - NOT_KEPT
    assert {name for name in named if not any((base / name).exists() for base in (ROOT, PACKAGE))} == set()


@pytest.mark.parametrize("document", ABOUT_CODE, ids=lambda path: path.stem)
def test_named_functions_exist(document: Path) -> None:
    """A dotted name that starts with a room or a module of the package is something in it."""
    for span in spans(document):
        first = span.partition(".")[0]
        ours = (PACKAGE / first).is_dir() or (PACKAGE / f"{first}.py").is_file()
        if ours and DOTTED.fullmatch(span) and not FILE.fullmatch(span):
            pkgutil.resolve_name(f"keysift.{span}")


def test_every_guide_is_listed() -> None:
    listed = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    assert [guide.name for guide in (ROOT / "docs/guide").glob("*.md") if f"(guide/{guide.name})" not in listed] == []


def test_every_decision_is_listed() -> None:
    listed = (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8")
    decisions = (ROOT / "docs/decisions").glob("[0-9]*.md")
    assert [decision.name for decision in decisions if f"({decision.name})" not in listed] == []


ARCHITECTURE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")


def test_floors_are_those_that_are_checked() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    [contract] = settings["tool"]["importlinter"]["contracts"]
    floors = [re.findall(r"\w+", floor.replace("(__main__)", "")) for floor in contract["layers"]]
    shown = re.findall(r"^[ \d]\d {2}(.+)$", ARCHITECTURE, re.MULTILINE)
    assert [re.findall(r"\w+", floor) for floor in shown] == list(filter(None, floors))


def test_every_room_is_described() -> None:
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert rooms == set(re.findall(r"^\| `(\w+)/` \|", ARCHITECTURE, re.MULTILINE))
