"""The findings inside of containers, which are dear to open: kept sealed with the bytes of the container."""

from __future__ import annotations

import json
import os

import msgspec

from keysift.detect.matcher import Matcher
from keysift.history.remembered.records import InsideRecord, Seal
from keysift.model import Finding, Location, Suppression, Verdict


class _Found(msgspec.Struct, frozen=True, array_like=True):
    """A finding, with its rule by the id."""

    rule: str
    secret: bytes
    verdict: Verdict
    locations: tuple[Location, ...]
    fingerprint: str
    suppressions: tuple[Suppression, ...]

    def __repr__(self) -> str:
        """Return what tells nothing of the key."""
        return f"_Found({self.rule!r})"


def close(blob: str, path: str, findings: tuple[Finding, ...], data: bytes) -> InsideRecord:
    """Return the record of the findings inside of a container at a path."""
    found = [
        _Found(each.rule.id, each.secret, each.verdict, each.locations, each.fingerprint, each.suppressions)
        for each in findings
    ]
    # Lines and names may have bytes that are no text, which Python's own JSON writes, too.
    text = json.dumps(msgspec.to_builtins(found)).encode()
    return InsideRecord(blob, os.fsencode(path), Seal(data).apply(text, _name(path)))


def open_again(record: InsideRecord, data: bytes, matcher: Matcher) -> tuple[Finding, ...] | None:
    """Return the findings of a record; None if they are not those of this container."""
    path = os.fsdecode(record.path)
    try:
        found = msgspec.convert(json.loads(Seal(data).apply(record.sealed, _name(path))), type=list[_Found])
    except ValueError:  # of JSON, of its text, or of what it says
        return None
    numbers = {identity: number for number, identity in enumerate(matcher.rules.ids)}
    if not all(each.rule in numbers for each in found):
        return None
    rules = {each.rule: matcher.rules[numbers[each.rule]] for each in found}
    return tuple(
        Finding(rules[each.rule], each.secret, each.verdict, each.locations, each.fingerprint, each.suppressions)
        for each in found
    )


def _name(path: str) -> str:
    return f"inside {os.fsencode(path).hex()}"
