"""Changes -> the findings that they add, which the versions before them did not have.

A key is new if no version before holds it: none of the parents at this path, none of the versions of this path from
before all of the changes, and no other file that loses the key in the same changes, because then it only moves. A copy
into another file while the first stays is a new place of the key, and is reported.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import NamedTuple

from keysift.git.diff import Change
from keysift.git.objects import Object, ObjectReader
from keysift.model import Blob, Finding, ScanResult, Skipped
from keysift.records import dataclass

Scan = Callable[[Iterable[Blob]], Iterable[ScanResult]]
"""Scans blobs, in this process or in others; returns one result for each, in their order."""
ScanNames = Callable[[Sequence[str]], ScanResult]
"""Scans the names of files."""
_NAMES = 1_000
"""Names that are scanned at a time."""
_Version = tuple[str, str]
"""A path and the id of the blob there: rules look at both."""
_Key = tuple[str, bytes]
"""A rule's id and a secret."""


@dataclass(frozen=True, slots=True)
class BlobScan:
    """The way in which blobs and names are scanned, and the paths that are judged."""

    scan: Scan
    scan_names: ScanNames
    wanted: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Added:
    """The findings that one change adds."""

    change: Change
    findings: tuple[Finding, ...]
    stays: frozenset[str]
    """The fingerprints of those that are still there after all changes."""


class _Ends(NamedTuple):
    """The blobs at each path, before all of the changes and after them."""

    at_start: Mapping[str, Sequence[str]]
    at_end: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Versions:
    """The findings of versions, each scanned once."""

    objects: ObjectReader
    scan: Scan
    scanned: dict[_Version, tuple[Finding, ...]] = field(default_factory=dict)

    def blob(self, version: _Version) -> Blob | Skipped:
        return _blob(version, self.objects.read(version[1]))

    def findings(self, version: _Version) -> tuple[Finding, ...]:
        """Return the findings of a version; none if it cannot be read: a key that may have been there counts as new."""
        if version not in self.scanned:
            blob = self.blob(version)
            results = self.scan([blob]) if isinstance(blob, Blob) else ()
            self.scanned[version] = tuple(finding for result in results for finding in result.findings)
        return self.scanned[version]

    def hold(self, path: str, oids: Iterable[str], key: _Key) -> bool:
        """Return True if any of these versions of a path has the key."""
        return any(key == _key(finding) for oid in oids if oid for finding in self.findings((path, oid)))


def _blob(version: _Version, answer: Object | Skipped) -> Blob | Skipped:
    path, oid = version
    return Blob(path, answer.data, oid=oid) if isinstance(answer, Object) else replace(answer, path=path)


def added(
    changes: Sequence[Change],
    objects: ObjectReader,
    blob_scan: BlobScan,
    at_end: Callable[[], Mapping[str, str]],
    everything: Callable[[], Sequence[Change]] | None = None,
) -> Iterator[ScanResult | Added]:
    """Yield the results of what was scanned, without findings, and then what is new, change by change.

    In `changes`, parents come before their children. Old versions are read only if there are findings. `at_end` returns
    the blob at each path after all changes; `everything` all changes, where `changes` are only some of them.
    """
    versions = _Versions(objects, blob_scan.scan)
    arriving = [change for change in changes if change.arrives and blob_scan.wanted(change.path)]
    yield from _scan_arriving(arriving, versions)
    new_names = {change.path: change for change in reversed(arriving) if not change.before}
    in_names: list[Finding] = []
    for result in _scan_names(list(new_names), blob_scan.scan_names):
        in_names += result.findings
        yield replace(result, findings=())
    if not in_names and not any(versions.scanned.values()):
        return
    changes = everything() if everything else changes
    ends = _Ends(_at_start(changes), at_end())
    for finding in in_names:
        change = new_names[finding.locations[0].path]
        if _is_new_name(finding, ends):
            yield Added(change, (finding,), frozenset((finding.fingerprint,) if change.path in ends.at_end else ()))
    fresh = [
        (change, finding)
        for change in arriving
        for finding in versions.findings((change.path, change.after))
        if _is_new_at_path(finding, change, versions, ends)
    ]
    holders = _holders([_text(change, finding, versions) for change, finding in fresh], versions, ends)
    new = ((change, finding) for change, finding in fresh if not _is_moved(change, finding, versions, ends, holders))
    for change, findings in _by_change(new):
        yield Added(change, findings, _staying(findings, change, versions, ends))


