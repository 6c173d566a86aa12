"""Tells neighbours that do not belong together: a name, and a value beside it that is that of something else.

Asked of what would be a finding, so that it costs next to nothing.
"""

from __future__ import annotations

import functools
import re

from keysift.detect import siblings, signals
from keysift.detect.named import candidates, features, names
from keysift.detect.named.candidates import NamedValue
from keysift.detect.surroundings import Surroundings

_QUOTES = "\"'`"
_CARRIES = re.compile(r"(?i)[\"']?(?:value|default|content)[\"']?[ \t]{0,2}[:=]")
"""In a separator: the field that has the value of the name before it."""
_ATTRIBUTE = re.compile(r"[\"']?[ \t\n\r]+[\w:.@-]+=$")
_IN_TAG = re.compile(r"<(?:[A-Za-z/][^<>]*)?$")
_NAMED_BY = re.compile(r"(?i)\b(?:name|key|id|option|property|variable|param(?:eter)?|field|setting)\s*=\s*[\"']$")
_SHOWN_IN = re.compile(r"(?i)\s(?:title|label|alt|class|style|type|href|src|placeholder|for|role|aria-\w+)=$")
"""An attribute for those who look at the element, not its value."""
_LINE_END = re.compile(rb"\r\n?|\n")
_NARROWEST, _WIDEST = 60, 256
"""Bytes of a line of encoded data."""
_MOST_BROKEN = 5
"""Characters near a value that are no UTF-8; a text of another code page has some."""
_MOST_ARGUMENTS = 3
"""Commas before a name in a call; more are a row of a table, in which any text may stand before any other."""
_NOT_A_NAME = re.compile(r"[\w.$>:-]*$")
_LONGEST_TAG = 400
_IDENTIFIER = re.compile(r"(?i)\w*(?:uuid|guid)[\w.:]*\(\s*[\"'`]$")
"""A call that makes a UUID of the literal."""
_UUID = rb"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_ONE_UUID = re.compile(_UUID)
_LISTED = re.compile(rb"([A-Za-z_][\w.-]*)[\"']?\s{0,20}(?:=>|[:=])\s{0,20}[\"']?" + _UUID)
_LICENCE = re.compile(
    r"(?i)(?:[al]?gpl|gfdl|mpl|epl|cpl|eupl|cecill|osl|afl|ofl|zpl|ecl|apache|artistic|bsd|cc0?|cc-by[a-z-]*|ms|psf|python|ruby|x11)"
    r"-\d[\w.+-]*"
)
"""The identifier of a licence with its version: https://spdx.org/licenses/."""
_STYLE = re.compile(
    rb"#[0-9a-fA-F]{3,8}\b|\b\d+(?:\.\d+)?(?:px|r?em|dp|pt|sp|ms)\b|\b(?:rgb|hsl)a?\(|\boklch\(|\bvar\(--"
)
"""A colour or a measure, as designs have them: https://www.w3.org/TR/css-values-4/."""
_LEAST_STYLED = 2
_LONGEST_STYLE = 32
_LABELLED = re.compile(r"(?:^|\.)(?:labels|match_labels|node_selector)\.[^.]+$")
"""What Kubernetes selects by: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/."""
_DIGEST = re.compile(r"[0-9a-fA-F]{32}|[0-9a-fA-F]{40}")
_OPENED = re.compile(rb"(?m)^[ \t]*/\*")
_FAR = 3000
"""Bytes before a value in which the beginning of a comment is looked for."""
_ITEM_BEFORE = re.compile(r"[\"']\s*,\s*[\"']$")
_AROUND = 500
"""Bytes on either side in which the other members of a list are looked for."""
_LEAST_LISTED = 3
_SHOWN = re.compile(
    rb"(?i)(plain|cipher|crypt|message|msg|input|output|expect|result|digest|nonce|aad|seed|\bmac|\btag|\bct|\bpt|\biv)"
    rb"\w{0,20}[\"'\])]{0,3}\s{0,20}(?:=>|[:=(,])[^\n]{0,30}?(?:\n\s{0,40})?(?:0x|[\"'])?(?:[0-9a-f]{16}|(?:0x[0-9a-f]{2},\s{0,9}){8})"
)
"""What a cipher takes or gives, written out in hexadecimal."""
_LEAST_SHOWN = 2
_HEXADECIMAL = re.compile(r"(?:0x)?[0-9a-fA-F]{16,}")
_MADE_UP = frozenset({"fake", "dummy", "mock", "mocked", "stub", "bogus"})
"""Words of names."""


