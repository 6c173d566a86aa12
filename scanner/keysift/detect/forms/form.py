"""A form of values that give no access, and the alphabets that forms share."""

from __future__ import annotations

from typing import NamedTuple

HEX_DIGITS = "0123456789abcdefABCDEF"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
"""Of BIP 173, as the inside of a class."""
BASE58 = "1-9A-HJ-NP-Za-km-z"
BASE64 = "0-9A-Za-z+/"
CRYPT = "./0-9A-Za-z"
"""Of crypt(3)."""


class Form(NamedTuple):
    """A form of values that give no access."""

    starts: str
    """The characters that such a value may start with."""
    pattern: str
    """Of the whole value."""
    means: str
    """What the value is, in words."""
    source: str
    """Where the form is defined."""
