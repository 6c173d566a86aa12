"""The one redaction: what of a key may be shown.

The promise, for a reader who must recognise a key and a stranger who must not learn it:

- the vendor's own prefix stays (`ghp_`, `xoxb-`, `AKIA`: `PUBLIC_PREFIXES`), for it is the same in every key,
  and so do the header and footer of an armoured block (`-----BEGIN RSA PRIVATE KEY-----`);
- of the n characters behind it, where there are 16 or more, one in eight stays at the start, at most 3,
  and one in sixteen at the end, at most 2; of a key of several lines only what stands on the first stays;
- where there are fewer than 16, none stays.

So of the random part no four consecutive characters are ever shown, and of a key of 20 characters 3 at most.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

STAR = "*"
MOST_STARS = 32
"""A redacted key is no longer than its prefix, its ends and this."""
SHORTEST_IN_LINES = 4
"""A shorter key hides where it was found, and is not looked for elsewhere."""
SHORTEST_IN_NAMES = 12
"""A shorter key (`postgres`) says nothing in a path or a sentence, and hiding it there would hide the path."""
SHORTEST_PIECE = 8
"""A shorter line of a key of several lines is hidden where the key was found, and is not looked for elsewhere."""

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
"""What every key of a kind starts with: as public as the vendor's documentation."""

_HEADER = re.compile(r"-----BEGIN [A-Z0-9 ]{1,40}-----")
_FOOTER = re.compile(r"-----END [A-Z0-9 ]{1,40}-----\s{0,4}\Z")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A key, or one line of it, and how much of its ends stays."""

    text: str = field(repr=False)
    head: int
    tail: int


_Index = Mapping[str, Mapping[int, Mapping[str, list[_Piece]]]]
"""The first four characters -> the length -> the text: keys of one vendor all start alike."""
_FEW = 16
_NONE: Mapping[int, Mapping[str, list[_Piece]]] = {}


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys that a report must hide: pieces of at least four characters, by their first four."""

    in_lines: _Index = field(default_factory=dict, repr=False)
    in_names: _Index = field(default_factory=dict, repr=False)
    shown: bool = False
    """True where the user asked to see the keys: nothing is hidden."""


def redact(secret: bytes) -> str:
    """One line of printable text that shows of a key what the module promises, and a star for each other character.

    No more than `MOST_STARS` stars: the length of a longer key is not shown.
    """
    text = _readable(secret).strip("\r\n")
    head, tail = _ends(text)
    hidden = len(text) - head - tail
    covered = _cover(text, [(head, head + hidden)])
    shown = covered[:head] + STAR * min(hidden, MOST_STARS) + covered[len(covered) - tail :]
    return "".join(character if character.isprintable() else STAR for character in shown)


def keys(secrets: Iterable[bytes]) -> Keys:
    """What `mask` and `mask_name` need, made once a run, of all its keys."""
    unique = sorted(set(secrets))
    return Keys(_index(unique, SHORTEST_IN_LINES), _index(unique, SHORTEST_IN_NAMES))


def mask(text: str, hidden: Keys, spans: Iterable[tuple[int, int]] = ()) -> str:
    """Text of a file, of as many characters and lines, with every key in it covered.

    Covered are all places of all keys, the lines of a key of several lines one by one, and `spans` (half-open, in
    characters) whatever stands there: a key that was found in an encoded form.
    """
    if hidden.shown:
        return text
    covered = _places(text, hidden.in_lines)
    for start, end in spans:
        head, tail = _ends(text[start:end])
        covered.append((start + head, end - tail))
    return _cover(text, covered)


def mask_name(text: str, hidden: Keys) -> str:
    """A path, or a sentence about a finding, with every key of `SHORTEST_IN_NAMES` characters or more covered."""
    return text if hidden.shown else _cover(text, _places(text, hidden.in_names))


def _readable(secret: bytes) -> str:
    """As `locate` decodes files: an undecodable byte is one character."""
    return secret.decode("utf-8", "surrogateescape")


@functools.lru_cache(4096)
def _ends(text: str) -> tuple[int, int]:
    """How many characters at the start and at the end of a key stay."""
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


def _index(secrets: list[bytes], shortest: int) -> _Index:
    pieces: dict[str, dict[int, dict[str, list[_Piece]]]] = {}
    for secret in secrets:
        for text in {_readable(secret), secret.decode("utf-8", "replace")}:
            for piece in _pieces(text, shortest):
                same_length = pieces.setdefault(piece.text[:4], {}).setdefault(len(piece.text), {})
                same_length.setdefault(piece.text, []).append(piece)
    return pieces


def _pieces(text: str, shortest: int) -> list[_Piece]:
    """A key in one piece, and where it has several lines, each of them without its indentation."""
    head, tail = _ends(text)
    found = [_Piece(text, head, tail)] if len(text) >= shortest else []
    if "\n" not in text:
        return found
    end = 0
    for line in text.split("\n"):
        start, end = end, end + len(line) + 1
        bare = line.strip()
        start += len(line) - len(line.lstrip())
        kept = max(0, start + len(bare) - (len(text) - tail))
        if len(bare) >= max(shortest, SHORTEST_PIECE):
            found.append(_Piece(bare, min(max(0, head - start), len(bare)), min(kept, len(bare))))
    return found


def _places(text: str, index: _Index) -> list[tuple[int, int]]:
    """What to cover of every occurrence, overlapping ones included."""
    return [
        (start + piece.head, start + len(piece.text) - piece.tail)
        for start in _starts(text, index)
        for length, pieces in index.get(text[start : start + 4], _NONE).items()
        for piece in pieces.get(text[start : start + length], ())
    ]


def _starts(text: str, index: _Index) -> Iterable[int]:
    """Where a key may start: found by the first characters while these are few."""
    if len(index) > _FEW:
        return range(len(text) - 3)
    return [found.start() for start in index for found in re.finditer(f"(?={re.escape(start)})", text)]


def _cover(text: str, places: list[tuple[int, int]]) -> str:
    """A star for each character of the places, but line ends stay."""
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
