"""Repositories with keys in every place and shape, all that keysift says of them, and the search for what leaks.

    python -m tests.leaks 100 [FIRST]  # so many repositories, from this number on

A key is made of letters that stand together nowhere else, so that four of them in a row are a leak.
"""

from __future__ import annotations

import base64
import io
import os
import random
import re
import subprocess
import sys
import tempfile
import urllib.parse
import zipfile
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

from tests import in_process

from keysift import masking, report

LETTERS = "QZXJKVWqzxjkvw"
DIGITS = "2345679"
SIGNS = "\"';,)}]>\\&@:#$%^*!~|`<({[=+/?. "
"""What a value may be cut at."""
Spell = Callable[[str], str]
ENCODINGS: tuple[Spell, ...] = (
    lambda key: key,
    lambda key: base64.b64encode(key.encode()).decode(),
    lambda key: key.encode().hex(),
    lambda key: urllib.parse.quote(key, safe=""),
    lambda key: "".join(f"%{byte:02x}" for byte in key.encode()),
    lambda key: "".join(f"\\x{byte:02x}" for byte in key.encode()),
    lambda key: "".join(f"&#{ord(character)};" for character in key),
    lambda key: base64.b64encode(base64.b64encode(f"key = '{key}'".encode())).decode(),
)
LINES = (
    "password = '{0}'", 'db_password: "{0}"', "PASSWORD={0}", '<add key="Password" value="{0}"/>', "--password={0}",
    "curl -u admin:{0} https://example.org", "mysql -uroot -p{0} base", "postgres://user:{0}@db.example.org/base",
    '{{"name": "api_key", "value": "{0}"}}', "| password | {0} |", "api_token => '{0}',", "secret: |\n  {0}",
    "password = '{0}' # was '{1}'", "a = {{'token': '{0}', 'password': '{1}'}}", "x='{1}'; password='{0}'",
    "password = ('{head}'\n            '{tail}')", "Server=db;User Id=sa;Password={0};Encrypt=no",
    "password: {0} and {1}",    "export API_KEY={0}", "auth_token = '{0}{1}'", "Authorization: Bearer {0}", "https://example.org/?api_key={0}&b=1",
)  # fmt: skip
FORMATS = tuple(report.FORMATS)
ENDINGS = ("py", "yml", "json", "md", "xml", "env", "sql", "ini")


class Made:
    """A repository and the keys in it."""

    def __init__(self, place: Path, seed: int) -> None:
        self.place = place
        self.chance = random.Random(seed)
        self.keys = [self.key() for _ in range(4)]
        self.texts: dict[str, bytes] = {}

    def key(self) -> str:
        """Return a key: letters and digits, now and then with a sign, or with the beginning that a vendor gives."""
        chance = self.chance
        length = chance.choice((16, 20, 24, 32, 40))
        characters = chance.choices(LETTERS + DIGITS, k=length)
        if chance.random() < 0.3:
            for _ in range(chance.randrange(1, 3)):
                characters[chance.randrange(4, length - 3)] = chance.choice(SIGNS)
        start = chance.choice(("", "", "glpat-", "sk-ant-api03-", "xoxb-", "ghp_"))
        return start + "".join(characters)

    def line(self) -> str:
        """Return a line with a key or two, each in an encoding of its own."""
        chance = self.chance
        first, second = (chance.choice(ENCODINGS)(key) for key in chance.choices(self.keys, k=2))
        middle = len(first) // 2
        return chance.choice(LINES).format(first, second, head=first[:middle], tail=first[middle:])

    def text(self) -> bytes:
        """Return a file of some lines, now and then with its keys in two forms side by side, or in wide text."""
        chance = self.chance
        lines = [self.line() for _ in range(chance.randrange(1, 7))]
        if chance.random() < 0.3:
            key = chance.choice(self.keys)
            lines.append(f"password = '{key}' {chance.choice(ENCODINGS)(key)} {chance.choice(ENCODINGS)(key)}")
        if chance.random() < 0.2:
            body = "\n".join("".join(chance.choices(LETTERS + DIGITS, k=64)) for _ in range(8))
            self.keys.append(body.replace("\n", ""))
            lines.append("-----BEGIN {0} KEY-----\n{1}\n-----END {0} KEY-----".format("RSA PRIVATE", body))
        text = "\n".join(lines) + "\n"
        if chance.random() < 0.15:
            return b"\xff\xfe" + text.encode("utf-16-le")
        return text.encode() if chance.random() < 0.9 else b"\xff\xfe\x01" + text.encode()

    def name(self) -> str:
        """Return a key as the name of a file, a branch, a person may have it: one that stands in a file as well.

        A block of several lines stands there as lines, and is no name; nor is a key that ends its own literal there.
        """
        whole = [key for key in self.keys[:4] if "'" not in key] or ["x"]
        return "".join(self.chance.choice(whole).split("/")).replace("\\", "").strip(". ") or "x"

    def fill(self) -> None:
        """Write the files, and commit them under names that are keys."""
        chance = self.chance
        every = "".join(f"password = '{key}'\n" for key in self.keys if "'" not in key)
        self.write("every.py", every.encode())
        for number in range(chance.randrange(2, 5)):
            self.write(
                f"{number}.{chance.choice(('py', 'yml', 'json', 'md', 'xml', 'env', 'sql', 'ini'))}", self.text()
            )
        # What is explained alone is all that is known of keys: a key in a name is one in its file.
        self.write(f"d-{self.name()}/{self.name()}.txt", every.encode() + self.text())
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr(f"{self.name()}/{self.name()}.env", every.encode() + self.text())
        self.write("a.zip", archive.getvalue())
        key = self.name()
        quoted = "".join(character for character in key if character.isalnum() or character in "-_")
        self.write(
            ".keysift.toml",
            f'exclude = ["nothing-{quoted}"]\n[[ignore]]\npath-regex = "{quoted}+"\nreason = "{quoted}"\n'.encode(),
        )
        self.write(".gitignore", f"# {quoted}\nnothing-{quoted}\n".encode())

    def write(self, path: str, data: bytes) -> None:
        """Write a file, if its name can be one."""
        place = self.place / path
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        except (OSError, ValueError):
            return
        self.texts[path] = data

    def pieces(self) -> set[str]:
        """Return what nothing may show: four characters of the random part of a key in a row."""
        found = set()
        for key in self.keys:
            random_part = key[len(key) - len(key.removeprefix(_public(key))) :]
            for start in range(len(random_part) - 3):
                piece = random_part[start : start + 4]
                if sum(character in LETTERS for character in piece) >= 3 and not piece.isspace():
                    found.add(piece)
        return found


