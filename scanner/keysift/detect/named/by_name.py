"""Tells by the words of a name that its value is no key: `token_url`, `public_key`, `page_token`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from keysift.detect.named import names
from keysift.detect.named.candidates import Place

_OTHER = frozenset({
    "id", "ids", "name", "names", "url", "uri", "path", "file", "filename", "dir", "type", "field", "label",
    "length", "header", "prefix", "suffix", "size", "count", "index", "algorithm", "alg", "expires", "expiry",
    "expiration", "ttl", "method", "class", "param", "text", "title", "message", "msg", "error", "format", "hash",
    "sha", "md5", "digest", "fingerprint", "checksum", "signature", "nonce", "hint", "column", "attribute",
    "version", "endpoint", "host", "user", "username", "env", "envvar", "variable", "arn", "ref", "at", "uuid",
    "guid",
})  # fmt: skip
"""Last words of names whose value is not the key itself."""
_HARMLESS = frozenset({
    "public", "pub", "pubkey", "foreign", "primary", "sort", "cache", "partition", "hot", "routing", "dedup",
    "incident", "idempotency", "alert", "object", "row", "column", "group", "translation", "i18n", "keyboard",
    "license", "placeholder", "project", "encrypted", "hashed", "pagination", "continuation",
    "spreadsheet", "worksheet", "document", "playlist", "calendar", "folder", "survey",
    "csrf", "xsrf", "authenticity", "antiforgery",
})  # fmt: skip
"""Words of names whose value gives no access."""
_SALTS = frozenset({
    "hash", "hashing", "hashids", "auth", "password", "passwords", "pwd", "secret", "token", "cookie", "session",
    "app", "application", "site", "global", "security", "logged", "nonce", "key", "crypt", "encryption",
})  # fmt: skip
"""Words before `salt` where it is the secret of an application, not a part of one hash."""
_PLACES = frozenset({("page", "token"), ("page", "key"), ("key", "exchange"), ("file", "key")})
"""Last two words of names: a place in a list of pages, the way to agree on keys, or which file it is."""
_WORD_BEFORE = re.compile(r"([A-Za-z]{2,20}) $")


def reason(place: Place) -> str:
    """Return what the name, or the word before it in prose (`incident key: ...`), says against a key."""
    name = place.candidate.name
    parts = names.words(name)
    if (
        parts[-1] in _OTHER
        or name.startswith("urn:")
        or tuple(parts[-2:]) in _PLACES
        or ("salt" in parts and (parts[-1] != "salt" or _SALTS.isdisjoint(parts[:-1])))
        or not _HARMLESS.isdisjoint((*parts, _word_before(place, parts)))
    ):
        return f"the name '{name}' stands for something other than a key"
    return ""


def _word_before(place: Place, parts: Sequence[str]) -> str:
    """Return the word before the name in prose; no modifier, as in `public $password`."""
    earlier = _WORD_BEFORE.search(place.before[: max(0, place.before.rfind(place.candidate.name))])
    word = earlier[1].lower() if earlier else ""
    return "" if word == "public" and (len(parts) > 1 or names.kind(parts) != "key") else word
