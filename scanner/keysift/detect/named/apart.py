"""Finds values whose name stands apart from them: the name of their own field says nothing, as `value` does.

So they are in Kubernetes (`name: DB_PASSWORD`, `value: x`), in Terraform (`variable "db_password" { default = "x" }`),
in property lists and in many other formats. `detect.fields` and `detect.siblings` know which name is theirs.
"""

from __future__ import annotations

from keysift import lazy
from keysift.detect import fields, siblings
from keysift.detect.named import ending, names, spans
from keysift.detect.named.candidates import NamedValue
from keysift.detect.surroundings import as_text

LONGEST = 400
"""Bytes of a value, at most: with its name it must be in what a delta looks at anew."""
_QUOTE = rb"(?:\\{0,3}[\"'`]{1,3}|&quot;|&apos;|&\#39;|&\#34;)"
_BEFORE = lazy.compile(
    rb"(?ri)(?:(?P<word>[a-z_]{1,24})[\"'\\`]{0,3}\]?"
    rb"(?P<separator>[ \t]{0,20}(?:=>|:=|[:=])(?:[ \t]{0,20}|[ \t]{0,4}\r?\n[ \t]{0,40}))"
    rb"(?:(?:\[\]byte|[\w.:]{0,24}(?:str|string|bytes?|of|some))\()?(?P<quote>" + _QUOTE + rb")?"
    rb"|<(?P<word>[a-z:_.-]{1,40})(?:\s[^<>\n]{0,60})?(?P<separator>>)(?:<!\[CDATA\[)?)$"
)
"""What stands right before such a value, matched from its end."""
_ENDINGS = (b"value", b"default", b"content", b"string", b"text", b"literal", b"val", b"v")
_DIRECTIVE = lazy.compile(
    rb"(?ri)(?:^|(?<=\n))[ \t#]{0,12}(?:env|arg|setenv|setx|set(?:[ \t]+-\w{1,4}){0,2}|define|export"
    rb"|(?:fastcgi|uwsgi|scgi)_param|passenger_env_var|proxy_set_header|(?:request)?header[ \t]+set)"
    rb"[ \t]+(?P<name>[\w.-]{3,80})(?P<separator>[ \t]{1,20})$"
)
"""A line that gives a name and a value with nothing but a space between them: `ENV DB_PASSWORD x`."""


def at(data: bytes, start: int) -> NamedValue | None:
    """Return the value that starts there, with the name that stands apart from it; None if there is none."""
    before = _BEFORE.match(data, max(0, start - 140), start)
    if not before:
        return _behind_directive(data, start)
    if not before["word"].lower().endswith(_ENDINGS):
        return None
    quote = before["quote"] or b""
    end = _element_end(data, start) if before["separator"] == b">" else ending.value_end(data, start, quote)
    if not ending.SHORTEST <= end - start <= LONGEST or not ending.is_text(data[start:end]):
        return None
    name = _name(data, start, end)
    if not name or not names.kind(names.words(name)):
        return None
    return NamedValue(name, as_text(before["separator"]), as_text(quote), start, end)


def _name(data: bytes, start: int, end: int) -> str:
    """Return the name of a value whose own field is called just `value`: beside it, or right around it."""
    left = fields.plain(as_text(data[max(0, start - spans.TOLD_BEFORE) : start]))
    leaf = fields.leaf_of(left)
    if not leaf.generic:
        return ""
    right = fields.plain(as_text(data[end : end + spans.TOLD_AFTER]))
    head = left[: leaf.start]
    return siblings.beside(head, right) or siblings.around(head)


def _element_end(data: bytes, start: int) -> int:
    """Return the end of the text of an element that holds nothing else; `start` if it is no single word."""
    end = data.find(b"<", start, start + LONGEST)
    text = data[start:end].rstrip().removesuffix(b"]]>")
    return start if end < 0 or len(text.split()) != 1 else start + len(text)


def _behind_directive(data: bytes, start: int) -> NamedValue | None:
    directive = _DIRECTIVE.match(data, max(0, start - 200), start)
    if not directive:
        return None
    name = as_text(directive["name"])
    end = ending.value_end(data, start, b"")
    if not ending.SHORTEST <= end - start <= LONGEST or not ending.is_text(data[start:end]):
        return None
    if not names.kind(names.words(name)):
        return None
    return NamedValue(name, as_text(directive["separator"]), "", start, end)
