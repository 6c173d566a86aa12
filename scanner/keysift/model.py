"""The nouns, in the order in which they come to be.

Frozen and slotted, except `Run`, the one tally. The bytes of a key are kept out of every repr.
Spans are half-open byte ranges; lines and columns count from 1, columns in characters.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Label(enum.StrEnum):
    """What a key may do in a stranger's hands; README says how it is decided."""

    SECRET = "secret"
    SENSITIVE = "sensitive"
    PUBLIC = "public"


class Confidence(enum.StrEnum):
    """How sure the evidence makes us that the bytes are a real key of this kind."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for low, 2 for high: confidences compare by it."""
        return ("low", "medium", "high").index(self)


class Checksum(enum.StrEnum):
    """A checksum that a key carries; `rules.checksums` checks it offline."""

    CRC32_BASE62 = "crc32-base62"
    GITHUB_FINE_GRAINED = "github-fine-grained"
    GITLAB_ROUTABLE = "gitlab-routable"
    GRAFANA_SERVICE_ACCOUNT = "grafana-service-account"
    AWS_KEY_ID = "aws-key-id"
    NKEY_SEED = "nkey-seed"


class FactsKind(enum.StrEnum):
    """A kind of key that says something of itself; `rules.facts` reads it offline."""

    JWT = "jwt"
    BASIC = "basic"
    AWS = "aws"
    GITLAB = "gitlab"
    DISCORD = "discord"


class NameKind(enum.StrEnum):
    """What a name such as `db_password` says of its value."""

    PASSWORD = "password"
    SECRET = "secret"
    TOKEN = "token"
    KEY = "key"
    CREDENTIAL = "credential"


@dataclass(frozen=True, slots=True)
class Context:
    """One way in which the surroundings speak for or against a match: every part that is stated must hold.

    Parts are regexes that ignore case and are searched for, not matched from the start.
    """

    field: str = ""
    """Of the dotted, normalised path of the field that holds the value: `pagerduty_configs.routing_key`."""
    before: str = ""
    """Of the text to the left of the value on its line; `$` is where the value starts."""
    after: str = ""
    """Of the text to the right of the value on its line; `^` is where the value ends."""
    near: str = ""
    """Of the lines around the value: 12 before, 8 after."""
    file: str = ""
    """Of the path, with `/` between its parts."""
    value: str = ""
    """Of the value itself; this part alone minds case."""
    confidence: Confidence = Confidence.HIGH


@dataclass(frozen=True, slots=True)
class Pair:
    """The other half that makes an identifier worse: a match of `rule` within so many bytes changes the label."""

    rule: str
    within: int = 400
    label: Label = Label.SECRET


