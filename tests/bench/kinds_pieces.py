"""Makes the pieces of files that look like the data people keep beside code: see `kinds_made`."""

from __future__ import annotations

import base64
import json
import random
import string
import textwrap
import uuid
from collections.abc import Iterator
from itertools import count

Source = random.Random
WORDS = (
    "account address amount answer archive backup balance batch billing browser bucket buffer button calendar campaign "
    "channel client cluster column comment config contact content counter country customer default delivery deploy "
    "detail device dialog discount display document domain editor element email endpoint engine entry error event export "
    "feature field filter folder format gateway group handler header history image import index inventory invoice item "
    "label layout level license limit list locale location login manager member menu message method metric mobile model "
    "module monitor network notice number object option order output owner package panel parent password payment period "
    "plan policy preview price process product profile project provider public query queue reader record region release "
    "report request resource response result review role route rule sample schema screen search section secret segment "
    "select service session setting shipping source stage state status storage store string style submit summary switch "
    "system table target task team template theme thread timeout title token total trace transfer update upload user value"
).split()
KEY_WORDS = ("key", "token", "secret", "password", "auth", "passKey", "apiKey", "accessToken", "secretName", "keyId")


def some_hex(source: Source, length: int) -> str:
    """Return hexadecimal digits."""
    return f"{source.getrandbits(4 * length):0{length}x}"


def some_base64(source: Source, length: int) -> str:
    """Return the base64 of random bytes."""
    return base64.b64encode(source.randbytes(length)).decode()


def name(source: Source, words: int = 2) -> str:
    """Return a name in camel case."""
    first, *others = source.choices(WORDS, k=words)
    return first + "".join(word.title() for word in others)


def sentence(source: Source, words: int = 8) -> str:
    """Return a sentence."""
    return " ".join(source.choices(WORDS, k=words)).capitalize() + "."


def an_id(source: Source) -> str:
    """Return a UUID."""
    return str(uuid.UUID(int=source.getrandbits(128), version=4))


def a_time(source: Source) -> str:
    """Return a date and a time."""
    return f"2024-{source.randint(1, 12):02}-{source.randint(1, 28):02}T{source.randint(0, 23):02}:12:45.{source.randint(0, 999):03}Z"


def listing(source: Source) -> Iterator[str]:
    """Yield the entries of a bucket, as cloud tools list them."""
    for number in count():
        row = {
            "Key": f"photos/{source.randint(2000, 2025)}/{source.randint(1, 12):02}/img_{number:06}.jpg",
            "LastModified": a_time(source),
            "ETag": f'"{some_hex(source, 32)}"',
            "Size": source.randint(1, 10**6),
            "StorageClass": "STANDARD",
        }
        yield textwrap.indent(json.dumps(row, indent=4), "        ") + ",\n"


def enum_typescript(source: Source) -> Iterator[str]:
    """Yield the members of a list of features, with keys and types of tokens."""
    for number in count():
        yield f"  {{ key: 'feature-{number}-{source.choice(WORDS)}', value: {number}, tokenType: 'T{number}' }},\n"


def enum_c(source: Source) -> Iterator[str]:
    """Yield key codes and token types of a C header."""
    for number in count():
        upper = "_".join(source.choices(WORDS, k=2)).upper()
        yield f"    KEY_{upper}_{number} = 0x{number:04x}, /* the key of {source.choice(WORDS)} */\n"
        yield f'#define TOKEN_{upper}_{number} "tok{number}{source.choice(WORDS)}"\n'


def one_line(source: Source) -> Iterator[str]:
    """Yield rows of JSON without a line break."""
    for number in count():
        yield f'{{"key": "item-{number}", "value": {number % 7}, "label": "{source.choice(WORDS)}"}}, '


def wheel_record(source: Source) -> Iterator[str]:
    """Yield the lines of a wheel's RECORD."""
    for _ in count():
        digest = some_base64(source, 32).rstrip("=").replace("+", "-").replace("/", "_")
        path = "/".join(source.choices(WORDS, k=3))
        yield f"{path}/{source.choice(('token', 'keys', 'auth', *WORDS))}.py,sha256={digest},{source.randint(0, 99999)}\n"


def checksums(source: Source) -> Iterator[str]:
    """Yield the lines of SHA256SUMS."""
    for _ in count():
        yield f"{some_hex(source, 64)}  {source.choice(WORDS)}-{source.randint(1, 99)}.{source.randint(0, 9)}.tar.gz\n"


def log(source: Source) -> Iterator[str]:
    """Yield the lines of a log about cache keys and tokens."""
    for _ in count():
        yield (
            f"{a_time(source)} INFO cache.{source.choice(WORDS)} hit key={some_hex(source, 32)} token={some_hex(source, 16)} "
            f"ttl={source.randint(1, 3600)} authId={an_id(source)} took={source.randint(1, 99)}ms\n"
        )


