"""The exit code of a run: which labels fail it, and at which threshold a finding counts."""

from __future__ import annotations

from keysift.accept.acceptances import Acceptances, accepted
from keysift.files.naming import Naming
from keysift.model import Finding, Label, Run, ScanResult

FAIL_ON = {
    "secret": (Label.SECRET,),
    "sensitive": (Label.SECRET, Label.SENSITIVE),
    "never": (),
}
"""The labels that fail a run, by the value of `--fail-on`."""


def exit_code(run: Run, fail_on: str) -> int:
    """Return 130 if interrupted, 1 with findings at or above the threshold, 3 if incomplete, else 0; in this order."""
    if run.interrupted:
        return 130
    for finding in run.findings:
        thresholds = run.thresholds.get(finding.fingerprint, ("",))
        if any(finding.verdict.label in FAIL_ON[threshold or fail_on] for threshold in thresholds):
            return 1
    return 0 if run.complete else 3


def threshold(acceptances: Acceptances, finding: Finding, paths: Naming) -> str:
    """Return the `fail-on` that holds for a finding where it is: of its path, of the configuration, or the default."""
    [result] = accepted(acceptances, [ScanResult((finding,))], paths)
    stated = acceptances.thresholds.get(result.findings[0].fingerprint, {""})
    return next(iter(stated)) or acceptances.sources.config.fail_on or "sensitive"
