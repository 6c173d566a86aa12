"""What a rule says of asking its vendor whether a key is live: the request, where it may go, and what answers mean.

Authors write it as `verify` beside the pattern, `rules.authoring` checks it, and each rule carries it as JSON, which is
read when somebody asks to verify.
"""

from __future__ import annotations

import re
from typing import Annotated

import msgspec
from msgspec import Meta

PLACEHOLDER = re.compile(r"\{(host|secret|pair\.[a-z_]+|[a-z][a-z0-9_]*)\}")
"""What is filled into a request; in JSON and GraphQL other braces have blanks, quotation marks or nothing in them."""
HOST = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
"""The name of a host, in small letters; no address in any spelling."""
_PLACE = r"(?P<place>\$(?:\.[\w-]+|\[(?:\d+|\*)\])*)"
CONDITION = re.compile(rf"{_PLACE} (?:exists|= (?P<value>.{{1,100}}))|has (?P<text>.{{1,100}})")
"""What a body may be asked: `$.ok = true`, `$.user exists`, `has InvalidClientTokenId`."""
FACT = re.compile(rf"{_PLACE}|header (?P<header>[A-Za-z0-9-]+)|xml (?P<element>\w+)")
RATE = re.compile(r"(\d{1,4})/([smh])")
_SECONDS = {"s": 1, "m": 60, "h": 3600}
Text = Annotated[str, Meta(min_length=1)]
Status = Annotated[int, Meta(ge=100, le=599)]


