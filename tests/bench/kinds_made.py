"""Makes files that look like the data people keep beside code, from a seed: no line of them is anyone's.

Each kind is a function from a source of random numbers to the pieces of a file without end (see `kinds_pieces`). `make`
takes as many as the size asks for, and plants a key behind them, as this kind of file would hold it.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import kinds_pieces as pieces

from keysift.rules import generate


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file."""

    path: str
    pieces: Callable[[random.Random], Iterator[str]]
    begin: str = ""
    end: str = "{planted}\n"
    """What closes the file: `{planted}` stands for a key, in the syntax of the kind."""
    planted: str = "db_password={{alnum:20}}"
    """A template of `keysift.rules.generate`."""
    size: int = 3_000_000
    """Bytes, about."""
    encoded: bool = False
    """True if what is planted is in base64."""


def make(name: str, seed: int = 1, size: int = 0) -> tuple[bytes, str]:
    """Return a file of this kind, and the key at its end."""
    kind = KINDS[name]
    source = random.Random(f"{name} {seed}")
    planted, [key] = generate.instance(kind.planted, f"{seed}")
    if kind.encoded:
        planted = base64.b64encode(f"{pieces.sentence(source, 30)}\n{planted}\n".encode()).decode()
    text = [kind.begin]
    length = 0
    for piece in kind.pieces(source):
        text.append(piece)
        length += len(piece)
        if length >= (size or kind.size):
            break
    text.append(kind.end.replace("{planted}", planted))
    return "".join(text).encode(), key


_TOKEN = "{{github:ghp_}}"
_JSON = '"db_password": "{{alnum:20}}"'
_ROWS = "  {planted}\n}\n"
KINDS = {
    "S3 listing": Kind("listing.json", pieces.listing, '{\n    "Contents": [\n', '        {}],\n    {planted}\n}\n', _JSON, 5_000_000),
    "TypeScript enum": Kind("enum.ts", pieces.enum_typescript, "export const FEATURES = [\n", "];\n{planted}\n", 'const dbPassword = "{{alnum:20}}";'),
    "C enum": Kind("keys.h", pieces.enum_c, "enum keys {\n", "};\n{planted}\n", 'const char *db_password = "{{alnum:20}}";'),
    "one-line JSON": Kind("one-line.json", pieces.one_line, '{"rows": [', "{}], {planted}}", _JSON, 12_000_000),
    "wheel RECORD": Kind("package.dist-info/RECORD", pieces.wheel_record),
    "SHA256SUMS": Kind("SHA256SUMS", pieces.checksums),
    "log": Kind("app.log", pieces.log),
    "minified JavaScript": Kind("app.min.js", pieces.minified, end="{planted}\n", planted=f'var a={{githubToken:"{_TOKEN}"}};'),
    "bundled JavaScript": Kind("bundle.js", pieces.bundled, "(function(modules) {\n", "{planted}\n})();\n", 'var dbPassword = "{{alnum:20}}";'),
    "source map": Kind("app.js.map", pieces.source_map, '{"version":3,"sources":["a.ts"],"names":[],"mappings":"', '","sourcesContent":[{planted}]}', f'"export const githubToken = \\"{_TOKEN}\\";\\n"'),
    "CSV of digests": Kind("digests.csv", pieces.digests, "id,md5,sha1,sha256,name\n"),
    "translations": Kind("messages.en.json", pieces.catalogue, "{\n", _ROWS, _JSON),
    "OpenAPI JSON": Kind("openapi.json", pieces.openapi_json, '{\n  "paths": {\n', "    {}},\n  {planted}\n}\n", _JSON),
    "OpenAPI YAML": Kind("openapi.yaml", pieces.openapi_yaml, "paths:\n", "x-test:\n  {planted}\n", "db_password: {{alnum:20}}"),
    "Terraform state": Kind("terraform.tfstate", pieces.state, '{\n  "resources": [\n', '    {}],\n  "outputs": {{planted}}\n}\n', _JSON),
    "SQL dump": Kind("dump.sql", pieces.sql, end="{planted}\n", planted="ALTER USER app IDENTIFIED BY 'x'; SET @db_password = '{{alnum:20}}';"),
    "base64 mail": Kind("mail.txt", pieces.mail, "From: a@example.org\nContent-Type: multipart/mixed; boundary=b1\n\n", "--b1\nContent-Transfer-Encoding: base64\n\n{planted}\n--b1--\n", encoded=True),
    "certificates": Kind("ca-bundle.pem", pieces.certificates, end="# {planted}\n"),
    "notebook": Kind("report.ipynb", pieces.notebook, '{\n "cells": [\n', '  {}],\n "metadata": {{planted}}\n}\n', _JSON),
    "XML export": Kind("export.xml", pieces.xml, "<records>\n", "{planted}\n</records>\n", "<dbPassword>{{alnum:20}}</dbPassword>"),
    "protobuf text": Kind("data.textproto", pieces.protobuf, end="{planted}\n", planted='db_password: "{{alnum:20}}"'),
    "po": Kind("de.po", pieces.po, end="#. {planted}\n", planted=f"GITHUB_TOKEN={_TOKEN}"),
    "licences": Kind("NOTICE.txt", pieces.licences, end="{planted}\n", planted=f"GITHUB_TOKEN={_TOKEN}"),
    "HAR": Kind("session.har", pieces.har, '{"log": {"entries": [\n', "{}],\n{planted}}}\n", _JSON),
    "UUIDs in rst": Kind("ids.rst", pieces.ids, end="{planted}\n", planted=f"GITHUB_TOKEN={_TOKEN}"),
    "lock file": Kind("package-lock.json", pieces.lock, '{\n  "packages": {\n', '    "": {}},\n  {planted}\n}\n', f'"_authToken": "{_TOKEN}"'),
}  # fmt: skip
