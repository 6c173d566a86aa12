"""Value -> what it says of itself: a public key, something encrypted, a hash, a sample, words in another notation.

`said` asks the tables of forms (`public`, `sealed`, `hashed`, `other`), sorted by first characters, so that most values
meet one or two patterns or none; `der` reads ASN.1, `plain` what base64 and hexadecimal hide, `published` knows what
vendors published, and `lines` reads the name, the line and the lines around a value.
"""

from __future__ import annotations

import functools
import re

from keysift import lazy
from keysift.detect.forms import der
from keysift.detect.forms.form import Form
from keysift.detect.forms.hashed import HASHED
from keysift.detect.forms.other import OTHER
from keysift.detect.forms.public import PUBLIC
from keysift.detect.forms.sealed import SEALED, SHOWN

LONGEST = 20_000
"""Characters of a value that are looked at."""
SHORTEST = 5
"""Characters; no form is shorter."""
LOOSE = frozenset({"an address of e-mail", "a public key of the Signal protocol"})
"""What keys of some vendors look like as well: it speaks only against those that a name alone tells."""
_USER = lazy.compile(r"[\w.@+-]{1,64}:(?=[${])")
_SHOWN_AS = lazy.compile(r"(?i)token|session|cookie|auth|bearer|jwt")


def said(value: str) -> str:
    """Return what a value says of itself, as the reason why it is no key; empty if it says nothing."""
    if not SHORTEST <= len(value) <= LONGEST:
        return ""
    return _said(value) or _said(value.strip(" \t\r\n\"'`\\")) or _said_behind_user(value)


def lets_in(means: str, name: str) -> bool:
    """Return True if a value with this reason lets in whoever shows it: a server encrypted it for itself, as a token.

    `name` is that of its field.
    """
    return means in SHOWN and bool(_SHOWN_AS.search(name))


def _said_behind_user(value: str) -> str:
    """Return what stands behind a user, as in a file of passwords: `admin:$2y$...`."""
    found = _USER.match(value)
    return _said(value[found.end() :]) if found else ""


@functools.lru_cache(maxsize=1 << 12)
def _said(text: str) -> str:
    for form in _by_first().get(text[:1], ()):
        if _pattern(form.pattern).fullmatch(text):
            return form.means
    return der.said(text)


@functools.cache
def _by_first() -> dict[str, tuple[Form, ...]]:
    """Return the forms by the characters that their values start with."""
    forms = (*PUBLIC, *SEALED, *HASHED, *OTHER)
    first = {character for form in forms for character in form.starts}
    return {character: tuple(form for form in forms if character in form.starts) for character in first}


@functools.cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.DOTALL)
