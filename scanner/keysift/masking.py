"""The one redaction: how much of a key may be shown.

The promise, to a reader who must recognise a key and against a stranger who must not learn it:

- the vendor's own prefix stays (`ghp_`, `xoxb-`, `AKIA`: `PUBLIC_PREFIXES`), since it is the same in every key, and so
  do the header and footer of an armoured block (`-----BEGIN RSA PRIVATE KEY-----`);
- of 16 or more characters after it, one in eight stays at the start, at most 3, and one in sixteen at the end, at most
  2; of a key of several lines, none stays after the first line;
- of fewer than 16 characters, none stays.

So no four consecutive characters of the random part are ever shown, and at most 3 of a key of 20 characters.

A rule may have found a part of a value. So in the lines of a file, what belongs to the same token as a key is covered
with it: all that stands without a blank between the name or the quotation mark before it and the end of the literal.

A key may stand beside itself in another form: with escapes, in base64, in hexadecimal, or in one of these within
another (`spelled`). Of such a form there stay as many characters as of the key, and no more than 3 and 2. What was cut
out of it, as the name of a field is, may lack an end: of an encoded text each `FRAGMENT` of a key is covered.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import field

from keysift import lazy, spelled, tokens
from keysift.records import dataclass

STAR = "*"
LONGEST_SHORTENED = 12
"""The most characters of a redacted key that is shortened: enough to recognise it in a list."""
MOST_STARS = 32
"""The most stars in a redacted key, so that the length of a longer key is not shown."""
SHORTEST_IN_LINES = 4
"""A shorter key is hidden where it was found, and is not looked for elsewhere."""
SHORTEST_IN_NAMES = 12
"""A shorter key (`postgres`) reveals nothing in a path or a sentence, and hiding it there would hide the path."""
SHORTEST_PIECE = 8
"""A shorter line of a key of several lines is hidden where the key was found, and is not looked for elsewhere."""
FRAGMENT = 6
"""Characters of the hidden part of a key in a row that an encoded text has of it, and not of something else."""

PUBLIC_PREFIXES = (
    # Addresses: the host is the vendor's, the path or the query is the key.
    "http://", "https://", "https://hooks.slack.com/services/", "https://hooks.slack.com/workflows/",
    "https://discord.com/api/webhooks/", "https://discordapp.com/api/webhooks/",
    "https://chat.googleapis.com/v1/spaces/", "https://events.pagerduty.com/integration/",
    "https://events.eu.pagerduty.com/integration/",
    # Incidents, observability.
    "u+", "e+", "pdus+_0", "pdus+_1", "pdeu+_0", "pdeu+_1", "NRAK-", "NRII-", "NRIQ-", "NRJS-", "glsa_", "glc_",
    "sntrys_", "sntryu_", "hcaik_", "hcxik_", "hcamk_", "dt0c01.", "dt0s01.", "ddapp_", "ddpat_", "phx_", "phs_",
    "bkua_",
    # Clouds.
    "AKIA", "ASIA", "ABIA", "ACCA", "bedrock-api-key-", "AIza", "GOCSPX-", "ya29.", "dop_v1_", "doo_v1_", "dor_v1_",
    "LTAI", "HRKU-", "fm2_", "tskey-api-", "tskey-auth-", "tskey-client-", "tskey-scim-", "tskey-webhook-", "cfat_",
    "cfut_", "sbp_", "sb_secret_", "pscale_tkn_", "pscale_pw_", "pscale_oauth_", "pul-", "hvs.", "hvb.", "hvr.",
    "rdme_",
    # Code and packages.
    "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "gldt-", "glrt-", "glrtr-", "glptt-", "glcbt-",
    "glft-", "glimt-", "glagent-", "glsoat-", "gloas-", "glffct-", "glwt-", "npm_", "pypi-", "rubygems_",
    "dckr_pat_", "dckr_oat_", "sgp_", "CCIPAT_", "CCIPRJ_", "PMAK-", "PMAT-", "squ_", "sqp_", "sqa_", "ATATT3x",
    "ATCTT3x",
    # Talk, tickets, documents.
    "xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxc-", "xoxd-", "xoxe-", "xoxe.xoxb-", "xoxe.xoxp-", "xapp-",
    "lin_api_", "ntn_", "secret_", "figd_", "CFPAT-", "pat-na1-", "pat-eu1-", "whsec_",
    # Money, shops, mail.
    "sk_live_", "sk_test_", "rk_live_", "rk_test_", "pk_live_", "pk_test_", "rzp_live_", "rzp_test_", "sq0atp-",
    "sq0csp-", "sq0idp-", "shpat_", "shpca_", "shppa_", "shpss_", "shippo_live_", "SG.", "xkeysib-", "key-", "re_",
    "duffel_live_",
    # Models.
    "sk-", "sk-proj-", "sk-svcacct-", "sk-admin-", "sk-ant-api03-", "sk-ant-admin01-", "sk-ant-oat01-",
    "sk-ant-ort01-", "hf_", "gsk_", "pplx-", "r8_", "lsv2_pt_", "lsv2_sk_",
    # Forms that many vendors share.
    "AGE-SECRET-KEY-1", "ops_", "eyJ",
)  # fmt: skip
"""The prefixes that all keys of a kind share: as public as the vendor's documentation."""

