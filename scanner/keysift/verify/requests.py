"""A rule's verification and a key -> the requests to send, with everything escaped for where it stands."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from urllib.parse import quote

from keysift import masking
from keysift.records import dataclass
from keysift.rules.verification import PLACEHOLDER, Revocation, Verification
from keysift.verify import signatures

_SEGMENT = "!$&'()*+,;=:@"
"""What may stand in a segment of a path as it is, beside letters: https://www.rfc-editor.org/rfc/rfc3986#section-3.3."""
_HEADER = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
"""A value of a header: https://www.rfc-editor.org/rfc/rfc9110#section-5.5, without what some servers misread."""
LONGEST_KEY = 8192
"""Characters; no vendor takes a longer one in a request."""


class UnfitError(Exception):
    """A key that cannot stand where the request needs it; the message says where, without the key."""


@dataclass(frozen=True, slots=True)
class Values:
    """What is filled into a request."""

    secret: str = field(repr=False)
    pairs: Mapping[str, str] = field(repr=False)
    """The other halves, by their names in the rule."""
    groups: Mapping[str, str] = field(repr=False)
    """The named groups of the rule's pattern, as they match the key alone."""

    def named(self, host: str) -> dict[str, str]:
        """Return all of them by the names of their placeholders."""
        halves = {f"pair.{name}": value for name, value in self.pairs.items()}
        return {**self.groups, **halves, "secret": self.secret, "host": host}

    def masked(self) -> Values:
        """Return the same as they may be shown."""
        pairs = {name: _mask(value) for name, value in self.pairs.items()}
        return Values(_mask(self.secret), pairs, {name: _mask(value) for name, value in self.groups.items()})


@dataclass(frozen=True, slots=True)
class Request:
    """A request to one host, ready to be sent."""

    method: str
    host: str
    """The name, with port and path if the user stated them: `git.acme.example:8443/api/v3`."""
    target: str = field(repr=False)
    """Path and query, which go behind that."""
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(default=b"", repr=False)


def describe_revocation(stated: Revocation, values: Sequence[Values], host: str) -> str:
    """Return the request that revokes keys in one line, with all of them masked.

    Raises:
        UnfitError: as `requests`.
    """
    masked = [each.masked() for each in values]
    named = {**masked[0].named(host), "admin": "(the token that you type)"}
    made = _filled(stated, host, named, lambda _where, text: text, lambda text: f"(Basic) {text}")
    body = json.dumps({stated.batch: [each.secret for each in masked]}) if stated.batch else made.body.decode()
    headers = (f"{name}: {value}" for name, value in made.headers)
    return "  ".join(filter(None, [f"{made.method} https://{made.host}{made.target}", *headers, body]))


def _mask(text: str) -> str:
    return masking.redact(text.encode("utf-8", "surrogateescape"))


def requests(stated: Verification, values: Values, hosts: Sequence[str]) -> Iterator[Request]:
    """Yield the request to each host: the rule's own in their order, then those that the user allows.

    Raises:
        UnfitError: the key has characters that cannot stand where the request needs it.
    """
    _check(values)
    chosen = chosen_hosts(stated, values.groups)
    for host in dict.fromkeys((*chosen, *hosts)):
        yield request(stated, values, host)


def chosen_hosts(stated: Verification, groups: Mapping[str, str]) -> Sequence[str]:
    """Return the hosts of a rule for a key whose groups say which: of all listed ones that one, or none."""
    if not stated.url:
        return stated.hosts
    written = stated.url.removeprefix("https://").partition("/")[0].partition("?")[0]
    if written == "{host}":
        return stated.hosts
    host = PLACEHOLDER.sub(lambda name: groups.get(name[1], ""), written)
    return [host] if host in stated.hosts else []


def request(stated: Verification, values: Values, host: str) -> Request:
    """Return the request to one host."""
    if stated.function:
        return signatures.signed(stated.function, values.secret, values.pairs, host)
    return _filled(stated, host, values.named(host), _in_header, _basic)


