"""Hits of the prefilter -> the spans of names and values in the usual syntaxes: the inner loop of `candidates`.

One source in two forms: the build compiles it with mypyc where it finds a C compiler, and elsewhere it runs as it is.
So it holds only loops over integers and bytes.

The usual syntaxes are `name = value`, `"name": "value"`, `name => "value"`, `name("value"`, `<name>value` and the like,
on one line. In them this agrees with `candidates.at`; where anything else is around, it says so, and `at` decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_extensions import i64

WIDTH = 6
"""Integers of each value: its start and end, those of its name, the end of the separator, and 0 or one of the flags."""
OTHERWISE, BEHIND = -1, -2
"""In place of an end: the syntax at the start is another; or the number in place of the start is the end of a stem."""
NONE, LONG = -3, -2
REFUSED, HEXADECIMAL = 1, 2
"""The bytes of the value say that it is text or a number; or that it is hexadecimal, as digests and identifiers are."""
SHORTEST_IDENTIFIER, LONGEST_IDENTIFIER = 16, 128
"""Characters."""
COLUMN, REACH = 4, 1200
"""So many other values before one, within so many bytes, make a column: no more than a delta looks at anew."""
SHORTEST_MIXED = 8
"""Characters."""
NEXT_LINE = 160
"""Bytes behind a value that are looked at for the end of the next line."""
OPERATORS = b"=-:!?+|"
"""What an equals sign or an arrow is part of an operator behind."""
CDATA = b"<![CDATA["
"""What opens text in XML: https://www.w3.org/TR/xml/#sec-cdata-sect."""
PREFIXES = b"bBrRuUfFlL"
"""The letters before a literal."""
MARKS = b"!@#$%^&*?._+-"
"""What people put into passwords."""
LINE_BEFORE, LINE_AFTER = 400, 200
"""Bytes of a line before a value and behind it that count."""
TOLD_BEFORE, TOLD_AFTER = 440, 320
"""Bytes before the start of a value and behind it in which a name is that stands apart from it."""
_NAME, _HEAD, _BLANK, _QUOTE, _MARKUP, _ENDS_BARE, _OPENS_BARE, _TRAILS, _APART, _STEM_END, _TYPE, _HEX = (
    1 << bit for bit in range(12)
)


class Known:
    """What earlier values have taught: texts and names that are refused wherever they stand."""

    def __init__(self, hopeless: dict[bytes, int], identifying: dict[bytes, bool], on_lines: bool) -> None:  # noqa: FBT001 - compiled
        self.hopeless = hopeless
        """Names with their values, each digit as `0`, to where the parts of each are, as `parts` returns it."""
        self.identifying = identifying
        """Names to True if identifiers have such names, too: hexadecimal values of theirs may be in a column."""
        self.on_lines = on_lines
        """False for a delta, whose result must not depend on how often a line has been seen."""
        self.lines: dict[bytes, int] = {}
        """The lines of this text, as `line` returns them, to where a value that is refused there is; 0 at first."""


def parts(name: i64, separator: i64, start: i64) -> int:
    """Return the bytes of a name, of it with its separator, and of these with the quotation mark, as one integer."""
    return name | separator << 20 | start << 40


def _table() -> bytes:
    """Return the kinds of each byte, as a sum of the constants above: first all low bytes, then all high ones."""
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
        (_STEM_END, b"swtnyhdpkrSWTNYHDPKR"),
        (_TYPE, letters + b"."),
        (_HEX, b"0123456789abcdefABCDEF"),
    ):
        for byte in members:
            kinds[byte] |= kind
    return bytes(kind & 255 for kind in kinds) + bytes(kind >> 8 for kind in kinds)


def _kinds() -> bytes:
    """Return the kind of each byte as one bit: small letter, capital, digit, mark."""
    return bytes(
        1 if 97 <= byte <= 122 else 2 if 65 <= byte <= 90 else 4 if 48 <= byte <= 57 else 8 for byte in range(256)
    )


