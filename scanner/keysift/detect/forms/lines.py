"""Candidate -> the reason if its name, its line or the lines around it say that it is a digest, an id or encrypted.

Lists of checksums are told by what they say and by how their lines look, not only by the names of files: an algorithm
right before a digest, a file name right behind it (coreutils), names and digests below a heading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from keysift import lazy
from keysift.detect.forms.form import BASE58
from keysift.detect.surroundings import Surroundings

_SIZES = frozenset({32, 40, 56, 64, 96, 128})
"""Hexadecimal digits of MD5, SHA-1, SHA-224, SHA-256, SHA-384 and SHA-512."""
_HEX = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_BASE64 = re.compile(
    r"[0-9A-Za-z+/]{22}==|[0-9A-Za-z+/]{27}=|[0-9A-Za-z+/_-]{43}=?|[0-9A-Za-z+/]{64}|[0-9A-Za-z+/]{86}=="
)
"""Of MD5, SHA-1, SHA-256, SHA-384 and SHA-512."""
_ENCODED = re.compile(r"[0-9a-f]{20,}|[0-9A-F]{20,}|[0-9A-Za-z+/_-]{16,}={0,2}")
_ALGORITHM = lazy.compile(
    r"(?i)(?:^|[^a-z])(?:sha-?\d{1,3}|md5|h1|zh|rmd160|ripemd160|blake\d\w{0,2}|xxh\d{0,3}|crc\d{0,2}"
    r"|checksum|chksum)(?:sums?|[-_]?digest)?"
    r"(?:[-_]hex)?[ \t]?(?:\([^()\n]{1,200}\)[ \t]?)?[\"'\\]{0,2}[ \t]{0,3}"
    r"(?:=>|[:=]|[-/]|(?<=[ \t]))[ \t]{0,3}[\"'(\[]{0,2}$"
)
"""The name of an algorithm, as it stands right before its digest; also as BSD tools write it, `SHA256 (file) = `."""
_FILE_BEHIND = lazy.compile(r"[ \t][ \t*]\.{0,2}/?[\w@+~-][^\s:=]*[ \t\r]*$")
"""What `sha256sum` writes behind a digest: a mark and the name of the file."""
_DIGEST_FIELD = lazy.compile(
    r"(?:^|[._])(?:md_?5|sha_?\d{0,3}|checksum|check_sum|chksum|digest|fingerprint|thumbprint|etag|integrity|(?<!api_)(?<!app_)hash(?:es)?)"
    r"(?:_?(?:sums?|hex|base_?64|b64|value|\d{1,3}))*$"
    r"|(?:^|[._])pin(?:s|ned|ning)?(?:_(?!\w*(?:api|token|secret|pass))\w+)?$"
    r"|(?:^|[._/])(?:hashed|md_?5_of|sha_?\d{1,3}_of)_\w+$"
    r"|(?:^|[._])\w*(?:checksum|chksum)s?(?:[./]|$)|(?:^|[._])sec_web_?socket_(?:key|accept)$"
)
"""Of a field, written as rules compare it: it holds a digest, of whatever."""
_DIGESTS_BELOW = lazy.compile(
    r"(?:^|\.)\w*(?:checksums?|hashes|hash_?(?:table|map)|digests|shas|sha_?\d{1,3}(?:_?sums)?|md5_?sums|integrit(?:y|ies)|fingerprints|thumbprints|etags)\."
)
_IDS = frozenset({16, 18, 40, 42})
"""Characters of the id or the fingerprint of an OpenPGP key, with `0x` in front or not."""
_SEALED_FIELD = lazy.compile(
    r"(?:^|[._])(?:encrypted|crypted|enciphered|wrapped|sealed)(?:_[a-z0-9]+){0,2}$|(?:^|[._])auth(?:entication)?_?tag$"
    r"|_(?:encrypted|enciphered|enc|cipher|cipher_?text|wrapped|sealed)(?:_(?:value|text|data|blob|base64|iv))?$"
    r"|(?:^|\.)cipher_?(?:value|data)$"
)
_PUBLIC_FIELD = lazy.compile(
    r"(?:^|[._])(?:site_?key|publishable(?:_\w*)?_key)$|pub(?:lic)?_?key\.(?:\w+\.)?(?:key|value)$"
)
_BROKER_FIELD = lazy.compile(r"(?:rabbit|amqp|queue_?binding)\w*\.(?:\w+\.)?key$|binding_?(?:routing_)?keys?$")
_ADDRESS = re.compile(rf"0x[0-9a-fA-F]{{40}}|[{BASE58}]{{43,44}}")
"""Addresses of Ethereum, and of Solana: 20 and 32 bytes (https://eips.ethereum.org/EIPS/eip-55)."""
_ADDRESS_FIELD = lazy.compile(r"(?:mint|program|address|contract|wallet|owner|validator)(?:_?id)?$")
_NO_ADDRESS = lazy.compile(r"secret|captcha|pass|priv|api")
_PUBLIC_BEFORE = lazy.compile(r"\b(?:nodekey|mkey|discokey|tlpub):$|\bbytes32\b[^\n=]{0,80}=\s*$")
"""Right before a public key of Tailscale, or before a constant in Solidity."""
_FILE_NAME = lazy.compile(
    r"\.(?:[cm]?[jt]sx?|css|html?|json|ya?ml|xml|py|rb|png|jpe?g|svg|woff2?|wasm|txt|jar|zip|t?gz|whl|dll|exe|pkl|csv)$"
)
_KEY = lazy.compile(r"(?:^|\.)key$")
_INCIDENT = lazy.compile(r"(?i)\b(?:incident|dedup|alert)_?key\b")
_INCIDENT_BEFORE = lazy.compile(
    r"(?i)\b(?:(?:incident|alert|dedup(?:lication)?)[ _-]?key\b[^\n0-9a-f]{0,20}"
    r"|(?:incident|event processed)\b[ ,A-Za-z]{0,20} key\W{1,4})$"
)
_ENTITY_TAG_BEFORE = lazy.compile(r"\bW/\\?[\"']$")
_TIME = re.compile(r"\d{4,13}(?:\.\d{1,6})?|\d{4}-\d\d-\d\d(?:[T ][\d:.]{4,15}(?:Z|[+-]\d\d:?\d\d)?)?")
_TIME_FIELD = lazy.compile(r"(?:time(?:stamp)?|date|expir\w*|_at|ttl|since|until)$")
_HEADING = lazy.compile(r"(?i)checksum|hash(?:es)?\b|digest|\bshas?\d{0,3}(?:sums?)?\b|\bmd5(?:sums?)?\b|integrity")
_LISTED = re.compile(r"(?m)(?<![0-9a-fA-F])[0-9a-fA-F]{32,128}(?=[\"',; \t\r]*$)")
_NAMED_SO = re.compile(r"[ \t]*[\"'-]{0,2}(?P<name>[\w@./+-][\w@./+ -]{0,79}?)[\"']?[ \t]*(?:=>|[:=,])?[ \t]*[\"']?")
_NAMES_A_KEY = lazy.compile(r"(?i)secret|pass|pwd|private|key|token|auth|cred|api|access")
_LEAST_OTHERS = 2
"""Digests of the same length on the lines around one, behind names that name no key, that make a list."""
_LIST_FILE = lazy.compile(
    r"(?i)(?:lock|resolved|sums?|checksums?|hashes|digests|manifest|record|integrity)(?:\.[a-z]{2,6})?$"
)
_DIGEST_FILE = lazy.compile(
    r"(?i)(?:^|[/._-])(?:checksums?|hash(?:es)?|digests?|(?:md5|sha\d{0,3})(?:sums?)?)(?:\.\w{2,6}){0,2}$"
)
_LONGEST_HEAD = 120
"""Characters before a digest on its line."""
_NEAR = 1500
"""Characters before and after a digest that are looked at for others."""
_KEY_ID = re.compile(
    r"(?:0x)?(?:[0-9A-F]{40}|[0-9A-F]{16})(?:[\s,]+(?:0x)?(?:[0-9A-F]{40}|[0-9A-F]{16}))*"
    r"|(?:[0-9A-F]{4}[ \t]{1,2}){9}[0-9A-F]{4}"
)
"""Ids and fingerprints of OpenPGP keys (RFC 9580, 5.5.4), as tools write them."""
_KEY_ID_LOWER = re.compile(r"(?:0x)?(?:[0-9a-f]{40}|[0-9a-f]{16})")
_KEY_FIELD = lazy.compile(r"(?:^|[._-])\w*keys?(?:_?(?:ids?|name|fingerprint|fpr|\d{1,2}))?$")
_ACCESS = lazy.compile(
    r"api|secret|access|private|auth|crypt|(?:^|_)enc_|cipher|hash|integrity|salt|client|token|app_|service|account|master|session"
    r"|hmac|aes|des_|license|rest_|pass|jwt|cookie|\bsk\b"
)
_PASSPHRASE = lazy.compile(r"pass|phrase|secret|token|pwd")
_GPG = lazy.compile(r"(?i)gpg|pgp|gnupg|keyserver|recv-keys?|apt[-_]key|rpm_key|trusted-key|ignored-key")
_SIGNED = lazy.compile(r"(?i)sign(?:ing|ed|atures?)|keyring|sops|maintainer|fingerprint|rpm")


def said(around: Surroundings, path: str | None) -> str:
    """Return what name, line and lines around say a value is, as the reason why it is no key; empty if nothing."""
    value = around.value.removesuffix("\\n")
    if _may_be_ids(value) and (reason := _key_id(around)):
        return reason
    if _TIME.fullmatch(value):
        return "a time" if _TIME_FIELD.search(around.ending) else ""
    if not _ENCODED.fullmatch(value):
        return ""
    field = around.field.path
    return _by_neighbours(around, field) or _by_field(field, value) or _by_line(around, value, path)


def _by_neighbours(around: Surroundings, field: str) -> str:
    """Return the reason in the words right before or right behind a value of any length."""
    if _PUBLIC_BEFORE.search(around.before[-120:]):
        return "a public key, or a constant"
    if _ENTITY_TAG_BEFORE.search(around.before[-8:]):
        return "an entity tag"
    if _INCIDENT_BEFORE.search(around.before[-120:]) or (_KEY.search(field) and _INCIDENT.search(around.after[:120])):
        return "the key of an incident"
    return ""


def _by_field(field: str, value: str) -> str:
    """Return the reason in the path of the field."""
    if _ADDRESS.fullmatch(value) and not _NO_ADDRESS.search(field):
        return "an address" if value.startswith("0x") or _ADDRESS_FIELD.search(field) else ""
    if _SEALED_FIELD.search(field):
        return "an encrypted value, by the name of its field"
    if _PUBLIC_FIELD.search(field):
        return "meant to be seen, by the name of its field"
    if _BROKER_FIELD.search(field):
        return "the routing key of a broker"
    below = _DIGESTS_BELOW.search(field) and _HEX.fullmatch(value)
    return "a digest, by the name of its field" if below or (_is_digest(value) and _DIGEST_FIELD.search(field)) else ""


def _by_line(around: Surroundings, value: str, path: str | None) -> str:
    """Return the reason in the line, in those around it, or in the name of the file."""
    if not _is_digest(value):
        return ""
    if _FILE_NAME.search(around.leaf.name):
        return "the digest of a file, whose name is before it"
    if _ALGORITHM.search(around.before[-240:]):
        return "a digest, behind the name of its algorithm"
    if not around.before.strip() and _FILE_BEHIND.match(around.after):
        return "the checksum of a file, whose name is behind it"
    return "one of a list of digests" if _listed(around, path) else ""


def _may_be_ids(value: str) -> bool:
    """Return True if a value is as long as one id of an OpenPGP key, or may be several."""
    return len(value) in _IDS or " " in value or "," in value


def _is_digest(value: str) -> bool:
    """Return True if a value is as long as digests are, and written as they are."""
    return bool(len(value) in _SIZES and _HEX.fullmatch(value)) or bool(_BASE64.fullmatch(value))


def _listed(around: Surroundings, path: str | None) -> bool:
    """Return True if the lines around a digest have the same form, and something says that they are digests."""
    if path and _DIGEST_FILE.search(path) and not around.leaf.name.isupper():  # a variable is no entry of a list
        return True
    before, after = around.left[-_NEAR:], around.right[:_NEAR]
    if not (_HEADING.search(before) or (path and _LIST_FILE.search(path))):
        return False  # first, for reading the lines takes a hundred times as long
    length = len(around.value)
    names = [name for text in (before, after) for name in _names_of_digests(text, length)]
    return sum(not _NAMES_A_KEY.search(name) for name in names) >= _LEAST_OTHERS


def _names_of_digests(text: str, length: int) -> Iterator[str]:
    """Yield what stands before each digest of this length that ends a line."""
    for digest in _LISTED.finditer(text):
        head = text[text.rfind("\n", 0, digest.start()) + 1 : digest.start()]
        if len(digest[0]) == length and len(head) <= _LONGEST_HEAD and (named := _NAMED_SO.fullmatch(head)):
            yield named["name"]


def _key_id(around: Surroundings) -> str:
    """Return a reason if a value is the id or the fingerprint of an OpenPGP key."""
    value = around.value.strip()
    upper = _KEY_ID.fullmatch(value)
    if not (upper or _KEY_ID_LOWER.fullmatch(value)):
        return ""
    name = around.field.path.rpartition(".")[2]
    if _PASSPHRASE.search(name):
        return ""
    if _GPG.search(name) or (_GPG.search(around.before) and not _ACCESS.search(name)):
        return "the id of an OpenPGP key"
    if not upper or _ACCESS.search(around.field.path):
        return ""
    named = _KEY_FIELD.search(name) or _SIGNED.search(name) or _SIGNED.search(around.before)
    return "the id of an OpenPGP key" if named else ""
