"""What reads the bytes of any file: values, names, usages, tables, encodings, comments, and what masks them."""

# atheris instruments what is imported after it.
# ruff: noqa: PLC0415

from __future__ import annotations

import random

from tests.fuzz.made import Made

COMMENTS = b"""
# keysift: ignore-start[a-*] why until 2026-01-01
x = y # keysift: ignore[a-b, c] so
# keysift: ignore-end
"""


def comments() -> Made:
    """Comments that accept a finding."""
    from keysift.detect import comments
    from keysift.model import Blob, Confidence, Finding, Label, Location, Rule, Verdict

    rule = Rule("a-b", "A", "B", Label.SECRET, "W.", "R.", ())

    def one(data: bytes) -> None:
        blob = Blob("a", data)
        middle = len(data) // 2
        line = data.count(b"\n", 0, middle) + 1
        place = Location("a", line, 1, line, 2, middle, min(len(data), middle + 1))
        finding = Finding(rule, b"x", Verdict(Label.SECRET, Confidence.HIGH, ()), (place,), "f")
        [found] = comments.inline(blob, [finding])
        list(comments.unused(blob, [found]))

    return one, [COMMENTS, b"// pragma: allowlist nextline secret\nx # gitleaks:allow\n# nosecret\n"]


def decode() -> Made:
    """Encodings in encodings: what is decoded comes from somewhere."""
    from tests.fuzz import fuzz_decode

    return fuzz_decode.target, [fuzz_decode.made_up(random.Random(number)) for number in range(60)]


KEY = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=32)).encode()
PLACES = (
    b'{"name": "api_key", "value": "%s"}', b"- name: TOKEN\n  value: %s\n", b"<add key='secret' value='%s'/>",
    b'resource "x" "y" {\n  api_token = "%s"\n}\n', b"curl -u admin:%s https://example.org/", b"f('PASSWORD', \"%s\")",
    b"mysql -uroot -p%s\n", b"password = %s # why\n", b"| api key | `%s` |\n|---|---|\n", b"ENV API_KEY %s\n",
    b"postgres://user:%s@example.org/base?sslmode=off", b"Authorization: Bearer %s\n", b"key: |\n  %s\n",
    b"name,password\nadmin,%s\n", b"INSERT INTO users (name, password) VALUES ('a', '%s');\n", b"token:\n  - %s\n",
)  # fmt: skip
"""Ways in which files have keys, each a start for a target."""
SEEDS = [place % KEY for place in PLACES]


def scan() -> Made:
    """A whole file, by all rules: every finding is where it says, and `explain` has it."""
    from keysift.detect import explain
    from keysift.detect.findings import scan_blob
    from keysift.detect.matcher import Matcher
    from keysift.model import Blob
    from keysift.rules import ruleset

    matcher = Matcher(ruleset.load())
    matcher.prefilter.prepare()

    def one(data: bytes) -> None:
        blob = Blob("a.txt", data)
        found = scan_blob(matcher, blob)
        for finding in found.findings:
            for place in finding.locations:
                assert 0 <= place.start_byte <= place.end_byte <= len(data)
                assert min(place.start_line, place.start_column) >= 1
        told = {one.finding.fingerprint for one in explain.explain(matcher, blob)[0] if one.finding}
        # A value that is refused for what all values of its kind are is not judged in a scan: there may be less.
        assert told >= {finding.fingerprint for finding in found.findings}

    return one, SEEDS


def fields() -> Made:
    """The names around a value: any bytes before it and behind."""
    from keysift.detect import fields
    from keysift.detect.surroundings import Surroundings

    def one(data: bytes) -> None:
        start, end = len(data) // 2, len(data) // 2 + min(8, len(data) // 4)
        around = Surroundings(data, start, end)
        path = around.field.path
        assert len(path) < 3 * (fields.BEFORE + fields.AFTER)
        assert around.ending == around.field.path.rpartition(".")[2] or "." in around.ending or not around.ending
        assert all(isinstance(text, str) for text in (around.near, around.literal, around.before, around.after))

    return one, [each.replace(KEY, KEY[:8]) + b" " * len(each) for each in SEEDS]


