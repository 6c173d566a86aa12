"""Build the site of the documentation: python docs/site/build.py FOLDER.

The pages are the Markdown of this repository, at the same paths, so that every link between them holds on a code host
and on the site. What the program itself knows is written here: a page for each provider of the catalogue, and the
commands. Any warning of Sphinx, such as for a link that leads nowhere, ends the build.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from sphinx.cmd.build import main as build_sphinx

from keysift import cli
from keysift.model import Rule
from keysift.rules import ruleset

SITE = Path(__file__).parent
ROOT = SITE.parent.parent
sys.path.insert(0, str(ROOT / ".ci"))

import report_page  # noqa: E402 - beside this
from man_pages import contexts, name  # noqa: E402 - the walk over all commands, which lies beside the build hook

COPIED = (
    "*.md", "docs/*.md", "docs/guide/*.md", "docs/decisions/*.md", "rules/README.md", "LICENSE",
    "scanner/keysift/report/schema/*.json", "scanner/keysift/git/hardening.py",
)  # fmt: skip
"""The pages, and the files that they link to."""


def main() -> int:
    """Write the sources of the site into a temporary folder, and the site into the one that is named."""
    with tempfile.TemporaryDirectory(prefix="keysift-site-") as folder:
        sources = Path(folder)
        for path in (path for pattern in COPIED for path in ROOT.glob(pattern)):
            place = sources / path.relative_to(ROOT)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, place)
        drawn = sources / "docs" / "architecture.md"
        # Code hosts draw this; here it would take a script of another server, and the same stands below it as text.
        text = re.sub(
            r"```mermaid\n.*?```\n\nThe same as text:\n\n", "", drawn.read_text(encoding="utf-8"), flags=re.DOTALL
        )
        drawn.write_text(text, encoding="utf-8")
        shutil.copy(SITE / "index.md.txt", sources / "index.md")
        write_catalogue(sources / "rules")
        write_commands(sources / "docs" / "commands")
        report_page.write(ROOT, sources / "docs")
        status: int = build_sphinx(
            ["-q", "-W", "--keep-going", "-n", "-b", "html", "-c", str(SITE), str(sources), sys.argv[1]]
        )
    return status


def write_catalogue(folder: Path) -> None:
    """Write a page for each provider, and in place of the long table a list of them."""
    ordered = sorted(ruleset.load(), key=lambda rule: (rule.provider.casefold(), rule.provider, rule.id))
    pages: dict[str, str] = {}
    titles: dict[str, str] = {}
    for provider, rules in groupby(ordered, lambda rule: rule.provider):
        name = re.sub(r"[^a-z0-9]+", "-", provider.lower()).strip("-") or "other"
        while name in pages:
            name += "-"
        titles[name] = escaped(provider)
        # No page of the sidebar: 770 entries in it would be written into every page.
        sections = (line for rule in rules for line in rule_section(rule))
        pages[name] = "\n".join(["---\norphan: true\n---\n", f"# {titles[name]}", *sections, ""])
    (folder / "catalogue").mkdir(parents=True)
    for name, text in pages.items():
        (folder / "catalogue" / f"{name}.md").write_text(text, encoding="utf-8")
    head = (
        f"# Catalogue of rules\n\n{len(ordered):,} rules of {len(pages):,} providers; the search finds them by ID too."
    )
    links = [f"- [{title}](catalogue/{name}.md)" for name, title in titles.items()]
    (folder / "CATALOGUE.md").write_text("\n".join([head, "", *links, ""]), encoding="utf-8")


def rule_section(rule: Rule) -> Iterator[str]:
    """Yield what a reader wants to know of a rule: its label and why, what to do, where that stands."""
    yield f"\n## {rule.name}\n\n`{rule.id}` · **{rule.label}** · {rule.best_confidence} confidence at most\n"
    yield f"**Why {rule.label}:** {escaped(rule.why)}\n"
    yield f"**How to revoke it:** {escaped(rule.revoke)}\n"
    yield "**Read more:** " + ", ".join(f"<{address}>" for address in rule.references)


def escaped(text: str) -> str:
    """Return a sentence in which nothing is markup."""
    return re.sub(r"([\\`*_{}\[\]<>#|$~])", r"\\\1", text)


def write_commands(folder: Path) -> None:
    """Write the help of each command as a page."""
    folder.mkdir(parents=True)
    names = []
    for context in contexts(cli.keysift, "keysift"):
        names.append(name(context))
        context.max_content_width = context.terminal_width = 100
        text = context.get_help()
        (folder / f"{names[-1]}.md").write_text(f"# {context.command_path}\n\n```text\n{text}\n```\n", encoding="utf-8")
    (folder / "index.md").write_text("\n".join(["# Commands", "", *toctree("", names)]), encoding="utf-8")


def toctree(caption: str, pages: Iterable[str]) -> list[str]:
    """Return a table of contents, as MyST writes it."""
    return ["```{toctree}", *([f":caption: {caption}"] if caption else []), ":maxdepth: 1", "", *pages, "```", ""]


if __name__ == "__main__":
    sys.exit(main())
