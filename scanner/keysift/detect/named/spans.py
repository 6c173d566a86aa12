"""Hits of the prefilter -> the spans of names and values in the usual syntaxes: the inner loop of `candidates`.

One source in two forms: the build compiles it with mypyc where it finds a C compiler, and elsewhere it runs as it is.
So it holds only loops over integers and bytes.

The usual syntaxes are `name = value`, `"name": "value"`, `name => "value"`, `name("value"`, `<name>value` and the like,
on one line. In them this agrees with `candidates.at`; where anything else is around, it says so, and `at` decides.
"""

from __future__ import annotations

from mypy_extensions import i64

WIDTH = 5
"""Integers of each value: its start, its end, the start and end of its name, and the byte of its quotation mark."""
OTHERWISE, BEHIND = -1, -2
"""In place of an end: the syntax at the start is another; or the number in place of the start is the end of a stem."""
_NAME, _HEAD, _BLANK, _QUOTE, _MARKUP, _ENDS_BARE, _OPENS_BARE, _TRAILS, _APART, _STEM_END = (1 << bit for bit in range(10))


def _table() -> bytes:
    """Return the kinds of each byte, as a sum of the constants above, in two bytes: the low ones, then the high ones."""
    kinds = [0] * 256
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
    for kind, members in (
        (_NAME, letters + b".$-"),
        (_HEAD, letters + b".$-@:/"),
        (_BLANK, b" \t\n\r\f\v"),
        (_QUOTE, b"\"'`"),
        (_MARKUP, b"<>"),
        (_ENDS_BARE, b" \t\n\r\f\v\"'`<>\\"),
        (_OPENS_BARE, b"(){}[]$,;"),
        (_TRAILS, b",;)]}."),
        (_APART, b" \t\n=:>({,"),
        (_STEM_END, b"sswtnyhdpSWTNYHDP"),
    ):
        for byte in members:
            kinds[byte] |= kind
    return bytes(kind & 255 for kind in kinds) + bytes(kind >> 8 for kind in kinds)


TABLE = _table()
LOWER = bytes(range(256)).lower()


def ends_with_stem(data: bytes, end: i64, lower: bytes) -> bool:
    """Return True if one of `trigger.STEMS`, in any case, ends here."""
    if end < 2:
        return False
    a: i64 = lower[data[end - 1]]
    b: i64 = lower[data[end - 2]]
    if a == 119 and b == 112:  # pw
        return True
    if end < 3:
        return False
    c: i64 = lower[data[end - 3]]
    if a == 119:  # psw
        return b == 115 and c == 112
    if a == 121:  # key
        return b == 101 and c == 107
    if a == 112:  # otp
        return b == 116 and c == 111
    if end < 4:
        return False
    d: i64 = lower[data[end - 4]]
    if a == 115:  # pass
        return b == 115 and c == 97 and d == 112
    if a == 104:  # auth
        return b == 116 and c == 117 and d == 97
    if a == 100:  # cred
        return b == 101 and c == 114 and d == 99
    if end < 5:
        return False
    e: i64 = lower[data[end - 5]]
    if a == 110:  # token
        return b == 101 and c == 107 and d == 111 and e == 116
    if a == 116 and end >= 6:  # secret
        f: i64 = lower[data[end - 6]]
        return b == 101 and c == 114 and d == 99 and e == 101 and f == 115
    return False


def stem_length(data: bytes, end: i64, lower: bytes) -> i64:
    """Return the length of the longest stem that ends here; 0 if none does."""
    if not ends_with_stem(data, end, lower):
        return 0
    a: i64 = lower[data[end - 1]]
    if a == 119:
        return 2 if lower[data[end - 2]] == 112 else 3
    if a == 121 or a == 112:
        return 3
    if a == 110:
        return 5
    return 6 if a == 116 else 4


