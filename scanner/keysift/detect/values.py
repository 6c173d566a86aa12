"""Where values are that may be generated: the first pass over the bytes, before any rule is asked.

One source in two forms, as `carry`: the build compiles it if it finds a C compiler. So it has only loops over bytes and
native integers.

A *run* is a stretch of characters of keys (`rules.patterns.TOKEN`). It is a *value* if a generator may have made a part
of it: it has three digits, or parts of letters and digits side by side whose letters make no words. What has neither,
`signals.looks_random` refuses, so a rule for generated keys loses nothing if it looks nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mypy_extensions import i64

SHORTEST: Final = 12
"""Bytes of the shortest run that is looked at."""
_DIGITS_OF_A_VALUE: Final = 3
_STEPS_OF_A_SEQUENCE: Final = 10
"""Letters that count up, down or repeat in a made-up value, which is a finding as well."""
_ALIKE: Final = 60
"""Percent of pairs of neighbouring letters that are common in words: above it, letters of one case make words."""
_MIXED: Final = 90
"""The same for pairs of a small letter and a capital, so that of the pairs of a random value of both it is 75."""
_FREQUENT: Final = (
    "inerreteesatontienedlestcoardesentngaloretmeliraitantariecdinetrioisndmaropegecaunnasilapansloaceave"
    "ctthicficeprasilamelrstoexnctshellchssomodmpopadouimportemplsulyurolhaocckninomoutabmiapulblosclepid"
    "fodaspefaiusotieigirhoiashkevarmpteescowdottumsoffivcrtulspihiifzeizdsltagfrtyupevppiprcqubarrrdnfoo"
    "bewacuubsaibfeciwivitcbuuerydubirgegxttlgildrnfuayobnuovfabonvlugrwerugsmsgndrauypslmbuiddpuewnknnwr"
)
COMMON_PAIRS: Final = frozenset([_FREQUENT[start : start + 2] for start in range(0, len(_FREQUENT), 2)])
"""The 200 most frequent pairs of letters in the words of Python's standard library."""
_CHARACTERS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+/=.~:%-"
KINDS: Final = bytes(
    [
        0 if byte not in _CHARACTERS else 3 if chr(byte).isalpha() else 2 if chr(byte).isdigit() else 1
        for byte in range(256)
    ]
)
"""By byte, 3 for a letter, 2 for a digit, 1 for another character of keys, 0 for all others."""
PAIRS: Final = bytes([int(chr(97 + pair // 26) + chr(97 + pair % 26) in COMMON_PAIRS) for pair in range(26 * 26)])
"""By two lower-case letters, 26 times the number of the first and the number of the second: 1 if the pair is common."""
TEXT: Final = bytes([int(byte in b"\t\n\r" or 32 <= byte < 127) for byte in range(256)])
"""By byte, 1 for a character of ASCII text."""


def runs(data: bytes, kinds: bytes, pairs: bytes, *, cut: bool) -> list[int]:
    """Return the values (start, end, start, end, ...) in order.

    `kinds` is `KINDS`, and `pairs` is `PAIRS`: arguments, since those are found at once.
    With `cut`, the text consists of pieces with NUL bytes between them, and a run at the edge of a piece is a value,
    since its other part is not there to tell. At the edges of the whole text it always is.
    """
    found: list[int] = []
    total: i64 = len(data)
    place: i64 = SHORTEST - 1  # if this byte is in no run, none covers the bytes before it
    floor: i64 = 0  # no run begins before
    start: i64 = 0
    end: i64 = 0
    while place < total:
        if kinds[data[place]] == 0:
            floor = place + 1
            place += SHORTEST
            continue
        start = place
        while start > floor and kinds[data[start - 1]] != 0:
            start -= 1
        if start > floor and place - start + 1 < SHORTEST:
            # The bytes before the run are in none, so one that covers this place may still reach `SHORTEST`.
            floor = start
        end = place + 1
        while end < total and end - start < SHORTEST and kinds[data[end]] != 0:
            end += 1
        if end - start < SHORTEST:
            floor = end + 1
            place = end + SHORTEST
            continue
        while end < total and kinds[data[end]] != 0:
            end += 1
        if (
            start == 0
            or end == total
            or (cut and (data[start - 1] == 0 or data[end] == 0))
            or _may_be_generated(data, start, end, kinds, pairs)
        ):
            found.append(start)
            found.append(end)
        floor = end + 1
        place = end + SHORTEST
    return found


def _may_be_generated(data: bytes, start: i64, end: i64, kinds: bytes, pairs: bytes) -> bool:
    """Return True if the run has three digits, or parts side by side, long enough, whose letters make no words.

    `balance` is the sum, so far, of what the pairs of letters say: it falls with each that is common in words. Between
    two places it has risen if fewer of the pairs between them are than `_ALIKE` and `_MIXED` say. `late` is the same
    sum some bytes before, at the end of a part: the least that it was is what the sum is compared with.
    """
    digits: i64 = 0
    balance: i64 = 0
    place: i64 = start
    before: i64 = 0  # the kind of the byte before
    letter: i64 = 0  # that byte, in lower case
    case: i64 = 0  # of that byte
    step: i64 = 0
    step_before: i64 = 0
    steps: i64 = 0  # that are like the one before: the same, next or previous letter
    kind: i64 = 0
    late: i64 = 0
    least: i64 = 0
    late_place: i64 = start
    late_before: i64 = 0
    late_letter: i64 = 0
    late_case: i64 = 0
    late_kind: i64 = 0
    while place <= end:
        kind = 0
        if place < end:
            kind = kinds[data[place]]
        if kind == 3:
            if before == 3:
                step = (data[place] | 32) - letter
                if step == step_before and -1 <= step <= 1:
                    steps += 1
                    if steps >= _STEPS_OF_A_SEQUENCE:
                        return True
                step_before = step
                balance += _ALIKE if case == data[place] & 32 else _MIXED
                if pairs[(letter - 97) * 26 + (data[place] | 32) - 97] != 0:
                    balance -= 100
            letter = data[place] | 32
            case = data[place] & 32
        elif kind == 2:
            digits += 1
            if digits >= _DIGITS_OF_A_VALUE:
                return True
        elif place - start >= SHORTEST:
            while late_place <= place - SHORTEST:
                late_kind = kinds[data[late_place]]
                if late_kind == 3:
                    if late_before == 3:
                        late += _ALIKE if late_case == data[late_place] & 32 else _MIXED
                        if pairs[(late_letter - 97) * 26 + (data[late_place] | 32) - 97] != 0:
                            late -= 100
                    late_letter = data[late_place] | 32
                    late_case = data[late_place] & 32
                elif late_kind == 1 and late < least:
                    least = late
                late_before = late_kind
                late_place += 1
            if balance > least:
                return True
        before = kind
        place += 1
    return False


def first_wide(data: bytes, width: int, count: int, kinds: bytes) -> int:
    """Return the end of the first `count` characters of ASCII text in `width` bytes each, the lowest first; else -1.

    `kinds` is `TEXT`.
    """
    start: i64 = _next_wide(data, 0, width, count, kinds)
    return int(start + width * count) if start >= 0 else -1


def wide_runs(data: bytes, width: int, kinds: bytes) -> list[int]:
    """Return the runs (start, end, start, end, ...) of four or more such characters, in order."""
    found: list[int] = []
    total: i64 = len(data)
    wide: i64 = width
    start: i64 = _next_wide(data, 0, wide, 4, kinds)
    end: i64 = 0
    while start >= 0:
        end = start + 4 * wide
        while _is_wide(data, end, wide, total, kinds):
            end += wide
        found.append(start)
        found.append(end)
        start = _next_wide(data, end, wide, 4, kinds)
    return found


def _next_wide(data: bytes, begin: i64, wide: i64, wanted: i64, kinds: bytes) -> i64:
    """Return the start of the next run of so many characters, or more; -1 if there is none."""
    total: i64 = len(data)
    step: i64 = (wanted - 1) * wide  # text that is long enough has a whole character after one of these places
    probe: i64 = begin
    place: i64 = 0
    start: i64 = 0
    length: i64 = 0
    while probe + 1 < total:
        place = probe
        while place < probe + wide:
            # Two bytes tell nearly always, without a call.
            if place + 1 < total and data[place + 1] == 0 and kinds[data[place]] != 0:
                if _is_wide(data, place, wide, total, kinds):
                    break
            place += 1
        if place < probe + wide:
            start = place
            while start >= begin + wide and _is_wide(data, start - wide, wide, total, kinds):
                start -= wide
            length = (place - start) // wide + 1
            while length < wanted and _is_wide(data, start + length * wide, wide, total, kinds):
                length += 1
            if length >= wanted:
                return start
        probe += step
    return -1


def _is_wide(data: bytes, place: i64, width: i64, total: i64, kinds: bytes) -> bool:
    """Return True if a wide character of text begins there."""
    if place + width > total or kinds[data[place]] == 0:
        return False
    index: i64 = 1
    while index < width:
        if data[place + index] != 0:
            return False
        index += 1
    return True


def complete(data: bytes, found: list[int], kinds: bytes, pairs: bytes) -> list[int]:
    """Return what `runs` found in pieces of the data, given by their places in it, with their other parts.

    Those that are no values with these are left out.
    """
    whole: list[int] = []
    total: i64 = len(data)
    count: i64 = len(found)
    index: i64 = 0
    start: i64 = 0
    end: i64 = 0
    last: i64 = -1
    while index < count:
        start = found[index]
        end = found[index + 1]
        index += 2
        if start < last:
            continue  # a part of the last one
        if (start > 0 and kinds[data[start - 1]] != 0) or (end < total and kinds[data[end]] != 0):
            while start > 0 and kinds[data[start - 1]] != 0:
                start -= 1
            while end < total and kinds[data[end]] != 0:
                end += 1
            last = end
            if start > 0 and end < total and not _may_be_generated(data, start, end, kinds, pairs):
                continue
        last = end
        whole.append(start)
        whole.append(end)
    return whole


def zones(values: list[int], reach: int, size: int) -> list[int]:
    """Return the stretches (start, end, start, end, ...) within `reach` bytes of a value, apart and in order."""
    bounds: list[int] = []
    wide: i64 = reach
    total: i64 = size
    end: i64 = -1
    count: i64 = len(values)
    index: i64 = 0
    low: i64 = 0
    high: i64 = 0
    while index < count:
        low = values[index] - wide
        high = values[index + 1] + wide
        low = max(low, 0)
        high = min(high, total)
        if end < 0 or low > end:
            if end >= 0:
                bounds.append(end)
            bounds.append(low)
        end = max(end, high)
        index += 2
    if end >= 0:
        bounds.append(end)
    return bounds


if __name__ == "keysift.detect.values":  # but not in the compiled form, which has another name
    from keysift import native

    native.take_over(__name__, __file__)