def _public(key: str) -> str:
    return max((prefix for prefix in masking.PUBLIC_PREFIXES if key.startswith(prefix)), key=len, default="")


class Said:
    """All that keysift has said of a repository, by the command."""

    def __init__(self, place: Path, environment: dict[str, str]) -> None:
        self.place, self.environment = place, environment
        self.outputs: dict[str, str] = {}
        self.codes: dict[str, int] = {}

    def run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """Run a command; keep what it writes."""
        done = in_process.run(*arguments, stdin=stdin, cwd=self.place, environment=self.environment)
        command = " ".join(arguments)
        self.outputs[command] = (done.stdout + b"\n" + done.stderr).decode("utf-8", "replace")
        self.codes[command] = done.returncode
        assert "Traceback" not in self.outputs[command], command
        return done.stdout

    def leaks(self, pieces: set[str]) -> Iterator[str]:
        """Yield the commands that showed a piece, with the line."""
        for command, output in self.outputs.items():
            text = output if "<" not in output else f"{output}\n{unescape(output)}"
            text = "\n".join((text, urllib.parse.unquote(text, errors="replace"), *_decoded(text)))
            for line in text.splitlines():
                shown = [piece for piece in pieces if piece in line]
                if shown:
                    yield f"{command}: {sorted(shown)[:3]} in {line[:400]!r}"
                    break


