"""Scans many files or blobs: a few in this process, more in a pool of processes on all cores.

The second of the two seams. Results come in the order of the files, whichever process does the work.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from itertools import chain, islice, repeat
from typing import TYPE_CHECKING, TypeVar

from keysift import lazy, shortage
from keysift.containers import limits as containers
from keysift.containers.windows import FIRST
from keysift.detect.matcher import Matcher
from keysift.model import Blob, Finding, ScanResult, Skipped
from keysift.records import dataclass
from keysift.scan.contents import scan_contents, scan_open_file

if TYPE_CHECKING:
    from keysift import pool
    from keysift.files import reading, skips
    from keysift.scan import names
else:
    pool = lazy.module("keysift.pool")
    reading = lazy.module("keysift.files.reading")
    skips = lazy.module("keysift.files.skips")
    names = lazy.module("keysift.scan.names")


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one file."""

    size: int = sys.maxsize
    """Bytes; a larger file is skipped."""
    inside: containers.Limits = containers.LIMITS
    """The limits of everything inside of it."""


LIMITS = Limits()
_Thing = TypeVar("_Thing")
_Sent = Skipped | tuple[str, str, bool, bool]
"""A file as it is sent to another process."""
FEW = 300
"""Files; up to this many, starting processes costs more than it saves."""
LITTLE, BLOB = 4 << 20, 1_000
"""Bytes of blobs that are scanned before processes are started, and what the trouble with each is worth in bytes."""
BATCH, BATCH_BYTES = 48, 8 << 20
"""Files or blobs, and bytes, of one message to another process."""
SMALL_BATCHES, LARGE_BATCH = 64, 4
"""So many batches are small, which shares out a small tree evenly; after them messages cost more: each is so many times
as large."""
_LOST = "not scanned: the processes that tried died"


def scan_files(
    matcher: Matcher, files: Iterable[reading.File | Skipped], *, limits: Limits, jobs: int = 0
) -> Iterator[ScanResult]:
    """Yield the results of each file or batch of files; with `jobs` 0, on all cores."""
    jobs = jobs or os.cpu_count() or 1
    source = iter(files)
    first = list(islice(source, FEW))
    if jobs == 1 or len(first) < FEW:
        for batch in batched_files(chain(first, source)):
            yield from (scan_file(matcher, file, limits) for file in batch)
            yield scan_names(matcher, _paths(batch))
        return
    yield from _pool(matcher, chain(first, source), limits, jobs)


def _scan_batch(matcher: Matcher, files: Sequence[reading.File | Skipped], limits: Limits) -> ScanResult:
    """Return the joined result of some files and their names."""
    findings: list[Finding] = []
    skipped: list[Skipped] = []
    blobs = size = 0
    for part in (*(scan_file(matcher, file, limits) for file in files), scan_names(matcher, _paths(files))):
        blobs += part.blobs
        size += part.bytes
        if part.findings:
            findings += part.findings
        if part.skipped:
            skipped += part.skipped
    return ScanResult(tuple(findings), tuple(skipped), blobs, size)


def _paths(files: Iterable[reading.File | Skipped]) -> list[str]:
    return [file.path for file in files if not isinstance(file, Skipped)]


def scan_names(matcher: Matcher, paths: Sequence[str]) -> ScanResult:
    """Return the findings in the names of some files."""
    try:
        return names.scan_names(matcher, paths)
    except Exception as error:  # noqa: BLE001 - as in `scan_one`
        return _failed(paths[0], error, f"its name, or those of the {len(paths) - 1} files after it,")


def scan_file(matcher: Matcher, file: reading.File | Skipped, limits: Limits) -> ScanResult:
    """Return the result of one file."""
    if isinstance(file, Skipped):
        return ScanResult(skipped=(file,))
    content = reading.read_or_size(file, min(FIRST, limits.size))
    if isinstance(content, Skipped):
        return ScanResult(skipped=(content,))
    if isinstance(content, Blob):
        return scan_one(matcher, content, limits)
    try:
        return _scan_large(matcher, file, content, limits)
    except Exception as error:  # noqa: BLE001 - as in `scan_one`
        return _failed(file.path, error)


def scan_blobs(matcher: Matcher, blobs: Iterable[Blob], *, jobs: int = 0) -> Iterator[ScanResult]:
    """Yield one result for each blob; with `jobs` 0, on all cores."""
    jobs = jobs or os.cpu_count() or 1
    source = iter(blobs)
    work = 0
    for blob in source:
        if work > LITTLE and jobs > 1:
            yield from _pool_of_blobs(matcher, chain((blob,), source), jobs)
            return
        yield scan_one(matcher, blob)
        work += len(blob.data) + BLOB


