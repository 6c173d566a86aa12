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


@dataclass(frozen=True, slots=True)
class Context:
    """One way in which the surroundings can speak for (or against) a match; every stated part must hold.

    All parts are regexes that ignore case and are searched, not matched from the start.
    """

    field: str = ""
    """On the dotted, normalised path of the field that holds the value: `pagerduty_configs.routing_key`."""
    before: str = ""
    """On the text that stands to the left of the value on its line; `$` is where the value starts."""
    after: str = ""
    """On the text that stands to the right of the value on its line; `^` is where the value ends."""
    near: str = ""
    """On the lines around the value (12 before, 8 after)."""
    file: str = ""
    """On the path, with `/` between its parts."""
    value: str = ""
    """On the value itself; this part alone minds case."""
    confidence: Confidence = Confidence.HIGH


@dataclass(frozen=True, slots=True)
class Pair:
    """The partner that makes an identifier worse: with a `rule` match `within` bytes, the label becomes `label`."""

    rule: str
    within: int = 400
    label: Label = Label.SECRET


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of key: its shape, the surroundings that confirm it, and what a reader needs to know about it."""

    id: str
    name: str
    provider: str
    label: Label
    why: str
    """One sentence: why this label, in the vendor's words where there are such."""
    revoke: str
    """Where, by whom, in which order; one or two sentences."""
    references: tuple[str, ...]
    pattern: str
    """A regex over bytes; the key is its group `secret`, or the whole match. Boundaries are added by the loader."""
    keywords: tuple[str, ...]
    """Literals, three bytes or more, case ignored: without one of them, or the `shape`, the pattern is never tried."""
    reach: int
    """How many bytes a match may stand away from a keyword, in both directions."""
    solid: int = 0
    """The least length of a match, where it consists of `alphabet` characters alone; else 0."""
    alphabet: str = ""
    quick: bool = False
    """Whether trying the pattern at one place is over after few steps, whatever stands there: it needs no clock."""
    behind: str = ""
    """A regex, case ignored, that must hold right behind a keyword: for keywords that stand in every file."""
    shape: str = ""
    """A regex, all of whose matches are equally long, that is looked for like a keyword."""
    leading: tuple[str, ...] = ()
    """The keywords with which every match of a solid pattern starts that holds them at all."""
    when: tuple[Context, ...] = ()
    """Alternatives, the first that holds decides; where there are none, the shape alone is proof enough."""
    unless: tuple[Context, ...] = ()
    """Any that holds makes the match no finding."""
    confidence: Confidence = Confidence.HIGH
    """Where `when` is empty."""
    general: bool = False
    """Gives way to any other rule on the same bytes."""
    last: bool = False
    """Gives way to other general rules, too."""
    named: str = ""
    """The kind of name (`general.names.KINDS`) whose values `general` weighs; pattern and keywords only tell then."""
    password: bool = False
    """The value was chosen by a person: it need not look random."""
    checksum: str = ""
    """A function of `checksums`."""
    facts: str = ""
    """A function of `facts`: what the key says of itself."""
    pair: Pair | None = None
    documented: tuple[str, ...] = ()
    """Truncated SHA-256 of values that the vendor's documentation shows: never findings."""
    examples: tuple[str, ...] = ()
    counterexamples: tuple[str, ...] = ()
    off: bool = False
    """Turned off by the user: it still takes its bytes, lest they come back under a more general rule's name."""


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
class Candidate:
    """A rule's regex holds at a place of a blob; `span` is of the key alone."""

    rule: Rule
    span: Span
    secret: bytes = field(repr=False)
    origin: Span | None = None
    """Where the bytes stand in the blob as it is, when they were decoded from something else."""
    steps: tuple[str, ...] = ()
    """How the bytes were decoded, outermost first: `base64`."""


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
    """Something that was not scanned (or not to its end), and why."""

    path: str
    reason: str
    expected: bool = False
    """True where leaving it out was asked for or harmless: the run still counts as complete."""
    repository_path: str = ""
    """As in Location."""


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
