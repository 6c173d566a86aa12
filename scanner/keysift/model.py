"""The nouns of a run, from labels and rules to findings and the run itself.

All but `Run` are immutable. The bytes of a key are kept out of every repr. Spans are half-open byte ranges; lines and
columns count from 1, columns in characters.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import NamedTuple

from keysift.records import dataclass


class Label(enum.StrEnum):
    """The harm that a key can do in a stranger's hands; `docs/guide/how-it-decides.md` says how it is decided."""

    SECRET = "secret"
    SENSITIVE = "sensitive"
    PUBLIC = "public"


class Confidence(enum.StrEnum):
    """The certainty that the bytes are a real key of this kind."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for low, 1 for medium, 2 for high."""
        return ("low", "medium", "high").index(self)


class Checksum(enum.StrEnum):
    """A checksum that a key carries; `rules.checksums` checks it offline."""

    CRC32_BASE62 = "crc32-base62"
    GITHUB_FINE_GRAINED = "github-fine-grained"
    GITLAB_ROUTABLE = "gitlab-routable"
    GRAFANA_SERVICE_ACCOUNT = "grafana-service-account"
    NKEY_SEED = "nkey-seed"


class FactsKind(enum.StrEnum):
    """A kind of key that states facts about itself; `rules.facts` reads them offline."""

    JWT = "jwt"
    BASIC = "basic"
    AWS = "aws"
    GITLAB = "gitlab"
    DISCORD = "discord"


class NameKind(enum.StrEnum):
    """The kind of value that a name such as `db_password` has."""

    PASSWORD = "password"
    SECRET = "secret"
    TOKEN = "token"
    KEY = "key"
    CREDENTIAL = "credential"


@dataclass(frozen=True, slots=True)
class Context:
    """A condition on the surroundings of a match; every part that is stated must hold.

    Parts are regexes that ignore case and are searched for, not matched from the start.
    """

    field: str = ""
    """Of the dotted, normalised path of the field that contains the value: `pagerduty_configs.routing_key`."""
    before: str = ""
    """Of the text to the left of the value on its line; `$` is where the value starts."""
    after: str = ""
    """Of the text to the right of the value on its line; `^` is where the value ends."""
    near: str = ""
    """Of the lines around the value: 12 before, 8 after."""
    file: str = ""
    """Of the path, with `/` between its parts."""
    value: str = ""
    """Of the value itself; only this part is case-sensitive."""
    confidence: Confidence = Confidence.HIGH


@dataclass(frozen=True, slots=True)
class Pair:
    """The other half of an identifier: a match of `rule` within so many bytes changes the label."""

    rule: str
    within: int = 400
    label: Label = Label.SECRET


class Usage(NamedTuple):
    """A way to write a command, a directive or a call, with the place of its secret; derived from its text."""

    text: str
    """As in a manual: `redis-cli -a PASSWORD`."""
    starts: tuple[str, ...]
    """What it begins with, in each of its spellings: the name of the program or function, or an option."""
    pattern: str
    """A regex over the words or arguments, each with a NUL behind it; its group `secret` is the secret."""
    kind: NameKind
    """The kind of secret."""
    keywords: tuple[str, ...]
    caseless: bool = False
    needs: str = ""
    """A regex that holds somewhere behind the start; empty if that is unknown."""
    then: str = ""
    """A regex of what follows the command: another one that reads what this one writes."""