class BodyConditions(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    """Where the status alone does not tell: conditions on the body, of which the first that holds decides."""

    dead: Annotated[list[Text], Meta(description="Such as `$.error = invalid_auth`, `$.user exists`, `has TEXT`.")] = []
    limited: Annotated[list[Text], Meta(description="Conditions, written as those of `dead`.")] = []
    live: Annotated[list[Text], Meta(description="Conditions, written as those of `dead`.")] = []


class Verification(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    """How the vendor is asked whether a key is live; nobody is asked unless the user says so, each time.

    {secret}, {pair.NAME}, {host} and named groups of the pattern are filled into URL, headers, `basic`, `form` and
    `json`, escaped for where they stand.
    """

    get: Annotated[str, Meta(description="The URL of a GET request, https: https://{host}/v1/me.")] = ""
    head: Annotated[str, Meta(description="The URL of a HEAD request instead.")] = ""
    post: Annotated[str, Meta(description="The URL of a POST request instead, with `harmless`.")] = ""
    function: Annotated[
        str,
        Meta(description="A signed request instead: the name of a function in verify/signatures.py."),
    ] = msgspec.field(default="", name="with")
    none: Annotated[str, Meta(description="Instead of all else: why there is no harmless request.")] = ""
    harmless: Annotated[str, Meta(description="Why a request that is neither GET nor HEAD changes nothing.")] = ""
    hosts: Annotated[
        list[Text],
        Meta(
            description="All that {host} may be, in this order; more only from the user. Without it, that of the URL."
        ),
    ] = []
    yours: Annotated[
        str, Meta(description="Instead of `hosts`, where only the user can name the host: what it is, in words.")
    ] = ""
    elsewhere: Annotated[
        bool,
        Meta(description="Whether keys of this kind also belong to other hosts, so that these cannot say it is dead."),
    ] = False
    servers: Annotated[
        list[Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9.-]{1,39}$")]],
        Meta(
            description="Words in the names of servers of one's own, to which keys of this kind also belong: [gitlab]. "
            "Where the text near a key names such a server, a refusal by the vendor does not say that it is dead."
        ),
    ] = []
    headers: Annotated[dict[str, str], Meta(description='Such as Authorization: "Bearer {secret}".')] = {}
    basic: Annotated[str, Meta(description="User and password of HTTP Basic: '{secret}:', '{pair.sid}:{secret}'.")] = ""
    form: Annotated[dict[str, str], Meta(description="Fields of a posted form.")] = {}
    json: Annotated[dict[str, str], Meta(description="Texts of a posted JSON object.")] = {}
    pair: Annotated[
        dict[str, str],
        Meta(description="Other halves beside the key, each by the id of its rule: {sid: twilio-account-sid}."),
    ] = {}
    live: Annotated[list[Status], Meta(description="Statuses that say that the key is valid.")] = []
    dead: Annotated[list[Status], Meta(description="Statuses that say that it is not, or no longer.")] = []
    limited: Annotated[list[Status], Meta(description="Statuses that say: valid, without this right.")] = []
    body: Annotated[
        BodyConditions | None,
        Meta(description="Where one of these statuses says too little: conditions on the body, which decide."),
    ] = None
    facts: Annotated[
        dict[str, str],
        Meta(description='What is kept of the answer: {who: "$.user.email", scopes: header X-OAuth-Scopes}.'),
    ] = {}
    rate: Annotated[str, Meta(description="The most requests to a host: 1/s, 30/m.")] = ""
    reference: Annotated[str, Meta(description="The vendor's page for this request.")] = ""

    @property
    def method(self) -> str:
        """The method of a request that is written out."""
        return "POST" if self.post else "HEAD" if self.head else "GET"

    @property
    def url(self) -> str:
        """The URL of a request that is written out, with `{host}` for the host if there are several."""
        return self.get or self.head or self.post

    @property
    def interval(self) -> float:
        """Seconds between two requests to a host, at the least."""
        stated = RATE.fullmatch(self.rate)
        return _SECONDS[stated[2]] / int(stated[1]) if stated else 0.2


class Reach(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    """A further request that only reads, with host and headers of `verify`: what the key reaches."""

    what: Annotated[Text, Meta(description="What it tells, in a word or two: repositories.")]
    get: Annotated[Text, Meta(description="The URL, with the hosts of `verify`: https://{host}/v1/projects.")]
    facts: Annotated[dict[str, str], Meta(description='What is kept: {names: "$[*].name"}.')]
    reference: Annotated[Text, Meta(description="The vendor's page for this request.")]


class Revocation(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    """A request by which the vendor revokes a key; sent only after it was shown and confirmed, word for word."""

    reference: Annotated[Text, Meta(description="The vendor's page for this request.")]
    done: Annotated[list[Status], Meta(min_length=1, description="Statuses that say that it was revoked, or will be.")]
    breaks: Annotated[Text, Meta(description="What stops working, and what else goes with it.")]
    post: Annotated[str, Meta(description="The URL of a POST request.")] = ""
    delete: Annotated[str, Meta(description="The URL of a DELETE request instead.")] = ""
    hosts: Annotated[
        list[Text],
        Meta(description="As in `verify`, that of the URL if absent. Of several, the one is asked that took the key."),
    ] = []
    headers: Annotated[
        dict[str, str], Meta(description="As in `verify`; {admin} is the token that `needs` describes.")
    ] = {}
    basic: Annotated[str, Meta(description="User and password, as in `verify`.")] = ""
    form: Annotated[dict[str, str], Meta(description="Fields of a form, as in `verify`.")] = {}
    json: Annotated[dict[str, str], Meta(description="Texts of an object, as in `verify`.")] = {}
    batch: Annotated[
        str, Meta(description="The field of a JSON object that takes a list of keys: all are revoked by one request.")
    ] = ""
    needs: Annotated[
        str, Meta(description="The token of somebody else that the request needs, in words; without it, the key's own.")
    ] = ""
    reversible: Annotated[bool, Meta(description="Whether the vendor can bring the key back.")] = False

    @property
    def method(self) -> str:
        """The method of the request."""
        return "POST" if self.post else "DELETE"

    @property
    def url(self) -> str:
        """Its URL, with `{host}` for the host."""
        return self.post or self.delete


class Response(msgspec.Struct, omit_defaults=True, frozen=True):
    """What a rule declares for `keysift respond`, as `Rule.respond` holds it."""

    map: list[Reach] = []
    revocation: Revocation | None = None


def decode_response(written: str) -> Response:
    """Return what `Rule.respond` says; an empty one if the rule says nothing."""
    return msgspec.json.decode(written, type=Response) if written else Response()


def decode(written: str) -> Verification | None:
    """Return what `Rule.verify` says; None if the rule says nothing."""
    return msgspec.json.decode(written, type=Verification) if written else None


def encode(verification: Verification | Response) -> str:
    """Return it as `Rule.verify`, or `Rule.respond`, holds it."""
    return msgspec.json.encode(verification).decode()
