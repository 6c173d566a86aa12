"""`rules/CATALOGUE.md` lists every rule.

To renew it: KEYSIFT_RENEW_GOLDEN=1 python -m pytest tests/test_catalogue.py
"""

import os
from collections.abc import Iterable
from itertools import groupby

from keysift.model import Rule
from keysift.rules import ruleset

CATALOGUE = ruleset.SOURCES / "CATALOGUE.md"
HEAD = """\
# The rules

{rules:,} rules for {providers:,} providers, made from the files of this folder (tests/test_catalogue.py says how).
`keysift rules show ID` has the reasons, the way to revoke and the sources of each. The confidence is the highest that a
rule can reach.

| provider | label | confidence | rule | finds |
|---|---|---|---|---|
"""


def catalogue(loaded: Iterable[Rule]) -> str:
    """One row a rule, by provider, in the order of their files."""
    ordered = sorted(loaded, key=lambda rule: (rule.provider.casefold(), rule.provider))
    groups = [(provider, list(group)) for provider, group in groupby(ordered, lambda rule: rule.provider)]
    head = HEAD.format(rules=len(ordered), providers=len(groups))
    return head + "".join(row(rule, first=not number) for _, group in groups for number, rule in enumerate(group))


def row(rule: Rule, *, first: bool) -> str:
    """The provider stands in the first of its rows."""
    provider, name = (text.replace("|", "\\|") for text in (rule.provider, rule.name))
    return f"| {provider if first else ''} | {rule.label} | {rule.best_confidence} | `{rule.id}` | {name} |\n"


def test_catalogue_is_up_to_date() -> None:
    made = catalogue(ruleset.load())
    if os.environ.get("KEYSIFT_RENEW_GOLDEN"):
        CATALOGUE.write_text(made, encoding="utf-8", newline="\n")
    assert CATALOGUE.read_text(encoding="utf-8") == made
