"""Values -> those that a key of any service may be in: the others are refused before a pattern looks at them.

One source in two forms, as `carry`: the build compiles it if it finds a C compiler.

What is left out, the judge refuses as well: what has no part that looks random (`signals.generated`), and hexadecimal
identifiers that stand below others with the same name (`refusals.in_column`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mypy_extensions import i64

from keysift.detect.named import spans

LONGEST: Final = 48
"""Characters, as `refusals.SPELLABLE`: a longer value need not have a part that looks random."""
SHORTEST_TYPED: Final = 24
"""Characters, as `refusals.SHORTEST_TYPED`: from here on, a value that counts up may be a key as well."""
_SHORTEST_PART: Final = 8
_WORDY: Final = 0.65
_STEPS: Final = 8
"""Characters that are the same as, or one more or less than, those before them, in a value that may count up."""
_HEX_WORDS: Final = (b"beef", b"babe", b"c0de", b"face")
"""What a value typed in hexadecimal has in it."""
_NEVER_LISTED: Final = (b"secret", b"pass", b"pwd", b"private")
"""What is in the names of values that are never identifiers, as `refusals.in_column` has it."""
_LONGEST_HEAD: Final = 24
"""Letters of a name within the run of its value, as in `key=0a1b`."""


def sieve(data: bytes, values: list[int], pairs: bytes) -> list[int]:
    """Return those of the values (start, end, start, end, ...) that may be keys of any service.

    `pairs` is `values.PAIRS`.
    """
    left: list[int] = []
    columns: dict[bytes, list[int]] = {}
    count: i64 = len(values)
    index: i64 = 0
    start: i64 = 0
    end: i64 = 0
    while index < count:
        start = values[index]
        end = values[index + 1]
        index += 2
        if _may_be_generated(data, start, end, pairs) and not _in_column(data, start, end, columns):
            left.append(start)
            left.append(end)
    return left


def _may_be_generated(data: bytes, start: i64, end: i64, pairs: bytes) -> bool:
    """Return False if the judge finds no random part in any value that ends with this run, and no sequence."""
    if end - start > LONGEST:
        return True
    place: i64 = start
    first: i64 = start  # of the part
    digits: i64 = 0
    letters: i64 = 0  # pairs of them
    common: i64 = 0
    before: i64 = -1
    step: i64 = 0
    step_before: i64 = 0
    last: i64 = -1  # the character before, in lower case
    steps: i64 = 0
    byte: i64 = 0
    while place <= end:
        byte = data[place] if place < end else 0
        if byte == 37:  # a percent sign: no value that the judge asks to look random
            return True
        if 65 <= byte <= 90:
            byte += 32
        if 97 <= byte <= 122:
            if before >= 0:
                letters += 1
                if pairs[before * 26 + byte - 97] != 0:
                    common += 1
            before = byte - 97
        elif 48 <= byte <= 57:
            digits += 1
            before = -1
        else:
            if place - first >= _SHORTEST_PART and (digits or not letters or int(common) < _WORDY * int(letters)):
                return True
            first = place + 1
            digits = 0
            letters = 0
            common = 0
            before = -1
            place += 1
            continue
        step = byte - last
        if step == step_before and -1 <= step <= 1:
            steps += 1
        step_before = step
        last = byte
        place += 1
    if end - start < SHORTEST_TYPED:
        return False
    if steps >= _STEPS:
        return True
    text = data[start:end].lower()
    return any(word in text for word in _HEX_WORDS)


def _in_column(data: bytes, start: i64, end: i64, columns: dict[bytes, list[int]]) -> bool:
    """Return True for a hexadecimal identifier below others with the same name, and remember it for the next.

    `columns` has for each name the starts of the last ones, and the length of these.
    """
    begin: i64 = end
    byte: i64 = 0
    while begin > start:
        byte = data[begin - 1] | 32
        if not (48 <= byte <= 57 and data[begin - 1] < 58) and not 97 <= byte <= 102 and data[begin - 1] != 45:
            break
        begin -= 1
    length: i64 = end - begin
    if length < spans.SHORTEST_IDENTIFIER or length > spans.LONGEST_IDENTIFIER:
        return False
    if begin > start and not _is_head(data, start, begin):
        return False
    if not spans.is_hexadecimal(data, begin, end, spans.TABLE):
        return False
    word: i64 = spans.word_before(data, begin)
    if word < 0:
        return False
    lead = data[word:begin]
    known = columns.get(lead)
    if known is None:
        lowered = lead.lower()
        for never in _NEVER_LISTED:
            if never in lowered:
                return False
        columns[lead] = [int(length), int(begin)]
        return False
    if known[0] != length:
        known.clear()
        known.append(length)
    value = data[begin:end]
    others: i64 = 0
    for other in known[1:]:
        if data[other : other + length] == value:
            return False
        if other - len(lead) >= begin - spans.REACH:
            others += 1
    known.append(begin)
    if len(known) > spans.COLUMN + 1:
        known.pop(1)
    return others >= spans.COLUMN


def _is_head(data: bytes, start: i64, begin: i64) -> bool:
    """Return True for a name of letters and what separates it from a value, in the same run: `key=`."""
    if begin - start > _LONGEST_HEAD or (data[begin - 1] != 61 and data[begin - 1] != 58):
        return False
    place: i64 = start
    byte: i64 = 0
    while place < begin - 1:
        byte = data[place]
        if byte != 95 and not 97 <= (byte | 32) <= 122:
            return False
        place += 1
    return True


if __name__ == "keysift.detect.sieve":  # but not in the compiled form, which has another name
    from keysift import native

    native.take_over(__name__, __file__)