TABLE = _table()
KINDS = _kinds()
LOWER = bytes(range(256)).lower()
NO_DIGITS = bytes.maketrans(b"123456789", b"0" * 9)
"""For `bytes.translate`: names and values that differ in their digits alone become one."""


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
    if a == 107:  # psk
        return b == 115 and c == 112
    if end < 4:
        return False
    d: i64 = lower[data[end - 4]]
    if a == 115:  # pass
        return b == 115 and c == 97 and d == 112
    if a == 104:  # auth
        return b == 116 and c == 117 and d == 97
    if a == 100:  # cred
        return b == 101 and c == 114 and d == 99
    if a == 116 and b == 108:  # salt
        return c == 97 and d == 115
    if end < 5:
        return False
    e: i64 = lower[data[end - 5]]
    if a == 110:  # token
        return b == 101 and c == 107 and d == 111 and e == 116
    if a == 116 and end >= 6:  # secret
        f: i64 = lower[data[end - 6]]
        return b == 101 and c == 114 and d == 99 and e == 101 and f == 115
    if a == 114 and end >= 6:  # pepper
        f = lower[data[end - 6]]
        return b == 101 and c == 112 and d == 112 and e == 101 and f == 112
    return False


def stem_length(data: bytes, end: i64, lower: bytes) -> i64:
    """Return the length of the longest stem that ends here; 0 if none does."""
    if not ends_with_stem(data, end, lower):
        return 0
    a: i64 = lower[data[end - 1]]
    if a == 119:
        return 2 if lower[data[end - 2]] == 112 else 3
    if a == 121 or a == 112 or a == 107:
        return 3
    if a == 110:
        return 5
    return 6 if a == 114 or (a == 116 and lower[data[end - 2]] == 101) else 4


def separated(data: bytes, place: i64, quoted: bool, table: bytes) -> i64:  # noqa: FBT001 - compiled
    """Return the end of the name before the separator that ends at `place`; `OTHERWISE`, or `NONE` if there is none."""
    low: i64 = place - 40
    if low < 3:
        low = 3
    end: i64 = place
    while place > low and (data[place] == 32 or data[place] == 9):
        place -= 1
    if place <= low:
        return OTHERWISE
    separator: i64 = data[place]
    place -= 1
    near: i64 = data[place]
    if separator == 45 and near == 58 and end == place + 1:  # the default in ${NAME:-value}
        separator = 58
        place -= 1
        near = data[place]
    if separator == 58:  # : but not ::
        if near == 58:
            return OTHERWISE
    elif separator == 61:  # = or := or == or === or != or !== but none of ?= += <= |=
        if near == 58:
            place -= 1
            if data[place] == 58:
                return OTHERWISE
        elif near == 61 or near == 33:
            place -= 1
            if near == 61 and (data[place] == 61 or data[place] == 33):
                place -= 1
            near = data[place]
            if near == 61 or near == 33 or near == 58 or near == 60 or near == 62 or near == 124:
                return OTHERWISE
            if not quoted:
                return NONE if table[near] & 13 else OTHERWISE
        elif near == 63 or near == 43 or near == 60 or near == 124 or near == 62 or near == 45:
            return OTHERWISE
    elif separator == 62:  # => or the end of a tag
        if near == 61:
            place -= 1
            near = data[place]
            if near == 61 or near == 60 or near == 33:
                return OTHERWISE
        elif end != place + 1 or near == 45 or near == 62 or near == 32 or near == 9 or near == 34 or near == 39:
            return OTHERWISE
    elif separator == 44:  # , before a literal
        if not quoted:
            return OTHERWISE
    elif separator == 124:  # || before a literal
        place -= 1
        if near != 124 or not quoted or data[place] == 124:
            return OTHERWISE
    elif separator == 40:  # ( before a literal
        if not quoted or end != place + 1 or near == 32 or near == 9:
            return OTHERWISE
    else:
        return OTHERWISE
    while place > low and (data[place] == 32 or data[place] == 9):
        place -= 1
    if table[data[place]] & 8:
        place -= 1
        if data[place] == 92:
            place -= 1
    return place + 1 if place > low else OTHERWISE


def named(data: bytes, end: i64, table: bytes, lower: bytes) -> i64:
    """Return the start of the last stem in the name that ends here; -1 if it has none, `LONG` if it is very long."""
    place: i64 = end - 1
    floor: i64 = end - 50
    if floor < 0:
        floor = 0
    while place >= floor and table[data[place]] & 1:
        place -= 1
    begun = place >= floor or floor == 0  # not longer than a name is
    at: i64 = end
    while at > place + 2:
        if table[256 + data[at - 1]] & 2 and ends_with_stem(data, at, lower):
            start: i64 = at - stem_length(data, at, lower)
            return start if begun and start > place and end - start <= 46 else LONG
        at -= 1
    return -1 if begun else LONG


