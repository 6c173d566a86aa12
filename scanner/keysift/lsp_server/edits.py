"""A finding -> the changes that an editor offers: accept it with a reason, or take the value out of the file."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from lsprotocol.types import TextEdit

from keysift import config
from keysift.lsp_server.judging import Judged
from keysift.lsp_server.places import Places
from keysift.model import Finding

REASONS = ("not a key", "an example", "for tests alone")
"""Why a finding may stay: the protocol lets a server ask nothing, so each is a choice of its own."""
_LEADS = {
    "#": "python shellscript sh bash zsh fish yaml dockercompose dotenv env properties toml dockerfile make makefile "
    "ruby perl r terraform hcl powershell ps1 elixir dosini conf graphql julia cmake gitignore ignore nix awk",
    "//": "javascript javascriptreact typescript typescriptreact java go c cpp objective-c objc csharp cs rust swift "
    "kotlin scala php dart groovy jsonc json5 proto proto3 zig solidity bicep fsharp",
    "--": "sql lua haskell ada elm",
    ";": "ini clojure lisp",
    "%": "latex tex erlang",
    "'": "vb",
    "::": "bat dosbatch",
}
_LEAD_OF = {language: lead for lead, languages in _LEADS.items() for language in languages.split()}
_AROUND = {"<!--": ("html xml markdown svg xsl vue", " -->"), "/*": ("css scss less", " */")}
_AROUND_OF = {language: (lead, end) for lead, (names, end) in _AROUND.items() for language in names.split()}
_ENVIRONMENT_FILE = re.compile(r"\.env(rc|\.[\w.-]+)?|[\w.-]+\.env", re.IGNORECASE)
_SETTING = re.compile(
    r"""[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*"""
    r"""(?P<value>"[^"\r\n]*"|'[^'\r\n]*'|[^\s#"']\S*)"""
)
_GLOB = re.compile(r"([\\*?\[])")


def comment(finding: Finding, reason: str, judged: Judged, places: Places, language: str) -> TextEdit | None:
    """Return the edit that puts a comment above a finding; None where the language has none that we know."""
    lead, end = _AROUND_OF.get(language, (_LEAD_OF.get(language, ""), ""))
    if not lead or finding.locations[0].member:
        return None
    start = places.line_start(places.span(finding.locations[0])[0])
    indent = re.match(r"[ \t]*", places.text[start : places.line_end(start)])
    until = _until(judged)
    text = f"{indent[0] if indent else ''}{lead} keysift: ignore[{finding.rule.id}] {reason}"
    text += f" until {until}" if until else ""
    newline = "\r\n" if "\r\n" in places.text else "\n"
    return TextEdit(places.range(start, start), f"{text}{end}{newline}")


def configuration(finding: Finding, reason: str, judged: Judged, path: str, before: str) -> str:
    """Return the table that accepts this key in the file at a path, to be put behind the text of the configuration."""
    table = "tool.keysift.ignore" if Path(judged.config.origin).name == "pyproject.toml" else "ignore"
    stated = {
        "rule": finding.rule.id,
        "path": "/" + _GLOB.sub(r"\\\1", path),
        "fingerprint": finding.fingerprint,
        "reason": reason,
    }
    if until := _until(judged):
        stated |= {"since": _today().isoformat(), "until": until}
    lines = [f"[[{table}]]", *(f"{name} = {_quoted(value)}" for name, value in stated.items())]
    gap = "" if not before else "\n" if before.endswith("\n") else "\n\n"
    return gap + "\n".join(lines) + "\n"


def environment(finding: Finding, places: Places, name: str) -> tuple[str, TextEdit] | None:
    """Return a variable, and the edit that has a line of an .env file take its value from the environment.

    None where the file is no such file, or its line no `NAME=VALUE`.
    """
    if not _ENVIRONMENT_FILE.fullmatch(name) or finding.locations[0].member:
        return None
    start, end = places.span(finding.locations[0])
    line = places.line_start(start)
    setting = _SETTING.match(places.text, line, places.line_end(start))
    if not setting or not setting.start("value") <= start <= end <= setting.end("value"):
        return None
    reference = f"${{{setting['name']}}}"
    text = f'"{reference}"' if setting["value"][0] in "\"'" else reference
    return setting["name"], TextEdit(places.range(*setting.span("value")), text)


def _until(judged: Judged) -> str:
    """Return the last day that the policy of the repository allows; empty if it sets no end."""
    days = judged.config.policy.max_lifetime_days
    return (_today() + timedelta(days)).isoformat() if days else ""


def _today() -> date:
    return datetime.now(UTC).date()


def _quoted(text: str) -> str:
    """Return a string of TOML; https://toml.io/en/v1.0.0#string."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def configuration_file(judged: Judged, place: str, top: str) -> Path:
    """Return the configuration that holds for a file, or where one would be written: at the top of its repository."""
    if judged.config.origin:
        return Path(judged.config.origin)
    return Path(top or Path(place).parent) / config.NAME
