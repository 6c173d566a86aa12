"""What is remembered under other rules: which objects are to be searched again for all rules.

A rule has candidates of its own, whatever other rules there are, and which of them are keys is settled among those of
the same object. So an object in which no rule had a candidate then, and no new or changed one has a candidate now, has
no key under the rules of now. All others are read again, as if they were new.
"""

from __future__ import annotations

from dataclasses import field

import msgspec

from keysift.detect.matcher import Matcher
from keysift.history.plan import SweepPlan
from keysift.history.remembered.records import Header, Record
from keysift.history.worker import SweepResult
from keysift.records import dataclass


@dataclass(slots=True)
class ChangedRules:
    """The rules that are new, have changed, or were off, and the objects that may have a candidate of them."""

    matcher: Matcher
    """Of these rules alone."""
    objects: set[str] = field(default_factory=set)
    trees: set[str] = field(default_factory=set)
    """Those in whose names there may be one."""

    @property
    def count(self) -> int:
        """How many rules these are."""
        return len(self.matcher.rules)

    def note(self, result: SweepResult, plan: SweepPlan) -> None:
        """Note what a batch of a sweep for these rules has found."""
        self.objects.update(oid for oid in (*result.objects, *result.inside) if isinstance(oid, str))
        self.objects.update(item.object for item in result.skipped if item.object)
        self.trees.update((*plan.list_trees(result.trees), *result.tree_oids))


def find_changed(before: Header, now: Header, matcher: Matcher) -> ChangedRules:
    """Return the rules of a matcher that an earlier audit has not looked for, or not so."""
    off = frozenset(before.off)
    changed = {
        identity
        for identity, digest in now.each.items()
        if identity not in now.off and (identity in off or before.each.get(identity) != digest)
    }
    return ChangedRules(Matcher([rule for rule in matcher.rules if rule.id in changed] if changed else []))


def forget(record: Record, changed: ChangedRules, width: int) -> Record:
    """Return a record without what other rules may see otherwise; its ids have `width` bytes."""
    known = {record.oids[blob.oid] for blob in record.blobs}
    again = known | changed.objects
    binary = {bytes.fromhex(oid) for oid in again}
    ids = (record.seen[place : place + width] for place in range(0, len(record.seen), width))
    return msgspec.structs.replace(
        record,
        seen=b"".join(oid for oid in ids if oid not in binary),
        unread=[*{*record.unread, *again}],
        trees=[*{*record.trees, *changed.trees}],
        blobs=[],
        keys=[],
        verdicts=[],
        inside=[],
        logged=record.logged and changed.objects <= known,
    )