def is_value(data: bytes, start: i64, end: i64) -> bool:
    """Return True for a word that may be between a name and its value: `value`, `default` or `content`."""
    if end - start == 5:
        return data[start:end].lower() == b"value"
    return end - start == 7 and data[start:end].lower() in (b"default", b"content")


def has_no_type(data: bytes, end: i64, table: bytes) -> bool:
    """Return True if what follows here has no type before it: `>`, `(`, a comma, a quotation mark."""
    while data[end] == 32 or data[end] == 9:
        end += 1
    return data[end] == 62 or data[end] == 40 or data[end] == 44 or table[data[end]] & 8 != 0


def is_address(data: bytes, start: i64, end: i64, table: bytes) -> bool:
    """Return True for hexadecimal digits behind `0x`, as many as a word of memory has."""
    if end - start < 3 or end - start > 18 or data[start] != 48 or data[start + 1] != 120:
        return False
    place: i64 = start + 2
    while place < end:
        if not table[256 + data[place]] & 8:
            return False
        place += 1
    return True


def is_hexadecimal(data: bytes, start: i64, end: i64, table: bytes) -> bool:
    """Return True for hexadecimal digits, with dashes or without, that are not all decimal ones."""
    place: i64 = start
    letters: i64 = 0
    while place < end:
        byte: i64 = data[place]
        if table[256 + byte] & 8:
            if byte > 57:
                letters += 1
        elif byte != 45:
            return False
        place += 1
    return letters > 0


def in_column(data: bytes, name_start: i64, start: i64, end: i64) -> bool:
    """Return True if a hexadecimal value stands below others of its length, all with the same name right before them.

    So digests and identifiers stand in logs and exports. A key that is repeated is no column.
    """
    length: i64 = end - start
    if (
        name_start < 0
        or length < SHORTEST_IDENTIFIER
        or length > LONGEST_IDENTIFIER
        or not is_hexadecimal(data, start, end, TABLE)
    ):
        return False
    lead = data[name_start:start]
    value = data[start:end]
    others: list[bytes] = []
    low: i64 = start - REACH
    if low < 0:
        low = 0
    place: i64 = data.rfind(lead, low, name_start)
    while place >= 0:
        begin: i64 = place + len(lead)
        other = data[begin : begin + length]
        if other != value and other not in others and is_hexadecimal(other, 0, len(other), TABLE):
            others.append(other)
            if len(others) == COLUMN:
                return True
        place = data.rfind(lead, low, place)
    return False


def word_before(data: bytes, start: i64) -> int:
    """Return the start of the word before the value at `start`, on the same line and right before it; -1 if none is."""
    table = TABLE
    low: i64 = start - 12
    if low < 0:
        low = 0
    place: i64 = start - 1
    while place >= low and not table[data[place]] & 1 and data[place] != 10:
        place -= 1
    if place < low or data[place] == 10:
        return -1
    low = place - 60
    while place >= 0 and place > low and table[data[place]] & 1:
        place -= 1
    return place + 1


def mixed(data: bytes, start: i64, end: i64, kinds: bytes) -> bool:
    """Return True if bytes of three kinds follow each other as by chance: what `mixed.is_mixed` asks first."""
    length: i64 = end - start
    if length < SHORTEST_MIXED:
        return False
    seen: i64 = 0
    changes: i64 = 0
    place: i64 = start
    before: i64 = kinds[data[start]]
    while place < end:
        kind: i64 = kinds[data[place]]
        seen |= kind
        if kind != before:
            changes += 1
            before = kind
        place += 1
    different: i64 = (seen & 1) + (seen >> 1 & 1) + (seen >> 2 & 1) + (seen >> 3 & 1)
    return different >= 3 and 10 * changes >= 4 * length


def begins_line(data: bytes, start: i64) -> bool:
    """Return True if at most a short word, as `export`, is before a name on its line."""
    low: i64 = start - 40
    if low < 0:
        low = 0
    place: i64 = start - 1
    while place >= low and (data[place] == 32 or data[place] == 9 or data[place] == 61):
        place -= 1
    if place < start - 1:
        while place >= low and (65 <= data[place] <= 90 or 97 <= data[place] <= 122 or data[place] == 45):
            place -= 1
        while place >= low and (data[place] == 32 or data[place] == 9):
            place -= 1
    return place < 0 or data[place] == 10 or data[place] == 13


