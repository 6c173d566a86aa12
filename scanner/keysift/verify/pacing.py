"""How often a host is asked: one request at a time, no faster than its rules say, later if it says so, at last not."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpcore

from keysift.verify.client import Answer, send
from keysift.verify.requests import Request

LONGEST_WAIT = 30.0
"""Seconds that a host may ask to wait."""
MOST_ATTEMPTS = 3
MOST_FAILURES = 2
"""Requests in a row without any answer, after which a host is not asked again in this run."""
_BUSY = frozenset({429, 503})


class Host:
    """One host in one run."""

    def __init__(self, pool: httpcore.AsyncConnectionPool, seconds: float) -> None:
        self._pool = pool
        self._seconds = seconds
        self._turn = asyncio.Lock()
        self._next = 0.0
        self._failures = 0

    async def ask(self, request: Request, interval: float) -> Answer:
        """Return its answer to a request; a host that fails is asked no more."""
        async with self._turn:
            if self._failures >= MOST_FAILURES:
                return Answer(0, failure="was not asked again, for it did not answer before")
            for attempt in range(1, MOST_ATTEMPTS + 1):
                await asyncio.sleep(self._next - time.monotonic())
                answer = await send(self._pool, request, self._seconds)
                self._next = time.monotonic() + interval
                self._failures = 0 if answer.status else self._failures + 1
                if answer.status not in _BUSY:
                    return answer
                wait = _seconds_to_wait(answer, attempt)
                self._next = time.monotonic() + max(wait, interval)
                if wait > LONGEST_WAIT:
                    self._failures = MOST_FAILURES
                    return Answer(0, failure=f"answered {answer.status} and asks to wait for {wait:.0f} seconds")
            return Answer(0, failure=f"answered {answer.status} {MOST_ATTEMPTS} times")


def _seconds_to_wait(answer: Answer, attempt: int) -> float:
    """Return what `Retry-After` says, a number or a date: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3."""
    stated = answer.headers.get("retry-after", "").strip()
    if stated.isdecimal() and len(stated) < 8:
        return float(stated)
    try:
        return max(0.0, (parsedate_to_datetime(stated) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return 2.0**attempt