@dataclass(frozen=True, slots=True)
class Matching:
    """The data by which a rule is matched; the loader derives all of it from the rule as it is written."""

    pattern: str = ""
    """A regex over bytes, with boundaries; the key is its group `secret`, or the whole match."""
    reach: int = 0
    """The most bytes between a keyword and a match, in both directions."""
    behind: str = ""
    """A regex that ignores case and must match right after a keyword."""
    leading: tuple[str, ...] = ()
    """The keywords that a match of a solid pattern starts with if it contains them."""
    solid: int = 0
    """The least bytes of a match if it consists of `alphabet` alone; else 0."""
    alphabet: str = ""
    quick: bool = False
    """True if an attempt at any place ends after few steps, so that it needs no time limit."""
    opening: bool = False
    """True if a match starts where a run of `alphabet` does, or right behind an escape at its start."""
    free: bool = False
    """True if nearly any value matches, as for a password: a key has no shape to tell it by."""
    generated: bool = False
    """True if a key lies within one of the values that `detect.values` finds, or is refused."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of key: its shape, the surroundings that confirm it, and what a reader needs to know about it.

    All but `matching` is as its author wrote it; each rule has what its file states for all of its rules.
    """

    id: str
    name: str
    provider: str
    label: Label
    why: str
    """One sentence: why it has this label, in the vendor's words where there are any."""
    revoke: str
    """One or two sentences: where to revoke the key, who can, and in which order."""
    references: tuple[str, ...]
    pattern: str = ""
    """A regex, or the name of one that many rules share (`literal`, `assigned`), or of how `usages` are read."""
    keywords: tuple[str, ...] = ()
    """Literals of three bytes or more: the pattern is tried only near one of them, or where the `shape` matches."""
    shape: str = ""
    """A regex that is searched for like a keyword; all of its matches have the same length."""
    when: tuple[Context, ...] = ()
    """Alternatives: the first that holds decides. If there are none, the shape alone is enough."""
    unless: tuple[Context, ...] = ()
    """A match is not a finding if any of these holds."""
    confidence: Confidence = Confidence.HIGH
    """The confidence of a finding if `when` is empty."""
    general: bool = False
    """True if any other rule on the same bytes is preferred."""
    last: bool = False
    """True if other general rules are preferred, too."""
    named: NameKind | None = None
    """The kind of name whose values `detect.named` finds and weighs, instead of a pattern."""
    password: bool = False
    """True if people choose the value, so that it need not look random."""
    checksum: Checksum | None = None
    facts: FactsKind | None = None
    pair: Pair | None = None
    documented: tuple[str, ...] = ()
    """Digests of values from the vendor's documentation, which are never findings."""
    examples: tuple[str, ...] = ()
    counterexamples: tuple[str, ...] = ()
    usages: tuple[Usage, ...] = ()
    """The places of the secret in commands, directives or calls, instead of a regex."""
    verify: str = ""
    """How the vendor is asked whether a key is live, or why it cannot be, as JSON that `rules.verification` reads."""
    respond: str = ""
    """What else can be asked about a key, and how the vendor revokes it, likewise."""
    matching: Matching = Matching()
    """A rule without it is never matched: it describes a fact, not a pattern."""

    @property
    def best_confidence(self) -> Confidence:
        """The highest confidence that a finding of this rule can have."""
        return max(
            (context.confidence for context in self.when),
            key=lambda confidence: confidence.rank,
            default=self.confidence,
        )


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes and where they come from."""

    path: str
    """Relative to the target, `/` between parts; undecodable bytes as surrogates (PEP 383)."""
    data: bytes = field(repr=False)
    member: str = ""
    """The path inside of an archive or document; empty if the blob is not from one."""
    oid: str = ""
    """The id of the git object; empty if the blob is not one."""


class Span(NamedTuple):
    """A half-open byte range of a blob."""

    start: int
    end: int

    def within(self, others: Iterable[Span]) -> bool:
        """Return True if one of the others contains the whole of it."""
        return any(other.start <= self.start and self.end <= other.end for other in others)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement that a candidate is a key."""

    label: Label
    confidence: Confidence
    reasons: tuple[str, ...]
    distance: int = field(default=0, compare=False)
    """The characters from the confirming name to the end of the field's path: the rule with the nearer name wins."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """The lines around a key, decoded for people; keys in them are not redacted."""

    first_line: int
    lines: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Location:
    """A place of a key: lines and columns count from 1, columns in characters; the end column is exclusive."""

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
    """The life of a key in a repository. Commits are full object ids, times RFC 3339; empty if unknown."""

    first_commit: str = ""
    """The oldest commit that has it."""
    first_seen: str = ""
    authors: tuple[str, ...] = ()
    """The authors of the commits that introduced it: `Name <address>`, the first one first."""
    last_commit: str = ""
    """The newest commit that removed it; empty while a branch or tag still has it at its tip."""
    last_seen: str = ""
    """The time of that."""
    in_head: bool = False
    refs: tuple[str, ...] = ()
    """The full names of the refs whose tips have it: branches first, then tags, then all others."""
    kept_by: str = ""
    """The place that still has it: `refs`, `stash`, `reflog`, `index`, `worktree` or `nothing`."""
    exposed_days: int = 0
    """Whole days from `first_seen` to `last_seen`, or to now."""
    copies: int = 1
    """The number of different contents (blobs, messages) that have it."""
    left_head: str = ""
    """The time at which the history of HEAD lost it; empty if HEAD has it, or if its history never had it."""
    more_refs: int = 0
    """Further refs that have it, which a saved report counts and does not name."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A repository of a fleet that has a key."""

    name: str
    teams: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    history: History | None = None
    """The life of the key there."""