def ends_line(data: bytes, end: i64) -> bool:
    """Return True if nothing but a comment follows on the line."""
    size: i64 = len(data)
    place: i64 = end
    while place < size and place < end + 40 and (data[place] == 32 or data[place] == 9):
        place += 1
    if place >= size or data[place] == 10 or data[place] == 13:
        return True
    return place > end and (data[place] == 35 or (data[place] == 47 and place + 1 < size and data[place + 1] == 47))


def whole_end(data: bytes, name_start: int, start: int) -> int:
    """Return the end of a bare value that may hold any mark, because its place shows where it ends; -1 if none does.

    It is the whole text of an element, or is mixed as a password and alone on its line with its name, or with it in
    quotation marks.
    """
    table = TABLE
    size: i64 = len(data)
    first: i64 = start
    limit: i64 = first + 500
    if limit > size:
        limit = size
    stop: i64 = first
    while stop < limit and 32 < data[stop] < 127:
        stop += 1
    if stop < first + 4:
        return -1
    if data[first : first + 6] in (b"&quot;", b"&apos;") or data[first : first + 2] == b"&#":
        return -1
    if data[first - 1] == 62:  # the end of a tag
        if first < 2 or not table[data[first - 2]] & 1:
            return -1
        return element_end(data, first)
    if stop == limit and limit < size:
        return -1
    name: i64 = name_start
    quoted = name > 0 and table[data[name - 1]] & 8 != 0
    if quoted:
        mark: i64 = data[name - 1]
        place: i64 = first
        while place < stop and data[place] != mark:
            place += 1
        if place == stop or data[place - 1] == 92:
            return -1
        stop = place
    elif not ends_line(data, stop) or not begins_line(data, name):
        return -1
    else:
        tag: i64 = data.find(b"</", first, stop)
        if tag > first:
            stop = tag
        while stop > first + 2 and data[stop - 2] == 92 and (data[stop - 1] == 110 or data[stop - 1] == 114):
            stop -= 2  # an escaped end of a line
        if data[stop - 1] == 92:
            stop -= 1
        if is_literal(data, first, stop, table):
            return -1
        if data[stop - 1] == 59 or (data[stop - 1] == 44 and is_listed(data, name, stop)):
            stop -= 1
        stop = before_quote(data, first, stop, table)
    place = first + 1
    while place < stop - 2:  # the next of several fields: `;User=`
        if data[place] == 59 or (data[place] == 38 and quoted):
            following: i64 = place + 1
            while following < stop and table[256 + data[following]] & 4:
                following += 1
            if following > place + 2 and following < stop and data[following] == 61:
                return -1
        place += 1
    if mixed(data, first, stop, KINDS):
        return stop
    if data[first - 1] == 32 and data[stop - 1] == 46:
        stop -= 1  # the end of a sentence
    return stop if not quoted and is_plain(data, first, stop) else -1


def element_end(data: bytes, start: i64) -> i64:
    """Return the end of the text of an element on one line; -1 if it is prose, or does not end there."""
    stop: i64 = data.find(b"</", start, start + 500)
    if stop < 0:
        return -1
    blanks: i64 = 0
    place: i64 = start
    while place < stop:
        if data[place] < 32 or data[place] > 126:
            return -1
        if data[place] == 32:
            blanks += 1
        place += 1
    return -1 if blanks and not mixed(data, start, stop, KINDS) else stop


def is_literal(data: bytes, start: i64, end: i64, table: bytes) -> bool:
    """Return True for a literal with letters before its quotation mark: `b"..."`, `rf'...'`."""
    place: i64 = start
    while place < end and place < start + 2 and data[place] in PREFIXES:
        place += 1
    return place > start and place < end and table[data[place]] & 8 != 0 and data.find(data[place], place + 1, end) > 0


