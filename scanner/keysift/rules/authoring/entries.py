"""What a rule file may state, as types: they read it, and its JSON Schema is made from them."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from keysift.model import Checksum, Confidence, FactsKind, Label, NameKind
from keysift.rules.verification import Reach, Revocation, Verification

MAX_REACH = 16_384
"""Bytes: a private key of 8,192 bits, or a PGP block."""
Text = Annotated[str, Meta(min_length=1)]
Keyword = Annotated[str, Meta(min_length=3)]


class ContextEntry(msgspec.Struct, forbid_unknown_fields=True):
    """One alternative. Every part that is stated must hold; parts are regexes that are searched for."""

    field: Annotated[
        str,
        Meta(
            description="In the dotted path of the field that holds the value, every name in snake_case: "
            "pagerduty_configs.routing_key. `$` is the end of the field's own name. Ignores case."
        ),
    ] = ""
    before: Annotated[
        str,
        Meta(description="In the text to the left of the value on its line; `$` touches the value. Ignores case."),
    ] = ""
    after: Annotated[
        str,
        Meta(description="In the text to the right of the value on its line; `^` touches the value. Ignores case."),
    ] = ""
    near: Annotated[str, Meta(description="In the 12 lines before the value and the 8 after it. Ignores case.")] = ""
    file: Annotated[str, Meta(description="In the path of the file, with `/` between its parts. Ignores case.")] = ""
    value: Annotated[str, Meta(description="In the value itself. Minds case.")] = ""
    confidence: Annotated[Confidence, Meta(description="Of a finding that this alternative confirms.")] = (
        Confidence.HIGH
    )


class PairEntry(msgspec.Struct, forbid_unknown_fields=True):
    """The other half that makes an identifier worse when it stands beside it."""

    rule: Annotated[Text, Meta(description="The id of the rule that finds the other half.")]
    within: Annotated[int, Meta(ge=0, description="The most bytes between the two.")] = 400
    label: Annotated[Label, Meta(description="The label of an identifier that stands beside its other half.")] = (
        Label.SECRET
    )


class UsageEntry(msgspec.Struct, forbid_unknown_fields=True):
    """One program, directive or function, and the places of its secret."""

    usage: Annotated[
        list[Text],
        Meta(
            min_length=1,
            description="As in a manual, with PASSWORD, SECRET, TOKEN or KEY for the secret, other capitals for what "
            "varies, and | between names that mean the same: redis-cli -a PASSWORD, mysql|mariadb -pPASSWORD, "
            "curl -u USER:PASSWORD, new mysqli(HOST, USER, PASSWORD).",
        ),
    ]
    reference: Annotated[Text, Meta(description="The page of the manual that says so.")]
    examples: Annotated[list[Text], Meta(min_length=1, description="As those of a rule; one is enough.")]
    counterexamples: Annotated[list[Text], Meta(min_length=1, description="As those of a rule; one is enough.")]
    keywords: Annotated[
        list[Keyword],
        Meta(description="What is looked for, if it is not just the name: instead of a common one, it with an option."),
    ] = []
    takes: Annotated[
        list[Text],
        Meta(description="Options with a value of their own that may stand before arguments which are told by order."),
    ] = []
    value: Annotated[
        str, Meta(description="A regex that the whole secret matches, where anything else is none. Minds case.")
    ] = ""
    caseless: Annotated[bool, Meta(description="Whether case makes no difference, as in PowerShell.")] = False


class RuleEntry(msgspec.Struct, forbid_unknown_fields=True):
    """One kind of key."""

    id: Annotated[
        str,
        Meta(
            pattern=r"^[a-z0-9][a-z0-9-]*[a-z0-9]$",
            description="Provider, then kind, in kebab-case: acme-api-key. It is never renamed.",
        ),
    ]
    name: Annotated[Text, Meta(description="What people call the key: Acme API key.")]
    label: Annotated[
        Label,
        Meta(
            description="secret: reads data, changes things, moves money, mints tokens, runs code or speaks as "
            "someone, or the vendor says to keep it secret. sensitive: one narrow function, write-only. "
            "public: the vendor says it may be, it ships in browsers and apps, or it only names something."
        ),
    ]
    why: Annotated[
        Text, Meta(description="One sentence: why it has this label, in the vendor's words where there are any.")
    ]
    pattern: Annotated[
        Text,
        Meta(
            description="A regex over bytes that minds case, every quantifier bounded. The key is the group `secret`, "
            "or else the whole match; boundaries are added. `literal` stands for any value of a field that is named "
            "like a key, `assigned` for such a value that may be generated; `command`, `directive` and `call` for what "
            "the `usages` say."
        ),
    ]
    keywords: Annotated[
        list[Keyword],
        Meta(
            description="Literals of three bytes or more, of which one stands within `reach` bytes of every match: "
            "the prefix of the key, or else rare words of its surroundings."
        ),
    ] = []
    usages: Annotated[
        list[UsageEntry],
        Meta(
            description="With `command`, `directive` or `call` as pattern: where the secret stands, program by program."
        ),
    ] = []
    shape: Annotated[
        str,
        Meta(
            description="Where no keyword stands near every match: a plain regex, all of whose matches have the same "
            "length of 8 to 64 bytes. It is looked for in every file, so it must be rare."
        ),
    ] = ""
    behind: Annotated[
        str,
        Meta(
            description="A regex without look-around that must hold right behind a keyword: with it, a keyword may be "
            "a common word. Ignores case."
        ),
    ] = ""
    reach: Annotated[
        Annotated[int, Meta(ge=0, le=MAX_REACH)] | None,
        Meta(
            description="The most bytes between a keyword and a match. Without it: the greatest length of the pattern, "
            "or 400 if there is a `when`."
        ),
    ] = None
    when: Annotated[
        list[ContextEntry],
        Meta(
            description="Alternatives: the first that holds makes the match a finding. Without any, the pattern alone "
            "is proof. `{keywords}` in a part stands for any keyword of the rule."
        ),
    ] = []
    unless: Annotated[
        list[ContextEntry], Meta(description="A match is no finding if one of these holds. `{keywords}` as in `when`.")
    ] = []
    confidence: Annotated[
        Confidence,
        Meta(
            description="Of a finding of a rule without `when`. high: a unique prefix; medium: the right shape beside "
            "a telling word; low: hardly more than a shape."
        ),
    ] = Confidence.HIGH
    checksum: Annotated[Checksum | None, Meta(description="The checksum that the key carries.")] = None
    facts: Annotated[FactsKind | None, Meta(description="What the key says of itself, to be read from it.")] = None
    pair: Annotated[
        PairEntry | None, Meta(description="The other half of an identifier: beside it, the label is another.")
    ] = None
    password: Annotated[
        bool, Meta(description="Whether a person chooses the value, so that it need not look random.")
    ] = False
    general: Annotated[bool, Meta(description="Whether every other rule on the same bytes is preferred.")] = False
    last: Annotated[bool, Meta(description="With `general`: whether other general rules are preferred, too.")] = False
    named: Annotated[
        NameKind | None,
        Meta(description="The kind of name whose values are found and weighed by a model (general.yaml alone)."),
    ] = None
    documented: Annotated[
        list[Text],
        Meta(
            description="Values that the vendor's documentation shows; they are never findings. The mark ¦ breaks "
            "them, lest push protection takes them for keys; only a digest is kept."
        ),
    ] = []
    examples: Annotated[
        list[Text],
        Meta(
            description="Templates of text in which the key is found, in different syntaxes: 'KEY={{alnum:32}}'. Two "
            "at least, but in a repository's own rules none are needed."
        ),
    ] = []
    counterexamples: Annotated[
        list[Text],
        Meta(
            description="Templates of text in which nothing is found: what looks most like the key and is none. One "
            "at least, but in a repository's own rules none are needed."
        ),
    ] = []
    revoke: Annotated[
        str, Meta(description="Where to revoke the key, who can, and in which order; instead of the file's own.")
    ] = ""
    references: Annotated[
        list[Text], Meta(description="The vendor's pages that say so; instead of the file's own.")
    ] = []
    verify: Annotated[
        Verification | None,
        Meta(
            description="How the vendor is asked whether a key is live, or why it cannot be; not for a repository's "
            "own rules."
        ),
    ] = None
    map: Annotated[
        list[Reach], Meta(description="What else can be asked with a live key: whose, which rights, what it reaches.")
    ] = []
    revocation: Annotated[
        Revocation | None, Meta(description="The request by which the vendor revokes a key, if there is one.")
    ] = None


class RuleFile(msgspec.Struct, forbid_unknown_fields=True):
    """A rule file: a provider, its rules, and what holds for all of them."""

    provider: Annotated[Text, Meta(description="Who issues the keys, as they write their name.")]
    rules: Annotated[list[RuleEntry], Meta(min_length=1, description="One for each kind of key.")]
    revoke: Annotated[
        str, Meta(description="Where to revoke a key, who can, and in which order; for rules without their own.")
    ] = ""
    references: Annotated[
        list[Text], Meta(description="The vendor's pages on its keys; for rules without their own.")
    ] = []
    unless: Annotated[
        list[ContextEntry], Meta(description="What makes a match of any rule of this file no finding.")
    ] = []
