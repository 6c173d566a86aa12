"""Whatever a scan reports of the examples of rules, `redact` masks."""

import keysift
from keysift import masking
from keysift.model import Finding, Rule
from keysift.rules.generate import instance, unbroken


def shown(finding: Finding, text: str, masked: str) -> bool:
    """Whether four consecutive characters come out, beyond what masking promises, that stand in the key alone."""
    key = finding.secret.decode("utf-8", "replace")
    head, tail = masking._ends(key)
    hidden = key[head : len(key) - tail]
    parts = {hidden[at : at + 4] for at in range(len(hidden) - 3)} - {key[at : at + 4] for at in range(head - 3)}
    return any(part in masked and text.count(part) <= key.count(part) for part in parts)


def test_what_a_scan_reports_is_masked(all_rules: tuple[Rule, ...]) -> None:
    tried = 0
    for rule in all_rules[::6]:
        for example in rule.examples[:1]:
            text = unbroken(instance(example, rule.id)[0])
            report = keysift.scan_bytes(text)
            masked = keysift.redact(text) if report.findings else text
            assert [finding for finding in report.findings if shown(finding, text, masked)] == [], rule.id
            tried += len(report.findings)
    assert tried > 100
