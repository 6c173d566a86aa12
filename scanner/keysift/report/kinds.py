"""The issuers of keys, in the words of a report: a rule without a provider has the kind of its keys instead."""

from __future__ import annotations

from typing import Final

from keysift import lazy
from keysift.model import Rule

_NO_PROVIDERS: Final = frozenset({"", "Any", "Any service", "Credentials", "Private keys"})
"""What our rule files state as `provider` where they have none: rules/any-service.yaml, credentials.yaml, general.yaml,
private-keys.yaml.
"""
_REST = lazy.compile(r"\s*(?:[(,].*|\b(?:as|for|given|in|of|on|with)\b.*)")
"""What a rule's name says behind the kind: `password` of `password in a connection string`."""


def has_provider(rule: Rule) -> bool:
    """Return True if a rule is for the keys of one provider."""
    return rule.provider not in _NO_PROVIDERS


def provider(rule: Rule) -> str:
    """Return the provider of a rule; empty where it has none."""
    return rule.provider if has_provider(rule) else ""


def issuer(rule: Rule) -> str:
    """Return the provider of a rule; where it has none, the kind of its keys: `Private key`, `Password`."""
    if has_provider(rule):
        return rule.provider
    kind = _REST.sub("", rule.name, count=1) or rule.name
    return kind[:1].upper() + kind[1:]