def is_listed(data: bytes, name: i64, stop: i64) -> bool:
    """Return True if the mark that a line ends with ends the line before or after it as well: it separates them."""
    mark: i64 = data[stop - 1]
    low: i64 = name - 1
    while low > 0 and low > name - 40 and data[low] != 10:
        low -= 1
    low -= 1
    if low > 0 and data[low] == 13:
        low -= 1
    if low >= 0 and (data[low] == mark or data[low] == 123 or data[low] == 40 or data[low] == 91):
        return True
    size: i64 = len(data)
    limit: i64 = stop + NEXT_LINE
    if limit > size:
        limit = size
    place: i64 = stop
    while place < limit and data[place] <= 32:
        place += 1
    if place < limit and (data[place] == 125 or data[place] == 41 or data[place] == 93):
        return True
    end: i64 = data.find(b"\n", place, limit)
    if end < 0:
        end = limit
    if end > place and data[end - 1] == 13:
        end -= 1
    return end > place and data[end - 1] == mark


def is_plain(data: bytes, start: i64, end: i64) -> bool:
    """Return True for words and digits with the marks that people put into passwords, maybe behind backslashes."""
    digits: i64 = 0
    place: i64 = start
    while place < end:
        byte: i64 = data[place]
        if 48 <= byte <= 57:
            digits += 1
        elif byte == 92 and place + 1 < end and data[place + 1] in b"!#:=":
            place += 1
        elif not (65 <= byte <= 90 or 97 <= byte <= 122) and byte not in MARKS:
            return False
        place += 1
    return digits > 0


def before_quote(data: bytes, start: i64, end: i64, table: bytes) -> i64:
    """Return where a value ends that was begun inside of a literal: before a lone quotation mark and what closes."""
    place: i64 = end
    while place > start and table[data[place - 1]] & 128:
        place -= 1
    place -= 1
    if place <= start or not table[data[place]] & 8:
        return end
    mark: i64 = data[place]
    other: i64 = start
    count: i64 = 0
    while other < place:
        if data[other] == mark:
            count += 1
        other += 1
    if count % 2 == 1:
        return end
    return place - 1 if data[place - 1] == 92 else place


