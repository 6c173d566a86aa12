"""Which addresses a request may go to: those of the public internet, and what the user allows."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
from collections.abc import Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_METADATA = {
    ipaddress.ip_address(address): "a cloud's metadata service"
    for address in (
        "169.254.169.254",  # AWS, Google, Azure and others
        "168.63.129.16",  # Azure; it is in a public range
        "100.100.100.200",  # Alibaba
        "192.0.0.192",  # Oracle
        "fd00:ec2::254",  # AWS
        "fd20:ce::254",  # Google
    )
}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""Addresses of the older protocol as networks that have only the newer one write them: RFC 6052."""
_PUBLIC = ipaddress.ip_network("2000::/3")
"""All newer addresses that are given out: https://www.iana.org/assignments/ipv6-address-space/."""
_COMPATIBLE = ipaddress.ip_network("::/96")


class RefusedError(Exception):
    """A name that leads to an address to which no key is sent; the message says which."""


async def resolve(host: str, port: int) -> list[Address]:
    """Return the addresses of a name, or of an address in any spelling that the system reads (`127.1`, `0x7f000001`).

    In a thread that nobody waits for: a resolver that hangs holds up no Ctrl-C. Raises OSError.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[list[Address]] = loop.create_future()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            addresses = [ipaddress.ip_address(each[4][0]) for each in found]
        except (OSError, ValueError) as error:
            _tell(loop, future, OSError(str(error)))
        else:
            _tell(loop, future, list(dict.fromkeys(addresses)))

    threading.Thread(target=look_up, daemon=True, name="keysift-resolve").start()
    return await future


def _tell(
    loop: asyncio.AbstractEventLoop, future: asyncio.Future[list[Address]], told: list[Address] | OSError
) -> None:
    def tell() -> None:
        if future.done():
            return
        if isinstance(told, OSError):
            future.set_exception(told)
        else:
            future.set_result(told)

    if not loop.is_closed():
        loop.call_soon_threadsafe(tell)


def check(addresses: Sequence[Address], allowed: Sequence[Network] = ()) -> None:
    """Raise RefusedError unless all addresses of a name are public, or in a network that the user allows."""
    for address in addresses:
        why = refusal(address)
        if why and not any(each in network for each in (address, _inner(address)) for network in allowed):
            raise RefusedError(f"it leads to {address}, {why}")


def refusal(address: Address) -> str:
    """Return why no key is sent to an address, in words; empty if it is a public one."""
    inner = _inner(address)
    if inner in _METADATA:
        return _METADATA[inner]
    if inner.is_loopback:
        return "this machine itself"
    if inner.is_link_local:
        return "an address on the local link"
    if inner.is_multicast or inner.is_unspecified or inner.is_reserved:
        return "no address of one machine"
    public = inner.is_global and (inner.version == 4 or inner in _PUBLIC)
    return "" if public else "a private address"


def _inner(address: Address) -> Address:
    """Return the older address that a newer one stands for: mapped, compatible, NAT64, 6to4, Teredo; else itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.scope_id:
        address = ipaddress.IPv6Address(int(address))
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address.sixtofour:
        return address.sixtofour
    if address.teredo:
        return address.teredo[1]
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address
