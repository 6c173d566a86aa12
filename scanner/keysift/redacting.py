"""What `import keysift` offers to keep keys out of texts, streams and logs; see there."""

from __future__ import annotations

import logging
from collections.abc import Iterable, MutableMapping
from typing import Any, Literal, TypeVar

from keysift import api
from keysift.errors import UsageError
from keysift.model import Confidence, Label
from keysift.streams import logs, styles
from keysift.streams.masker import Masker
from keysift.streams.places import Policy
from keysift.streams.redactor import StreamRedactor

Style = Literal["mask", "tag", "hash"]
Text = TypeVar("Text", str, bytes)
ON_ERROR = ("closed", "open")
"""The values of `on_error`."""


class Redactor:
    """Masks keys, and remembers them: a key that was found once is masked wherever it recurs, with the same tag.

    It may be used by several threads at a time.
    """

    def __init__(
        self,
        *,
        rules: api.Rules | None = None,
        style: Style = "mask",
        key: bytes | None = None,
        labels: Iterable[str] = ("secret", "sensitive"),
        min_confidence: api.Level = "medium",
    ) -> None:
        """Take what is masked, and how.

        `style` is `mask`, as in reports; `tag`, as in `[secret:pagerduty-rest-api-key:3f9a]`; or `hash`, the same with
        16 digits of an HMAC under `key`, of 16 bytes or more. Keys that are less sure than `min_confidence`, and those
        whose label is not in `labels`, stay.

        Raises:
            keysift.errors.UsageError: there is no such style, label or level, or the key does not fit.
        """
        try:
            policy = Policy(frozenset(map(Label, labels)), Confidence(min_confidence))
        except ValueError as error:
            raise UsageError(f"{error}", help=f"labels: {', '.join(Label)}; levels: {', '.join(Confidence)}") from error
        self._masker = Masker(api.ready_matcher(rules), policy, styles.make(style, key))

    def redact(self, text: Text, *, path: str = "") -> Text:
        """Return text or bytes with every key masked; all else is unchanged.

        `path` is the name by which keys are judged, as in `scan_bytes`. Archives are not opened.

        Raises:
            keysift.errors.KeysiftError: the text could not be searched in full.
        """
        if isinstance(text, str):
            return self._masker.text(text, path)
        return self._masker.data(text, path)

    def stream(self, *, path: str = "") -> StreamRedactor:
        """Return an object that masks one stream: `feed` it pieces, `finish` it, and write what both return."""
        return StreamRedactor(self._masker, path)


def redact(  # noqa: PLR0913 - whoever redacts one text makes no object
    text: Text,
    *,
    rules: api.Rules | None = None,
    style: Style = "mask",
    key: bytes | None = None,
    labels: Iterable[str] = ("secret", "sensitive"),
    min_confidence: api.Level = "medium",
    path: str = "",
) -> Text:
    """Return text or bytes with every key in it masked; all else is unchanged.

    The arguments are those of `Redactor` and of its method `redact`. A tag is the same for the same key in one text;
    for several texts, make one `Redactor`.

    Raises:
        keysift.errors.UsageError: there is no such style, label or level, or the key does not fit.
        keysift.errors.KeysiftError: the text could not be searched in full.
    """
    redactor = Redactor(rules=rules, style=style, key=key, labels=labels, min_confidence=min_confidence)
    return redactor.redact(text, path=path)


class RedactingFilter(logging.Filter):
    """Masks the keys in records of `logging`: in message, arguments, traceback, stack and extra fields.

    Add it to handlers: what is added to a logger does not see the records of the loggers below it.
    """

    def __init__(self, redactor: Redactor | None = None, *, on_error: Literal["closed", "open"] = "closed") -> None:
        """Take the redactor, by default one that masks. If masking fails, a record says only that, unless `open`."""
        super().__init__()
        self._records = logs.Records(_masker(redactor), is_open=_is_open(on_error))

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the record in place. Return True: no record is dropped."""
        self._records.mask(record)
        return True


class RedactingProcessor:
    """Masks the keys in events of `structlog`, in all values: put it right before the renderer."""

    def __init__(self, redactor: Redactor | None = None, *, on_error: Literal["closed", "open"] = "closed") -> None:
        """Take the redactor, by default one that masks. If masking fails, an event says only that, unless `open`."""
        self._records = logs.Records(_masker(redactor), is_open=_is_open(on_error))

    def __call__(self, logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:  # noqa: ARG002 - structlog's signature
        """Return the event with its values masked."""
        return self._records.event(event)


def _masker(redactor: Redactor | None) -> Masker:
    return (redactor or Redactor())._masker  # noqa: SLF001 - one module


def _is_open(on_error: str) -> bool:
    if on_error not in ON_ERROR:
        raise UsageError(f"on_error is {on_error!r}", help=f"there are {', '.join(ON_ERROR)}")
    return on_error == "open"
