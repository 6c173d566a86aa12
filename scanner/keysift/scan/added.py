"""What changes add: the findings that the versions before them did not have.

A key is new where no version before holds it: none of the parents at this path, none of the versions of this path
from before all of the changes, and no other file that loses the key in the same go, since then it only moves. A copy
into another file while the first stays is a new place of the key, and is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from keysift.git.diff import Change
from keysift.git.objects import Object, ObjectReader
from keysift.model import Blob, Finding, ScanResult, Skipped

Scan = Callable[[Iterable[Blob]], Iterable[ScanResult]]
"""Who runs the map; one answer for each blob, in their order."""
_Version = tuple[str, str]
"""A path and the blob that stands there: rules look at both."""
_Key = tuple[str, bytes]
"""A rule's id and a secret."""


@dataclass(frozen=True, slots=True)
class BlobScan:
    """How blobs are scanned, and which paths are to be judged."""

    scan: Scan
    wanted: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Added:
    """What one change adds."""

    change: Change
    findings: tuple[Finding, ...]
    stays: frozenset[str]
    """The fingerprints of those that still stand there when all changes are done."""


@dataclass(frozen=True, slots=True)
class _Before:
    """How it was before all of the changes, and how it is in the end."""

    at_start: Mapping[str, Sequence[str]]
    at_end: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Versions:
    """The findings of versions, each scanned once."""

    objects: ObjectReader
    scan: Scan
    found: dict[_Version, tuple[Finding, ...]] = field(default_factory=dict)

    def blob(self, version: _Version) -> Blob | Skipped:
        path, oid = version
        answer = self.objects.read(oid)
        if isinstance(answer, Object):
            return Blob(path, answer.data, oid=oid)
        return replace(answer, path=path)

    def findings(self, version: _Version) -> tuple[Finding, ...]:
        """None where the version cannot be read: a key that may have been there before counts as new."""
        if version not in self.found:
            blob = self.blob(version)
            scanned = self.scan([blob]) if isinstance(blob, Blob) else ()
            self.found[version] = tuple(finding for one in scanned for finding in one.findings)
        return self.found[version]

    def hold(self, path: str, oids: Iterable[str], key: _Key) -> bool:
        """Whether any of these versions of a path has the key."""
        return any(key == _key(finding) for oid in oids if oid for finding in self.findings((path, oid)))


def added(
    changes: Sequence[Change], objects: ObjectReader, judge: BlobScan, at_end: Callable[[], Mapping[str, str]]
) -> Iterator[ScanResult | Added]:
    """What was scanned, without findings, and then what is new, change by change; parents come before their children.

    Old versions are read only where there are findings. `at_end` says which blob stands at a path after all changes.
    """
    versions = _Versions(objects, judge.scan)
    arriving = [change for change in changes if change.arrives and judge.wanted(change.path)]
    yield from _scanned(arriving, versions)
    if not any(versions.found.values()):
        return
    before = _Before(_at_start(changes), at_end())
    fresh = [
        (change, finding)
        for change in arriving
        for finding in versions.findings((change.path, change.after))
        if _unknown(finding, change, versions, before)
    ]
    holders = _holders([_text(*one, versions) for one in fresh], versions, before)
    for change, found in _by_change(one for one in fresh if not _moved(*one, versions, before, holders)):
        yield Added(change, found, _staying(found, change, versions, before))


def _scanned(arriving: Iterable[Change], versions: _Versions) -> Iterator[ScanResult]:
    """Scans every version that arrives, once; the findings are noted in `versions`."""
    order: list[_Version] = []
    skipped: list[Skipped] = []

    def blobs() -> Iterator[Blob]:
        for version in dict.fromkeys((change.path, change.after) for change in arriving):
            blob = versions.blob(version)
            if isinstance(blob, Blob):
                order.append(version)
                yield blob
            else:
                versions.found[version] = ()
                skipped.append(blob)

    for number, scanned in enumerate(versions.scan(blobs())):
        versions.found[order[number]] = scanned.findings
        yield replace(scanned, findings=())
    yield ScanResult(skipped=tuple(skipped))


def _at_start(changes: Sequence[Change]) -> dict[str, list[str]]:
    """The blobs that stood at each path before all of the changes: those that none of them had brought by then."""
    start: dict[str, list[str]] = {}
    brought: set[_Version] = set()
    for change in changes:
        start.setdefault(change.path, []).extend(
            oid for oid in change.before if (change.path, oid) not in brought and oid not in start[change.path]
        )
        brought.add((change.path, change.after))
    return start


def _unknown(finding: Finding, change: Change, versions: _Versions, before: _Before) -> bool:
    """Whether no version of this path before has the key."""
    earlier = dict.fromkeys((*change.before, *before.at_start[change.path]))
    return not versions.hold(change.path, earlier, _key(finding))


def _text(change: Change, finding: Finding, versions: _Versions) -> bytes:
    """A key as it stands in its file, encoded or not."""
    blob = versions.blob((change.path, change.after))
    place = finding.locations[0]
    return blob.data[place.start_byte : place.end_byte] if isinstance(blob, Blob) else b""


def _holders(texts: Iterable[bytes], versions: _Versions, before: _Before) -> dict[bytes, list[_Version]]:
    """For each text, the versions from before all of the changes that have it; looking is far faster than scanning."""
    holders: dict[bytes, list[_Version]] = {text: [] for text in texts if text}
    for version in ((path, oid) for path, oids in before.at_start.items() for oid in oids) if holders else ():
        blob = versions.blob(version)
        for text, found in holders.items():
            if isinstance(blob, Blob) and text in blob.data:
                found.append(version)
    return holders


def _moved(
    change: Change, finding: Finding, versions: _Versions, before: _Before, holders: Mapping[bytes, list[_Version]]
) -> bool:
    """Whether another file had the key before all of the changes, and has lost it by their end."""
    key = _key(finding)
    return any(
        path != change.path
        and versions.hold(path, [oid], key)
        and not versions.hold(path, [before.at_end.get(path, "")], key)
        for path, oid in holders.get(_text(change, finding, versions), ())
    )


def _by_change(found: Iterable[tuple[Change, Finding]]) -> Iterator[tuple[Change, tuple[Finding, ...]]]:
    together: dict[Change, list[Finding]] = {}
    for change, finding in found:
        together.setdefault(change, []).append(finding)
    return ((change, tuple(findings)) for change, findings in together.items())


def _staying(findings: Iterable[Finding], change: Change, versions: _Versions, before: _Before) -> frozenset[str]:
    last = [before.at_end.get(change.path, "")]
    return frozenset(one.fingerprint for one in findings if versions.hold(change.path, last, _key(one)))


def _key(finding: Finding) -> _Key:
    return finding.rule.id, finding.secret
