"""Numbers that tell a generated value from one that people write: loops over its bytes.

One source in two forms, as `carry`: the build compiles it if it finds a C compiler.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mypy_extensions import i64

_LEAST_ENTROPY: Final = 2.9
"""Bits per character of a random value; of a short one a share of what its length allows."""
_SHARE: Final = 0.65
_FEW_DIGITS: Final = 3
_WORDY: Final = 0.65
"""The share of common pairs of letters from which a value is made of words."""
_WORDY_WITH_DIGITS: Final = 0.8
_SHORTEST_PART: Final = 8
"""Letters and digits in a row that a generated value has somewhere."""
_SHORTEST_SEQUENCE: Final = 8
_SEQUENTIAL: Final = 0.6
_COUNTED: Final = 1024
_GROWTH: Final = [
    0.0,
    *[(count + 1) * math.log2(count + 1) - count * math.log2(count) for count in range(1, _COUNTED)],
]
"""How much n log2 n grows from each n to the next; of a longer value than any key, the last stands for all."""


def entropy(value: bytes) -> float:
    """Return the Shannon entropy in bits per character; 0 for an empty value."""
    total: i64 = len(value)
    if total == 0:
        return 0.0
    counts = [0] * 256
    growth = _GROWTH
    weighted = 0.0
    count = 0
    for byte in value:
        count = counts[byte]
        counts[byte] = count + 1
        weighted += growth[count if count < _COUNTED else _COUNTED - 1]
    return math.log2(len(value)) - weighted / len(value)


def wordiness(value: bytes, pairs: bytes) -> float:
    """Return the share of neighbouring letters that are common in words: about 0.9 in identifiers, 0.35 at random.

    `pairs` is `values.PAIRS`.
    """
    letters: i64 = 0
    common: i64 = 0
    before: i64 = -1
    letter: i64 = 0
    for byte in value:
        letter = (byte | 32) - 97
        if letter < 0 or letter > 25 or byte < 65:
            before = -1
            continue
        if before >= 0:
            letters += 1
            if pairs[before * 26 + letter] != 0:
                common += 1
        before = letter
    return int(common) / int(letters) if letters else 0.0


def looks_random(value: bytes, pairs: bytes) -> bool:
    """Return True if characters are mixed as by a generator: not in a word, an identifier or a number.

    Of 20 random characters, 99.6 in 100 pass; of identifiers of that length in real code, 1 in 200.
    """
    total: i64 = len(value)
    digits: i64 = 0
    letters: i64 = 0  # pairs of them
    was_letter = False
    is_letter = False
    for byte in value:
        is_letter = 97 <= byte <= 122 or 65 <= byte <= 90
        if is_letter and was_letter:
            letters += 1
        elif 48 <= byte <= 57:
            digits += 1
        was_letter = is_letter
    if digits == total:
        return False
    if entropy(value) < min(_LEAST_ENTROPY, _SHARE * math.log2(max(2, len(value)))):
        return False
    if digits >= _FEW_DIGITS and 2 * letters <= total:
        return True
    return wordiness(value, pairs) < (_WORDY_WITH_DIGITS if digits >= _FEW_DIGITS else _WORDY)


def has_random_part(value: bytes, pairs: bytes) -> bool:
    """Return True if some letters and digits in a row are enough for a key and make no word: no host name has them."""
    total: i64 = len(value)
    start: i64 = 0
    place: i64 = 0
    digits: i64 = 0
    byte: i64 = 0
    while place <= total:
        byte = value[place] if place < total else 0
        if 48 <= byte <= 57:
            digits += 1
        elif not (97 <= byte <= 122 or 65 <= byte <= 90):
            if place - start >= _SHORTEST_PART and (digits or wordiness(value[start:place], pairs) < _WORDY):
                return True
            start = place + 1
            digits = 0
        place += 1
    return False


def counts_up(value: bytes) -> bool:
    """Return True if most letters and digits are the same as, or one more or less than, those before them."""
    codes: list[int] = []
    for byte in value:
        if 48 <= byte <= 57 or 97 <= byte <= 122:
            codes.append(byte)
        elif 65 <= byte <= 90:
            codes.append(byte + 32)
    count: i64 = len(codes)
    if count < _SHORTEST_SEQUENCE:
        return False
    same: i64 = 0
    place: i64 = 2
    step: i64 = 0
    before: i64 = codes[1] - codes[0]
    while place < count:
        step = codes[place] - codes[place - 1]
        if step == before and -1 <= step <= 1:
            same += 1
        before = step
        place += 1
    return int(same) > _SEQUENTIAL * max(1, len(codes) - 2)


if __name__ == "keysift.detect.randomness":  # but not in the compiled form, which has another name
    from keysift import native

    native.take_over(__name__, __file__)