def usual(data: bytes, places: list[int], *, starts: bool = False, known: Known | None = None) -> list[int]:
    """Return `WIDTH` integers for each value at the hits of the prefilter, in the order of the hits.

    If they are `starts`, values start at the places; else hits end there. What is `known` to be refused is left out.
    """
    found: list[int] = []
    table = TABLE
    lower = LOWER
    size: i64 = len(data)
    last: i64 = -1
    for hit in places:
        end: i64 = hit
        start: i64 = end
        stem = False
        if not starts:
            stem = ends_with_stem(data, end, lower)
            if stem:
                found += (hit, BEHIND, 0, 0, 0, 0)
            start = end - 4
            if end < 4:
                if stem:
                    continue
            elif table[data[end - 4]] & 8 or data[end - 4] == 59:
                start = end - 3
            elif stem and not (end >= 5 and table[256 + data[end - 5]] & 1):
                continue
        if start > 1 and start < size and data[start] == 45 and data[start - 1] == 58 and data[start - 2] != 58:
            start += 1  # the default in ${NAME:-value}
        if start == last and not stem:
            continue
        last = start
        if start < 4 or start + 4 > size:
            found += (start, OTHERWISE, 0, 0, 0, 0)
            continue
        opened: i64 = start  # the value, with what wraps it in XML
        if data[start] == 60 and data[start : start + 9] == CDATA:
            start += 9
        elif data[start - 1] == 91 and start > 12 and data[start - 9 : start] == CDATA:
            opened = start - 9
        if opened == start and data[start] == 60 and data[start - 1] == 62 and table[data[start - 2]] & 13:
            continue  # an element in an element
        # The value must begin as the patterns of `candidates` ask for.
        first: i64 = table[data[start]]
        odd: i64 = NONE  # what an odd beginning calls for
        loose = False  # a generated value may begin with marks that otherwise open something else
        if first & 12 or table[data[start + 1]] & 4 or table[data[start + 2]] & 4:
            found += (start, OTHERWISE, 0, 0, 0, 0)
            continue
        place: i64 = opened - 1
        mark: i64 = data[place]
        quote: i64 = 0
        escaped = False
        if table[mark] & 8:
            quote = mark
            place -= 1
            if data[place] == 92:
                escaped = True
                place -= 1
            if data[place] == 92 or table[data[place]] & 8:
                found += (start, OTHERWISE, 0, 0, 0, 0)
                continue
        elif mark == 59 or table[data[start + 3]] & 4:
            found += (start, OTHERWISE, 0, 0, 0, 0)
            continue
        elif first & 96 or data[start] == 58 or data[start] == 61 or table[data[start + 3]] & 24:
            loose = True
            if not first & 96 and not table[data[start + 3]] & 24:
                odd = OTHERWISE  # a colon or an equals sign
        if (first | table[data[start + 1]] | table[data[start + 2]]) & 16:
            loose = True
            odd = NONE
        if loose and not quote and (data[start] == 61 or data[start] == 62) and data[start - 1] in OPERATORS:
            found += (start, OTHERWISE, 0, 0, 0, 0)
            continue
        if loose and not quote and first & 64 and table[data[start + 1]] & 8:
            continue  # a list, a call
        name_end: i64 = separated(data, place, quote != 0, table)
        if name_end < 0:
            if name_end == NONE or (loose and odd == NONE):
                continue
            found += (start, OTHERWISE, 0, 0, 0, 0)
            continue
        # The name holds a stem: the last one counts, as long as the rest of the name is short.
        stem_at: i64 = named(data, name_end, table, lower)
        if loose and stem_at < 0:
            if odd == OTHERWISE:
                found += (start, OTHERWISE, 0, 0, 0, 0)
            continue
        if stem_at == LONG:
            found += (start, OTHERWISE, 0, 0, 0, 0)
            continue
        if stem_at < 0:
            # Between a name and the separator there may be a type, or the word `value`; a quoted name ends no type.
            place = name_end - 1
            word_low: i64 = name_end - 20
            while place > 2 and place >= word_low and table[256 + data[place]] & 4:
                place -= 1
            before: i64 = data[place]
            if place == name_end - 1 or place < word_low or place <= 2 or data[name_end] == 40:
                found += (start, OTHERWISE, 0, 0, 0, 0)
                continue
            if data[name_end] == 92 or table[data[name_end]] & 8:
                if before == 92 or table[before] & 8:
                    if not is_value(data, place + 1, name_end):
                        continue
                found += (start, OTHERWISE, 0, 0, 0, 0)
                continue
            if before == 10 or before == 13 or before == 44 or before == 40 or before == 123 or before == 59:
                if before == 59 or is_value(data, place + 1, name_end):
                    found += (start, OTHERWISE, 0, 0, 0, 0)
                continue
            if before != 32 or has_no_type(data, name_end, table):
                found += (start, OTHERWISE, 0, 0, 0, 0)
                continue
            before = data[place - 1]
            if before == 32 or before == 9 or before == 10 or before == 13 or before == 44:
                # Indented, or the next item: only a colon or a comma could join it to a name before it.
                while place > 2 and (data[place] == 32 or data[place] == 9):
                    place -= 1
                before = data[place]
                if before == 58 or before == 92 or table[before] & 9 or before == 93 or before == 41:
                    found += (start, OTHERWISE, 0, 0, 0, 0)
                    continue
                word_low = name_end - 1
                while word_low > 0 and table[256 + data[word_low - 1]] & 4:
                    word_low -= 1
                if is_value(data, word_low, name_end):
                    found += (start, OTHERWISE, 0, 0, 0, 0)
                continue
            if table[before] & 8:
                place -= 1
                if data[place - 1] == 92:
                    place -= 1
                if data[place - 1] == 92 or table[data[place - 1]] & 8:
                    found += (start, OTHERWISE, 0, 0, 0, 0)
                    continue
            elif not table[before] & 1:
                found += (start, OTHERWISE, 0, 0, 0, 0)
                continue
            if data[place - 3] == 32 and data[place - 3 : place].lower() == b" as":
                place -= 3  # between a name and its type
                while place > 3 and data[place - 1] == 32:
                    place -= 1
            word_low = place
            stem_at = named(data, word_low, table, lower)
            if stem_at < 0 and place > 7 and data[place - 7 : place] == b"'static":
                stem_at = LONG
            if stem_at == LONG:
                found += (start, OTHERWISE, 0, 0, 0, 0)
                continue
            if stem_at < 0 or not quote:
                continue  # no name; and a bare value stands right behind its name
            name_end = word_low
        name_start: i64 = stem_at
        floor: i64 = stem_at - 60
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
        flags: i64 = 0
        if quote:
            closed = False
            blanks: i64 = 0
            apart: i64 = 0
            while stop < limit:
                byte = data[stop]
                if byte == quote and (data[stop - 1] == 92) == escaped:
                    closed = True
                    break
                if byte < 32 or byte > 126:
                    break
                if byte == 32:
                    blanks += 1
                    if (stop - start) % 5 == 4:
                        apart += 1
                stop += 1
            if not closed:
                if byte == 10 or stop >= limit:
                    continue  # a literal that does not end on its line is none
                found += (start, OTHERWISE, 0, 0, 0, 0)
                continue
            if escaped:
                stop -= 1
            scattered = (loose or blanks >= 2) and mixed(data, start, stop, KINDS)
            if loose and not scattered:
                continue
            if (
                blanks >= 2
                and not scattered
                and (apart != blanks or blanks < 3 or blanks > 7 or stop - start != 5 * blanks + 4)
            ):
                flags = REFUSED  # text; but an app password is shown in groups of four
        else:
            numeric: i64 = 0
            while stop < limit:
                byte = data[stop]
                if table[byte] & 32:
                    break
                if byte < 32 or byte > 126 or byte == 40 or byte == 38:
                    break
                if 48 <= byte <= 57:
                    numeric += 1
                stop += 1
            whole: i64 = data.find(b"]]></", start, limit) if opened < start else -1
            if whole < 0 and (loose or stop >= size or not table[byte] & 4 or table[data[stop - 1]] & 128):
                whole = whole_end(data, name_start, start)
            if whole > start:
                stop = whole
                numeric = 0
            elif loose:
                if odd == OTHERWISE:
                    found += (start, OTHERWISE, 0, 0, 0, 0)
                continue
            else:
                if stop >= size or (stop < limit and not table[byte] & 32):
                    found += (start, OTHERWISE, 0, 0, 0, 0)
                    continue
                following: i64 = stop
                while following < size and following < stop + 10 and table[data[following]] & 20:
                    following += 1
                if following > stop and following < size and data[following] == 61:
                    found += (start, OTHERWISE, 0, 0, 0, 0)
                    continue
                if not (data[stop - 1] == 46 and data[stop - 2] == 46 and data[stop - 3] == 46):
                    full: i64 = stop
                    while stop > start and table[data[stop - 1]] & 128:
                        stop -= 1
                    if stop < full and data[stop] == 46:
                        found += (start, OTHERWISE, 0, 0, 0, 0)
                        continue
            if numeric == stop - start or is_address(data, start, stop, table):
                flags = REFUSED  # a number
        if (
            not flags
            and SHORTEST_IDENTIFIER <= stop - start <= LONGEST_IDENTIFIER
            and is_hexadecimal(data, start, stop, table)
        ):
            flags = HEXADECIMAL
        if stop - start >= 4:
            place = start - (2 if escaped else 1) if quote else start
            if known is None or not _is_known(known, data, start, stop, name_start, name_end, place, flags):
                found += (start, stop, name_start, name_end, place, flags)
    return found


