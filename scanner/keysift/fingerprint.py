"""Gives findings a stable identity."""

from __future__ import annotations

import hashlib


def fingerprint(rule_id: str, secret: bytes) -> str:
    """Return 32 hex digits for a rule and a secret, which stay the same through edits, moves and renames.

    They are a one-way hash, but whoever guesses the secret can confirm the guess, as with any stable fingerprint.
    """
    return hashlib.blake2b(secret, digest_size=16, key=rule_id.encode()[:64], person=b"keysift/1").hexdigest()
