"""The report as one page for a browser, which loads nothing and sends nothing.

Text from files is in the page as JSON without `<`, `>` and `&`, and its script shows it as text. The page's policy
allows only its own script and style, by their hashes: https://www.w3.org/TR/CSP3/#hash-usage-for-inline.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files
from typing import Any, TextIO

from keysift.model import Finding, Rule, Run
from keysift.report.json_report import array, ascii_json, history
from keysift.report.next_steps import next_steps
from keysift.report.plain import plain
from keysift.report.view import Options, View, in_order, view
from keysift.report.wording import by_reason, count, missed, not_shown, place, scanned, shown

MOST_PATHS = 20
"""Paths that were not scanned, for each reason; further ones are counted."""
_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def write(run: Run, out: TextIO, options: Options) -> None:
    """Write the whole page, all of it ASCII; the data is written key by key."""
    seen = view(run, options)
    page, style, script = (_part(name) for name in ("page.html", "page.css", "page.js"))
    page = page.replace("@STYLE_HASH@", _digest(style)).replace("@SCRIPT_HASH@", _digest(script))
    before, after = page.replace("@STYLE@", style).replace("@SCRIPT@", script).split("@DATA@")
    out.write(before)
    _data(seen, _Inert(out))
    out.write(after)


class _Inert:
    """A stream of JSON in which nothing can end its element: these three characters occur in strings only."""

    def __init__(self, out: TextIO) -> None:
        self.out = out

    def write(self, text: str) -> None:
        self.out.write(text.translate(_ESCAPES))

    def writelines(self, lines: Iterator[str]) -> None:
        for line in lines:
            self.write(line)


def _part(name: str) -> str:
    return (files("keysift.report") / "page" / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return b64encode(sha256(text.encode()).digest()).decode()


def _data(seen: View, out: Any) -> None:  # noqa: ANN401 - a stream, as `array` uses it
    run = seen.run
    everything = [*seen.findings(), *in_order(run.suppressed)]
    rules: dict[str, dict[str, Any]] = {}
    for finding in everything:
        rules.setdefault(finding.rule.id, _rule(finding.rule))
    head = {
        "tool": {"version": plain(run.settings.get("version", ""))},
        "run": _run(seen),
        "masked": not seen.options.show_secrets,
        "notices": [*_notices(seen)],
        "rules": rules,
        "skipped": _skipped(seen),
    }
    out.write(f'{ascii_json(head)[:-1]},\n"keys": ')
    array(out, (_key(seen, finding) for finding in everything))
    out.write("}")


def _run(seen: View) -> dict[str, Any]:
    run = seen.run
    targets = [shown(seen, target) for target in run.targets]
    command, started = plain(run.command), plain(run.started)
    return {"command": command, "targets": targets, "started": started, "scanned": scanned(run)}


def _notices(seen: View) -> Iterator[str]:
    """Yield what a reader must know before the keys: that some may be missing, and the notes of the run."""
    run = seen.run
    if run.interrupted:
        yield "The scan was interrupted: this page shows what was found until then."
    elif unread := missed(run):
        yield f"The scan is incomplete: {count(len(unread), 'item')} could not be read; see the list at the end."
    if unsure := not_shown(run, public=seen.options.show_public):
        yield f"{unsure}."
    for note in run.notes:
        yield shown(seen, note[:1].upper() + note[1:])
    if run.gone:
        keys = f"{count(len(run.gone), 'accepted key')} {'is' if len(run.gone) == 1 else 'are'} gone"
        yield f"{keys}: run `keysift baseline prune` to clean up the baseline."


def _rule(rule: Rule) -> dict[str, Any]:
    texts = {"id": rule.id, "name": rule.name, "provider": rule.provider, "why": rule.why}
    return {**{name: plain(text) for name, text in texts.items()}, "references": [*map(plain, rule.references)]}


def _key(seen: View, finding: Finding) -> dict[str, Any]:
    verdict = finding.verdict
    known: dict[str, Any] = {
        "rule": finding.rule.id,
        "label": verdict.label,
        "confidence": verdict.confidence,
        "secret": plain(seen.secret(finding)),
        "fingerprint": plain(finding.fingerprint),
        "places": [place(seen, location) for location in seen.listed(finding.locations)],
        "count": len(finding.locations) + finding.more_places,
        "reasons": [shown(seen, reason) for reason in verdict.reasons],
        "steps": [*map(plain, next_steps(finding))],
    }
    if finding.suppressions:
        known["accepted"] = "; ".join(_accepted(seen, finding)) or "yes"
    if finding.baseline:
        known["baseline"] = finding.baseline
    if finding.history:
        known["history"] = {name: _plain(value) for name, value in history(seen, finding.history).items()}
    return known


def _accepted(seen: View, finding: Finding) -> Iterator[str]:
    for suppression in finding.suppressions:
        who = suppression.who and f"by {suppression.who}"
        until = suppression.until and f"until {suppression.until}"
        yield shown(seen, ", ".join(filter(None, [suppression.justification, who, until])))


def _plain(value: object) -> object:
    if isinstance(value, list):
        return [*map(plain, value)]
    return plain(value) if isinstance(value, str) else value


def _skipped(seen: View) -> list[dict[str, Any]]:
    """Return what was not scanned, by reason, the most frequent reason first."""
    return [
        {
            "reason": shown(seen, reason),
            "count": len(paths),
            "paths": [shown(seen, path) for path in paths[:MOST_PATHS]],
        }
        for reason, paths in by_reason(seen.run.skipped)
    ]
