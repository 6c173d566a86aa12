"""Makes places with passwords as people and generators make them, and places that look like them, for the training.

Each row is like one of the labelled places: name, folder, text, start, end, label.
"""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from xml.sax.saxutils import escape

Row = dict[str, Any]
Maker = Callable[[], str]
_ALNUM = string.ascii_letters + string.digits
_MARKS = "!@#$%&*?."
_KEYBOARD = ("qwerty", "qwertz", "asdfgh", "zxcvbn", "1qaz2wsx", "qazwsx", "1q2w3e4r", "Qwer", "Asdf", "!QAZ2wsx")
_LEET = str.maketrans("aeiost", "431057")
_CHARSETS = (
    _ALNUM,
    _ALNUM + "!@#$%^&*",
    _ALNUM + "!@#$%&*()-_=+[]{}<>:?",
    _ALNUM + "!#$%&()*+,-./:;<=>?@[]^_{|}~",
    _ALNUM + string.punctuation.translate(str.maketrans("", "", "\"'\\")),
    string.ascii_lowercase + string.digits + "!@#$%^&*(-_=+)",
    "0123456789abcdef",
    string.ascii_uppercase + "234567",
)
_OWNERS = (
    "DB", "ADMIN", "SMTP", "REDIS", "MYSQL_ROOT", "POSTGRES", "FTP", "LDAP_BIND", "MAIL", "RABBITMQ", "GRAFANA",
    "KEYSTORE", "SVC", "PROXY", "SA", "BACKUP", "",
)  # fmt: skip
_PASSWORDS = ("PASSWORD", "PASS", "PWD", "PASSWD", "PASSPHRASE")
_SECRETS = ("JWT_SECRET", "APP_SECRET", "SESSION_SECRET", "CLIENT_SECRET", "SECRET", "WEBHOOK_SECRET", "COOKIE_SECRET")
_KEYS = ("API_KEY", "ACCESS_TOKEN", "AUTH_TOKEN", "SECRET_KEY", "ENCRYPTION_KEY", "SIGNING_KEY")
_NOT_KEYS = ("KEY", "TOKEN", "SORT_BY_KEY", "TOKENS", "AUTH", "CACHE_TOKEN", "KEYS", "TRANSLATION_TOKEN", "SECRETS")
_FIELDS = ("PASSWORD_FIELD", "PASSWORD_INPUT", "PASSWORD_CLASS", "PASS_ICON", "TOGGLE_PASSWORD", "PASSWORD_RULE")


def _lower(name: str) -> str:
    return name.lower()


def _camel(name: str) -> str:
    first, *rest = name.lower().split("_")
    return first + "".join(map(str.capitalize, rest))


def _quoted(value: str) -> str:
    return json.dumps(value)[1:-1]


