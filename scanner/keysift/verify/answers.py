"""An answer -> the state of the key, and the facts that its rule declares; all else is forgotten."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from keysift import masking
from keysift.model import LiveState
from keysift.records import dataclass
from keysift.rules.verification import CONDITION, FACT, Verification
from keysift.verify.client import Answer

LONGEST_FACT = 120
_ADDRESS = re.compile(r"\b([\w.+-])[\w.+-]*(@[\w-]+(?:\.[\w-]+)+)")
_NOTHING = object()


@dataclass(frozen=True, slots=True)
class Reading:
    """What one host said of a key."""

    state: LiveState
    how: str
    """`api.acme.example answered 401`."""
    facts: tuple[tuple[str, str], ...] = ()


def read(stated: Verification, host: str, answer: Answer, hidden: masking.Keys) -> Reading:
    """Return what an answer means. Facts are masked, with all `hidden` keys in them."""
    if not answer.status:
        return Reading(LiveState.UNKNOWN, f"{host} {answer.failure}")
    content = _content(answer)
    state, doubt = _state(stated, answer, content)
    how = f"{host} answered {answer.status}{doubt}"
    valid = state in {LiveState.LIVE, LiveState.LIMITED}
    return Reading(state, how, tuple(_facts(stated, answer, content, hidden)) if valid else ())


def _state(stated: Verification, answer: Answer, content: object) -> tuple[LiveState, str]:
    status = answer.status
    meanings = [
        state for state in (LiveState.DEAD, LiveState.LIMITED, LiveState.LIVE) if status in getattr(stated, state.value)
    ]
    if not meanings:
        redirect = 300 <= status < 400
        return LiveState.UNKNOWN, ", a redirect, which is not followed" if redirect else ""
    if not stated.body:
        return meanings[0], ""
    for state in (LiveState.DEAD, LiveState.LIMITED, LiveState.LIVE):
        if any(_holds(condition, answer, content) for condition in getattr(stated.body, state.value)):
            return state, ""
    if answer.cut or getattr(stated.body, meanings[0].value):
        return LiveState.UNKNOWN, ", and its body does not say more"
    return meanings[0], ""


def _content(answer: Answer) -> object:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return _NOTHING


def _holds(condition: str, answer: Answer, content: object) -> bool:
    parts = CONDITION.fullmatch(condition)
    if not parts:
        return False
    if parts["text"]:
        return parts["text"].encode() in answer.body
    value = _at(content, parts["place"])
    if parts["value"] is None:
        return value not in (_NOTHING, None)
    return _text(value) == parts["value"]


def _at(content: object, place: str) -> object:
    """Return the value at `$.user.emails[0]`, or the list of those at `$[*].name`."""
    for part in re.finditer(r"\.([\w-]+)|\[(\d+|\*)\]", place):
        key, number = part.groups()
        if number == "*":
            rest = f"${place[part.end() :]}"
            return [_at(item, rest) for item in content] if isinstance(content, list) else _NOTHING
        if key and isinstance(content, dict):
            content = content.get(key, _NOTHING)
        elif number and isinstance(content, list):
            content = content[int(number)] if int(number) < len(content) else _NOTHING
        else:
            return _NOTHING
    return content


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(filter(None, map(_text, value[:20])))
    return str(value) if isinstance(value, str | int | float) else ""


def _facts(stated: Verification, answer: Answer, content: object, hidden: masking.Keys) -> Iterator[tuple[str, str]]:
    for name, source in stated.facts.items():
        parts = FACT.fullmatch(source)
        if not parts:
            continue
        if parts["header"]:
            text = answer.headers.get(parts["header"].lower(), "")
        elif parts["element"]:
            found = re.search(rf"<{parts['element']}>([^<]*)<".encode(), answer.body)
            text = found[1].decode("utf-8", "replace") if found else ""
        else:
            text = _text(_at(content, parts["place"]))
        if text:
            yield name, mask_fact(name, text, hidden)


def mask_fact(name: str, text: str, hidden: masking.Keys) -> str:
    """Return a fact as it may be kept: one line, no keys, of addresses and names of people the first letters alone."""
    text = "".join(character if character.isprintable() else " " for character in text[:LONGEST_FACT])
    text = _ADDRESS.sub(r"\1***\2", masking.mask_name(text, hidden))
    if name == "who" and "@" not in text:
        text = f"{text[:3]}***" if len(text) > 3 else "***"
    return text
