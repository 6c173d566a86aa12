"""The report as one page for a browser, which loads nothing and sends nothing.

Text from files is in the page as JSON without `<`, `>` and `&`, and its script shows it as text. The page's policy
allows only its own script and style, by their hashes: https://www.w3.org/TR/CSP3/#hash-usage-for-inline. Without
JavaScript, the page is a list.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files
from typing import Any, TextIO

from keysift.masking import shorten
from keysift.model import Finding, Location, Rule, Run
from keysift.report.json_report import array, ascii_json, history, repository
from keysift.report.kinds import issuer
from keysift.report.next_steps import next_steps
from keysift.report.page_list import entries
from keysift.report.plain import plain
from keysift.report.view import Options, View, in_order, view
from keysift.report.wording import by_reason, count, liveness, missed, scanned, shown

MOST_PATHS = 20
"""Paths that were not scanned, for each reason; further ones are counted."""
_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
_SCRIPTS = ("data.js", "charts.js", "list.js", "events.js", "page.js")
_DECIDING = ("data.js", "charts.js", "list.js", "events.js", "decide.js", "page.js")


def write(run: Run, out: TextIO, options: Options) -> None:
    """Write the whole page, all of it ASCII; the data is written key by key."""
    write_page(run, out, options)


def write_page(run: Run, out: TextIO, options: Options, live: dict[str, Any] | None = None) -> None:
    """Write the page; `live` is what it must know to have decisions written by the server that it came from."""
    seen = view(run, options)
    page, style = _part("page.html"), _part("page.css")
    parts = "".join(map(_part, _SCRIPTS if live is None else _DECIDING))
    script = f'"use strict";\n(() => {{\n{parts}}})();\n'
    page = page.replace("@STYLE_HASH@", _digest(style)).replace("@SCRIPT_HASH@", _digest(script))
    page = page.replace("@CONNECT@", "'none'" if live is None else "'self'")
    before, rest = page.replace("@STYLE@", style).replace("@SCRIPT@", script).split("@STATIC@")
    middle, after = rest.split("@DATA@")
    everything = [*seen.findings(), *_unsure(seen), *in_order(run.suppressed)]
    out.write(before)
    out.writelines(entries(seen, everything) if live is None else ())
    out.write(middle)
    _data(seen, everything, _Inert(out), live)
    out.write(after)


def _unsure(seen: View) -> list[Finding]:
    """Return what is below the threshold of confidence, which the page counts, and hides until it is asked for."""
    public = seen.run.public if seen.options.show_public else ()
    return in_order([*seen.run.below, *(finding for finding in public if finding.below_threshold)])


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


def _data(seen: View, everything: list[Finding], out: Any, live: dict[str, Any] | None) -> None:  # noqa: ANN401 - a stream, as `array` uses it
    rules: dict[str, dict[str, Any]] = {}
    for finding in everything:
        rules.setdefault(finding.rule.id, _rule(finding.rule))
    head = {
        "tool": {"version": plain(seen.run.settings.get("version", ""))},
        "run": _run(seen),
        "masked": not seen.options.show_secrets,
        "live": live,
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


def _notices(seen: View) -> Iterator[dict[str, str]]:
    """Yield what a reader must know before the keys: that some may be missing, and the notes of the run."""
    run = seen.run
    if run.interrupted:
        yield _notice("The scan was interrupted: this page shows what was found until then.", "incomplete")
    elif unread := missed(run):
        yield _notice(f"The scan is incomplete: {count(len(unread), 'item')} could not be read.", "incomplete")
    for note in run.notes:
        yield _notice(shown(seen, note[:1].upper() + note[1:]))
    if run.gone and run.command != "fleet":  # which says in its notes what is gone
        keys = f"{count(len(run.gone), 'accepted key')} {'is' if len(run.gone) == 1 else 'are'} gone"
        yield _notice(f"{keys}: run `keysift baseline prune` to clean up the baseline.")


def _notice(text: str, kind: str = "note") -> dict[str, str]:
    return {"text": text, "kind": kind}


def _rule(rule: Rule) -> dict[str, Any]:
    texts = {"id": rule.id, "name": rule.name, "provider": issuer(rule), "why": rule.why}
    return {**{name: plain(text) for name, text in texts.items()}, "references": [*map(plain, rule.references)]}


def _key(seen: View, finding: Finding) -> dict[str, Any]:
    verdict = finding.verdict
    known: dict[str, Any] = {
        "rule": finding.rule.id,
        "label": verdict.label,
        "confidence": verdict.confidence,
        "secret": plain(seen.secret(finding) if seen.options.show_secrets else shorten(seen.secret(finding))),
        "fingerprint": plain(finding.fingerprint),
        "places": [_place(seen, location) for location in seen.listed(finding.locations)],
        "count": len(finding.locations) + finding.more_places,
        "reasons": [shown(seen, reason) for reason in verdict.reasons],
        "steps": [*map(plain, next_steps(finding))],
    }
    if finding.liveness:
        known["live"] = {"state": finding.liveness.state, "told": liveness(seen, finding)}
    if finding.below_threshold:
        known["below"] = True
    if finding.suppressions:
        known["accepted"] = "; ".join(_accepted(seen, finding)) or "yes"
    if finding.baseline:
        known["baseline"] = finding.baseline
    if finding.history:
        known["history"] = {name: _plain(value) for name, value in history(seen, finding.history).items()}
    if finding.repositories:
        known["repositories"] = [_plain(repository(seen, holder)) for holder in finding.repositories]
    return known


def _place(seen: View, location: Location) -> list[object]:
    """Return the parts of a place, which a page shows each in its own way."""
    path, member = shown(seen, location.path), shown(seen, location.member)
    return [path, location.start_line, location.start_column, plain(location.commit[:12]), member]


def _accepted(seen: View, finding: Finding) -> Iterator[str]:
    for suppression in finding.suppressions:
        who = suppression.who and f"by {suppression.who}"
        until = suppression.until and f"until {suppression.until}"
        yield shown(seen, ", ".join(filter(None, [suppression.justification, who, until])))


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [*map(_plain, value)]
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
