"""The stable identity of a finding."""

from __future__ import annotations

import hashlib


def fingerprint(rule_id: str, secret: bytes) -> str:
    """32 hex digits from rule and secret: the same over edits, moves and renames.

    A one-way hash; whoever can guess the secret can confirm the guess, as with any stable fingerprint.
    """
    return hashlib.blake2b(secret, digest_size=16, key=rule_id.encode()[:64], person=b"keysift/1").hexdigest()