def usual(data: bytes, ends: list[int]) -> list[int]:
    """Return `WIDTH` integers for each value at the hits of the prefilter, in the order of the hits."""
    found: list[int] = []
    table = TABLE
    lower = LOWER
    size: i64 = len(data)
    last: i64 = -1
    for hit in ends:
        end: i64 = hit
        stem = ends_with_stem(data, end, lower)
        if stem:
            found += (hit, BEHIND, 0, 0, 0)
        start: i64 = end - 4
        if end < 4:
            if stem:
                continue
        elif table[data[end - 4]] & 8 or data[end - 4] == 59:
            start = end - 3
        elif stem and not (end >= 5 and table[256 + data[end - 5]] & 1):
            continue
        if start == last and not stem:
            continue
        last = start
        if start < 4 or start + 4 > size:
            found += (start, OTHERWISE, 0, 0, 0)
            continue
        # The value must begin as the patterns of `candidates` ask for.
        first: i64 = table[data[start]]
        if first & 60 or table[data[start + 1]] & 20 or table[data[start + 2]] & 20:
            found += (start, OTHERWISE, 0, 0, 0)
            continue
        place: i64 = start - 1
        mark: i64 = data[place]
        quote: i64 = 0
        if table[mark] & 8:
            quote = mark
            place -= 1
            if data[place] == 92 or table[data[place]] & 8:
                found += (start, OTHERWISE, 0, 0, 0)
                continue
        elif mark == 59 or first & 64 or data[start] == 58 or data[start] == 61 or table[data[start + 3]] & 28:
            found += (start, OTHERWISE, 0, 0, 0)
            continue
        # Back over blanks, the separator, blanks and a quotation mark to the name.
        low: i64 = start - 40
        if low < 3:
            low = 3
        blanks: i64 = place
        while place > low and (data[place] == 32 or data[place] == 9):
            place -= 1
        blanks -= place
        separator: i64 = data[place]
        place -= 1
        near: i64 = data[place]
        known = True
        if separator == 58:  # : but not ::
            known = near != 58
        elif separator == 61:  # = or := but none of == != ?= += <= |=
            if near == 58:
                place -= 1
                known = data[place] != 58
            else:
                known = not (near == 61 or near == 33 or near == 63 or near == 43 or near == 60 or near == 124 or near == 62)
        elif separator == 62:  # => or the end of a tag
            if near == 61:
                place -= 1
                near = data[place]
                known = not (near == 61 or near == 60 or near == 33)
            else:
                known = blanks == 0 and near != 45 and near != 62 and near != 32 and near != 9
        elif separator == 44:  # , before a literal
            known = quote != 0
        elif separator == 40:  # ( before a literal
            known = quote != 0 and blanks == 0 and near != 32 and near != 9
        else:
            known = False
        if not known:
            found += (start, OTHERWISE, 0, 0, 0)
            continue
        while place > low and (data[place] == 32 or data[place] == 9):
            place -= 1
        if table[data[place]] & 8:
            place -= 1
        name_end: i64 = place + 1
        floor: i64 = name_end - 50
        if floor < 0:
            floor = 0
        while place >= floor and table[data[place]] & 1:
            place -= 1
        # The name holds a stem: the last one counts, as long as the rest of the name is short.
        at: i64 = name_end
        stem_at: i64 = -1
        while at > place + 2:
            if table[256 + data[at - 1]] & 2 and ends_with_stem(data, at, lower):
                stem_at = at - stem_length(data, at, lower)
                break
            at -= 1
        if place < floor or stem_at <= place or name_end - stem_at > 46:
            found += (start, OTHERWISE, 0, 0, 0)
            continue
        name_start: i64 = stem_at
        floor = stem_at - 60
        if floor < 0:
            floor = 0
        while name_start > floor and table[data[name_start - 1]] & 2:
            name_start -= 1
        # The end of the value.
        stop: i64 = start
        limit: i64 = start + (1000 if quote else 500)
        if limit > size:
            limit = size
        byte: i64 = 0
        closed = False
        if quote:
            while stop < limit:
                byte = data[stop]
                if byte == quote and data[stop - 1] != 92:
                    closed = True
                    break
                if byte < 32 or byte > 126:
                    break
                stop += 1
            if not closed:
                if byte == 10 or stop >= limit:
                    continue  # a literal that does not end on its line is none
                found += (start, OTHERWISE, 0, 0, 0)
                continue
        else:
            while stop < limit:
                byte = data[stop]
                if table[byte] & 32:
                    break
                if byte < 32 or byte > 126 or byte == 40 or byte == 38:
                    break
                stop += 1
            if stop >= size or (stop < limit and (not table[byte] & 32 or table[byte] & 8)):
                found += (start, OTHERWISE, 0, 0, 0)
                continue
            following: i64 = stop
            while following < size and following < stop + 10 and (data[following] == 32 or data[following] == 9):
                following += 1
            if following > stop and following < size and data[following] == 61:
                found += (start, OTHERWISE, 0, 0, 0)
                continue
            if not (data[stop - 1] == 46 and data[stop - 2] == 46 and data[stop - 3] == 46):
                whole: i64 = stop
                while stop > start and table[data[stop - 1]] & 128:
                    stop -= 1
                if stop < whole and data[stop] == 46:
                    found += (start, OTHERWISE, 0, 0, 0)
                    continue
        if stop - start >= 4:
            found += (start, stop, name_start, name_end, quote)
    return found


if __name__ == "keysift.detect.named.spans":  # but not in the compiled form, which has another name
    from keysift import native

    native.take_over(__name__, __file__)
