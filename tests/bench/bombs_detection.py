"""The worst bytes for detection: one pattern each, over and over, with and without line ends."""

from __future__ import annotations

import random
from collections.abc import Callable

from bombs_made import LINES, repeated

PATTERNS = {
    "quotes": b'"', "apostrophes": b"'", "backticks": b"`", "brackets": b"(", "braces": b"{", "square": b"[",
    "closing": b")", "equals": b"=", "colons": b":", "escapes": b"\\", "escaped quotes": b'\\"', "percent": b"%",
    "percent escapes": b"%41", "nul": b"\0", "wide": b"a\0", "newlines": b"\n", "blanks": b" ", "tabs": b"\t",
    "hex escapes": b"\\x41", "unicode escapes": b"\\u0041", "references": b"&#65;", "soft": b"=3D", "tags": b"<a>",
    "less": b"<", "commas": b",", "pipes": b"|", "pipe rows": b"| key | a |\n", "at": b"@", "slashes": b"/",
    "dashes": b"-", "stars": b"*", "hashes": b"#", "dots": b".", "semicolons": b";", "high": b"\xff",
    "two bytes": "é".encode(), "password=": b"password=", "password:": b'"password":', "secret = '": b"secret = '",
    "api_key": b"api_key ", "token x": b"token=x ", "bearer": b"Authorization: Bearer ", "basic": b"Basic dXNl",
    "begin": b"-----BEGIN RSA PRIVATE KEY-----", "begin line": b"-----BEGIN RSA PRIVATE KEY-----\n", "eyJ": b"eyJ",
    "jwt": b"eyJhbGciOi.", "akia": b"AKIA", "ghp": b"ghp_", "xoxb": b"xoxb-", "url": b"https://a:b@", "urls": b"://",
    "mysql -p": b"mysql -p", "curl -u": b"curl -u a:", "name/value": b'{"name": "password", "value": "',
    "yaml": b"- name: key\n  value: ", "deep yaml": b"a:\n ", "xml": b'<add key="password" value="', "hex": b"0123456789abcdef",
    "base64": b"QUJDREVGR0hJSktM", "joined": b"'a' + ", "comments": b"# keysift: ignore ", "ignore-start": b"# keysift: ignore-start\n",
    "insert": b"INSERT INTO a (password) VALUES ('", "copy": b"COPY a (password) FROM stdin;\n", "csv": b"password,", "csv rows": b"password,x\n",
    "from": b"From a\n", "camel": b"aB", "words": b"password ", "kind secret": b"kind: Secret\ndata:\n  a: ", "base64 -d": b"echo a | base64 -d ",
    "export": b"export TOKEN=", "docker": b"ENV TOKEN ", "f(": b'f("password", "', "heredoc": b"<<EOF\n", "lines": LINES,
}  # fmt: skip


def _pattern(unit: bytes) -> Callable[[int], bytes]:
    return lambda size: repeated(size, unit)


def nested_indents(size: int) -> bytes:
    """Names in blocks in blocks, each further to the right, each with a value."""
    lines = []
    length = depth = 0
    while length < size:
        depth = (depth + 1) % 400
        lines.append(b" " * depth + b"password_%d: q7Zx%dLm\n" % (depth, depth))
        length += len(lines[-1])
    return b"".join(lines)


def random_hex(size: int) -> bytes:
    """Values that are like keys, without names."""
    return b"\n".join(b"%032x" % random.Random(n).getrandbits(128) for n in range(size // 33))


def named_hex(size: int) -> bytes:
    """Values that are like keys, each with a name: everything is a finding."""
    return b"".join(b"api_key_%d = %032x\n" % (n, random.Random(n).getrandbits(128)) for n in range(size // 50))


def named_on_one_line(size: int) -> bytes:
    """Likewise, on one line."""
    return b", ".join(b'"token_%d": "%032x"' % (n, random.Random(n).getrandbits(128)) for n in range(size // 52))


def one_word(size: int) -> bytes:
    """Letters and digits without an end."""
    chance = random.Random(3)
    return bytes(chance.choices(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=size))


def one_base64(size: int) -> bytes:
    """A value in base64 without an end."""
    chance = random.Random(4)
    return (
        b'key = "'
        + bytes(chance.choices(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/", k=size))
        + b'"'
    )


def random_bytes(size: int) -> bytes:
    """Noise."""
    return random.Random(5).randbytes(size)


def printable(size: int) -> bytes:
    """Noise that can be printed."""
    return bytes(random.Random(6).choices(range(32, 127), k=size))


def punctuation(size: int) -> bytes:
    """Noise of what languages are made of."""
    pieces = [
        b'"',
        b"'",
        b"=",
        b": ",
        b"(",
        b")",
        b"{",
        b"}",
        b"\\",
        b"password",
        b"key",
        b"\n",
        b" ",
        b"%41",
        b"q7Zx1LmP2v",
    ]
    chance = random.Random(7)
    return b"".join(chance.choices(pieces, k=size // 3))[:size]


WORST: dict[str, Callable[[int], bytes]] = {
    **{f"~{name}": _pattern(unit) for name, unit in PATTERNS.items()},
    **{
        f"~{function.__name__.replace('_', ' ')}": function
        for function in (
            nested_indents, random_hex, named_hex, named_on_one_line, one_word, one_base64, random_bytes, printable,
            punctuation,
        )
    },
}  # fmt: skip