def scan_one(matcher: Matcher, blob: Blob, limits: Limits = LIMITS) -> ScanResult:
    """Return the result of one blob. Whatever fails in it is reported, and affects nothing else."""
    try:
        return scan_contents(matcher, blob, limits.inside)
    except Exception as error:  # noqa: BLE001 - a fault in one file must not lose the others
        return _failed(blob.path, error)


def _failed(path: str, error: Exception, what: str = "it") -> ScanResult:
    short = shortage.of(error)
    fault = f"keysift failed on {what} ({type(error).__name__}); please report this"
    reason = f"not scanned: {short.reason} ({short.help})" if short else fault
    return ScanResult(skipped=(Skipped(path, reason),))


def _scan_large(matcher: Matcher, file: reading.File, size: int, limits: Limits) -> ScanResult:
    """Return the result of a file that does not have to fit into memory."""
    if size > limits.size:
        return ScanResult(skipped=(skips.too_large(file.path, size, limits.size),))
    opened = reading.opened(file)
    if isinstance(opened, Skipped):
        return ScanResult(skipped=(opened,))
    try:
        with opened:
            return scan_open_file(matcher, opened, file.path, limits.inside)
    except OSError as error:
        return ScanResult(skipped=(Skipped(file.path, (error.strerror or str(error)).lower()),))


_State = tuple[Matcher, Limits]
"""The state of each worker process: see `pool.processes`."""


def _start(matcher: Matcher, limits: Limits) -> _State:
    matcher.prefilter.prepare()
    return matcher, limits


def _work(state: _State, files: Sequence[_Sent]) -> ScanResult:
    matcher, limits = state
    return _scan_batch(matcher, [*map(_received, files)], limits)


def _work_on_blobs(state: _State, blobs: Sequence[Blob]) -> list[ScanResult]:
    matcher, _ = state
    return [scan_one(matcher, blob) for blob in blobs]


def _sent(file: reading.File | Skipped) -> _Sent:
    """Return a file as it is sent to a worker: plain tuples take a third of the bytes."""
    return file if isinstance(file, Skipped) else file[:]


def _received(file: _Sent) -> reading.File | Skipped:
    return file if isinstance(file, Skipped) else reading.File(*file)


def _processes(matcher: Matcher, limits: Limits, jobs: int) -> AbstractContextManager[pool.Workers[_State]]:
    matcher.prefilter.prepare()
    return pool.processes(jobs, _start, (matcher, limits))


def _pool(matcher: Matcher, files: Iterable[reading.File | Skipped], limits: Limits, jobs: int) -> Iterator[ScanResult]:
    """Yield the result of each batch; the first ones are scanned while the rest of the tree is still being listed."""
    batches = ([*map(_sent, batch)] for batch in batched_files(files))
    for batch, result in pool.answers(partial(_processes, matcher, limits), _work, batches, jobs, _halves):
        yield result or ScanResult(skipped=tuple(map(_lost, map(_received, batch))))


def _pool_of_blobs(matcher: Matcher, blobs: Iterable[Blob], jobs: int) -> Iterator[ScanResult]:
    """Yield the result of each blob, a few batches at a time: each is held in memory until its results are here."""
    opened = partial(_processes, matcher, LIMITS)
    for batch, results in pool.answers(opened, _work_on_blobs, _batched_blobs(blobs), jobs, _halves, 2 * jobs + 1):
        yield from results or [ScanResult(skipped=(_lost(blob),)) for blob in batch]


def _halves(batch: list[_Thing]) -> list[list[_Thing]]:
    """Return the halves of a batch that has killed a process; none if it is a single thing."""
    middle = len(batch) // 2
    return [batch[:middle], batch[middle:]] if middle else []


def _lost(thing: reading.File | Blob | Skipped) -> Skipped:
    return thing if isinstance(thing, Skipped) else Skipped(thing.path, _LOST)


def _batched_blobs(blobs: Iterable[Blob]) -> Iterator[list[Blob]]:
    batch: list[Blob] = []
    size = 0
    for blob in blobs:
        batch.append(blob)
        size += len(blob.data)
        if len(batch) == BATCH or size > BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def batched_files(files: Iterable[reading.File | Skipped]) -> Iterator[tuple[reading.File | Skipped, ...]]:
    """Yield files in batches that are worth a message between processes."""
    source = iter(files)
    for length in chain(repeat(BATCH, SMALL_BATCHES), repeat(BATCH * LARGE_BATCH)):
        batch = tuple(islice(source, length))
        if not batch:
            return
        yield batch
