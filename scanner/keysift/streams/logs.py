"""Records of `logging` and events of `structlog` -> the same with every key in them masked."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any

from keysift.streams.masker import Masker

WITHHELD = "[keysift withheld this record: masking it failed]"
DEEPEST = 20
"""Lists and mappings inside of one another that are looked into; what is deeper is written as text."""
_OWN = frozenset(vars(logging.LogRecord("", 0, "", 0, "", (), None))) - {"name", "processName", "threadName"}
"""The fields of every record, which are not looked at one by one; names may be made of anything."""
_SAFE = (bool, int, float, complex, type(None))


class Records:
    """Masks records and events. Where that fails, one says only that, unless `is_open`."""

    def __init__(self, masker: Masker, *, is_open: bool) -> None:
        self._masker = masker
        self._is_open = is_open

    def mask(self, record: logging.LogRecord) -> None:
        """Mask a record in place: message, arguments, traceback, stack and extra fields."""
        try:
            self._mask(record)
        except Exception:  # noqa: BLE001 - whatever it is, and whatever it says
            if not self._is_open:
                _withhold(record)

    def event(self, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Return an event with its values masked."""
        try:
            return self._event(event)
        except Exception:  # noqa: BLE001 - whatever it is, and whatever it says
            return event if self._is_open else {"event": WITHHELD}

    def _mask(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        masked = self._masker.text(message)
        if masked != message or self._value("args", record.args, 0) != record.args:
            record.msg, record.args = masked, ()
        if record.exc_info and not record.exc_text and record.exc_info[1] is not None:
            text = _formatted(record.exc_info[1])
            if (safe := self._masker.text(text)) != text:
                # Another handler would format the exception itself.
                record.exc_text, record.exc_info = safe, None
        for name in ("exc_text", "stack_info"):
            if text := getattr(record, name):
                setattr(record, name, self._masker.text(text))
        for name, value in [*vars(record).items()]:
            if name not in _OWN:
                setattr(record, name, self._value(name, value, 0))
        record.__dict__.pop("message", None)

    def _event(self, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        if (error := _raised(event.get("exc_info"))) is not None:
            text = _formatted(error)
            if (safe := self._masker.text(text)) != text:
                del event["exc_info"]
                event["exception"] = safe
        for name, value in [*event.items()]:
            if name != "exc_info":
                event[name] = self._value(name, value, 0)
        return event

    def _value(self, name: str, value: Any, depth: int) -> Any:  # noqa: ANN401 - whatever people log
        """Return a value with every key in it masked; the value itself if there is none."""
        if isinstance(value, _SAFE):
            return value
        if isinstance(value, str):
            return self._masker.value(name, value)
        if isinstance(value, bytes):
            return self._masker.field(name, value)
        if depth < DEEPEST:
            if isinstance(value, Mapping):
                return self._mapping(name, value, depth)
            if type(value) in {list, tuple, set, frozenset}:
                items = [self._value(name, item, depth + 1) for item in value]
                return value if all(map(_same, items, value)) else type(value)(items)
        text = str(value)
        masked = self._masker.value(name, text)
        return value if masked == text else masked

    def _mapping(self, name: str, value: Mapping[Any, Any], depth: int) -> Mapping[Any, Any]:
        items = {
            self._masker.text(key) if isinstance(key, str) else key: self._value(f"{name}.{key}", item, depth + 1)
            for key, item in value.items()
        }
        same = len(items) == len(value) and all(key in value and value[key] is item for key, item in items.items())
        return value if same else items


def _raised(stated: object) -> BaseException | None:
    """Return the exception that `exc_info` stands for: itself, its three parts, or the one that is being handled."""
    if isinstance(stated, BaseException):
        return stated
    error = stated[1] if isinstance(stated, tuple) and len(stated) == 3 else sys.exc_info()[1] if stated else None
    return error if isinstance(error, BaseException) else None


def _same(one: object, other: object) -> bool:
    return one is other


def _formatted(error: BaseException) -> str:
    return "".join(traceback.format_exception(error)).rstrip("\n")


def _withhold(record: logging.LogRecord) -> None:
    """Leave nothing in a record that may hold a key."""
    record.msg, record.args, record.exc_info, record.exc_text, record.stack_info = WITHHELD, (), None, None, None
    for name in [*vars(record)]:
        if name not in _OWN:
            delattr(record, name)
