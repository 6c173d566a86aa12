"""keysift finds leaked integration and API keys, and tells secret from sensitive from public.

The public interface; everything else may change between versions:

    >>> import keysift
    >>> report = keysift.scan_bytes(b"PAGERDUTY_TOKEN=" + b"1b2f6c0d9e8a4735" * 2, "deploy/prod.env")
    >>> [(finding.rule.id, str(finding.verdict.label)) for finding in report.findings]
    [('pagerduty-integration-key', 'sensitive')]
    >>> place = report.findings[0].locations[0]
    >>> (place.path, place.start_line, place.start_column)
    ('deploy/prod.env', 1, 17)

`scan_paths` and `audit` do for programs what the commands `keysift scan` and `keysift audit` do. `redact` masks the
keys in a text, a `Redactor` those in several or in a stream, `RedactingFilter` those in the records of `logging` and
`RedactingProcessor` those in the events of `structlog`.

Keys stay out of every repr, and out of rendered reports unless asked for; `finding.secret` has the bytes. The rules are
made ready once in a process and may be used by several threads at a time. All errors are subclasses of
`keysift.errors.KeysiftError`.
"""

from __future__ import annotations

TYPE_CHECKING = False  # for type checkers, as that of `typing` is, which takes a while to import
if TYPE_CHECKING:
    from keysift import errors as errors
    from keysift.api import Report, Rules, audit, scan_bytes, scan_paths
    from keysift.model import Finding
    from keysift.redacting import RedactingFilter, RedactingProcessor, Redactor, redact

__all__ = [
    "Finding",
    "RedactingFilter",
    "RedactingProcessor",
    "Redactor",
    "Report",
    "Rules",
    "audit",
    "redact",
    "scan_bytes",
    "scan_paths",
]
_REDACTING = frozenset({"RedactingFilter", "RedactingProcessor", "Redactor", "redact"})


def __getattr__(name: str) -> object:
    """Load the interface when it is first used: the command needs none of it."""
    import importlib  # noqa: PLC0415 - the point of this function

    if name == "errors":
        return importlib.import_module("keysift.errors")
    if name not in __all__:
        raise AttributeError(f"module 'keysift' has no attribute {name!r}")
    return getattr(importlib.import_module("keysift.redacting" if name in _REDACTING else "keysift.api"), name)


def __dir__() -> list[str]:
    return __all__
