"""One REST API: authorised requests to one host, page by page, no faster than it allows.

The client is that of `verify`: it checks certificates and addresses, follows nothing, and says nothing of a request in
its errors. The host of an `api` that the user states may lie in a private network.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from keysift.fleet import tokens
from keysift.fleet.settings import Source
from keysift.verify.client import Answer, send
from keysift.verify.network import Trust, open_pool
from keysift.verify.requests import Request

SECONDS = 60.0
"""For one request."""
LARGEST_PAGE = 32 << 20
LONGEST_WAIT = 3900.0
"""Seconds: GitHub's limit starts anew each hour."""
MOST_ATTEMPTS = 4
MOST_PAGES = 10_000
_NEXT = re.compile(r'<([^>]{1,2000})>\s*;[^,]*\brel="?next"?')
_NETWORKS = tuple(map(ipaddress.ip_network, ("0.0.0.0/0", "::/0")))
_SCHEMES: dict[str, Callable[[str], str]] = {
    # https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api
    "github": "Bearer {}".format,
    # https://docs.gitlab.com/api/rest/authentication/
    "gitlab": "Bearer {}".format,
    # https://docs.gitea.com/development/api-usage
    "gitea": "token {}".format,
    # https://developer.atlassian.com/cloud/bitbucket/rest/intro/#authentication
    "bitbucket": lambda token: tokens.basic(*token.split(":", 1)) if ":" in token else f"Bearer {token}",
}
_HEADERS = {
    # https://docs.github.com/en/rest/about-the-rest-api/api-versions
    "github": (("Accept", "application/vnd.github+json"), ("X-GitHub-Api-Version", "2022-11-28")),
}


class ServiceError(Exception):
    """A request without a useful answer; the message says why, without the token. `status` is 0 without any answer."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Service:
    """The API of one source, to be used as a context manager."""

    def __init__(self, source: Source, tell: Callable[[str], None] = lambda _: None) -> None:
        """Take a source that has an `api`; `tell` is told of waits.

        Raises:
            UsageError: its token is not there, or its file of certificates cannot be read.
        """
        parts = urlsplit(source.api)
        self.host = parts.netloc.lower()
        self.token = tokens.read(source.token_env)
        self._source, self._tell, self._prefix = source, tell, parts.path
        private = frozenset({parts.hostname or ""})
        self._trust = Trust(private, _NETWORKS, source.proxy, source.ca_file)
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        self._pool = self._runner.run(self._open())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.run(self._pool.aclose())
        self._runner.close()

    async def _open(self) -> Any:  # noqa: ANN401 - a pool of connections, of an optional library
        return open_pool(self._trust)

    def pages(self, path: str, within: str = "") -> Iterator[dict[str, Any]]:
        """Yield the items of all pages of a list; `within` names the field that holds them, if the page is no list.

        Raises:
            ServiceError: a page has no useful answer; what was yielded until then stands.
        """
        target = self._prefix + path
        for _ in range(MOST_PAGES):
            answer = self._ask(target)
            page = _parse(answer)
            items = page.get(within) if isinstance(page, dict) else page
            if not isinstance(items, list):
                raise ServiceError("gave an answer of an unknown form", answer.status)
            yield from (item for item in items if isinstance(item, dict))
            target = self._next(answer, page)
            if not target:
                return

    def _next(self, answer: Answer, page: object) -> str:
        """Return the target of the next page; empty behind the last one."""
        link = _NEXT.search(answer.headers.get("link", ""))
        address = link[1] if link else page.get("next", "") if isinstance(page, dict) else ""
        if not isinstance(address, str) or not address:
            return ""
        parts = urlsplit(address)
        if parts.scheme != "https" or parts.netloc.lower() != self.host:
            raise ServiceError("names another host for the next page")
        return f"{parts.path}?{parts.query}"

    def _ask(self, target: str) -> Answer:
        """Return a good answer, after as much waiting as the service asks for."""
        headers = _HEADERS.get(self._source.kind, ())
        if self.token:
            headers = (*headers, ("Authorization", _SCHEMES[self._source.kind](self.token)))
        request = Request("GET", self.host, target, headers)
        for attempt in range(1, MOST_ATTEMPTS + 1):
            answer = self._runner.run(send(self._pool, request, SECONDS, LARGEST_PAGE))
            if answer.status == 200 and not answer.cut:
                return answer
            wait = _seconds_to_wait(answer, attempt)
            if wait < 0 or attempt == MOST_ATTEMPTS:
                raise ServiceError(self._refusal(answer), answer.status)
            if wait > LONGEST_WAIT:
                raise ServiceError(f"asks to wait for {wait:.0f} seconds", answer.status)
            if wait > 5:
                self._tell(f"{self.host} asks to wait for {wait:.0f} seconds")
            self._runner.run(asyncio.sleep(wait))
        raise AssertionError("the loop returns or raises")

    def _refusal(self, answer: Answer) -> str:
        variable = self._source.token_env
        token = f"the token in {variable}" if variable else "a request without a token"
        known = {
            401: f"refuses {token}: has it ended?",
            403: f"does not allow this to {token}",
            404: f"knows no {self._source.owner or 'such list'}, or does not show it to {token}",
        }
        if answer.cut:
            return f"answered more than {LARGEST_PAGE >> 20} MiB"
        if answer.status in range(300, 400):
            return "answered that it has moved, and is not followed"
        return known.get(answer.status, answer.failure or f"answered {answer.status}")


def _parse(answer: Answer) -> object:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        raise ServiceError("gave an answer that is no JSON", answer.status) from None


def _seconds_to_wait(answer: Answer, attempt: int) -> float:
    """Return how long to wait before the next attempt; below 0 if there is no use in one.

    https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3, and
    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api.
    """
    stated = answer.headers.get("retry-after", "").strip()
    limited = answer.headers.get("x-ratelimit-remaining") == "0" or bool(stated)
    if "certificate" in answer.failure:  # the next one will be no better
        return -1.0
    if answer.status == 429 or (answer.status == 403 and limited) or answer.status >= 500 or not answer.status:
        if stated.isdecimal() and len(stated) < 8:
            return float(stated)
        reset = answer.headers.get("x-ratelimit-reset", "")
        if answer.status in {403, 429} and reset.isdecimal() and len(reset) < 12:
            return max(1.0, int(reset) - time.time() + 1)
        try:
            return max(0.0, (parsedate_to_datetime(stated) - datetime.now(UTC)).total_seconds())
        except (ValueError, TypeError):
            return 0.5 * 2.0**attempt
    return -1.0