_HEADER = lazy.compile(r"-----BEGIN [A-Z0-9 ]{1,40}-----")
_FOOTER = lazy.compile(r"-----END [A-Z0-9 ]{1,40}-----\s{0,4}\Z")
_PARTING = str.maketrans("", "", "<>\n")
_AT_ENDS = "".join(map(chr, range(33))) + ".,:;\"\\'"


@dataclass(frozen=True, slots=True)
class _Piece:
    """A key, or one line of it, and how many characters stay at its ends."""

    text: str = field(repr=False)
    head: int
    tail: int


_Index = Mapping[str, Mapping[int, Mapping[str, list[_Piece]]]]
"""By the first four characters, the length and the text: keys of one vendor all begin alike."""
_FEW = 16
_NONE: Mapping[int, Mapping[str, list[_Piece]]] = {}


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys that a report must hide: pieces of at least four characters, by their first four."""

    in_lines: _Index = field(default_factory=dict, repr=False)
    in_names: _Index = field(default_factory=dict, repr=False)
    fragments: frozenset[str] = field(default=frozenset(), repr=False)
    """Each `FRAGMENT` of the hidden parts of those in `in_names`."""
    shown: bool = False
    """True where the user asked to see the keys: nothing is hidden."""


def redact(secret: bytes) -> str:
    """Return a key as one line of printable text, with a star for each character that the module promises to hide.

    There are at most `MOST_STARS` stars.
    """
    text = _readable(secret).strip("\r\n")
    head, tail = _ends(text)
    hidden = len(text) - head - tail
    covered = _cover(text, [(head, head + hidden)])
    shown = covered[:head] + STAR * min(hidden, MOST_STARS) + covered[len(covered) - tail :]
    return "".join(character if character.isprintable() else STAR for character in shown)


def shorten(redacted: str) -> str:
    """Return at most `LONGEST_SHORTENED` characters of a redacted key: its start, three stars and its end.

    Of an armoured block nothing is left: all begin and end alike.
    """
    if redacted.startswith("-----BEGIN"):
        return ""
    if len(redacted) <= LONGEST_SHORTENED:
        return redacted
    start, stars, rest = redacted.partition(STAR)
    end = rest.rpartition(STAR)[2][-2:] if stars else ""
    return f"{start[: LONGEST_SHORTENED - 3 - len(end)]}{STAR * 3}{end}"


def keys(secrets: Iterable[bytes]) -> Keys:
    """Return the keys of a run as `mask` and `mask_name` need them."""
    return _keys(frozenset(secrets))


@functools.lru_cache(1)
def _keys(secrets: frozenset[bytes]) -> Keys:
    """Index keys; the last index is kept, for a report and its summary hide the same keys."""
    texts = {text for secret in secrets for text in (_readable(secret), secret.decode("utf-8", "replace"))}
    in_names = _index(texts.union(map(_as_author, texts)), SHORTEST_IN_NAMES)
    return Keys(_index(texts, SHORTEST_IN_LINES), in_names, _fragments(in_names))


def mask(text: str, hidden: Keys, spans: Iterable[tuple[int, int]] = ()) -> str:
    """Return text of a file with every key in it covered; the number of characters and lines stays the same.

    All occurrences of all keys are covered, those of several lines line by line, and so are `spans` (half-open, in
    characters), whatever their text: there a key was found, maybe in an encoded form. The rest of the token around a
    span is covered as well.
    """
    if hidden.shown:
        return text
    covered = _places(text, hidden.in_lines) + _spelled_places(text, hidden.in_lines, hidden.fragments, name=False)
    for start, end in spans:
        head, tail = _ends(text[start:end])
        first, last = tokens.around(text, start, end)
        covered += [(start + head, end - tail), (first, start), (end, last)]
    return _cover(text, covered)


def mask_name(text: str, hidden: Keys) -> str:
    """Return a path, or a sentence about a finding, with each key of `SHORTEST_IN_NAMES` characters or more covered."""
    if hidden.shown or not hidden.in_names:
        return text
    return _cover(
        text, _places(text, hidden.in_names) + _spelled_places(text, hidden.in_names, hidden.fragments, name=True)
    )


def _readable(secret: bytes) -> str:
    """Decode a key as `locate` decodes files: an undecodable byte is one character."""
    return secret.decode("utf-8", "surrogateescape")


@functools.lru_cache(4096)
def _ends(text: str) -> tuple[int, int]:
    """Return how many characters stay at the start and at the end of a key."""
    if header := _HEADER.match(text):
        footer = _FOOTER.search(text, header.end())
        return header.end(), len(text) - footer.start() if footer else 0
    public = 0
    if text.startswith(PUBLIC_PREFIXES):
        public = max(len(prefix) for prefix in PUBLIC_PREFIXES if text.startswith(prefix))
    rest = len(text) - public
    if rest < 16:
        return public, 0
    head = public + min(3, rest // 8)
    first, *more_lines = text.split("\n", 1)
    return (min(head, len(first)), 0) if more_lines else (head, min(2, rest // 16))


def _index(texts: set[str], shortest: int) -> _Index:
    pieces: dict[str, dict[int, dict[str, list[_Piece]]]] = {}
    for text in sorted(texts):
        for piece in _pieces(text, shortest):
            same_length = pieces.setdefault(piece.text[:4], {}).setdefault(len(piece.text), {})
            same_length.setdefault(piece.text, []).append(piece)
    return pieces


def _as_author(text: str) -> str:
    """Return a text as git keeps it in an author (`ident.c`): without what parts name and address, or ends them."""
    return text.translate(_PARTING).strip(_AT_ENDS)


def _pieces(text: str, shortest: int) -> list[_Piece]:
    """Return a key in one piece and, where it has several lines, each of them without its indentation."""
    head, tail = _ends(text)
    pieces = [_Piece(text, head, tail)] if len(text) >= shortest else []
    if "\n" not in text:
        return pieces
    end = 0
    for line in text.split("\n"):
        start, end = end, end + len(line) + 1
        bare = line.strip()
        start += len(line) - len(line.lstrip())
        kept = max(0, start + len(bare) - (len(text) - tail))
        if len(bare) >= max(shortest, SHORTEST_PIECE):
            pieces.append(_Piece(bare, min(max(0, head - start), len(bare)), min(kept, len(bare))))
    return pieces


def _places(text: str, index: _Index) -> list[tuple[int, int]]:
    """Return what to cover of each occurrence of a key, including overlapping ones (half-open, in characters)."""
    return [
        (start + piece.head, start + len(piece.text) - piece.tail)
        for start in _starts(text, index)
        for length, pieces in index.get(text[start : start + 4], _NONE).items()
        for piece in pieces.get(text[start : start + length], ())
    ]


def _fragments(index: _Index) -> frozenset[str]:
    """Return each `FRAGMENT` of what is hidden of the keys."""
    fragments: set[str] = set()
    for same_start in index.values():
        for same_length in same_start.values():
            for text, pieces in same_length.items():
                end = len(text) - pieces[0].tail - FRAGMENT + 1
                fragments.update([text[start : start + FRAGMENT] for start in range(pieces[0].head, end)])
    return frozenset(fragments)


def _spelled_places(text: str, index: _Index, fragments: frozenset[str], *, name: bool) -> list[tuple[int, int]]:
    """Return where a key stands in another form, as far as that is longer than the key itself."""
    if not index:
        return []
    places: list[tuple[int, int]] = []
    for reading in spelled.readings(text, name=name):
        starts, ends = reading.starts, reading.ends
        places += (
            (starts[start] + min(piece.head, 3), ends[start + length - 1] - piece.tail)
            for start in _starts(reading.text, index)
            for length, pieces in index.get(reading.text[start : start + 4], _NONE).items()
            if length >= SHORTEST_PIECE
            for piece in pieces.get(reading.text[start : start + length], ())
        )
        places += (
            (starts[start], ends[start + FRAGMENT - 1])
            for start in range(len(reading.text) - FRAGMENT + 1 if fragments else 0)
            if reading.text[start : start + FRAGMENT] in fragments
            and ends[start + FRAGMENT - 1] - starts[start] > FRAGMENT  # else it stands there as it is
        )
    return places


def _starts(text: str, index: _Index) -> Iterable[int]:
    """Return the offsets at which a key may start: found by the first characters, as long as those are few."""
    if len(index) > _FEW:
        return range(len(text) - 3)
    return [match.start() for start in index for match in re.finditer(f"(?={re.escape(start)})", text)]


def _cover(text: str, places: list[tuple[int, int]]) -> str:
    """Replace each character of the places by a star, except line ends."""
    if not places:
        return text
    characters = list(text)
    done = 0
    for start, end in sorted(places):
        for position in range(max(start, done), min(end, len(characters))):
            if characters[position] not in "\r\n":
                characters[position] = STAR
        done = max(done, end)
    return "".join(characters)
