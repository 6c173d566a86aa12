"""Tells where the time of a scan goes: CPU seconds of each stage, and in a stage of each rule, with what came of it.

By function, the profile of a scan looks flat; by rule and by stage it does not. `Profile` wraps the functions at the
seams between the stages, while it is entered, so it costs nothing otherwise; wrapping itself takes a tenth.
"""

from __future__ import annotations

import functools
import importlib
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypeVar

from keysift.containers import limits as containers
from keysift.detect import judge
from keysift.detect.matcher import Matcher
from keysift.files import reading
from keysift.rules import ruleset
from keysift.scan import parallel

Call = Callable[..., Any]
_Key = TypeVar("_Key")


@dataclass(frozen=True, slots=True)
class Seam:
    """A function at which a stage begins and ends."""

    stage: str
    module: str
    name: str
    """In the module: of a function, or of a method as `Class.method`."""
    rule: int = -1
    """The argument that is a rule, or has one; -1 for a stage that is of no rule."""
    lazily: bool = False
    """True for a generator: the time between its values is that of whoever asks for them."""


SEAMS = (
    Seam("read", "keysift.files.reading", "read_or_size"),
    Seam("values", "keysift.detect.values", "runs"),
    Seam("hyperscan", "keysift.detect.databases", "HyperscanEngine.hits_of"),
    Seam("windows", "keysift.detect.matcher", "Matcher.around"),
    Seam("confirm", "keysift.detect.confirm", "_spans", rule=0),
    Seam("confirm, the rest", "keysift.detect.matcher", "Matcher._matches", lazily=True),
    Seam("named values", "keysift.detect.named.candidates", "find", lazily=True),
    Seam("hopeless", "keysift.detect.matcher", "hopeless", rule=0),
    Seam("judge", "keysift.detect.assess", "judge", rule=0),
    Seam("judge", "keysift.detect.incremental", "judge", rule=0),
    Seam("decoded views", "keysift.detect.nested", "views", lazily=True),
    Seam("resolve", "keysift.detect.resolve", "resolve"),
    Seam("build findings", "keysift.detect.findings", "build_finding"),
    Seam("comments", "keysift.detect.comments", "inline"),
)
REST = "the rest"