def _single(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")


def _plain(value: str) -> str:
    return value


_FORMATS: Sequence[tuple[str, str, Callable[[str], str], Callable[[str], str]]] = (
    (".env", "{n}={v}", str, _plain),
    ("prod.env", '{n}="{v}"', str, _quoted),
    ("env.sh", "export {n}='{v}'", str, _plain),
    ("app.yml", "  {n}: {v}", _lower, _plain),
    ("values.yaml", '  {n}: "{v}"', _camel, _quoted),
    ("compose.yml", "      {n}: {v}", str, _plain),
    ("compose.yaml", "      - {n}={v}", str, _plain),
    ("app.json", '  "{n}": "{v}",', _camel, _quoted),
    ("app.toml", '{n} = "{v}"', _lower, _quoted),
    ("app.ini", "{n} = {v}", _lower, _plain),
    ("app.cfg", "{n}={v}", _lower, _plain),
    ("app.properties", "app.{n}={v}", _camel, _plain),
    ("app.xml", "  <{n}>{v}</{n}>", _camel, escape),
    ("Web.config", '  <add key="{n}" value="{v}"/>', _camel, escape),
    ("Dockerfile", "ENV {n}={v}", str, _plain),
    ("main.tf", '  {n} = "{v}"', _lower, _quoted),
    ("settings.py", '{n} = "{v}"', str, _quoted),
    ("client.py", "    connect(host, {n}='{v}')", _lower, _single),
    ("client.js", "const {n} = '{v}';", _camel, _single),
    ("client.ts", "  {n}: '{v}',", _camel, _single),
    ("client.go", '\tcfg.{n} = "{v}"', _camel, _quoted),
    ("Client.java", '    String {n} = "{v}";', _camel, _quoted),
    ("config.php", "    '{n}' => '{v}',", _lower, _single),
    ("Client.cs", '    {n} = "{v}",', _camel, _quoted),
)
_AROUND = ("port", "host", "timeout", "region", "user", "name", "level", "url", "retries", "zone")


class Places:
    """A source of rows, the same for the same seed and words."""

    def __init__(self, words: Sequence[str], seed: int) -> None:
        self.source = random.Random(seed)
        self.words = [word for word in words if 4 <= len(word) <= 9]
        self.made = 0

    def rows(self, count: int) -> Iterator[Row]:
        """Yield so many places with passwords, and as many that look like them."""
        for _ in range(count):
            kind = self.source.random()
            if kind < 0.5:
                yield self._row(self._owned(_PASSWORDS), self._by_people(), label=True)
            elif kind < 0.6:
                yield self._row(self.source.choice(_SECRETS), self._by_people(), label=True)
            elif kind < 0.8:
                yield self._row(self._owned(_PASSWORDS), self._by_generator(), label=True)
            else:
                yield self._row(self.source.choice((*_SECRETS, *_KEYS)), self._by_generator(), label=True)
            if kind < 0.6:
                yield self._row(self.source.choice((*_NOT_KEYS, *_FIELDS)), self._named(), label=False)
            else:
                yield self._row(self._owned(_PASSWORDS), self._no_password(), label=False)

    def _owned(self, names: Sequence[str]) -> str:
        owner = self.source.choice(_OWNERS)
        return f"{owner}_{self.source.choice(names)}" if owner else self.source.choice(names)

    def _by_people(self) -> str:
        chance = self.source
        word, other = self._word(), self._word()
        mark, year = chance.choice(_MARKS), str(chance.randint(1980, 2029))
        number = str(chance.randint(1, 9999))
        value = chance.choice([
            f"{word.capitalize()}{year}{chance.choice(['', mark])}",
            f"{word.capitalize()}{mark}{number}",
            f"{word}-{other}-{chance.randint(1, 99)}",
            f"{word.capitalize()}{chance.randint(1, 99)}{mark}",
            f"{word.capitalize()}{other.capitalize()}{number}",
            f"{word.capitalize()}.{other.capitalize()}{chance.randint(1, 99)}",
            f"{word}_{other}_{number}",
            f"{word}{number}",
            f"{word}{mark}{other}{chance.choice(['', mark, number])}",
            f"{chance.choice(_KEYBOARD)}{number}{chance.choice(['', '!', '#'])}",
            f"{number}{word.capitalize()}{mark}",
            f"{self._spoken().capitalize()}{number[:2]}{chance.choice(['', mark])}",
            f"{self._spoken()}-{self._spoken()}{number[:1]}-{self._spoken()}",
            "".join(letter.translate(_LEET) if chance.random() < 0.6 else letter for letter in word + other),
        ])  # fmt: skip
        return value if any(map(str.isdigit, value)) or mark in value else value + number

    def _by_generator(self) -> str:
        chance = self.source
        if chance.random() < 0.2:
            return base64.b64encode(chance.randbytes(chance.choice((16, 18, 24, 32, 48)))).decode()
        characters = chance.choice(_CHARSETS)
        return "".join(chance.choices(characters, k=chance.choice((12, 14, 16, 20, 24, 32, 40, 50, 64))))

    def _named(self) -> str:
        """Return what names something: a class, a file, a version, an item."""
        chance, word, other = self.source, self._word(), self._word()
        number = chance.randint(1, 30)
        return chance.choice([
            f"{word}-{other}-{number}", f"{word}{number}", f"{word}_{other}_{number}", f"{word}.{other}{number}",
            f"{word}{other.capitalize()}{number}", f"{word}-{number}", f"v{number}.{number}", f"{word}:{number}",
            f"{word.upper()}_{other.upper()}_{number}", f"{word}/{other}-v{number}", f"#{word}-{number}",
            f"{word}-{other}-auth-{number}", f"{word}@{other}{number}.com", f"{other}-secret-{number}",
        ])  # fmt: skip

    def _no_password(self) -> str:
        """Return what stands behind the name of a password in tables, forms and translations."""
        chance, word, other = self.source, self._word(), self._word()
        number = chance.randint(1, 30)
        return chance.choice([
            word, f"{word} {other}", f"{word.capitalize()} {other}!", f"{word} {number}", f"{word}.{other}",
            f"{word.capitalize()}{other.capitalize()}", f"{word}-{other}", f"#{word}", f".{word}-{other}",
            f"fa-{word}", f"{word}.{other}.label", f"{word.upper()}_{other.upper()}", f"{word}Field{number}",
            f"input-{word}-{number}", f"at least {number} {word}", f"{word}(8)", f"min:{number}", f"{word}?",
            f"mt-{number}", f"{number}px", f"{number} {word}", f"{word}_password_{number}", f"{word}-password-{number}",
            f"{word}.password.{number}", f"db/{word}/password{number}",
        ])  # fmt: skip

    def _spoken(self) -> str:
        """Return a word that is none, but can be spoken, as some generators make them."""
        chance = self.source
        return "".join(
            chance.choice("bcdfghjklmnprstvwz") + chance.choice("aeiou") + chance.choice(("", "", "n", "r", "k", "s"))
            for _ in range(chance.randint(2, 4))
        )

    def _word(self) -> str:
        return self.source.choice(self.words)

    def _row(self, name: str, value: str, *, label: bool) -> Row:
        file, template, named, escaped = self.source.choice(_FORMATS)
        self.made += 1
        line = template.format(n=named(name), v=escaped(value))
        before = [self._around(template, named) for _ in range(3)]
        after = [self._around(template, named) for _ in range(3)]
        text = "\n".join([*before, line, *after])
        folder = self.source.choice(("deploy", "src", "config", "app"))
        labelled = "true" if label else "false"
        return {"name": file, "folder": f"{folder}{self.made}", "text": text, "start": 4, "end": 4, "label": labelled}

    def _around(self, template: str, named: Callable[[str], str]) -> str:
        name = self.source.choice(_AROUND)
        return template.format(n=named(name), v=self.source.choice((self._word(), str(self.source.randint(1, 9000)))))
