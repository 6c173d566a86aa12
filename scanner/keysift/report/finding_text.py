"""A finding as the text report shows it: what, where, how sure, why, and what to do, in a dozen lines at most."""

from __future__ import annotations

from collections.abc import Sequence

from keysift.model import Finding
from keysift.report.next_steps import next_steps
from keysift.report.plain import plain, wrapped
from keysift.report.snippet_text import CUT, Frame, evidence, key_of, paint, stands_beside
from keysift.report.view import View
from keysift.report.wording import count, life, listing, liveness, place, reasons

MOST_LINES = 12
MORE_PLACES = 3
MOST_LINES_OF_PLACES = 2


def finding_lines(seen: View, finding: Finding, *, alone: bool) -> tuple[list[str], bool]:
    """Return the lines of a finding, and True if they say what to do about it.

    Why it has its label they say if it is `alone` with its rule, and also what to do if a dozen lines hold it; in a
    verbose report they say all in any case.
    """
    options = seen.options
    key = key_of(seen, finding)
    frame = Frame(key, options)
    head, notes = _head(seen, frame, finding), _notes(seen, frame, finding)
    if options.snippets and key:
        head += evidence(frame, key, finding.verdict.label, _confidence(seen, finding))
    if options.verbose:
        return head + [line for note in (*notes, *_why(frame, finding), *_next(frame, finding)) for line in note], True
    notes += _why(frame, finding) if alone else []
    steps = _next(frame, finding)
    room = MOST_LINES - len(head)
    advised = alone and sum(map(len, (*notes, *steps))) <= room
    notes = [*notes, *steps] if advised else _shortened(notes, room)
    return head + [line for note in notes for line in note], advised


def finding_line(seen: View, finding: Finding) -> str:
    """Return a finding as a single line, as `grep -n` would show it."""
    verdict, secret = finding.verdict, plain(seen.secret(finding))
    where = place(seen, finding.locations[0]) if finding.locations else ""
    state = f", {finding.liveness.state}" if finding.liveness else ""
    label = paint(f"{verdict.label}[{plain(finding.rule.id)}]", verdict.label, seen.options)
    return ": ".join(filter(None, [where, " ".join(filter(None, [label, secret]))])) + f" ({verdict.confidence}{state})"


def _head(seen: View, frame: Frame, finding: Finding) -> list[str]:
    """Return what it is and where."""
    rule, label = finding.rule, finding.verdict.label
    kind = f"{label}[{plain(rule.id)}]"
    # Without a colon: behind `password]:` the name of the rule would be taken for a password.
    first, *more = wrapped(f"{kind} {plain(rule.name)}", seen.options.width, 4)
    name = paint(first.removeprefix(kind), "bold", seen.options)
    lines = [paint(kind, label, seen.options) + name, *(paint(line, "bold", seen.options) for line in more)]
    return lines + [frame.arrow(place(seen, location)) for location in finding.locations[:1]]


def _notes(seen: View, frame: Frame, finding: Finding) -> list[list[str]]:
    """Return what is known of this key: how sure it is, where else it is, and its life."""
    options, confidence = seen.options, _confidence(seen, finding)
    key = key_of(seen, finding) if options.snippets else None
    notes = [] if key and stands_beside(frame, key, confidence) else [frame.note(confidence)]
    if finding.secret and not options.snippets:
        notes.insert(0, frame.note(f"key: {plain(seen.secret(finding))}"))
    if len(finding.locations) > 1 or finding.more_places:
        notes.append(_other_places(seen, frame, finding))
    if finding.liveness:
        notes.insert(0, frame.note(f"state: {liveness(seen, finding)}"))
    if finding.repositories:
        named = [plain(holder.name) for holder in finding.repositories[: None if options.verbose else MORE_PLACES]]
        notes.append(frame.note(f"repositories: {listing(named, len(finding.repositories))}"))
        notes += [frame.note("new since the last run")] if finding.baseline == "new" else []
    if finding.history:
        notes.append(frame.note(f"history: {life(seen, finding.history)}"))
    return notes


def _other_places(seen: View, frame: Frame, finding: Finding) -> list[str]:
    """Return the other places of a key: few enough for two lines, unless the report is verbose; the rest is counted."""
    others = [place(seen, location) for location in finding.locations[1:]]
    total = len(others) + finding.more_places
    if seen.options.verbose:
        return frame.note(f"also at: {listing(seen.listed(others), total)}")
    for most in range(min(MORE_PLACES, len(others)), 0, -1):
        note = frame.note(f"also at: {listing(others[:most], total)}")
        if len(note) <= MOST_LINES_OF_PLACES:
            return note
    return frame.note(f"also at {count(total, 'other place')}")


def _confidence(seen: View, finding: Finding) -> str:
    confidence = f"{finding.verdict.confidence} confidence"
    return f"{confidence}: {reasons(seen, finding)}" if finding.verdict.reasons else confidence


def _why(frame: Frame, finding: Finding) -> list[list[str]]:
    return [frame.note(f"why: {plain(finding.rule.why)}")] if finding.rule.why else []


def _next(frame: Frame, finding: Finding) -> list[list[str]]:
    """Return the steps to take, each on a line of its own."""
    steps = [
        wrapped(f"{number}. {plain(step)}", frame.room - 6, 3) for number, step in enumerate(next_steps(finding), 1)
    ]
    if not steps:
        return []
    first, *more = [line for step in steps for line in step]
    return [[*frame.note(f"next: {first}"), *(f"{frame.pad}         {line}" for line in more)]]


def _shortened(notes: Sequence[list[str]], room: int) -> list[list[str]]:
    """Return notes that have as many lines together as there is room: the longest lose their ends."""
    notes = [list(note) for note in notes]
    while sum(map(len, notes)) > room and len(longest := max(notes, key=len)) > 1:
        del longest[-1]
        longest[-1] = longest[-1].removesuffix(CUT) + CUT
    return notes
