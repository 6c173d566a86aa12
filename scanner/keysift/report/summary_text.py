"""The last lines of a run for people: what was not scanned and why, and what was found."""

from __future__ import annotations

from collections.abc import Iterator

from keysift.model import Label, Run
from keysift.report.plain import wrapped
from keysift.report.snippet_text import paint
from keysift.report.view import Options, View, view
from keysift.report.wording import by_label, by_reason, count, listing, missed, not_shown, scanned, shown

MORE_EXAMPLES = 3
MORE_REASONS = 10


def summary_lines(run: Run, options: Options) -> Iterator[str]:
    """Yield what was not scanned and why, and last what was found; quiet, only what was missed, if anything was."""
    seen = view(run, options)
    yield from _not_scanned(seen)
    if not options.quiet:
        unsure = not_shown(run, public=options.show_public)
        yield from wrapped(unsure, options.width, 2) if unsure else ()
    if not options.quiet or run.interrupted:
        yield from _result(run, options)


def _not_scanned(seen: View) -> Iterator[str]:
    """Yield the reasons, the most frequent first, each with a few paths."""
    run, options = seen.run, seen.options
    items = missed(run) if options.quiet else run.skipped
    if not items:
        return
    groups = by_reason(items)
    most = len(groups) if options.verbose else MORE_REASONS
    yield paint(f"not scanned: {len(items):,}", "bold", options)
    for reason, paths in groups[:most]:
        named = [shown(seen, path) for path in (paths if options.verbose else paths[:MORE_EXAMPLES])]
        examples = listing(named, len(paths))
        yield from wrapped(f"  {shown(seen, reason)} ({len(paths):,}): {examples}", options.width, 4)
    if len(groups) > most:
        yield f"  other reasons ({sum(len(paths) for _, paths in groups[most:]):,}): -v lists them"


def _result(run: Run, options: Options) -> Iterator[str]:
    """Yield what was found, in colour, and in how much."""
    keys, colour = "no leaked keys found", "good"
    if run.findings:
        keys = f"{count(len(run.findings), 'leaked key')} found ({by_label(run.findings)})"
        secret = any(finding.verdict.label is Label.SECRET for finding in run.findings)
        colour = Label.SECRET if secret else Label.SENSITIVE
    parts = [f"{keys} in {scanned(run)}, {_size(run.bytes)}, {run.duration_s:.2f} s"]
    parts += [f"{len(run.suppressed):,} accepted"] if run.suppressed else []
    parts += [f"{len(run.public):,} public"] if options.show_public and run.public else []
    parts += ["interrupted" if run.interrupted else "the scan is incomplete"] if not run.complete else []
    first, *more = wrapped("; ".join(parts), options.width, 2)
    yield first.replace(keys, paint(keys, colour, options), 1)  # colours have no width
    yield from more


def _size(number: int) -> str:
    """Return bytes in decimal units, as disks are sold."""
    if number < 1000:
        return count(number, "byte")
    power = 1 if number < 1000**2 else 2 if number < 1000**3 else 3
    return f"{number / 1000**power:,.1f} {('kB', 'MB', 'GB')[power - 1]}"