def find(around: Surroundings) -> str:
    """Return why the value is not that of the name before it; empty if it may be."""
    candidate = candidates.at(around.data, around.start)
    if not candidate:
        return ""
    name_start = around.start - len((candidate.name + candidate.separator + candidate.quote).encode())
    head = around.data[max(0, name_start - _LONGEST_TAG) : name_start].decode("utf-8", "replace")
    return (
        _of_bytes(around)
        or _of_block(around)
        or _of_element(candidate, head)
        or _of_call(candidate, head)
        or _of_scope(candidate, around)
        or _of_list(around)
        or _of_another_kind(candidate, around)
    )


def doubt(around: Surroundings, path: str | None) -> str:
    """Return why the value may be made up though the name is its own: the reason for a low confidence, or empty."""
    candidate = candidates.at(around.data, around.start)
    if candidate and not _MADE_UP.isdisjoint(names.words(candidate.name)):
        return "the name says that it is made up"
    if candidate and _may_be_id(candidate, around.value):
        return "a hexadecimal number whose name does not say that it is a secret: an identifier as well as a key"
    if (
        path
        and features.of_path(path)["code"]
        and _in_block_comment(around.data[max(0, around.start - _FAR) : around.start])
    ):
        return "in a comment"
    return "beside what a cipher makes of it, as in a test" if _is_in_vector(around) else ""


def _may_be_id(candidate: NamedValue, value: str) -> bool:
    """Return True for `gateway_key = "<32 hexadecimal digits>"`; not for a variable of the environment."""
    if candidate.name.isupper() or not _DIGEST.fullmatch(value):
        return False
    parts = names.words(candidate.name)
    return len(parts) > 1 and names.kind(parts) == "key" and not features.is_qualified(parts)


def _is_in_vector(around: Surroundings) -> bool:
    """Return True for a key in hexadecimal beside its plain text and what a cipher makes of it."""
    if not _HEXADECIMAL.fullmatch(around.value):
        return False
    shown = _SHOWN.findall(around.data[max(0, around.start - _AROUND) : around.end + _AROUND])
    return len(set(map(bytes.lower, shown))) >= _LEAST_SHOWN


def _in_block_comment(before: bytes) -> bool:
    """Return True if a comment of several lines, as in C and Java, begins in a line before and has not ended."""
    opened = [comment.end() for comment in _OPENED.finditer(before)]
    return bool(opened) and b"*/" not in before[opened[-1] :]


def _of_bytes(around: Surroundings) -> str:
    """Return the reason against letters of another alphabet among bytes that are no text, as in a picture."""
    if around.value.isascii():
        return ""
    near = around.data[max(0, around.start - _NARROWEST) : around.end + _NARROWEST].decode("utf-8", "replace")
    return "bytes that are no text" if near[4:-4].count("\ufffd") > _MOST_BROKEN else ""


def _of_block(around: Surroundings) -> str:
    """Return the reason against a value in a block of lines of one width without a blank, as in Ascii85 and base64."""
    data, start = around.data, around.start
    before = _LINE_END.split(data[max(0, start - 2 * _WIDEST) : start])
    after = _LINE_END.split(data[start : start + 2 * _WIDEST])
    line = before[-1] + after[0]
    if not _NARROWEST <= len(line) <= _WIDEST or b" " in line:
        return ""
    beside = [*before[-2:-1], *after[1:2]]
    return "a piece of encoded data" if any(len(other) == len(line) and b" " not in other for other in beside) else ""


