"""The strings in a pickle, and the lines that strings are shown as: the inner loops of reading pickles.

One source in two forms, like `git/delta.py`: a pickle has an opcode for every few bytes. The opcodes and their
arguments: https://github.com/python/cpython/blob/main/Lib/pickletools.py.
"""

from __future__ import annotations

import codecs

from mypy_extensions import i64

_UNKNOWN = 0
# The size of an argument of fixed size is the kind less one: kinds 1 to 9.
_TEXT_1, _TEXT_4, _TEXT_8, _BYTES_1, _BYTES_4, _BYTES_8 = 10, 11, 12, 13, 14, 15
_LATIN_1, _LATIN_4, _NUMBER_1, _NUMBER_4 = 16, 17, 18, 19
_LINE, _TWO_LINES, _QUOTED, _ESCAPED, _PLAIN, _STOP = 20, 21, 22, 23, 24, 25
_OPCODES = {
    1: b"N\x88\x89]ael)t\x85\x86\x87}dsu\x8f\x90\x910(1\x94\x93Rbo\x81\x92Q2\x97\x98",
    2: b"Khq\x82\x80",
    3: b"M\x83",
    5: b"Jjr\x84",
    9: b"G\x95",
    _TEXT_1: b"\x8c",
    _TEXT_4: b"X",
    _TEXT_8: b"\x8d",
    _BYTES_1: b"C",
    _BYTES_4: b"B",
    _BYTES_8: b"\x8e\x96",
    _LATIN_1: b"U",
    _LATIN_4: b"T",
    _NUMBER_1: b"\x8a",
    _NUMBER_4: b"\x8b",
    _LINE: b"ILFgp",
    _TWO_LINES: b"ci",
    _QUOTED: b"S",
    _ESCAPED: b"V",
    _PLAIN: b"P",
    _STOP: b".",
}
"""By the kind of argument, the opcodes that have one."""


_LETTER, _MARK, _DIGIT, _ELSE = 0, 1, 2, 3
_LONGEST_NAME = 63


def _marks() -> bytes:
    """Return what each byte is in a name."""
    marks = bytearray(bytes((_ELSE,)) * 256)
    for byte in range(256):
        if byte < 128 and (chr(byte).isalpha() or byte == ord("_")):
            marks[byte] = _LETTER
        elif byte in b".-":
            marks[byte] = _MARK
        elif byte < 128 and chr(byte).isdigit():
            marks[byte] = _DIGIT
    return bytes(marks)


def _kinds() -> bytes:
    """Return the kind of argument of each opcode."""
    kinds = bytearray(256)
    for kind, opcodes in _OPCODES.items():
        for opcode in opcodes:
            kinds[opcode] = kind
    return bytes(kinds)


_KINDS, _MARKS = _kinds(), _marks()
_WIDTHS = bytes(_TEXT_1) + bytes((1, 4, 8, 1, 4, 8, 1, 4, 1, 4))
"""The bytes of the length before an argument, by its kind."""


def pickled(data: bytes) -> list[bytes]:
    """Return every argument that is text, in order, as UTF-8; of a damaged pickle, those before the damage."""
    found: list[bytes] = []
    kinds, widths = _KINDS, _WIDTHS
    length: i64 = len(data)
    place: i64 = 0
    while place < length:
        kind: i64 = kinds[data[place]]
        place += 1
        if 0 < kind < _TEXT_1:
            place += kind - 1
        elif kind < _LINE:
            if kind == _UNKNOWN:
                break
            width: i64 = widths[kind]
            if place + width > length:
                break
            size: i64 = data[place]
            at: i64 = 1
            while at < width:
                size += i64(data[place + at]) << (8 * at)
                at += 1
            place += width
            if size < 0 or size > length - place:
                break
            if kind < _NUMBER_1:
                text = data[place : place + size]
                if kind < _BYTES_1:
                    if not text.isascii() and not _is_text(text):
                        break
                elif kind >= _LATIN_1:
                    text = text.decode("latin-1").encode()
                found.append(text)
            place += size
        elif kind == _STOP:
            break
        else:
            end: i64 = data.find(b"\n", place)
            if end < 0:
                break
            if kind == _TWO_LINES:
                second: i64 = data.find(b"\n", end + 1)
                if second < 0:
                    break
                found.append(data[place:end] + b" " + data[end + 1 : second])
                end = second
            elif kind != _LINE and not _add_line(found, kind, data[place:end]):
                break
            place = end + 1
    return found


def _is_text(data: bytes) -> bool:
    """Return whether these bytes are what a pickle calls UTF-8."""
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def _add_line(found: list[bytes], kind: i64, line: bytes) -> bool:
    """Add the text of a line; return False if the line is none of its kind."""
    try:
        if kind == _ESCAPED:
            line = line.decode("raw-unicode-escape").encode("utf-8", "surrogatepass")
        elif kind == _QUOTED:
            if line[:1] not in (b"'", b'"') or line[:1] != line[-1:] or len(line) < 2:
                return False
            line = codecs.escape_decode(line[1:-1])[0]
    except ValueError:
        return False
    found.append(line)
    return True


def lines(texts: list[bytes]) -> bytes:
    """Return texts one a line, each behind the text before it if that looks like a name."""
    parts: list[bytes] = []
    name = b""
    for text in texts:
        if _is_name(text):
            name = text
            continue
        if name:
            parts.append(name)
            parts.append(b" = ")
            name = b""
        if b"\n" in text:
            parts.append(text)
            parts.append(b"\n")
        else:
            parts.append(b'"')
            parts.append(text)
            parts.append(b'"\n')
    return b"".join(parts)


def _is_name(text: bytes) -> bool:
    r"""Return whether a text is `[A-Za-z_][A-Za-z_.-]{1,60}\d{0,2}`."""
    length: i64 = len(text)
    if length < 2 or length > _LONGEST_NAME:
        return False
    marks = _MARKS
    place: i64 = 0
    while place < length and marks[text[place]] < _DIGIT:
        place += 1
    if place < 2 or place > _LONGEST_NAME - 2 or marks[text[0]] != _LETTER or length > place + 2:
        return False
    while place < length and marks[text[place]] == _DIGIT:
        place += 1
    return place == length


if __name__ == "keysift.containers.strings":  # but not in the compiled form, which has another name
    from keysift import native

    native.take_over(__name__, __file__)