def revocation(stated: Revocation, values: Sequence[Values], host: str, admin: str = "") -> Request:
    """Return the request that revokes a key, or all of several where the vendor takes a list.

    Raises:
        UnfitError: as `requests`.
    """
    for each in values:
        _check(each)
    if admin and not _HEADER.fullmatch(admin):
        raise UnfitError("the token that was typed has characters that no request can carry")
    named = {**values[0].named(host), **({"admin": admin} if admin else {})}
    made = _filled(stated, host, named, _in_header, _basic)
    if not stated.batch:
        return made
    headers = (*made.headers, ("Content-Type", "application/json"))
    return replace(made, headers=headers, body=json.dumps({stated.batch: [each.secret for each in values]}).encode())


def describe(stated: Verification, values: Values, host: str) -> str:
    """Return a request in one line, with keys masked, as `--dry-run` prints it."""
    masked = values.masked()
    if stated.function:
        how = ", ".join(f"{name} {value}" for name, value in masked.pairs.items())
        return f"POST https://{host}/  ({stated.function}, signed with {masked.secret}; {how})"
    made = _filled(stated, host, masked.named(host), lambda _where, text: text, lambda text: f"(Basic) {text}")
    parts = [f"{made.method} https://{host}{made.target}"]
    parts += [f"{name}: {value}" for name, value in made.headers]
    parts += [made.body.decode()] if made.body else []
    return "  ".join(parts)


def _filled(
    stated: Verification | Revocation,
    host: str,
    named: Mapping[str, str],
    in_header: Callable[[str, str], str],
    basic: Callable[[str], str],
) -> Request:
    """Return the request that a rule writes out, filled in."""
    path, mark, query = ("/" + stated.url.removeprefix("https://").partition("/")[2]).partition("?")
    target = _fill(path, named, lambda text: quote(text, safe=_SEGMENT))
    target += mark + _fill(query, named, lambda text: quote(text, safe=""))
    headers = [(name, in_header(name, _fill(value, named))) for name, value in stated.headers.items()]
    if stated.basic:
        headers.append(("Authorization", basic(_fill(stated.basic, named))))
    body = b""
    if stated.form:
        fields = ((name, quote(_fill(value, named), safe="")) for name, value in stated.form.items())
        body = "&".join(f"{quote(name, safe='')}={value}" for name, value in fields).encode()
        headers.append(("Content-Type", "application/x-www-form-urlencoded"))
    elif stated.json:
        body = json.dumps({name: _fill(value, named) for name, value in stated.json.items()}).encode()
        headers.append(("Content-Type", "application/json"))
    return Request(stated.method, host, target, tuple(headers), body)


def _fill(text: str, named: Mapping[str, str], escape: Callable[[str], str] = str) -> str:
    def value(name: re.Match[str]) -> str:
        if name[1] not in named:
            raise UnfitError(f"it has no part that is its {name[1]}")
        return escape(named[name[1]])

    return PLACEHOLDER.sub(value, text)


def _in_header(name: str, value: str) -> str:
    if not _HEADER.fullmatch(value):
        raise UnfitError(f"it has characters that cannot stand in the header {name}")
    return value


def _basic(text: str) -> str:
    return f"Basic {base64.b64encode(text.encode()).decode()}"


def _check(values: Values) -> None:
    """Raise UnfitError for what no request can carry: control characters, line ends, a step up in a path."""
    for text in (values.secret, *values.pairs.values(), *values.groups.values()):
        if not text.isprintable() or not text.isascii():
            raise UnfitError("it has characters that no key of this kind has")
        if text.strip(".") == "" or len(text) > LONGEST_KEY:
            raise UnfitError("it is empty, or too long, or a step in a path")
    for user in values.pairs.values():
        if ":" in user:
            raise UnfitError("its other half has a colon")