def _of_element(candidate: NamedValue, head: str) -> str:
    """Return the reason against the value of an attribute behind the name of its element, or behind another's value."""
    separator = candidate.separator
    if not _ATTRIBUTE.search(separator) or _CARRIES.search(separator) or not _IN_TAG.search(head):
        return ""
    named = _NAMED_BY.search(head) and not _SHOWN_IN.search(separator)
    return "" if named else "another attribute of the element"


def _of_call(candidate: NamedValue, head: str) -> str:
    """Return the reason against an argument behind a variable, or behind a list or a call that ends there."""
    separator = candidate.separator
    inner, comma, _ = separator.partition(",")
    if not comma or _CARRIES.search(separator):
        return ""
    if "]" in inner:
        return "behind a list, and not in it"
    if separator[:1] in _QUOTES:
        inside = siblings.innermost(head)
        in_list = inside > 0 and head[inside - 1] == "["
        listed = in_list and _ITEM_BEFORE.search(head) and not candidate.name.startswith("-")
        in_row = head[max(0, inside) :].count(",") > _MOST_ARGUMENTS
        return "an item of a list, not the value of the item before it" if listed or in_row else ""
    if ")" in inner:
        return "an argument behind that of an inner call"
    own = re.split(r"[.>:]", candidate.name)[-1]
    opened = _NOT_A_NAME.sub("", head).rstrip()[-1:]
    if own.isupper() or candidate.name.startswith(":") or opened in {"{", "["}:
        return ""  # a constant or an atom names what follows: `set(API_KEY, "x")`, `{password, "x"}`
    return "an argument behind a variable"


def _of_scope(candidate: NamedValue, around: Surroundings) -> str:
    """Return the reason against a member or a label: `Auth::HEADER`, `token = ui->field`, `resource "secret" "x" {`."""
    if candidate.quote:
        labels = not candidate.separator.strip(' "') and around.after.lstrip('"').startswith(" {")
        return "the label of a block" if labels else ""
    value, behind = around.value, around.data[around.end : around.end + 1]
    of_name = candidate.separator == ":" and value.startswith(":")
    return "code, not a literal" if of_name or (value.endswith("-") and behind == b">") else ""


def _of_list(around: Surroundings) -> str:
    """Return the reason against a UUID among others that have any names, or in a call that makes one of it."""
    data, start, end = around.data, around.start, around.end
    if not _ONE_UUID.fullmatch(data, start, end):
        return ""
    if _IDENTIFIER.search(around.before):
        return "an identifier"
    others = data[max(0, start - _AROUND) : start] + b"\n" + data[end : end + _AROUND]
    named = {name for name in _LISTED.findall(others) if not _tells(name.decode())}
    return "one of a list of identifiers" if len(named) >= _LEAST_LISTED else ""


def _of_another_kind(candidate: NamedValue, around: Surroundings) -> str:
    """Return the reason against a licence, a label, or a token or key of a design; passwords are never those."""
    kind = names.kind(names.words(candidate.name))
    if kind not in {"key", "token"}:
        return ""
    if _LICENCE.fullmatch(around.value):
        return "the name of a licence"
    if _LABELLED.search(around.field.path):
        return "a label"
    near = around.data[max(0, around.start - _AROUND // 2) : around.end + _AROUND // 2]
    styled = len(around.value) <= _LONGEST_STYLE and len(_STYLE.findall(near)) >= _LEAST_STYLED
    return "a token of a design" if styled and not signals.generated(around.value) else ""


@functools.lru_cache(maxsize=1024)
def _tells(name: str) -> bool:
    """Return True for the name of a key, or of an identifier that comes with one."""
    words = names.words(name)
    return bool(names.kind(words)) or words[-1:] == ("id",)