def _scan_arriving(arriving: Iterable[Change], versions: _Versions) -> Iterator[ScanResult]:
    """Scan every version that arrives, once; yield the results without their findings, which `versions` keeps."""
    order: list[_Version] = []
    skipped: list[Skipped] = []

    def blobs() -> Iterator[Blob]:
        wanted = dict.fromkeys((change.path, change.after) for change in arriving)
        answers = versions.objects.read_all(oid for _, oid in wanted)
        for version, answer in zip(wanted, answers, strict=True):
            blob = _blob(version, answer)
            if isinstance(blob, Blob):
                order.append(version)
                yield blob
            else:
                versions.scanned[version] = ()
                skipped.append(blob)

    for number, result in enumerate(versions.scan(blobs())):
        versions.scanned[order[number]] = result.findings
        oid = order[number][1]
        yield replace(result, findings=(), skipped=tuple(replace(one, object=oid) for one in result.skipped))
    yield ScanResult(skipped=tuple(skipped))


def _scan_names(paths: Sequence[str], scan: ScanNames) -> Iterator[ScanResult]:
    return (scan(paths[start : start + _NAMES]) for start in range(0, len(paths), _NAMES))


def _is_new_name(finding: Finding, ends: _Ends) -> bool:
    """Return True if a name with a key was not there before, and no other that has the key gives way to it."""
    place = finding.locations[0]
    text = os.fsencode(place.path)[place.start_byte : place.end_byte]
    return not any(
        oids and (path == place.path or (path not in ends.at_end and text in os.fsencode(path)))
        for path, oids in ends.at_start.items()
    )


def _at_start(changes: Sequence[Change]) -> dict[str, list[str]]:
    """Return the blobs at each path before all of the changes: those that no change had introduced by then."""
    start: dict[str, list[str]] = {}
    introduced: set[_Version] = set()
    for change in changes:
        start.setdefault(change.path, []).extend(
            oid for oid in change.before if (change.path, oid) not in introduced and oid not in start[change.path]
        )
        introduced.add((change.path, change.after))
    return start


def _is_new_at_path(finding: Finding, change: Change, versions: _Versions, ends: _Ends) -> bool:
    """Return True if no version of this path before has the key."""
    earlier = dict.fromkeys((*change.before, *ends.at_start[change.path]))
    return not versions.hold(change.path, earlier, _key(finding))


def _text(change: Change, finding: Finding, versions: _Versions) -> bytes:
    """Return a key as it is written in its file, encoded or not."""
    blob = versions.blob((change.path, change.after))
    place = finding.locations[0]
    return blob.data[place.start_byte : place.end_byte] if isinstance(blob, Blob) else b""


def _holders(texts: Iterable[bytes], versions: _Versions, ends: _Ends) -> dict[bytes, list[_Version]]:
    """Return the versions from before all changes that contain each text; searching is far faster than scanning."""
    holders: dict[bytes, list[_Version]] = {text: [] for text in texts if text}
    for version in ((path, oid) for path, oids in ends.at_start.items() for oid in oids) if holders else ():
        blob = versions.blob(version)
        for text, holding in holders.items():
            if isinstance(blob, Blob) and text in blob.data:
                holding.append(version)
    return holders


def _is_moved(
    change: Change, finding: Finding, versions: _Versions, ends: _Ends, holders: Mapping[bytes, list[_Version]]
) -> bool:
    """Return True if another file had the key before all of the changes, and has lost it after them."""
    key = _key(finding)
    return any(
        path != change.path
        and versions.hold(path, [oid], key)
        and not versions.hold(path, [ends.at_end.get(path, "")], key)
        for path, oid in holders.get(_text(change, finding, versions), ())
    )


def _by_change(findings: Iterable[tuple[Change, Finding]]) -> Iterator[tuple[Change, tuple[Finding, ...]]]:
    together: dict[Change, list[Finding]] = {}
    for change, finding in findings:
        together.setdefault(change, []).append(finding)
    return ((change, tuple(group)) for change, group in together.items())


def _staying(findings: Iterable[Finding], change: Change, versions: _Versions, ends: _Ends) -> frozenset[str]:
    last = [ends.at_end.get(change.path, "")]
    return frozenset(finding.fingerprint for finding in findings if versions.hold(change.path, last, _key(finding)))


def _key(finding: Finding) -> _Key:
    return finding.rule.id, finding.secret
