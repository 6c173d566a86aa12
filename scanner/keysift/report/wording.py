"""The words and places that reports for people share: one line each, without keys and unseen characters."""

from __future__ import annotations

from collections.abc import Iterable

from keysift.model import History, Location, Run
from keysift.redact import mask_name
from keysift.report.plain import plain
from keysift.report.view import View

MORE_REFS = 2
_KEEPERS = {
    "stash": "held by the stash",
    "reflog": "held by the reflog alone",
    "index": "held by the index",
    "worktree": "not committed",
    "nothing": "held by no ref",
}
_HEADS = ("refs/heads/", "refs/remotes/", "refs/tags/")


def shown(seen: View, text: str) -> str:
    """A path or a sentence without keys, and without characters that are not seen or that move others."""
    return plain(mask_name(text, seen.hidden))


def path(seen: View, location: Location) -> str:
    """`commit:path!/member`, of which commit and member are there where the location has them."""
    commit = f"{plain(location.commit[:12])}:" if location.commit else ""
    member = f"!/{shown(seen, location.member)}" if location.member else ""
    return commit + shown(seen, location.path) + member


def place(seen: View, location: Location) -> str:
    """The path with line and column."""
    return f"{path(seen, location)}:{location.start_line}:{location.start_column}"


def life(seen: View, history: History) -> str:
    """The life of a key in half sentences: how it came in, how it went out, what holds it, for how long."""
    parts = [_event(seen, "came in", history.first_commit, history.authors[:1], history.first_seen)]
    if history.last_commit or history.last_seen:
        parts.append(_event(seen, "taken out", history.last_commit, (), history.last_seen))
    parts += ["still in HEAD" if history.in_head else "not in HEAD", held(seen, history)]
    parts += [f"exposed for {count(history.exposed_days, 'day')}"] if history.first_seen else []
    parts += [f"{history.copies:,} copies"] if history.copies > 1 else []
    return "; ".join(part for part in parts if part)


def held(seen: View, history: History) -> str:
    """What still holds it; nothing where that is the past of some ref."""
    if not history.refs:
        return _KEEPERS.get(history.kept_by, "")
    names = [shown(seen, ref) for ref in history.refs[: MORE_REFS + 1]]
    for start in _HEADS:
        names = [name.removeprefix(start) for name in names]
    return f"at {some(names, MORE_REFS, '', len(history.refs))}"


def _event(seen: View, verb: str, commit: str, authors: Iterable[str], when: str) -> str:
    told = [f"with {shown(seen, commit[:12])}"] if commit else []
    told += [f"by {shown(seen, author)}" for author in authors]
    told += [f"on {shown(seen, when[:10])}"] if when else []
    return f"{verb} {' '.join(told)}" if told else ""


def count(number: int, noun: str) -> str:
    """`1 file`, `1,200 files`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def scanned(run: Run) -> str:
    """How much was scanned: an audit counts objects, which are more than files."""
    return count(run.blobs, "object" if run.command == "audit" else "file")


def some(names: Iterable[str], most: int, noun: str, total: int | None = None) -> str:
    """A few names, and how many more there are."""
    names = list(names)
    rest = (len(names) if total is None else total) - most
    listed = ", ".join(names[:most])
    return f"{listed} and {count(rest, f'more {noun}') if noun else f'{rest:,} more'}" if rest > 0 else listed