def _is_known(
    known: Known, data: bytes, start: i64, stop: i64, name_start: i64, name_end: i64, place: i64, flags: i64
) -> bool:
    """Return True if a value is refused for what is known of such values."""
    if flags == REFUSED:
        return True
    if flags == HEXADECIMAL and known.identifying.get(data[name_start:name_end], False):
        if in_column(data, name_start, start, stop):
            return True
    if stop == len(data):
        return False
    text = data[name_start : stop + 1].translate(NO_DIGITS)
    where = known.hopeless.get(text)
    if where is not None and where == parts(name_end - name_start, place - name_start, start - name_start):
        return True
    begin: i64 = line_start(data, name_start, start) if known.on_lines else -1
    if begin < 0:
        return False
    where = known.lines.get(line(data, begin, stop))
    return where is not None and where == parts(start - begin, stop - begin, name_start - begin)


def line_start(data: bytes, name_start: i64, start: i64) -> int:
    """Return the start of the line of a value; -1 if its name is on another, or the line is very long before it."""
    low: i64 = start - LINE_BEFORE
    if low < 0:
        low = 0
    begin: i64 = data.rfind(b"\n", low, start) + 1
    return -1 if begin > name_start or (begin == 0 and low > 0) else begin


def line(data: bytes, begin: i64, stop: i64) -> bytes:
    """Return the line that begins there, up to a few bytes behind a value that ends at `stop`, each digit as `0`."""
    end: i64 = data.find(b"\n", stop, stop + LINE_AFTER)
    return data[begin : end if end >= 0 else stop + LINE_AFTER].translate(NO_DIGITS)


