"""Whose audit it was, and under what: whether what is remembered of one holds for another."""

from __future__ import annotations

import hashlib
import os

from keysift.detect.matcher import Matcher
from keysift.git.objects import identify
from keysift.git.repository import Repository
from keysift.history.remembered import records
from keysift.history.remembered.records import Header
from keysift.version import VERSION


def make_header(repository: Repository, matcher: Matcher, limit: int, identity: str) -> Header:
    """Return the header of an audit that reads objects of up to so many bytes."""
    path = hashlib.blake2b(os.fsencode(repository.common_directory), digest_size=16).digest()
    rules = matcher.rules
    return Header(
        records.FORMAT, VERSION, rules.digest(), limit, identity, path, [], shallow=repository.shallow, when="",
        each=rules.digests(), off=sorted(rules.off),
    )  # fmt: skip


def is_same(before: Header, now: Header, repository: Repository) -> bool:
    """Return True if both are of the same repository: by its name, its place, or one of its first commits."""
    if before.path == now.path or (now.identity and before.identity == now.identity):
        return True
    return any(oid for oid, _ in identify(repository.path, before.roots))


def find_fault(before: Header, now: Header) -> str:
    """Return why what is remembered does not hold; empty if it does."""
    if before.format != now.format or before.version != now.version:
        return f"it is of keysift {before.version}"
    if before.limit > now.limit:
        return f"its --max-file-size was larger, {before.limit:,} bytes"
    if before.shallow != now.shallow:
        return "it is of a clone with another depth"
    return ""
