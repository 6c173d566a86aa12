"""How often a host is asked: one request at a time, no faster than its rules say, later if it says so, at last not."""

from __future__ import annotations

from asyncio import Lock, sleep
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic

import httpcore

from keysift.verify.client import Answer, send
from keysift.verify.requests import Request

LONGEST_WAIT = 30.0
"""Seconds that a host may ask to wait."""
MOST_ATTEMPTS = 3
MOST_FAILURES = 2
"""Requests in a row without any answer, after which a host is not asked again in this run."""
LONGEST = 300.0
"""Seconds that a host may take in a run: for its answers, and for the waits that it asks for."""
_BUSY = frozenset({429, 503})


class Host:
    """One host in one run."""

    def __init__(self, pool: httpcore.AsyncConnectionPool, seconds: float) -> None:
        self._pool = pool
        self._seconds = seconds
        self._turn = Lock()
        self._next = 0.0
        self._taken = 0.0
        self._failures = 0

    async def ask(self, request: Request, interval: float) -> Answer:
        """Return its answer to a request; a host that fails, or that takes too long, is asked no more."""
        async with self._turn:
            for attempt in range(1, MOST_ATTEMPTS + 1):
                if self._failures >= MOST_FAILURES:
                    return Answer(0, failure="was not asked again, for it did not answer before")
                if self._taken >= LONGEST:
                    return Answer(0, failure=f"was not asked again, for it took {self._taken:.0f} seconds before")
                await sleep(self._next - monotonic())
                answer = await self._send(request)
                self._next = monotonic() + interval
                if answer.status not in _BUSY:
                    return answer
                wait = _seconds_to_wait(answer, attempt)
                if wait > LONGEST_WAIT:
                    self._failures = MOST_FAILURES
                    return Answer(0, failure=f"answered {answer.status} and asks to wait for {wait:.0f} seconds")
                self._next = monotonic() + max(wait, interval)
                self._taken += wait
            return Answer(0, failure=f"answered {answer.status} {MOST_ATTEMPTS} times")

    async def _send(self, request: Request) -> Answer:
        began = monotonic()
        answer = await send(self._pool, request, self._seconds)
        self._taken += monotonic() - began
        self._failures = 0 if answer.status else self._failures + 1
        return answer


def _seconds_to_wait(answer: Answer, attempt: int) -> float:
    """Return what `Retry-After` says, a number or a date: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3."""
    stated = answer.headers.get("retry-after", "").strip()
    if stated.isdecimal() and len(stated) < 8:
        return float(stated)
    try:
        return max(0.0, (parsedate_to_datetime(stated) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return 2.0**attempt
