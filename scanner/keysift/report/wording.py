"""The words that reports for people share: one line each, without keys and without characters that cannot be seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from keysift.masking import mask_name
from keysift.model import Confidence, Finding, History, Label, Location, Run, Skipped
from keysift.report.plain import plain
from keysift.report.view import View

MORE_REFS = 2
_KEEPERS = {
    "stash": "in the stash",
    "reflog": "only in the reflog",
    "index": "in the index",
    "worktree": "not committed",
    "nothing": "unreachable from any ref",
}
_HEADS = ("refs/heads/", "refs/remotes/", "refs/tags/")


def shown(seen: View, text: str) -> str:
    """Return a path or a sentence without keys, and without characters that are invisible or move others."""
    return plain(mask_name(text, seen.hidden))


def path(seen: View, location: Location) -> str:
    """Return `commit:path!/member`, without the parts that the location does not have."""
    commit = f"{plain(location.commit[:12])}:" if location.commit else ""
    member = f"!/{shown(seen, location.member)}" if location.member else ""
    return commit + shown(seen, location.path) + member


def place(seen: View, location: Location) -> str:
    """Return the path with line and column."""
    return f"{path(seen, location)}:{location.start_line}:{location.start_column}"


def reasons(seen: View, finding: Finding) -> str:
    """Return the evidence for a finding in one line."""
    return ", ".join(shown(seen, reason) for reason in finding.verdict.reasons)


def life(seen: View, history: History) -> str:
    """Return the life of a key in short phrases: introduced, removed, where it still is, exposed for how long."""
    parts = [_event(seen, "introduced", history.first_commit, history.authors[:1], history.first_seen)]
    if history.last_commit or history.last_seen:
        parts.append(_event(seen, "removed", history.last_commit, (), history.last_seen))
    parts.append("still in HEAD" if history.in_head else "not in HEAD")
    days = count(history.exposed_days, "day") if history.exposed_days else "less than a day"
    parts += [f"exposed for {days}"] if history.first_seen else []
    parts.append(held(seen, history))
    parts += [f"{history.copies:,} copies"] if history.copies > 1 else []
    return "; ".join(part for part in parts if part)


def held(seen: View, history: History) -> str:
    """Return what still holds a key; nothing where only the past of some ref does."""
    if not history.refs:
        return _KEEPERS.get(history.kept_by, "")
    refs = seen.listed(history.refs) if seen.options.verbose else history.refs[:MORE_REFS]
    names = [shown(seen, ref) for ref in refs]
    for start in _HEADS:
        names = [name.removeprefix(start) for name in names]
    return f"on {listing(names, len(history.refs) + history.more_refs)}"


def _event(seen: View, verb: str, commit: str, authors: Iterable[str], when: str) -> str:
    details = [f"in {shown(seen, commit[:12])}"] if commit else []
    details += [f"by {shown(seen, author)}" for author in authors]
    details += [f"on {shown(seen, when[:10])}"] if when else []
    return f"{verb} {' '.join(details)}" if details else ""


def liveness(seen: View, finding: Finding) -> str:
    """Return what the vendor said of a key, when, and how that was found; empty if nobody asked."""
    known = finding.liveness
    if not known:
        return ""
    when = f", {plain(known.when[:16].replace('T', ' '))} UTC" if known.when else ""
    facts = [f"{plain(name)} {shown(seen, text)}" for name, text in known.facts]
    return "; ".join([f"{known.state} ({shown(seen, known.how)}{when})", *facts])


def count(number: int, noun: str, plural: str = "") -> str:
    """Return `1 file` or `1,200 files`; a plural that does not just add an `s` is given."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def scanned(run: Run) -> str:
    """Return how much was scanned: an audit counts objects, of which there are more than files."""
    return count(run.blobs, "object" if run.command in {"audit", "fleet"} else "file")


def by_label(findings: Iterable[Finding], marks: Mapping[Label, str] | None = None) -> str:
    """Return `5 secret, 2 sensitive`, with the mark of each label before its number; empty without findings."""
    numbers = Counter(finding.verdict.label for finding in findings)
    marks = marks or {}
    return ", ".join(f"{marks.get(label, '')}{numbers[label]:,} {label}" for label in Label if numbers[label])


def not_shown(run: Run, *, public: bool = False) -> str:
    """Return how many findings are below the threshold of confidence, and how to see them; empty if none are."""
    below = [*run.below, *(finding for finding in run.public if public and finding.below_threshold)]
    numbers = Counter(finding.verdict.confidence for finding in below)
    stated = [f"{numbers[confidence]:,} {confidence}-confidence" for confidence in Confidence if numbers[confidence]]
    if not stated:
        return ""
    least = min(numbers, key=lambda confidence: confidence.rank)
    noun = "finding" if len(below) == 1 else "findings"
    return f"{' and '.join(stated)} {noun} not shown; --min-confidence {least}"


def missed(run: Run) -> list[Skipped]:
    """Return what was not scanned although it was asked for."""
    return [skipped for skipped in run.skipped if not skipped.expected]


def by_reason(items: Iterable[Skipped]) -> list[tuple[str, list[str]]]:
    """Return the reasons why something was not scanned, each with the paths, the most frequent reason first."""
    paths: dict[str, list[str]] = {}
    for skipped in items:
        paths.setdefault(skipped.reason, []).append(skipped.path)
    return sorted(paths.items(), key=lambda group: -len(group[1]))


def listing(names: Sequence[str], total: int) -> str:
    """Return names in one line, and how many more there are than these."""
    listed, rest = ", ".join(names), total - len(names)
    return f"{listed} and {rest:,} more" if listed and rest else listed or f"{rest:,}"