@dataclass(slots=True)
class Profile:
    """The CPU seconds by stage, and by stage and rule. It counts one thread, while it is entered."""

    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    by_rule: defaultdict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often each stage was entered, by rule; an empty name for those of no rule."""
    refusals: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many candidates of each rule ended with each reason."""
    verdicts: Counter[str] = field(default_factory=Counter)
    """How many candidates of each rule may be findings."""
    _inner: list[float] = field(default_factory=lambda: [0.0])
    """For each stage that is entered, the seconds of the stages within it."""
    _wrapped: list[tuple[Any, str, Call]] = field(default_factory=list)
    _started: float = 0.0

    def __enter__(self) -> Self:
        for seam in SEAMS:
            holder: Any = importlib.import_module(seam.module)
            *outer, name = seam.name.split(".")
            for part in outer:
                holder = getattr(holder, part)
            call = getattr(holder, name)  # whoever renames it renames it in SEAMS as well
            self._wrapped.append((holder, name, call))
            setattr(holder, name, self._lazily(seam, call) if seam.lazily else self._at_once(seam, call))
        self._started = time.thread_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds[REST] += time.thread_time() - self._started - self._inner[0]
        for holder, name, call in reversed(self._wrapped):
            setattr(holder, name, call)
        self._wrapped.clear()

    def _at_once(self, seam: Seam, call: Call) -> Call:
        @functools.wraps(call)
        def timed(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - any of the seams
            rule = _rule_of(arguments[seam.rule]) if seam.rule >= 0 else ""
            self.calls[seam.stage, rule] += 1
            start = self._enter()
            try:
                result = call(*arguments, **named)
            finally:
                self._leave(seam.stage, rule, start)
            if isinstance(result, judge.Refusal):
                self.refusals[rule, result.reason] += 1
            elif seam.stage == "judge":
                self.verdicts[rule] += 1
            return result

        return timed

    def _lazily(self, seam: Seam, call: Call) -> Call:
        @functools.wraps(call)
        def timed(*arguments: Any, **named: Any) -> Iterator[Any]:  # noqa: ANN401 - any of the seams
            values = iter(call(*arguments, **named))
            nothing = object()
            while True:
                start = self._enter()
                try:
                    value = next(values, nothing)
                finally:
                    self._leave(seam.stage, "", start)
                if value is nothing:
                    return
                self.calls[seam.stage, ""] += 1
                yield value

        return timed

    def _enter(self) -> float:
        self._inner.append(0.0)
        return time.thread_time()

    def _leave(self, stage: str, rule: str, start: float) -> None:
        whole = time.thread_time() - start
        own = whole - self._inner.pop()
        self._inner[-1] += whole
        self.seconds[stage] += own
        self.by_rule[stage, rule] += own

    def table(self, rules: int = 30, reasons: int = 25) -> Iterator[str]:
        """Yield the lines of three tables: the stages, the dearest rules in them, and the reasons of refusals."""
        yield f"{'stage':22}{'CPU s':>9}{'calls':>11}"
        for stage, seconds in _dearest(self.seconds):
            calls = sum(count for (named, _), count in self.calls.items() if named == stage)
            yield f"{stage:22}{seconds:9.2f}{calls:11,}"
        yield f"\n{'stage and rule':60}{'CPU s':>9}{'candidates':>11}{'refused':>9}{'verdicts':>9}"
        dearest = [(key, seconds) for key, seconds in _dearest(self.by_rule) if key[1]]
        for (stage, rule), seconds in dearest[:rules]:
            refused = sum(count for (named, _), count in self.refusals.items() if named == rule)
            counts = f"{refused:9,}{self.verdicts[rule]:9,}" if stage == "judge" else ""
            yield f"{f'{stage}: {rule}':60}{seconds:9.2f}{self.calls[stage, rule]:11,}{counts}"
        yield f"\n{'refused':>9}  reason"
        by_reason: Counter[str] = Counter()
        for (_, reason), count in self.refusals.items():
            by_reason[_without_names(reason)] += count
        for reason, count in by_reason.most_common(reasons):
            yield f"{count:9,}  {reason}"


def _dearest(seconds: Mapping[_Key, float]) -> list[tuple[_Key, float]]:
    return sorted(seconds.items(), key=lambda item: -item[1])


def profile_folder(folder: Path, *, opened: bool = False) -> Iterator[str]:
    """Scan every file below a folder in this process, and yield the lines of the profile.

    Archives and documents stay closed unless they shall be `opened`.
    """
    matcher = Matcher(ruleset.load())
    matcher.prefilter.prepare()
    limits = parallel.Limits() if opened else parallel.Limits(inside=containers.Limits(total=0))
    files = [
        reading.File(str(folder), str(path.relative_to(folder)), tracked=True, named=False)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and ".git" not in path.relative_to(folder).parts
    ]
    findings = size = 0
    with Profile() as profile:
        for file in files:
            result = parallel.scan_file(matcher, file, limits)
            findings += len(result.findings)
            size += result.bytes
    seconds = sum(profile.seconds.values())
    yield f"{len(files):,} files, {size / 1e6:.0f} MB, {findings} findings, {seconds:.1f} s of CPU\n"
    yield from profile.table()


def _rule_of(argument: Any) -> str:  # noqa: ANN401 - a rule, or a candidate
    return str(getattr(argument, "rule", argument).id)


def _without_names(reason: str) -> str:
    """Return a reason without the name or the value that it quotes, so that those alike are counted together."""
    start, quote, _ = reason.partition("'")
    return (
        f"{start}'...'" if quote else " ".join("..." if "_" in word or "." in word else word for word in start.split())
    )
