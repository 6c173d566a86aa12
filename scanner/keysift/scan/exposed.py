"""A file whose name says that it holds keys -> whether there is one in it: certificates and templates have none."""

# Paths are strings, as in the rooms that list them.
# ruff: noqa: PTH118, PTH123

from __future__ import annotations

import json
import os

from keysift import lazy
from keysift.detect import signals
from keysift.detect.named import names

LARGEST = 1 << 16
"""Bytes of a file that is looked into; a longer one is not taken for empty."""
_PEM = lazy.compile(rb"-----BEGIN ([A-Z0-9 ]{1,60})-----")
"""https://www.rfc-editor.org/rfc/rfc7468."""
_PRIVATE_NAMES = lazy.compile(r"(?i)(?:^|/)id_[a-z0-9]+$|\.(?:pem|key)$")
_SETTINGS_NAMES = lazy.compile(r"(?i)(?:^|[/.])(?:env|envrc|npmrc|tfvars|pypirc|s3cfg|boto|netrc)(?:\.[\w.]+)?$")
_STATE_NAMES = lazy.compile(r"(?i)\.tfstate(?:\.[\w.]+)?$")
_SCHEMA_NAMES = lazy.compile(r"(?i)\.sql$")
_ROWS = lazy.compile(
    r"(?i)\b(?:insert|replace)\s+into\b|\bcopy\s+[\w.\"]+|\bload\s+data\b|\b(?:password|identified)\b"
    r"|\bupdate\s+[\w.\"`]+\s+set\b"
)
"""What puts rows into tables, or makes users."""
_SETTING = lazy.compile(r"(?:export\s+)?(?P<name>[\w.:/@-]{1,80})\s*=\s*(?P<value>.*)")
_PLAIN = lazy.compile(
    r"(?i)(?:change[-_ ]?(?:me|it|this)|secret|password|passwd|token|key|root|admin|user|test|none|x+|\*+|\.+|-+)?"
)
"""Values that stand for a key, or that someone is asked to change."""
_SIGNS_IN = lazy.compile(r"://[^\s/@]*:(?P<password>[^\s/@]+)@")
_BETWEEN = lazy.compile(r"[/?&=:;,]")
"""What is between the parts of an address."""
_LONG = 16


def holds_nothing(root: str, path: str) -> bool:
    """Return True if a file is empty, or has certificates or stand-ins alone; False if that cannot be told."""
    try:
        with open(os.path.join(root, path), "rb") as file:
            data = file.read(LARGEST + 1)
    except OSError:
        return False
    if not data.strip():
        return True
    if len(data) > LARGEST or b"\0" in data:
        return False
    if labels := _PEM.findall(data):
        return not any(b"PRIVATE" in label for label in labels)
    text = data.decode("utf-8", "replace")
    return any(named.search(path) and is_empty(text) for named, is_empty in _BY_NAME)


def _is_empty_state(text: str) -> bool:
    """Return True for the state of Terraform when there is nothing: https://developer.hashicorp.com/terraform/language/state."""
    try:
        state = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(state, dict) and not (state.get("resources", True) or state.get("outputs", True))


def _is_schema(text: str) -> bool:
    """Return True for SQL that makes tables but puts nothing into them."""
    return not _ROWS.search(text)


def _is_template(text: str) -> bool:
    """Return True for settings of which none is a key: stand-ins, and what is no secret."""
    settings = 0
    for line in map(str.strip, text.splitlines()):
        if not line or line[0] in "#;[":
            continue
        setting = _SETTING.fullmatch(line)
        if not setting:
            return False
        value = setting["value"].partition(" #")[0].strip().strip("\"'")
        tells = bool(names.kind(names.words(setting["name"])))
        if not _is_harmless(value, tells=tells):
            return False
        settings += 1
    return settings > 0


def _is_harmless(value: str, *, tells: bool) -> bool:
    """Return True for a stand-in, and, where the name does not tell of a key, for what is no key."""
    if signs_in := _SIGNS_IN.search(value):
        return _is_stand_in(signs_in["password"])
    if _is_stand_in(value):
        return True
    parts = _BETWEEN.split(value)
    return not (tells or any(len(part) >= _LONG and signals.looks_random(part) for part in parts))


def _is_stand_in(value: str) -> bool:
    """Return True for what stands for a key: nothing, a reference, a placeholder."""
    return bool(_PLAIN.fullmatch(value) or signals.reference(value) or signals.placeholder(value))


_BY_NAME = (
    (_STATE_NAMES, _is_empty_state),
    (_SCHEMA_NAMES, _is_schema),
    (_PRIVATE_NAMES, lambda text: _is_stand_in(text.strip())),
    (_SETTINGS_NAMES, _is_template),
)
"""How files with a name are looked into."""