def values() -> Made:
    """Values that may be generated: in order, apart, within the bytes; the loops over names and wide text as well."""
    from keysift import wide
    from keysift.detect import values
    from keysift.detect.named import spans

    def one(data: bytes) -> None:
        for cut in (False, True):
            found = values.runs(data, values.KINDS, values.PAIRS, cut=cut)
            assert found == sorted(found)
            assert not found or (found[0] >= 0 and found[-1] <= len(data))
            zones = values.zones(found, 100, len(data))
            assert all(0 <= low < high <= len(data) for low, high in zip(zones[::2], zones[1::2], strict=True))
        for end in range(1, min(len(data), 300)):
            assert spans.whole_end(data, 0, end) <= len(data)
        spans.usual(data, [*range(1, len(data))])
        spans.told(data, [*range(1, len(data))])
        text = wide.by_mark(data)
        for start in range(0, min(len(data), 100), 3):
            found_text = text or wide.around(data, start, start + 40)
            assert found_text is None or 0 <= found_text.character(data, start) <= start

    return one, [*SEEDS, *(b"\xff\xfe" + each.decode().encode("utf-16-le") for each in SEEDS[:3])]


def usages() -> Made:
    """Commands and calls of every rule that reads them: a secret stands behind the usage that has it."""
    from keysift.detect import usages
    from keysift.rules import ruleset

    readers = [usages.reader(rule) for rule in ruleset.load() if rule.usages]

    def one(data: bytes) -> None:
        for reader in readers:
            for found in reader.find(data, range(len(data)), len(data)):
                assert 0 <= found.begin <= found.start < found.end <= len(data)

    starts = sorted(
        {start for rule in ruleset.load() if rule.usages for usage in rule.usages for start in usage.starts}
    )
    return one, [*SEEDS, *(f'{start} -p "{KEY.decode()}" --user a'.encode() for start in starts[::5])]


def tables() -> Made:
    """Tables of every kind, read from each place at which one may begin."""
    from keysift.detect.decode import tables

    def one(data: bytes) -> None:
        hits = [(max(0, end - 6), end) for end in range(6, min(len(data), 600))]
        for part in tables.read(data, hits[:: max(1, len(hits) // 40)]):
            assert 0 <= part.start <= part.end <= len(data)

    return one, [SEEDS[8], *SEEDS[13:15], b"COPY users (name, token) FROM stdin;\na\t" + KEY + b"\n\\.\n"]


def masked() -> Made:
    """A key, after the length of what stands before it: no four characters of its random part are left."""
    from keysift import masking

    def one(data: bytes) -> None:
        start, length = (data[0], 8 + data[1] % 60) if len(data) > 1 else (0, 8)
        text = data[2:]
        secret = text[start : start + length]
        shown = text.decode("utf-8", "surrogateescape")
        if len(secret) < masking.SHORTEST_IN_NAMES or not secret.isalnum() or not secret.isascii():
            return
        hidden = masking.keys([secret])
        first = len(text[:start].decode("utf-8", "surrogateescape"))
        kept = masking.mask(shown, hidden, [(first, first + len(secret))])
        assert len(kept) == len(shown)
        head, tail = masking._ends(secret.decode())
        assert set(kept[first + head : first + len(secret) - tail]) == {masking.STAR}
        assert secret.decode() not in masking.mask_name(shown, hidden)
        masking.redact(text)

    return one, [bytes((len(place.partition(b"%s")[0]), 24)) + place % KEY for place in PLACES]


def forms() -> Made:
    """What a value is known to be: a digest, a public key, an encrypted value, a login in base64."""
    from keysift.detect import forms
    from keysift.detect.forms import der, lines, plain, published
    from keysift.detect.surroundings import Surroundings

    def one(data: bytes) -> None:
        value = data.decode("utf-8", "replace")
        for say in (forms.said, der.said, plain.said, plain.decoded, published.said):
            assert isinstance(say(value), str)
        third = len(data) // 3
        lines.said(Surroundings(data, third, 2 * third), "a/b.yml")

    starts = [
        b"ENC[AES256_GCM,data:",
        b"$2b$12$",
        b"MIIBIjANBgkqhkiG9w0BAQEF",
        b"age1",
        b"-----BEGIN PUBLIC KEY-----\n",
    ]
    return one, [start + KEY for start in starts] + [b"sha256 = " + b"ab" * 32, b"dXNlcjpwYXNzd29yZDE="]


TARGETS = (comments, decode, scan, fields, values, usages, tables, masked, forms)