def told(data: bytes, ends: list[int], *, numbers: bool = True) -> list[int]:
    """Return the starts of the values at these hits that a telling name may be for, each once.

    The name of the hits themselves says nothing, as `value` does. A hit ends three bytes behind the start of a quoted
    value, and four behind that of a bare one. `apart` decides if a name belongs to the value: this only tells where a
    stem is where such a name may be. Without `numbers`, bare ones, which are no keys, are left out.
    """
    table = TABLE
    lower = LOWER
    found: list[int] = []
    last: i64 = -1
    for hit in ends:
        start: i64 = hit - 4
        if start < 8:
            continue
        if table[data[start]] & 8:
            start += 1
        elif not numbers and is_bare_number(data, start, table):
            continue
        if start != last and _is_told(data, start, table, lower):
            found.append(start)
        last = start
    return found


def is_bare_number(data: bytes, start: i64, table: bytes) -> bool:
    """Return True for decimal digits alone, between other characters than those of a name or of a literal."""
    size: i64 = len(data)
    place: i64 = start
    if table[data[start - 1]] & 9:
        return False
    while place < size and 48 <= data[place] <= 57:
        place += 1
    if place == start:
        return False
    return place == size or data[place] == 44 or table[data[place]] & 4 != 0


def _is_told(data: bytes, start: i64, table: bytes, lower: bytes) -> bool:
    low: i64 = start - TOLD_BEFORE
    if low < 3:
        low = 3
    high: i64 = start + TOLD_AFTER
    if high > len(data):
        high = len(data)
    place: i64 = start - 1
    while place > low:
        byte: i64 = data[place - 1]
        if table[256 + byte] & 2 and ends_with_stem(data, place, lower) and _is_name(data, place, table, before=True):
            return True
        if byte == 10 and data[place] == 10:
            break  # a blank line: what is above belongs to something else
        place -= 1
    place = start + 8
    while place < high:
        byte = data[place - 1]
        if table[256 + byte] & 2 and ends_with_stem(data, place, lower) and _is_name(data, place, table, before=False):
            return True
        if byte == 10 and data[place] == 10:
            break
        place += 1
    return False


def _is_name(data: bytes, end: i64, table: bytes, *, before: bool) -> bool:
    """Return True if a stem that ends here is part of a name beside or around a value, which it stands before."""
    size: i64 = len(data)
    first: i64 = end - 1
    floor: i64 = end - 80
    if floor < 1:
        floor = 1
    while first > floor and (table[data[first - 1]] & 2 or data[first - 1] == 32) and data[first - 1] != 58:
        if data[first - 1] == 32 and not table[256 + data[first - 2]] & 4:
            break
        first -= 1
    place: i64 = first - 1
    while place > floor and (table[data[place]] & 8 or data[place] == 92):
        place -= 1
    quoted = place < first - 1
    while place > 0 and (data[place] == 32 or data[place] == 9):
        place -= 1
    mark: i64 = data[place]
    if mark == 58 or mark == 61 or mark == 62 or (quoted and (mark == 40 or mark == 44 or mark == 10)):
        return True  # the value of `name`, an element, or the first argument
    if not before:
        return False
    place = end
    limit: i64 = end + 60
    if limit > size:
        limit = size
    while place < limit and table[data[place]] & 1:
        place += 1
    while place < limit and (table[data[place]] & 8 or data[place] == 92 or data[place] == 32 or data[place] == 9):
        place += 1
    if place >= limit:
        return False
    mark = data[place]
    if mark == 58 or mark == 61 or mark == 62:
        place += 1
        while place < limit and (data[place] == 32 or data[place] == 9 or data[place] == 62):
            place += 1
        mark = data[place] if place < size else 10
        if mark == 10 or mark == 13:
            return True
    return mark == 123 or mark == 91 or mark == 60


if __name__ == "keysift.detect.named.spans":  # but not in the compiled form, which has another name
    from keysift import native

    native.take_over(__name__, __file__)
