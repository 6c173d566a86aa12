"""Asks all hosts about all keys, several at a time, and says of each key what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import field
from datetime import UTC, datetime

from keysift import masking
from keysift.model import Liveness, LiveState
from keysift.records import dataclass
from keysift.verify import answers, client
from keysift.verify.answers import Reading
from keysift.verify.client import Answer
from keysift.verify.network import Trust, open_pool
from keysift.verify.pacing import Host
from keysift.verify.plan import Question
from keysift.verify.remembered import Memory
from keysift.verify.requests import Request

SECONDS = 10.0
"""For one request, from the first packet to the last."""
MOST_AT_ONCE = 8
_VALID = (LiveState.LIVE, LiveState.LIMITED)


@dataclass(slots=True)
class Outcome:
    """What came of a run; it is filled as answers come, so that an interrupted run leaves what it has."""

    states: dict[str, Liveness] = field(default_factory=dict)
    """By the fingerprints of the keys."""
    interrupted: bool = False


class _Asking:
    """One run."""

    def __init__(
        self,
        trust: Trust,
        memory: Memory | None,
        seconds: float,
        hidden: masking.Keys,
        tell: Callable[[int, int], None],
    ) -> None:
        self._trust = trust
        self._memory = memory
        self._seconds = seconds
        self._hidden = hidden
        self._tell = tell
        self._hosts: dict[str, Host] = {}
        self._places = asyncio.Semaphore(MOST_AT_ONCE)

    async def ask_all(self, questions: Sequence[Question], outcome: Outcome) -> None:
        """Ask about each key once, though it may be several findings of a saved report."""
        once = {question.finding.fingerprint: question for question in questions}
        async with open_pool(self._trust) as self._pool:
            await asyncio.gather(*(self._ask_about(question, outcome, len(once)) for question in once.values()))

    async def _ask_about(self, question: Question, outcome: Outcome, total: int) -> None:
        """Ask the hosts of a key, one after the other, until one knows it."""
        readings: list[Reading] = []
        when = 0.0
        async with self._places:
            for request in question.requests:
                asked, reading = await self._ask(question, request)
                readings, when = [*readings, reading], max(when, asked)
                if reading.state in _VALID:
                    break
        outcome.states[question.finding.fingerprint] = combined(question, readings, when)
        self._tell(len(outcome.states), total)

    async def _ask(self, question: Question, request: Request) -> tuple[float, Reading]:
        rule_id, values = question.finding.rule.id, question.values
        names = (values.secret, *(f"{name}={value}" for name, value in sorted(values.pairs.items())))
        known = self._memory.find(rule_id, request.host, names) if self._memory else None
        if known:
            return known
        host = self._hosts.setdefault(request.host, Host(self._pool, self._seconds))
        answer = await host.ask(request, question.stated.interval)
        reading = answers.read(question.stated, request.host, answer, self._hidden)
        if self._memory:
            self._memory.keep(rule_id, request.host, names, reading)
        return datetime.now(UTC).timestamp(), reading


def combined(question: Question, readings: Sequence[Reading], when: float) -> Liveness:
    """Return the state of a key by what all hosts said: dead only if each says so, and the text names no other."""
    how = "; ".join(reading.how for reading in readings)
    stamp = datetime.fromtimestamp(when or datetime.now(UTC).timestamp(), UTC).isoformat(timespec="seconds")
    stamp = stamp.replace("+00:00", "Z")
    if not readings:
        return Liveness(LiveState.UNVERIFIABLE, stamp, question.why_not)
    for reading in readings:
        if reading.state in _VALID:
            return Liveness(reading.state, stamp, reading.how, reading.facts)
    if any(reading.state is LiveState.UNKNOWN for reading in readings):
        return Liveness(LiveState.UNKNOWN, stamp, how)
    if question.elsewhere:
        how = f"{how}; but it may belong to another host of this kind: --allow-host names one"
        return Liveness(LiveState.UNKNOWN, stamp, how)
    if question.servers:
        named = ", ".join(question.servers)
        how = f"{how}; but the text near it names {named}: if that is a server of yours, allow it with --allow-host"
        return Liveness(LiveState.UNKNOWN, stamp, how)
    if question.servers is not None:
        how = f"{how}; it can still be live on a server of your own, but none is named near it"
    return Liveness(LiveState.DEAD, stamp, how)


def ask(
    questions: Sequence[Question],
    trust: Trust,
    *,
    memory: Memory | None,
    seconds: float = SECONDS,
    tell: Callable[[int, int], None] = lambda _done, _total: None,
) -> Outcome:
    """Ask about each key once. A signal that interrupts it leaves the rest unknown.

    `tell` is called with the number of keys whose state was found, and that of all.

    Raises:
        UsageError: what the user states of the network cannot be.
    """
    outcome = Outcome()
    hidden = masking.keys(
        value.encode("utf-8", "surrogateescape")
        for question in questions
        for value in (question.values.secret, *question.values.pairs.values())
    )
    try:
        asyncio.run(_Asking(trust, memory, seconds, hidden, tell).ask_all(questions, outcome))
    except (KeyboardInterrupt, asyncio.CancelledError):
        outcome.interrupted = True
    finally:
        if memory:
            memory.save()
    _fill(questions, outcome.states)
    return outcome


def send_once(request: Request, trust: Trust, seconds: float = SECONDS) -> Answer:
    """Send one request that the user has confirmed, once, and return the answer."""

    async def send() -> Answer:
        async with open_pool(trust) as pool:
            return await client.send(pool, request, seconds)

    return asyncio.run(send())


def _fill(questions: Sequence[Question], states: dict[str, Liveness]) -> None:
    """Say of the keys that were not reached that nobody knows."""
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    for question in questions:
        states.setdefault(question.finding.fingerprint, Liveness(LiveState.UNKNOWN, now, "interrupted before"))
