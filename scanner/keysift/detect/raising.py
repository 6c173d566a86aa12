"""Candidate and verdict -> what decided the confidence, and what would have raised it, in words.

What would have raised it is tried: the candidate is judged again with a change to its surroundings, so that this cannot
contradict a scan.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from keysift.detect import evidence, refusals
from keysift.detect.candidates import Candidate
from keysift.detect.judge import Refusal, judge
from keysift.detect.named import candidates, features, model
from keysift.detect.named.judge import HIGH, MEDIUM
from keysift.detect.surroundings import Surroundings
from keysift.model import Confidence, Context, Verdict
from keysift.records import dataclass
from keysift.rules import checksums, facts, samples

MOST = 3
"""Changes that are named."""
_COMMENT = re.compile(rb"[ \t]*(#|//|--|;)")
_MADE = b"q7Vt2mZx9KcW4bRy8NsJ5dGh"
"""A value that nobody would type; it stands in no file that is scanned."""
_NAMES = {"password": b"db_password", "secret": b"client_secret", "token": b"access_token", "key": b"secret_key"}


@dataclass(frozen=True, slots=True)
class Weight:
    """What decided the confidence of a verdict, and what would have raised it."""

    decided: str
    raised: tuple[str, ...]


def weigh(candidate: Candidate, verdict: Verdict, path: str) -> Weight:
    """Return what decided the confidence of a candidate at a path, and what would have raised it."""
    if candidate.rule.usages:
        return Weight(", ".join(verdict.reasons), ())
    decided, changes = _of_name(candidate, path) if candidate.rule.named else _of_pattern(candidate, path)
    better = ((confidence, change) for confidence, change in changes if confidence.rank > verdict.confidence.rank)
    surest = sorted(better, key=lambda raised: -raised[0].rank)
    raised = dict.fromkeys(f"{change}: {confidence}" for confidence, change in surest)
    return Weight(decided, tuple(raised)[:MOST])


_Changes = Iterator[tuple[Confidence, str]]


# --- Keys with a pattern ----------------------------------------------------------------------------------------------


def _of_pattern(candidate: Candidate, path: str) -> tuple[str, _Changes]:
    rule = candidate.rule
    own = facts.FACTS[rule.facts](candidate.secret.decode("latin-1")) if rule.facts else None
    if own and own.confidence:
        return ", ".join(own.reasons) or "what the key says of itself", iter(())
    checksum = checksums.CHECKS[rule.checksum](candidate.secret.decode("latin-1")) if rule.checksum else None
    if checksum is not True and refusals.made_up(candidate):
        return "the value, which seems to be made up", iter([(_of_surroundings(candidate, path), "a random value")])
    if checksum is not None:
        state = "valid" if checksum else "wrong"
        return f"its checksum, which is {state}", iter([(Confidence.HIGH, "a value whose checksum is valid")])
    found = evidence.find(candidate, path)
    if not rule.when:
        return "its own form" + (f": {found[1][0]}" if found else ""), iter(())
    decided = found or evidence.by_provider(rule)
    return ", ".join(decided[1][:-1] or decided[1]), _contexts(candidate, path)


def _of_surroundings(candidate: Candidate, path: str) -> Confidence:
    found = evidence.find(candidate, path) or evidence.by_provider(candidate.rule)
    return found[0]


def _contexts(candidate: Candidate, path: str) -> _Changes:
    """Yield the other contexts of the rule, those first of which the fewest parts are missing."""
    lacking = ((context, evidence.missing(context, candidate.around, path)) for context in candidate.rule.when)
    for context, missing in sorted(lacking, key=lambda pair: len(pair[1])):
        if missing and "value" not in missing:
            yield context.confidence, _described(context, missing)


_WORDS = {"field": "in a field such as", "before": "after", "after": "before", "near": "near",
          "file": "in a file named like"}  # fmt: skip


def _described(context: Context, missing: tuple[str, ...]) -> str:
    """Return what a context asks for beyond what is there, with a sample of each part."""
    parts = ((part, getattr(context, part)) for part in missing)
    return " and ".join(f"{_WORDS[part]} '{samples.sample(pattern) or pattern}'" for part, pattern in parts)


# --- Values behind names ----------------------------------------------------------------------------------------------


def _of_name(candidate: Candidate, path: str) -> tuple[str, _Changes]:
    around = candidate.around
    named = candidates.at(around.data, around.start)
    if not named:
        return "the name", iter(())
    place = candidates.place(around.data, named, path)
    measured = features.features(place, model.load())
    for feature, words in _LOWERED.items():
        if measured[feature]:
            return words, _changes(candidate, path, named)
    share = round(100 * model.load().probability(list(measured.values())))
    levels = f"medium begins at {round(100 * MEDIUM)}, high at {round(100 * HIGH)}"
    return f"name, value and line together: {share} of 100; {levels}", _changes(candidate, path, named)


_LOWERED = {
    "tried": "its file is a test or an example, where nothing is surer than low",
    "prose": "its file is a document, where only what is long and random is surer than low",
    "comment": "it is in a comment, where nothing is surer than low",
}  # fmt: skip


def _changes(candidate: Candidate, path: str, named: candidates.NamedValue) -> _Changes:
    """Yield the confidence of the candidate with one change after the other."""
    around = candidate.around
    data, start, end = around.data, around.start, around.end
    neutral = "settings" + ("" if features.of_path(path)["prose"] else path[path.rfind(".") :] if "." in path else "")
    yield from _judged(candidate, around, neutral, "outside of tests, examples and documents")
    line = data.rfind(b"\n", 0, start) + 1
    if mark := _COMMENT.match(data, line, start):
        bare = data[: mark.start(1)] + b" " * len(mark[1]) + data[mark.end(1) :]
        yield from _judged(candidate, Surroundings(bare, start, end), path, "outside of a comment")
    made = Surroundings(data[:start] + _MADE + data[end:], start, start + len(_MADE))
    yield from _judged(candidate, made, path, f"a random value of {len(_MADE)} characters")
    own = named.name.encode()
    place = data.rfind(own, 0, start)
    name = _NAMES.get(str(candidate.rule.named), b"")
    if place >= 0 and own and name:
        longer = len(name) - len(own)
        told = Surroundings(data[:place] + name + data[place + len(own) :], start + longer, end + longer)
        yield from _judged(candidate, told, path, f"behind a name such as '{name.decode()}'")


def _judged(candidate: Candidate, around: Surroundings, path: str, change: str) -> _Changes:
    """Yield the confidence of a candidate in these surroundings, unless it is refused there."""
    secret = around.data[around.start : around.end]
    verdict = judge(replace(candidate, around=around, secret=secret), path)
    if not isinstance(verdict, Refusal):
        yield verdict.confidence, change