@dataclass(frozen=True, slots=True)
class Matching:
    """How the pattern of a rule is looked for; the loader derives all of it from the rule as it is written."""

    pattern: str = ""
    """A regex over bytes, with boundaries; the key is its group `secret`, or the whole match."""
    reach: int = 0
    """The most bytes between a keyword and a match, in both directions."""
    behind: str = ""
    """A regex that ignores case and must hold right behind a keyword."""
    leading: tuple[str, ...] = ()
    """The keywords that a match of a solid pattern starts with if it holds them at all."""
    solid: int = 0
    """The least bytes of a match if it consists of `alphabet` alone; else 0."""
    alphabet: str = ""
    quick: bool = False
    """Whether an attempt at one place ends after few steps whatever stands there, so that it needs no time limit."""
    free: bool = False
    """Whether nearly any value matches, as for a password: there is no shape to tell a key by."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of key: its shape, the surroundings that confirm it, and what a reader needs to know about it.

    All but `matching` is as its author wrote it; what a file says for all of its rules is in each of them.
    """

    id: str
    name: str
    provider: str
    label: Label
    why: str
    """One sentence: why it has this label, in the vendor's words where there are any."""
    revoke: str
    """Where to revoke the key, who can, and in which order; one or two sentences."""
    references: tuple[str, ...]
    pattern: str = ""
    """A regex, or the name of one that many rules share: `literal`, `assigned`."""
    keywords: tuple[str, ...] = ()
    """Literals of three bytes or more: the pattern is tried only near one of them, or where the `shape` holds."""
    shape: str = ""
    """A regex, all of whose matches have the same length, that is looked for like a keyword."""
    when: tuple[Context, ...] = ()
    """Alternatives: the first that holds decides. If there are none, the shape alone is proof enough."""
    unless: tuple[Context, ...] = ()
    """A match is no finding if any of these holds."""
    confidence: Confidence = Confidence.HIGH
    """Of a finding, where `when` is empty."""
    general: bool = False
    """Whether any other rule on the same bytes is preferred."""
    last: bool = False
    """Whether other general rules are preferred, too."""
    named: NameKind | None = None
    """The kind of name whose values `detect.named` finds and weighs; the pattern is not searched for then."""
    password: bool = False
    """Whether a person chose the value, so that it need not look random."""
    checksum: Checksum | None = None
    facts: FactsKind | None = None
    pair: Pair | None = None
    documented: tuple[str, ...] = ()
    """Digests (`rules.deriving.digest`) of values from the vendor's documentation: never findings."""
    examples: tuple[str, ...] = ()
    counterexamples: tuple[str, ...] = ()
    matching: Matching = Matching()
    """A rule that has none is never looked for: it describes a fact, not a pattern."""

    @property
    def best_confidence(self) -> Confidence:
        """The highest confidence that a finding of this rule can have."""
        return max((context.confidence for context in self.when), key=lambda one: one.rank, default=self.confidence)


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes, with where they come from."""

    path: str
    """Relative to the target, `/` between parts; undecodable bytes as surrogates (PEP 383)."""
    data: bytes = field(repr=False)
    member: str = ""
    """Path inside an archive or document, where the blob is one."""
    oid: str = ""
    """The git object, where it is one."""


class Span(NamedTuple):
    """A half-open byte range of a blob."""

    start: int
    end: int

    def within(self, others: Iterable[Span]) -> bool:
        """Whether one of the others holds the whole of it."""
        return any(other.start <= self.start and self.end <= other.end for other in others)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the evidence says of a match."""

    label: Label
    confidence: Confidence
    reasons: tuple[str, ...]
    distance: int = field(default=0, compare=False)
    """From the name that confirms it to the end of the field's path: of two rules, the nearer name is right."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """The lines around a key, decoded for people; every key in them still in the clear."""

    first_line: int
    lines: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Location:
    """One place of a key: lines and columns count from 1, columns in characters, ends are exclusive columns."""

    path: str
    start_line: int
    start_column: int
    end_line: int
    end_column: int
    start_byte: int
    end_byte: int
    member: str = ""
    commit: str = ""
    snippet: Snippet | None = field(default=None, compare=False)
    repository_path: str = ""
    """The path by which code hosts go: from the top of the repository, absolute outside of one; empty if the same."""


@dataclass(frozen=True, slots=True)
class History:
    """The life of a key in a repository. Commits are full object ids, times RFC 3339; empty where nothing says."""

    first_commit: str = ""
    """The oldest commit that has it."""
    first_seen: str = ""
    authors: tuple[str, ...] = ()
    """Who wrote the commits that brought it in: `Name <address>`, the first one first."""
    last_commit: str = ""
    """The newest commit that took it out again; empty while a branch or tag still has it at its tip."""
    last_seen: str = ""
    """When that was."""
    in_head: bool = False
    refs: tuple[str, ...] = ()
    """The full names of the refs whose tips hold it."""
    kept_by: str = ""
    """What still holds its history: `refs`, `stash`, `reflog`, `index`, `worktree` or `nothing`."""
    exposed_days: int = 0
    """Whole days from `first_seen` to `last_seen`, or to now."""
    copies: int = 1
    """How many different contents (blobs, messages) hold it."""


@dataclass(frozen=True, slots=True)
class Suppression:
    """Someone has accepted a finding."""

    kind: str
    """`inSource` or `external`, as in SARIF."""
    justification: str = ""
    status: str = "accepted"
    who: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One leaked key: same rule and same secret are one finding with many locations."""

    rule: Rule
    secret: bytes = field(repr=False)
    verdict: Verdict
    locations: tuple[Location, ...]
    fingerprint: str
    """Stable over edits, moves and renames; says nothing of the secret."""
    suppressions: tuple[Suppression, ...] = ()
    history: History | None = None
    """Where git is."""
    baseline: str = ""
    """SARIF's `baselineState`; empty without a baseline."""


@dataclass(frozen=True, slots=True)
class Gone:
    """An entry of the baseline whose key stands nowhere any more."""

    entry: str
    """Its `id` in the baseline."""
    rule_id: str
    path: str
    """Where it stood when it was accepted."""
    repository_path: str = ""
    """As in Location."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was not scanned, or not fully, and why."""

    path: str
    reason: str
    expected: bool = False
    """True where leaving it out was asked for or harmless: the run still counts as complete."""
    repository_path: str = ""
    """As in Location."""


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What came of some blobs: each finding has one location until the tally joins those of a key."""

    findings: tuple[Finding, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    blobs: int = 0
    bytes: int = 0
    repository: str = ""
    """Of an audit, the repository: a key in two of them is two findings, for it has a life in each."""


@dataclass(slots=True)
class Run:
    """The tally of one run: what was asked, what was scanned, what came of it."""

    command: str
    targets: tuple[str, ...]
    started: str = ""
    """RFC 3339, UTC."""
    duration_s: float = 0.0
    blobs: int = 0
    bytes: int = 0
    findings: list[Finding] = field(default_factory=list)
    suppressed: list[Finding] = field(default_factory=list)
    public: list[Finding] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    interrupted: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    gone: list[Gone] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What else a person should know, a sentence each: acceptances that have ended, what a configuration hides."""
    thresholds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By fingerprint, the `fail-on` of each of its paths, where paths differ; empty for the run's own."""

    @property
    def complete(self) -> bool:
        """False when something that was asked for could not be read, or the run was ended early."""
        return not self.interrupted and all(skipped.expected for skipped in self.skipped)