class LiveState(enum.StrEnum):
    """What the vendor said of a key, or why nobody knows; in the order in which to act."""

    LIVE = "live"
    LIMITED = "limited"
    """Valid, without the right that was asked for."""
    UNKNOWN = "unknown"
    UNVERIFIABLE = "unverifiable"
    """There is no harmless request, or the other half of the key is missing."""
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Liveness:
    """The state of a key, when and how it was found."""

    state: LiveState
    when: str
    """RFC 3339, UTC."""
    how: str
    """A sentence without the key: `api.pagerduty.com answered 401`."""
    facts: tuple[tuple[str, str], ...] = ()
    """What the vendor says of the key, by name, masked: whose it is, which scopes it has."""


@dataclass(frozen=True, slots=True)
class Suppression:
    """The acceptance of a finding."""

    kind: str
    """`inSource` or `external`, as in SARIF."""
    justification: str = ""
    status: str = "accepted"
    who: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A leaked key: the same rule and the same secret are one finding with many locations."""

    rule: Rule
    secret: bytes = field(repr=False)
    verdict: Verdict
    locations: tuple[Location, ...]
    fingerprint: str
    """An id that is stable over edits, moves and renames, and reveals nothing of the secret."""
    suppressions: tuple[Suppression, ...] = ()
    history: History | None = None
    """None outside of git."""
    baseline: str = ""
    """The `baselineState` of SARIF; empty without a baseline."""
    below_threshold: bool = False
    """True if it is less sure than `min-confidence` asks for in all of its places, so that it fails no run."""
    more_places: int = 0
    """Further places, which a saved report counts and does not name."""
    liveness: Liveness | None = None
    """None unless the user asked to verify."""
    repositories: tuple[Holder, ...] = ()
    """The repositories that have it; none outside of a fleet."""


@dataclass(frozen=True, slots=True)
class Gone:
    """An entry of the baseline whose key is no longer anywhere."""

    entry: str
    """Its `id` in the baseline."""
    rule_id: str
    path: str
    """The path at which it was accepted."""
    repository_path: str = ""
    """As in Location."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was not scanned, or not fully, and why."""

    path: str
    reason: str
    expected: bool = False
    """True if leaving it out was requested, is accepted or harmless, so that the run still counts as complete."""
    repository_path: str = ""
    """As in Location."""
    object: str = ""
    """The id of the git object, if it is one."""
    file: str = ""
    """The path of the file, if `path` says more than that: the commit that has it."""
    accepted: bool = False
    """True if the configuration accepts it; the reason says why."""


@dataclass(frozen=True, slots=True)
class ScanResult:
    """The result of scanning some blobs: each finding has one location until the tally joins those of a key."""

    findings: tuple[Finding, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    blobs: int = 0
    bytes: int = 0
    repository: str = ""
    """Of an audit, the repository: a key in two of them is two findings, for it has a life in each."""


@dataclass(slots=True)
class Run:
    """A run: what was requested, what was scanned, and the findings."""

    command: str
    targets: tuple[str, ...]
    started: str = ""
    """RFC 3339, UTC."""
    duration_s: float = 0.0
    blobs: int = 0
    bytes: int = 0
    findings: list[Finding] = field(default_factory=list)
    """Those that may fail the run."""
    suppressed: list[Finding] = field(default_factory=list)
    public: list[Finding] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    interrupted: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    gone: list[Gone] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """Further sentences for people: acceptances that have ended, findings that a configuration hides."""
    hidden: tuple[Finding, ...] = ()
    """What this run does not report, but whose keys its reports must hide all the same."""
    thresholds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The `fail-on` of the paths of each fingerprint, if paths differ; an empty one stands for that of the run."""
    stopped: bool = False
    """True if it ended early because the system was short of something; `skipped` says of what."""
    below: list[Finding] = field(default_factory=list)
    """Open findings that are less sure than `min-confidence` asks for; public ones are in `public` all the same."""

    def everything(self) -> Iterator[Finding]:
        """Yield all findings, whatever becomes of them."""
        yield from self.findings
        yield from self.below
        yield from self.suppressed
        yield from self.public

    @property
    def complete(self) -> bool:
        """False if something that was requested could not be read, or the run was interrupted."""
        return not self.interrupted and all(skipped.expected for skipped in self.skipped)