def _decoded(text: str) -> Iterator[str]:
    """Yield what the runs of base64 and of hexadecimal digits in a text stand for."""
    for run in re.findall(r"[0-9A-Za-z+/]{12,}={0,2}", text):
        body = run.rstrip("=")
        yield base64.b64decode(body[: len(body) // 4 * 4]).decode("latin-1")
    for run in re.findall(r"(?:[2-7][0-9a-fA-F]){6,}", text):
        yield bytes.fromhex(run).decode("latin-1")
    yield re.sub(r"\\\\?x([2-7][0-9a-f])", lambda escape: chr(int(escape[1], 16)), text)


def everything(made: Made, environment: dict[str, str], outside: Path, *, formats: int) -> Said:
    """Fill a repository; run every command on it, in so many formats. Files are written to `outside`."""
    said = Said(made.place, environment)

    def git(*arguments: str) -> None:
        names = ("-c", f"user.name={made.name()}", "-c", f"user.email={made.name()}@example.org")
        command = ["git", "-C", str(made.place), *names, *arguments]
        subprocess.run(command, check=False, capture_output=True, env=environment)

    git("init", "-q", "-b", "main")
    git("commit", "-q", "--allow-empty", "-m", "first")
    made.fill()
    git("add", "-A", "-f")
    for form in made.chance.sample(FORMATS, formats):
        said.run("hook", "-f", form)
    git("checkout", "-q", "-b", f"b-{made.name()}")
    git("commit", "-q", "-m", f"see {made.name()}\n\npassword = '{made.keys[0]}'")
    git("tag", "-a", "-m", f"password = '{made.keys[1]}'", f"t-{made.name()}")
    _reports(made, said, formats)
    saved = [outside / f"{command}.json" for command in ("scan", "audit")]
    said.run("scan", "-f", "json", "-o", str(saved[0]), "--min-confidence", "low")
    said.run("audit", "-f", "json", "-o", str(saved[1]), "--min-confidence", "low")
    for form in made.chance.sample(FORMATS, formats):
        said.run("report", *map(str, saved), "-f", form)
    for path in made.texts:
        said.run("explain", "--all", path)
        said.run("explain", f"{path}:1")
    _baseline(said, saved[1], outside)
    for file in ("a.zip", "every.py"):  # none of these is one
        for option in ("--config", "--baseline"):
            said.run("--debug", "scan", option, file)
        said.run("report", file)
        said.run("rules", "check", "--rules", file)
        said.run("import", file)
    for number, file in enumerate([*outside.rglob("*")]):
        if file.is_file():
            said.outputs[f"{file.name} {number}"] = file.read_bytes().decode("utf-8", "replace")
    return said


def _reports(made: Made, said: Said, formats: int) -> None:
    """Run the commands that report, in so many formats."""
    for command in (("scan", "."), ("gate", "--base", "main"), ("audit",)):
        for form in made.chance.sample(FORMATS, formats):
            said.run(*command, "-f", form, "--show-public")
        said.run(*command, "-v", "--no-repo-config")
        said.run(*command, "--no-snippets", "--group-by", "file", "--min-confidence", "low", "--all")


def _baseline(said: Said, saved: Path, outside: Path) -> None:
    """Accept what was found, in every way."""
    file = str(outside / "baseline")
    said.run("baseline", "create", "--baseline", file, "--why", "so", "--who", "me")
    said.run("baseline", "update", "--baseline", file, "--why", "so", "--who", "me", "--accept-high")
    said.run("baseline", "audit", "--baseline", file, stdin=b"q\n")
    said.run("baseline", "create", "--baseline", file + "2", "--from", str(saved), "--why", "so", "--who", "me")
    said.run("scan", "--baseline", file)
    said.run("audit", "--baseline", file, "-v")


def _kept(keys: list[str], *folders: Path) -> Iterator[str]:
    """Yield the files of the cache, of a state and of the home that hold eight characters of a key in a row.

    Four would stand in compiled rules by chance.
    """
    pieces = {key[at : at + 8].encode() for key in keys for at in range(len(_public(key)), len(key) - 7)}
    for folder in folders:
        for file in (path for path in folder.rglob("*") if path.is_file()):
            data = file.read_bytes()
            if any(piece in data for piece in pieces):
                yield f"kept in {file}"


def try_one(seed: int, cache: str, formats: int = len(FORMATS)) -> list[str]:
    """Return what the repository of this number leaks."""
    with tempfile.TemporaryDirectory(prefix="leaks-") as folder:
        top = Path(folder)
        for name in ("repo", "home", "out", "tmp", "state"):
            (top / name).mkdir()
        environment = {**os.environ, "HOME": str(top / "home"), "TMPDIR": str(top / "tmp"), "KEYSIFT_CACHE_DIR": cache}
        environment |= {"GIT_CONFIG_NOSYSTEM": "1", "PYTHONUTF8": "1"}
        made = Made(top / "repo", seed)
        said = everything(made, environment, top / "out", formats=formats)
        for _ in range(2):
            said.run("audit", "--state", str(top / "state" / "kept"))
        kept = _kept(made.keys, top / "state", top / "home", Path(cache))
        left = [path for path in (top / "tmp").rglob("*") if path.is_file()]
        return [*said.leaks(made.pieces()), *kept, *(f"left behind: {path}" for path in left)]


def main() -> None:
    """See the head of this file."""
    count, first = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    with tempfile.TemporaryDirectory(prefix="leaks-cache-") as cache:
        for seed in range(first, first + count):
            for leak in try_one(seed, cache):
                print(seed, leak)  # noqa: T201 - its result


if __name__ == "__main__":
    main()
