"""The `verify` of a rule, checked beyond its types, and in the form that a rule carries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import msgspec
import regex

from keysift.rules import verification
from keysift.rules.authoring.documents import Path
from keysift.rules.verification import PLACEHOLDER, Reach, Revocation, Verification

FUNCTIONS = {"aws-caller-identity": ("id",)}
"""The functions of `verify.signatures`, each with the other halves that it needs."""
_WAYS = ("get", "head", "post", "with", "none")
_TOKEN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_OURS = frozenset({"host", "content-length", "connection", "transfer-encoding", "accept-encoding", "te", "upgrade"})
"""Headers that say how a request travels."""
Problem = tuple[Path, str, str]
"""Where, what, and what to do about it."""


def problem(stated: Verification, pattern: str) -> Problem | None:
    """Return the first thing that is wrong; None if nothing is."""
    return next(_problems(stated, pattern), None)


def normal(stated: Verification) -> Verification:
    """Return the same with all hosts listed and `{host}` in the URL."""
    host = urlsplit(stated.url).hostname or ""
    if not stated.url or PLACEHOLDER.search(_host(stated.url)):
        return stated
    url = stated.url.replace(f"//{host}", "//{host}", 1)
    way = "post" if stated.post else "head" if stated.head else "get"
    return msgspec.structs.replace(stated, hosts=stated.hosts or [host], **{way: url})


def normal_revocation(stated: Revocation) -> Revocation:
    """Return the same with all hosts listed and `{host}` in the URL."""
    host = _host(stated.url)
    if host == "{host}":
        return stated
    way = "post" if stated.post else "delete"
    url = stated.url.replace(f"//{host}", "//{host}", 1)
    return msgspec.structs.replace(stated, hosts=stated.hosts or [host], **{way: url})


def problem_of_response(
    reaches: list[Reach], revocation: Revocation | None, verify: Verification | None, pattern: str
) -> Problem | None:
    """Return the first thing that is wrong with `map` or `revocation`; None if nothing is."""
    for number, reach in enumerate(reaches):
        if not verify or verify.none or verify.function:
            return ("map",), "goes with a `verify` that makes a request", ""
        asked = msgspec.structs.replace(
            normal(verify), get=reach.get, head="", post="", harmless="", form={}, json={}, body=None
        )
        wrong = problem(msgspec.structs.replace(asked, facts=reach.facts, reference=reach.reference), pattern)
        if wrong:
            return ("map", number, *wrong[0]), wrong[1], wrong[2]
    return next(_problems_of_revocation(revocation, pattern), None) if revocation else None


def _problems_of_revocation(stated: Revocation, pattern: str) -> Iterator[Problem]:
    host = _host(stated.url)
    if bool(stated.post) == bool(stated.delete):
        yield ("revocation",), "needs one of post, delete", ""
    elif not stated.url.startswith("https://"):
        yield ("revocation",), "is not an https:// address", ""
    for name in (*stated.hosts, *([] if host == "{host}" else [host])):
        if not verification.HOST.fullmatch(name):
            yield ("revocation",), f"'{name}' is not the name of a host", "small letters, no port, no address"
    if host == "{host}" and not stated.hosts:
        yield ("revocation", "hosts"), "missing", "name every host to which the request may go"
    texts = (stated.url, *stated.headers.values(), stated.basic, *stated.form.values(), *stated.json.values())
    used = {name for text in texts for name in PLACEHOLDER.findall(text)}
    groups = set(regex.compile(pattern).groupindex) if _is_regex(pattern) else set()
    if unknown := sorted(used - {"host", "secret", "admin", *groups}):
        yield ("revocation",), f"nothing is called {{{unknown[0]}}}", ""
    if "admin" in PLACEHOLDER.findall(stated.url):
        yield ("revocation",), "nobody else's token stands in a URL", "write {admin} in a header or the body"
    if ("admin" in used) != bool(stated.needs):
        yield ("revocation", "needs"), "goes with {admin} in the request", "say whose token it is"
    if not stated.batch and not used & {"secret", *groups}:
        yield ("revocation",), "the key is nowhere in the request", "write {secret} where it stands, or a group of it"


def _host(url: str) -> str:
    return url.removeprefix("https://").partition("/")[0].partition("?")[0]


def _problems(stated: Verification, pattern: str) -> Iterator[Problem]:
    ways = [way for way in _WAYS if getattr(stated, "function" if way == "with" else way)]
    if len(ways) != 1:
        yield (), f"needs one of {', '.join(_WAYS)}, not {' and '.join(ways) or 'nothing'}", "`none` says why not"
    if stated.none:
        if stated != Verification(none=stated.none, reference=stated.reference):
            yield ("none",), "goes with nothing but a `reference`", ""
        return
    if not stated.reference.startswith("https://"):
        yield ("reference",), "the address of the vendor's page for this request is missing", ""
    if stated.rate and not verification.RATE.fullmatch(stated.rate):
        yield ("rate",), f"'{stated.rate}' is not a rate", "write 1/s, 30/m or 100/h"
    yield from _problems_of_hosts(stated)
    yield from _problems_of_answers(stated)
    if stated.function:
        needed = FUNCTIONS.get(stated.function)
        if needed is None:
            yield ("with",), f"there is no function '{stated.function}'", f"there are: {', '.join(FUNCTIONS)}"
        elif missing := [name for name in needed if name not in stated.pair]:
            yield ("pair",), f"'{missing[0]}' is missing, which {stated.function} needs", ""
        return
    yield from _problems_of_request(stated, pattern)


def _problems_of_hosts(stated: Verification) -> Iterator[Problem]:
    if stated.elsewhere and stated.servers:
        yield ("servers",), "goes without `elsewhere`", "state words by which one knows such a server, if there are any"
    for number, host in enumerate(stated.hosts):
        if not verification.HOST.fullmatch(host):
            yield ("hosts", number), f"'{host}' is not the name of a host", "small letters, no port, no address"
    host = _host(stated.url)
    if stated.yours and (stated.hosts or stated.elsewhere or stated.servers or host != "{host}"):
        yield ("yours",), "goes with {host} in the URL, and no `hosts`, `elsewhere` or `servers`", ""
    elif not stated.yours and not stated.hosts and (not stated.url or PLACEHOLDER.search(host)):
        yield ("hosts",), "missing", "name every host to which the request may go, or say in `yours` what it is"
    if stated.url:
        yield from _problems_of_url(stated, host)


def _problems_of_url(stated: Verification, host: str) -> Iterator[Problem]:
    way = "post" if stated.post else "head" if stated.head else "get"
    if not stated.url.startswith("https://"):
        yield (way,), "is not an https:// address", ""
    if "{secret}" in host or "{pair." in host:
        yield (way,), "a key cannot choose the host", "write {host}, or a group of the pattern, and list the hosts"
    if not PLACEHOLDER.search(host):
        if not verification.HOST.fullmatch(host):
            yield (way,), f"'{host}' is not the name of a host", "small letters, no port, no address"
        elif stated.hosts and host not in stated.hosts:
            yield (way,), f"'{host}' is not among `hosts`", "list it, or write {host}"
    if "#" in stated.url:
        yield (way,), "a fragment is never sent", ""


def _problems_of_answers(stated: Verification) -> Iterator[Problem]:
    if not stated.live:
        yield ("live",), "missing", "state the statuses of a valid key: [200]"
    several = [status for status in stated.live if status in (*stated.dead, *stated.limited)]
    if several and not stated.body:
        yield ("live",), f"{several[0]} has two meanings", "state conditions on the `body`, or one meaning"
    for name in ("dead", "limited", "live"):
        for number, condition in enumerate(getattr(stated.body, name) if stated.body else ()):
            if not verification.CONDITION.fullmatch(condition):
                advice = "write `$.ok = true`, `$.user exists` or `has TEXT`"
                yield ("body", name, number), f"'{condition}' is not a condition", advice
    for name, fact in stated.facts.items():
        if not verification.FACT.fullmatch(fact):
            yield ("facts", name), f"'{fact}' says nothing", 'write "$.user.email", header NAME, or xml ELEMENT'


def _problems_of_request(stated: Verification, pattern: str) -> Iterator[Problem]:
    if bool(stated.post) != bool(stated.harmless):
        yield ("harmless",), "goes with `post`, and only with it", "say why the request changes nothing"
    if (stated.form or stated.json) and not stated.post:
        yield ("form" if stated.form else "json",), "goes with `post` alone", ""
    for name in stated.headers:
        if not _TOKEN.fullmatch(name) or name.lower() in _OURS:
            yield ("headers", name), "is not a header that a rule may set", ""
    texts = (stated.url, *stated.headers.values(), stated.basic, *stated.form.values(), *stated.json.values())
    used = {name for text in texts for name in PLACEHOLDER.findall(text)}
    groups = set(regex.compile(pattern).groupindex) if _is_regex(pattern) else set()
    known = {"host", "secret", *(f"pair.{name}" for name in stated.pair), *groups}
    for name in sorted(used - known):
        yield (), f"nothing is called {{{name}}}", f"there are: {', '.join(sorted(known))}"
    if "secret" not in used:
        yield (), "the key is nowhere in the request", "write {secret} where it stands"
    for name in stated.pair:
        if f"pair.{name}" not in used:
            yield ("pair", name), "is not used in the request", ""


def _is_regex(pattern: str) -> bool:
    try:
        regex.compile(pattern)
    except regex.error:
        return False
    return True
