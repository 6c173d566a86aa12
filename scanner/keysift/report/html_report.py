"""The report as one page for a browser, which loads nothing and sends nothing.

Whatever comes from files stands in the page as JSON without `<`, `>` and `&`, and is put where it is shown as text. The
page's policy allows its own script and style alone, by their hashes: https://www.w3.org/TR/CSP3/#hash-usage-for-inline.
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
from keysift.report.wording import count, place, scanned, shown

MOST_PLACES = 200
"""A key's further places are counted."""
MOST_PATHS = 20
"""Likewise what was not scanned, for each reason."""
_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def write(run: Run, out: TextIO, options: Options) -> None:
    """The whole page, plain ASCII but for its own script; the data is written key by key."""
    seen = view(run, options)
    page, style, script = (_part(name) for name in ("page.html", "page.css", "page.js"))
    page = page.replace("@STYLE_HASH@", _digest(style)).replace("@SCRIPT_HASH@", _digest(script))
    before, after = page.replace("@STYLE@", style).replace("@SCRIPT@", script).split("@DATA@")
    out.write(before)
    _data(seen, _Inert(out))
    out.write(after)


class _Inert:
    """A stream of JSON in which nothing can end the element that holds it; only strings have these three signs."""

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


def _data(seen: View, out: Any) -> None:  # noqa: ANN401 - what `array` asks of a stream
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
    """What a reader must know before the keys: that some may be missing, and what the run says besides."""
    run = seen.run
    missed = sum(not skipped.expected for skipped in run.skipped)
    if run.interrupted:
        yield "The scan was interrupted: this is what was found by then."
    elif missed:
        yield f"The scan is incomplete: {count(missed, 'thing')} could not be read; the list is at the end."
    for note in run.notes:
        yield shown(seen, note[:1].upper() + note[1:])
    if run.gone:
        yield f"{count(len(run.gone), 'accepted key')} stands nowhere any more: `keysift baseline prune`."


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
        "places": [place(seen, location) for location in finding.locations[:MOST_PLACES]],
        "count": len(finding.locations),
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
    for one in finding.suppressions:
        told = [one.justification, one.who and f"by {one.who}", one.until and f"until {one.until}"]
        yield shown(seen, ", ".join(part for part in told if part))


def _plain(value: object) -> object:
    if isinstance(value, list):
        return [plain(one) for one in value]
    return plain(value) if isinstance(value, str) else value


def _skipped(seen: View) -> list[dict[str, Any]]:
    """What was not scanned, by reason, the most frequent first."""
    reasons: dict[str, list[str]] = {}
    for skipped in seen.run.skipped:
        reasons.setdefault(skipped.reason, []).append(skipped.path)
    return [
        {"reason": shown(seen, reason), "count": len(paths), "paths": [shown(seen, one) for one in paths[:MOST_PATHS]]}
        for reason, paths in sorted(reasons.items(), key=lambda group: -len(group[1]))
    ]