def minified(source: Source) -> Iterator[str]:
    """Yield statements of a minified script, without line breaks."""
    for number in count():
        a, b, c = source.choices(string.ascii_letters, k=3)
        yield (
            f'function {a}{b}({c},e){{var t={c}.{source.choice(KEY_WORDS)},n=e.key||"{name(source)}";return t&&t.token?'
            f'{a}(t.token,{{key:"{name(source)}",value:{number},password:t.password}}):e["{source.choice(WORDS)}"]({c})}}'
        )


def bundled(source: Source) -> Iterator[str]:
    """Yield the modules of a bundle, some as strings that are evaluated."""
    for number in count():
        inner = f'var {name(source)} = __webpack_require__(\\"./src/{source.choice(WORDS)}.js\\");\\n'
        yield (
            f'/***/ "./src/{source.choice(WORDS)}/{number}.js":\n/***/ (function(module, exports, __webpack_require__) {{\n\n'
            f'"use strict";\neval("{inner * 4}//# sourceURL=webpack:///./src/{number}.js?{some_hex(source, 4)}");\n'
            f"module.exports = {{ key: '{name(source)}', token: {name(source)}.token, hash: \"{some_hex(source, 20)}\" }};\n/***/ }}),\n"
        )


_VLQ = string.ascii_letters + string.digits + "+/"


def source_map(source: Source) -> Iterator[str]:
    """Yield the mappings of a source map."""
    for _ in count():
        segments = ("".join(source.choices(_VLQ, k=source.choice((4, 4, 5, 6, 8)))) for _ in range(200))
        yield ",".join(segments) + ";"


def digests(source: Source) -> Iterator[str]:
    """Yield rows of identifiers and digests."""
    for number in count():
        yield f"{number},{some_hex(source, 32)},{some_hex(source, 40)},{some_hex(source, 64)},{source.choice(WORDS)}\n"


def catalogue(source: Source) -> Iterator[str]:
    """Yield messages by their names."""
    for number in count():
        key = source.choice(KEY_WORDS)
        yield f'  "{name(source)}.{key}.{number}": "{sentence(source)}",\n  "{key}{number}Label": "{sentence(source, 3)}",\n'


def openapi_json(source: Source) -> Iterator[str]:
    """Yield the paths of an interface, as JSON."""
    for number in count():
        properties = {
            f"{key}": {"type": "string", "description": sentence(source), "example": f"{source.choice(WORDS)}-{number}"}
            for key in source.choices(KEY_WORDS, k=3)
        }
        content = {"get": {"operationId": name(source, 3), "security": [{"api_key": []}], "properties": properties}}
        yield f'    "/v1/{source.choice(WORDS)}/{number}": {json.dumps(content, indent=2)},\n'


def openapi_yaml(source: Source) -> Iterator[str]:
    """Yield the paths of an interface, as YAML."""
    for number in count():
        yield f"  /v1/{source.choice(WORDS)}/{{keyId}}/{number}:\n    get:\n      operationId: {name(source, 3)}\n      parameters:\n"
        for key in source.choices(KEY_WORDS, k=3):
            yield f"        - name: {key}\n          in: query\n          example: {source.choice(WORDS)}{number}\n"
            yield f"          description: {sentence(source)}\n          schema: {{type: string, default: {name(source)}}}\n"


def state(source: Source) -> Iterator[str]:
    """Yield the resources of a Terraform state."""
    for number in count():
        attributes = {
            "arn": f"arn:aws:kms:us-east-1:{source.randint(10**11, 10**12 - 1)}:key/{an_id(source)}",
            "id": an_id(source),
            "key": f"env/{source.choice(WORDS)}/{number}",
            "kms_key_id": an_id(source),
            "etag": some_hex(source, 32),
            "password": None,
            "secret_arn": f"arn:aws:secretsmanager:us-east-1:1:secret:{source.choice(WORDS)}",
            "token": "",
        }
        resource = {
            "mode": "managed",
            "type": "aws_s3_object",
            "name": name(source),
            "instances": [{"attributes": attributes}],
        }
        yield textwrap.indent(json.dumps(resource, indent=2), "    ") + ",\n"


def sql(source: Source) -> Iterator[str]:
    """Yield rows of a dump."""
    for number in count(1):
        values = ",".join(
            f"({number * 50 + row},'{source.choice(WORDS)}{row}@example.org','$2y$10${some_base64(source, 39)}',"
            f"'{some_hex(source, 40)}','{an_id(source)}',NULL)"
            for row in range(50)
        )
        yield f"INSERT INTO `users` (`id`,`email`,`password_hash`,`session_token`,`api_key_id`,`auth`) VALUES {values};\n"


