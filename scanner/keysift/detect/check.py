"""Rules -> problems: each rule is checked against its examples, its counterexamples and hostile variants of them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence

import regex

from keysift.detect.confirm import TIMEOUT, RuleTimeoutError, confirmed
from keysift.detect.findings import scan_blob
from keysift.detect.matcher import Matcher
from keysift.model import Blob, Finding, Rule
from keysift.rules import generate

SEEDS = ("a", "b", "c")
HOSTILE_BYTES = 100_000
HOSTILE_SECONDS = 0.5
"""Seconds of CPU time for one rule on so much hostile text. Most take milliseconds."""
_TRIES = 3
_FILE = regex.compile(r"=== (?P<path>[^\n]+) ===\n")


def check(rules: Sequence[Rule], chosen: Iterable[Rule]) -> Iterator[str]:
    """Yield the problems of the chosen ones of some rules, a line each, as they come up."""
    matcher = Matcher(rules)
    for rule in chosen:
        if not (rule.examples and rule.counterexamples):
            yield f"{rule.id}: needs two examples and a counterexample"
        yield from _examples(matcher, rule)
        yield from _counterexamples(matcher, rule)
        yield from _hostile(rule)


def example_blob(template: str, seed: str) -> tuple[Blob, list[str]]:
    """Return an example with made-up values, and these; a first line `=== path ===` is the path of the blob."""
    text, values = generate.instance(template, seed)
    header = _FILE.match(text)
    path = header["path"] if header else "example.txt"
    return Blob(path, (text[header.end() :] if header else text).encode()), values


def _examples(matcher: Matcher, rule: Rule) -> Iterator[str]:
    for template in rule.examples:
        for seed in SEEDS:
            blob, values = example_blob(template, seed)
            findings = scan_blob(matcher, blob).findings
            if not any(_matches(rule, finding, values) for finding in findings):
                others = ", ".join(sorted({finding.rule.id for finding in findings})) or "nothing"
                yield f"{rule.id}: an example is not found ({others} found instead): {_short(template)}"
                break


def _matches(rule: Rule, finding: Finding, values: list[str]) -> bool:
    secret = finding.secret.decode("utf-8", "replace")
    return finding.rule.id == rule.id and (not values or any(value in secret or secret in value for value in values))


def _counterexamples(matcher: Matcher, rule: Rule) -> Iterator[str]:
    for template in rule.counterexamples:
        for seed in SEEDS:
            blob, _ = example_blob(template, seed)
            if any(finding.rule.id == rule.id for finding in scan_blob(matcher, blob).findings):
                yield f"{rule.id}: a counterexample is found: {_short(template)}"
                break


def _hostile(rule: Rule) -> Iterator[str]:
    """Yield a problem if the pattern is slow on examples repeated, cut and padded, on which a regex may backtrack."""
    blob, _ = example_blob((*rule.examples, *rule.keywords)[0], "hostile")
    data = blob.data
    size = HOSTILE_BYTES
    variants = (data[:-1] * (size // max(1, len(data))), data[: len(data) // 2] * (size // 50), b"a" * size,
                data[:12] + b"0aA" * (size // 3), data[:12] + b" " * size, b"\n" * (size // 2) + data)  # fmt: skip
    for variant in variants:
        # CPU seconds are up to three times as long on a busy machine, so what is slow has to be so again and again.
        took = _seconds(rule, variant[:size])
        for _ in range(_TRIES - 1):
            took = min(took, _seconds(rule, variant[:size])) if took > HOSTILE_SECONDS else took
        if took > HOSTILE_SECONDS:
            yield f"{rule.id}: the pattern took over {took:.1f} s on {size // 1000} KB of hostile text"
            return


def _seconds(rule: Rule, data: bytes) -> float:
    """Return the CPU seconds that all matches of a rule take; the limit of a pattern if it ended them."""
    started = time.process_time()
    try:
        _exhaust(rule, data)
    except RuleTimeoutError:
        return TIMEOUT
    return time.process_time() - started


def _short(template: str) -> str:
    return " ".join(template.split())[:110]


def _exhaust(rule: Rule, data: bytes) -> None:
    """Take every match of a rule, as a scan does.

    Raises:
        RuleTimeoutError: it takes too long.
    """
    if rule.named:
        matcher = Matcher([rule])
        deque(matcher.candidates(data, matcher.windows(data)), maxlen=0)
    else:
        deque(confirmed(rule, data, [(0, len(data))], {}), maxlen=0)
