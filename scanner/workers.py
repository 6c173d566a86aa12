"""Who runs the map over the files: this process for a few, a pool of processes on all cores for many.

The second of the two seams. Results come in the order of the files, whoever does the work.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING

from scanner import names
from scanner.contents import scan_contents, scan_open_file
from scanner.match import Matcher
from scanner.model import Finding, Skipped
from scanner.scan import Scanned
from scanner.sources import worktree
from scanner.sources.expand import limits as expand
from scanner.sources.windows import FIRST

if TYPE_CHECKING:
    from concurrent.futures import Future


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost."""

    size: int = sys.maxsize
    """Bytes; a longer file is skipped."""
    inside: expand.Limits = expand.LIMITS


_Sent = Skipped | tuple[str, str, bool, bool]
FEW = 300
"""Up to this many files, starting processes costs more than it saves."""
BATCH = 48


def scan_files(
    matcher: Matcher, files: Iterable[worktree.File | Skipped], *, limits: Limits, jobs: int = 0
) -> Iterator[Scanned]:
    """What came of each file or batch of files; `jobs` 0 means all cores."""
    jobs = jobs or os.cpu_count() or 1
    source = iter(files)
    first = list(islice(source, FEW))
    if jobs == 1 or len(first) < FEW:
        for batch in batched_files(chain(first, source)):
            yield from (scan_file(matcher, file, limits) for file in batch)
            yield names.scan_names(matcher, _paths(batch))
        return
    yield from _pool(matcher, chain(first, source), limits, jobs)


def _scan_batch(matcher: Matcher, files: Sequence[worktree.File | Skipped], limits: Limits) -> Scanned:
    """What came of some files and their names."""
    return _joined([*(scan_file(matcher, file, limits) for file in files), names.scan_names(matcher, _paths(files))])


def _paths(files: Sequence[worktree.File | Skipped]) -> list[str]:
    return [file.path for file in files if isinstance(file, worktree.File)]


def scan_file(matcher: Matcher, file: worktree.File | Skipped, limits: Limits) -> Scanned:
    """What came of one file. Whatever goes wrong in it is lost with it alone, and is said."""
    if isinstance(file, Skipped):
        return Scanned(skipped=(file,))
    found = worktree.read_or_size(file, min(FIRST, limits.size))
    if isinstance(found, Skipped):
        return Scanned(skipped=(found,))
    try:
        return (
            _large(matcher, file, found, limits)
            if isinstance(found, int)
            else scan_contents(matcher, found, limits.inside)
        )
    except Exception as error:  # noqa: BLE001 - a fault in one file must not lose the others
        return Scanned(
            skipped=(Skipped(file.path, f"keysift failed on it ({type(error).__name__}); please report this"),)
        )


def _large(matcher: Matcher, file: worktree.File, size: int, limits: Limits) -> Scanned:
    """What came of a file that is not held in memory as a whole."""
    if size > limits.size:
        return Scanned(skipped=(worktree.too_large(file, size, limits.size),))
    opened = worktree.opened(file)
    if isinstance(opened, Skipped):
        return Scanned(skipped=(opened,))
    try:
        with opened:
            return scan_open_file(matcher, opened, file.path, limits.inside)
    except OSError as error:
        return Scanned(skipped=(Skipped(file.path, (error.strerror or str(error)).lower()),))


_shared: tuple[Matcher, Limits] | None = None
"""What a worker process was started with."""


def _start(matcher: Matcher, limits: Limits) -> None:
    global _shared  # noqa: PLW0603 - the way in which process pools hand a worker its state
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
    matcher.prefilter.prepare()
    gc.freeze()  # the rules stay for good: no collection need look at them again
    _shared = matcher, limits


def _work(files: Sequence[_Sent]) -> Scanned:
    if _shared is None:
        raise RuntimeError("a worker was used before it was started")
    matcher, limits = _shared
    return _scan_batch(matcher, [*map(_received, files)], limits)


def _sent(file: worktree.File | Skipped) -> _Sent:
    """A file as it travels to a worker: plain tuples are a third of the bytes."""
    return file if isinstance(file, Skipped) else (file.root, file.path, file.tracked, file.named)


def _received(file: _Sent) -> worktree.File | Skipped:
    return file if isinstance(file, Skipped) else worktree.File(*file)


def _joined(parts: Iterable[Scanned]) -> Scanned:
    findings: list[Finding] = []
    skipped: list[Skipped] = []
    blobs = size = 0
    for part in parts:
        findings += part.findings
        skipped += part.skipped
        blobs += part.blobs
        size += part.bytes
    return Scanned(tuple(findings), tuple(skipped), blobs, size)


def _pool(matcher: Matcher, files: Iterable[worktree.File | Skipped], limits: Limits, jobs: int) -> Iterator[Scanned]:
    import multiprocessing  # noqa: PLC0415 - 20 ms that a few files need not pay
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - likewise

    matcher.prefilter.prepare()
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_start, initargs=(matcher, limits))
    try:
        # The first lots are scanned while the rest of the tree is still being listed.
        waiting = [(batch, pool.submit(_work, [*map(_sent, batch)])) for batch in batched_files(files)]
        for batch, future in waiting:
            yield _result(batch, future)
    except (KeyboardInterrupt, GeneratorExit):
        for process in multiprocessing.active_children():
            process.kill()  # what they are reading is not waited for
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def batched_files(files: Iterable[worktree.File | Skipped]) -> Iterator[tuple[worktree.File | Skipped, ...]]:
    """Files in lots that are worth a message between processes."""
    source = iter(files)
    while batch := tuple(islice(source, BATCH)):
        yield batch


def _result(batch: Sequence[worktree.File | Skipped], future: Future[Scanned]) -> Scanned:
    """A worker that died takes its files with it; each of them is said."""
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415 - the pool has imported it

    try:
        return future.result()
    except BrokenProcessPool:
        lost = "not scanned: a worker process died"
        return Scanned(skipped=tuple(file if isinstance(file, Skipped) else Skipped(file.path, lost) for file in batch))