def mail(source: Source) -> Iterator[str]:
    """Yield attachments."""
    for number in count():
        body = "\n".join(textwrap.wrap(some_base64(source, 60_000), 76))
        yield (
            f'--b1\nContent-Type: image/png; name="{number}.png"\nContent-Transfer-Encoding: base64\n\n{body}\n'
            f"--b1\nContent-Type: text/plain; charset=utf-8\n\n{sentence(source, 60)}\n"
        )


def certificates(source: Source) -> Iterator[str]:
    """Yield certificates."""
    for _ in count():
        body = "\n".join(textwrap.wrap("MIID" + some_base64(source, 900), 64))
        yield f"# {name(source, 3)}\n-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"


def notebook(source: Source) -> Iterator[str]:
    """Yield cells with pictures."""
    for number in count():
        lines = [f"{name(source)} = frame['{source.choice(KEY_WORDS)}'].head({number})\n" for _ in range(8)]
        output = {"data": {"image/png": "iVBORw0KGgo" + some_base64(source, 30_000) + "\n", "text/plain": ["<Figure>"]}}
        cell = {"cell_type": "code", "id": some_hex(source, 8), "metadata": {}, "outputs": [output], "source": lines}
        yield textwrap.indent(json.dumps(cell, indent=1), "  ") + ",\n"


def xml(source: Source) -> Iterator[str]:
    """Yield the records of an export."""
    for number in count():
        yield (
            f'  <record id="{number}" key="{some_hex(source, 24)}"><token>{source.choice(WORDS)}-{number}</token>'
            f'<secretName>{name(source)}</secretName><property name="authKey" value="{an_id(source)}"/>'
            f"<note>{sentence(source)}</note></record>\n"
        )


def protobuf(source: Source) -> Iterator[str]:
    """Yield messages in protobuf's text format."""
    for number in count():
        yield (
            f'entry {{\n  key: "{source.choice(WORDS)}_{number}"\n  value {{\n    token: "{name(source)}"\n    digest: "{some_hex(source, 40)}"\n'
            f'    key_id: {number}\n    raw: "\\{source.randint(100, 377)}\\x{some_hex(source, 2)}\\n\\000"\n  }}\n}}\n'
        )


def po(source: Source) -> Iterator[str]:
    """Yield translated messages."""
    for number in count():
        text = f"{source.choice(KEY_WORDS)}: {sentence(source)}"
        yield f'#: src/{source.choice(WORDS)}.py:{number}\nmsgctxt "{name(source)}Key"\nmsgid "{text}"\nmsgstr "{text[::-1]}"\n\n'


def licences(source: Source) -> Iterator[str]:
    """Yield packages with their licences and texts."""
    for number in count():
        text = "\n".join(textwrap.wrap(sentence(source, 120), 78))
        yield (
            f"Package: {source.choice(WORDS)}-{source.choice(('oauth', 'token', 'keyring', *WORDS))}@{number}.0.1\n"
            f"License: Apache-2.0\nPackageVerificationCode: {some_hex(source, 40)}\nCopyright (c) 2019 {name(source)}\n\n{text}\n\n"
        )


def har(source: Source) -> Iterator[str]:
    """Yield the requests of a browser."""
    for number in count():
        cookies = [{"name": f"_{source.choice(WORDS)}_key", "value": source.choice(WORDS)} for _ in range(2)]
        url = f"https://www.example.org/{source.choice(WORDS)}?key={source.choice(WORDS)}&v={some_hex(source, 20)}&u=https%3A%2F%2Fexample.org%2F{number}"
        request = {
            "method": "GET",
            "url": url,
            "headers": [{"name": "x-request-id", "value": an_id(source)}],
            "cookies": cookies,
        }
        content = {
            "mimeType": "text/html",
            "size": number,
            "text": f'<a href="/x" data-key="{name(source)}">{sentence(source)}</a>' * 4,
        }
        entry = {"startedDateTime": a_time(source), "request": request, "response": {"status": 200, "content": content}}
        yield json.dumps(entry, indent=2) + ",\n"


def ids(source: Source) -> Iterator[str]:
    """Yield a document with many UUIDs."""
    for number in count():
        yield f"``{an_id(source)}``\n    {sentence(source)} See key {an_id(source)} and token ``{source.choice(WORDS)}-{number}``.\n\n"


def lock(source: Source) -> Iterator[str]:
    """Yield the packages of a lock file."""
    for number in count():
        package = f"{source.choice(WORDS)}-{source.choice(('keys', 'auth', *WORDS))}"
        entry = {
            "version": f"{number}.1.0",
            "integrity": f"sha512-{some_base64(source, 64)}",
            "engines": {"node": ">=12"},
        }
        yield f'    "node_modules/{package}": {json.dumps(entry, indent=2)},\n'
