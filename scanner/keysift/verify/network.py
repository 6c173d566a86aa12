"""Connections of requests: a name is resolved once, its addresses are checked, and one of them is connected to.

The name stays that of TLS: the certificate must be valid for it. Nothing comes from the environment, neither proxies
nor credentials, and nothing follows a redirect: httpcore, the library below httpx, does none of that by itself.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import field
from pathlib import Path

import certifi
import httpcore

from keysift.errors import UsageError
from keysift.records import dataclass
from keysift.verify import addresses

logging.getLogger("httpcore").setLevel(logging.CRITICAL)  # it logs headers of answers, which may quote a key
MOST_ADDRESSES = 3
"""Addresses of a name that are tried."""


@dataclass(frozen=True, slots=True)
class Trust:
    """The hosts that the user states beyond those of rules, and how they are reached."""

    private_hosts: frozenset[str] = frozenset()
    """Hosts that may lie in `networks`, as the user named them, without ports."""
    networks: tuple[addresses.Network, ...] = ()
    proxy: str = ""
    """`http://host:port`; the proxy resolves names."""
    authority: str = ""
    """A file of certificates that are trusted instead of the usual ones."""
    resolved: dict[str, list[addresses.Address]] = field(default_factory=dict)
    """The names that were resolved, each once in a run."""


class _Backend(httpcore.AsyncNetworkBackend):
    """Opens connections to addresses that were checked."""

    def __init__(self, trust: Trust) -> None:
        self._trust = trust
        self._inner = httpcore.AnyIOBackend()
        self._streams: list[httpcore.AsyncNetworkStream] = []
        self._proxy = httpcore.URL(trust.proxy).host.decode() if trust.proxy else ""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of the name that answers.

        Raises:
            RefusedError: the name is not known, or one of its addresses is not public.
        """
        failure: Exception = OSError("no address")
        for address in (await self._addresses(host, port))[:MOST_ADDRESSES]:
            try:
                stream = await self._inner.connect_tcp(str(address), port, timeout, local_address, socket_options)
                self._streams.append(stream)
                return stream  # noqa: TRY300 - only the connection may fail
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def aclose(self) -> None:
        """Close all connections: httpcore forgets those whose handshake was cut off."""
        for stream in self._streams:
            with suppress(Exception):
                await stream.aclose()

    async def _addresses(self, host: str, port: int) -> list[addresses.Address]:
        known = self._trust.resolved
        if host not in known:
            try:
                known[host] = await addresses.resolve(host, port)
            except OSError as error:
                raise addresses.RefusedError("its name is not known") from error
        if host != self._proxy:
            addresses.check(known[host], self._trust.networks if host in self._trust.private_hosts else ())
        return known[host]


@asynccontextmanager
async def open_pool(trust: Trust) -> AsyncIterator[httpcore.AsyncConnectionPool]:
    """Return a pool of connections; all of them are closed in the end.

    Raises:
        UsageError: the file of certificates cannot be read, or the proxy is none.
    """
    context, backend = _context(trust.authority), _Backend(trust)
    pool = httpcore.AsyncConnectionPool(context, network_backend=backend, max_connections=20)
    if trust.proxy:
        url = httpcore.URL(trust.proxy)
        if url.scheme != b"http" or not url.host:
            advice = "keys go through it in TLS"
            raise UsageError("the proxy is not an address of the form http://host:port", help=advice)
        # Keys go through a tunnel, so the proxy sees the names of hosts alone.
        pool = httpcore.AsyncHTTPProxy(url, ssl_context=context, network_backend=backend, max_connections=20)
    try:
        async with pool:
            yield pool
    finally:
        await backend.aclose()


def _context(authority: str) -> ssl.SSLContext:
    """Return what checks certificates and names, always; nothing of the environment has a say in it.

    Made by hand: `ssl.create_default_context` obeys SSLKEYLOGFILE, and writes the keys of connections to a file.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not authority:
        # Not `load_default_certs`, which trusts what SSL_CERT_FILE and SSL_CERT_DIR name.
        usual = ssl.get_default_verify_paths()
        context.load_verify_locations(certifi.where())
        if Path(usual.openssl_cafile).is_file():
            context.load_verify_locations(usual.openssl_cafile)
        if Path(usual.openssl_capath).is_dir():
            context.load_verify_locations(capath=usual.openssl_capath)
        return context
    try:
        context.load_verify_locations(Path(authority))
    except (OSError, ssl.SSLError) as error:
        advice = "name a file of certificates in PEM"
        raise UsageError(f"cannot read certificates from {authority}", help=advice) from error
    return context
