"""Sends one request, and returns the answer or why there is none; nothing of the request is in what it returns.

Exceptions of libraries may quote a header, and so a key. None leaves this module.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Mapping
from dataclasses import field

import httpcore

from keysift.records import dataclass
from keysift.verify.addresses import RefusedError
from keysift.verify.requests import Request
from keysift.version import VERSION

LARGEST_BODY = 64 * 1024
"""Bytes of an answer that are read."""
_ALWAYS = (
    ("User-Agent", f"keysift/{VERSION}"),
    ("Accept", "application/json"),
    ("Accept-Encoding", "identity"),
)

_KINDS: tuple[tuple[type[Exception], str], ...] = (
    (httpcore.ProxyError, "cannot be reached through the proxy"),
    (httpcore.TimeoutException, "did not answer in time"),
    (httpcore.NetworkError, "cannot be reached"),
    (OSError, "cannot be reached"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a host answered; or, with status 0, why there is no answer."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """By their names in small letters."""
    body: bytes = field(default=b"", repr=False)
    cut: bool = False
    """True if the body went on after what is read."""
    failure: str = ""
    """`did not answer within 10 seconds`; to stand behind the name of the host."""


async def send(
    pool: httpcore.AsyncConnectionPool, request: Request, seconds: float, largest: int = LARGEST_BODY
) -> Answer:
    """Send a request; all of it takes no longer than the given time. The body is cut after `largest` bytes."""
    try:
        async with asyncio.timeout(seconds):
            return await _send(pool, request, largest)
    except TimeoutError:
        return Answer(0, failure=f"did not answer within {seconds:g} seconds")
    except RefusedError as refused:
        return Answer(0, failure=f"was not asked: {refused}")
    except Exception as error:  # noqa: BLE001 - any of them may quote the key
        return Answer(0, failure=_failure(error))


async def _send(pool: httpcore.AsyncConnectionPool, request: Request, largest: int) -> Answer:
    stated = {name.lower() for name, _ in request.headers}
    usual = [(name, value) for name, value in _ALWAYS if name.lower() not in stated]
    authority, slash, prefix = request.host.partition("/")
    headers = [("Host", authority), *usual, *request.headers]
    if request.method in {"POST", "DELETE"}:
        headers.append(("Content-Length", str(len(request.body))))
    name, _, port = authority.partition(":")
    target = slash + prefix + request.target
    url = httpcore.URL(scheme=b"https", host=name.encode(), port=int(port or 443), target=target.encode())
    async with pool.stream(
        request.method, url, headers=[(name.encode(), value.encode()) for name, value in headers], content=request.body
    ) as response:
        body = bytearray()
        with contextlib.suppress(httpcore.RemoteProtocolError, httpcore.ReadError):  # the status has been said
            async for chunk in response.aiter_stream():
                body += chunk
                if len(body) > largest:
                    break
        return Answer(
            response.status,
            {name.decode("ascii", "replace").lower(): value.decode("latin-1") for name, value in response.headers},
            bytes(body[:largest]),
            len(body) > largest,
        )


def _failure(error: BaseException) -> str:
    """Return the kind of an error in our own words."""
    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    if any(isinstance(each, RefusedError) for each in causes):
        return next(f"was not asked: {each}" for each in causes if isinstance(each, RefusedError))
    if any(isinstance(each, ssl.SSLCertVerificationError) for each in causes):
        return "has no valid certificate for its name, so nothing was sent"
    if any(isinstance(each, ssl.SSLError) for each in causes):
        return "cannot be reached in TLS"
    return next((words for kind, words in _KINDS if isinstance(error, kind)), "gave an answer that is no HTTP")
