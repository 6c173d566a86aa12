"""Plants a key in every place in which keys are known to hide, and prints which of them a scanner finds.

    python tests/bench/hiding_places.py -- keysift audit {repo} $REPORT
    python tests/bench/hiding_places.py -- keysift scan {repo} $REPORT -- OTHER {repo} -o {out}
    python tests/bench/hiding_places.py --keep FOLDER      only plants, and prints the keys

where REPORT='--min-confidence low -f json -o {out} --show-secrets'.

Each place has a key of its own, made up anew with a checksum that holds. It counts as found when the key stands, in
clear, in what the scanner writes to `{out}` or to its standard output. Commands run as they are, one after the other.
"""

from __future__ import annotations

import argparse
import base64
import bz2
import gzip
import json
import lzma
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import containers
from keysift.rules.generate import instance

NAME = "GITHUB_TOKEN"
TEMPLATE = "{{github:ghp¦_}}"
Files = dict[str, bytes]
"""Path -> contents."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place where a key hides."""

    group: str
    name: str
    files: Callable[[str], Files] | None = None
    """The files of the working tree, made from the key; all are committed."""
    plant: Callable[[Path, str], None] | None = None
    """Further steps in the repository."""


def git(repo: Path, *arguments: str, author: str = "A <a@example.org>", stdin: str = "") -> str:
    """Git as anyone starts it."""
    name, _, address = author.rpartition(" ")
    environment = {
        **os.environ,
        **{f"GIT_{who}_NAME": name for who in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{who}_EMAIL": address.strip("<>") for who in ("AUTHOR", "COMMITTER")},
    }
    command = ["git", "-C", str(repo), "-c", "protocol.file.allow=always", *arguments]
    return subprocess.run(
        command, check=True, capture_output=True, text=True, env=environment, input=stdin
    ).stdout.strip()


# --- Encodings --------------------------------------------------------------------------------------------------------


def line(key: str) -> str:
    """Return the text of most places."""
    return f"{NAME}={key}\n"


def encoded(key: str) -> bytes:
    """Return the line in base64."""
    return base64.b64encode(line(key).encode())


def escaped(form: str, key: str) -> str:
    """Return a string literal whose characters are escaped one by one."""
    return f'{NAME} = "{"".join(form.format(ord(character)) for character in key)}"\n'


def dumped(value: str) -> str:
    """JSON with one field."""
    return json.dumps({NAME: value})


def manifest(key: str) -> bytes:
    """Return a Secret of Kubernetes."""
    value = base64.b64encode(key.encode()).decode()
    return f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: app\ndata:\n  {NAME}: {value}\n".encode()


def token(key: str) -> bytes:
    """Return a JWT that carries the key in its payload."""
    parts = (b'{"alg":"none"}', json.dumps({NAME.lower(): key}).encode(), b"signature of nothing")
    return b"jwt = " + b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts) + b"\n"


def armoured(key: str) -> bytes:
    """Return a block with a frame of dashes."""
    body = base64.encodebytes((line(key) * 3).encode()).decode()
    return f"-----BEGIN MESSAGE-----\n\n{body}-----END MESSAGE-----\n".encode()


def powershell(key: str) -> bytes:
    """Return a command as PowerShell takes it."""
    return b"powershell -EncodedCommand " + base64.b64encode(f"$env:{NAME}='{key}'".encode("utf-16-le")) + b"\n"


def pieces(form: str, key: str) -> bytes:
    """Return the key in three pieces."""
    return form.format(name=NAME, a=key[:12], b=key[12:24], c=key[24:]).encode()


TEXTS: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "plain text": ("app.env", lambda key: line(key).encode()),
    "base64": ("blob.txt", lambda key: b"data: " + encoded(key)),
    "base64, URL-safe": ("blob.txt", lambda key: b"data=" + base64.urlsafe_b64encode((line(key) + "??>>~~").encode())),
    "base64, wrapped": ("blob.txt", lambda key: base64.encodebytes((line(key) * 4).encode())),
    "base64 in a data URL": ("page.html", lambda key: b'<a href="data:text/plain;base64,' + encoded(key) + b'">'),
    "base64 twice": ("blob.txt", lambda key: b"data: " + base64.b64encode(encoded(key))),
    "Kubernetes Secret": ("secret.yaml", manifest),
    "hex": ("blob.txt", lambda key: b"data: " + line(key).encode().hex().encode()),
    "percent encoding": ("url.txt", lambda key: b"next=" + "".join(f"%{ord(one):02X}" for one in line(key)).encode()),
    "percent encoding, partly": ("url.txt", lambda key: b"next=" + quote(f"{NAME}={key}&x=1", safe="").encode()),
    "\\xNN": ("app.py", lambda key: escaped("\\x{:02x}", key).encode()),
    "\\uNNNN": ("app.js", lambda key: escaped("\\u{:04x}", key).encode()),
    "octal escapes": ("app.c", lambda key: escaped("\\{:03o}", key).encode()),
    "HTML entities": ("page.html", lambda key: escaped("&#{};", key).encode()),
    "quoted-printable": ("body.txt", lambda key: f"{NAME}={''.join(f'={ord(one):02X}' for one in key)}\n".encode()),
    "JSON in JSON in JSON": ("log.json", lambda key: dumped(dumped(dumped(key))).encode()),
    "UTF-16 with mark": ("app.reg", lambda key: line(key).encode("utf-16")),
    "UTF-16 LE without mark": ("app.txt", lambda key: line(key).encode("utf-16-le")),
    "UTF-16 BE without mark": ("app.txt", lambda key: line(key).encode("utf-16-be")),
    "UTF-32": ("app.txt", lambda key: line(key).encode("utf-32")),
    "UTF-8 with mark": ("app.env", lambda key: line(key).encode("utf-8-sig")),
    "gzip in base64": ("blob.txt", lambda key: b"data: " + base64.b64encode(gzip.compress(line(key).encode()))),
    "PowerShell -EncodedCommand": ("run.ps1", powershell),
    "payload of a JWT": ("session.txt", token),
    "ASCII armour": ("message.asc", armoured),
    "joined by +": ("app.js", lambda key: pieces('const {name} = "{a}" + "{b}" +\n  "{c}";\n', key)),
    "joined by standing together": ("app.py", lambda key: pieces('{name} = (\n    "{a}"\n    "{b}" "{c}"\n)\n', key)),
    "joined over line ends": ("run.sh", lambda key: pieces('export {name}="{a}{b}\\\n{c}"\n', key)),
    "f-string of constants": ("app.py", lambda key: pieces("{name} = f\"{{'{a}'}}{{'{b}'}}{c}\"\n", key)),
    "YAML, folded with \\": ("app.yaml", lambda key: pieces('{name}: "{a}\\\n  {b}\\\n  {c}"\n', key)),
    "the end of a very long line": ("min.js", lambda key: b"x();" * 200_000 + line(key).encode()),
    "strings of a program": ("tool", lambda key: b"\x7fELF\2\1\1" + b"\0" * 99 + line(key).encode() + b"\0" * 99),
}  # fmt: skip


# --- Containers -------------------------------------------------------------------------------------------------------


def notebook(key: str) -> bytes:
    """Return a notebook with the key in an output."""
    output = {"output_type": "stream", "name": "stdout", "text": [f"{NAME}={key}\n"]}
    cell = {"cell_type": "code", "source": ["show()"], "outputs": [output], "metadata": {}, "execution_count": 1}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}, indent=1).encode()


def recording(key: str) -> bytes:
    """Return a recording of HTTP traffic with the key in a header."""
    header = {"name": "Authorization", "value": f"Bearer {key}"}
    request = {"method": "GET", "url": "https://api.github.com/user", "headers": [header]}
    return json.dumps({"log": {"version": "1.2", "entries": [{"request": request}]}}).encode()


def photograph(key: str) -> bytes:
    """Return a JPEG whose EXIF data have a comment."""
    text = line(key).encode() + b"\0"
    directory = b"MM\0*" + struct.pack(">LHHHLLL", 8, 1, 0x010E, 2, len(text), 26, 0) + text
    segment = b"Exif\0\0" + directory
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + b"\xff\xd9"


def slides(key: str) -> bytes:
    """Return a presentation with the key in two runs."""
    body = f"<p:sld><a:p><a:r><a:t>{NAME}={key[:9]}</a:t></a:r><a:r><a:t>{key[9:]}</a:t></a:r></a:p></p:sld>"
    return containers.zipped_files({"[Content_Types].xml": b"<Types/>", "ppt/slides/slide1.xml": body.encode()})


def nested(key: str) -> bytes:
    """Return a zip in a tar.gz in a zip."""
    inner = containers.zipped("app.env", line(key).encode())
    return containers.zipped("b.tar.gz", gzip.compress(containers.tarred("c/d.zip", inner)))


def _file(wrap: containers.Wrap) -> Callable[[str], bytes]:
    return lambda key: wrap("app.env", line(key).encode())


def _packed(compress: Callable[[bytes], bytes]) -> Callable[[str], bytes]:
    return lambda key: compress(line(key).encode() * 2)


CONTAINERS: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "zip": ("a.zip", _file(containers.zipped)),
    "jar": ("a.jar", lambda key: containers.zipped("BOOT-INF/classes/app.properties", line(key).encode())),
    "whl": ("a-1-py3-none-any.whl", lambda key: containers.zipped("a/settings.py", f"{NAME} = '{key}'\n".encode())),
    "tar": ("a.tar", _file(containers.tarred)),
    "tar.gz": ("a.tar.gz", lambda key: gzip.compress(containers.tarred("b/app.env", line(key).encode()))),
    "gz": ("app.log.gz", _packed(gzip.compress)),
    "bz2": ("app.log.bz2", _packed(bz2.compress)),
    "xz": ("app.log.xz", _packed(lzma.compress)),
    "zst": ("app.log.zst", _packed(containers.zstandard)),
    "7z": ("a.7z", _file(containers.sevenzip)),
    "deb": ("a.deb", _file(containers.deb)),
    "rpm": ("a.rpm", _file(containers.rpm)),
    "ar, compressed member": ("a.a", lambda key: containers.ar("app.gz", gzip.compress(line(key).encode()))),
    "cpio.gz": ("initrd.img", lambda key: gzip.compress(containers.cpio("etc/app.env", line(key).encode()))),
    "iso, compressed member": ("a.iso", lambda key: containers.iso("app.gz", gzip.compress(line(key).encode()))),
    "docx": ("a.docx", lambda key: containers.docx(f"{NAME}={key}")),
    "xlsx": ("a.xlsx", lambda key: containers.xlsx(NAME, key)),
    "pptx": ("a.pptx", slides),
    "odt": ("a.odt", lambda key: containers.odt(f"{NAME}={key}")),
    "pdf": ("a.pdf", lambda key: containers.pdf(f"{NAME}={key}")),
    "epub": ("a.epub", lambda key: containers.zipped_files({
        "mimetype": b"application/epub+zip", "OEBPS/a.xhtml": f"<p>{NAME}=<b>{key[:8]}</b>{key[8:]}</p>".encode(),
    })),
    "eml": ("a.eml", _file(containers.mail)),
    "mbox": ("a.mbox", _file(containers.mailbox)),
    "sqlite": ("a.db", lambda key: containers.database(NAME, key)),
    "pickle": ("a.pkl", lambda key: containers.pickled(NAME, key)),
    "pyc": ("a.pyc", lambda key: containers.bytecode(NAME, key)),
    "notebook, output": ("a.ipynb", notebook),
    "HAR": ("a.har", recording),
    "plist, binary": ("a.plist", lambda key: containers.plist(NAME, key)),
    "PNG text": ("a.png", lambda key: containers.png(line(key).encode())),
    "JPEG EXIF": ("a.jpg", photograph),
    "Docker image, deleted file": ("image.tar", lambda key: gzip.compress(
        containers.image_of_layers("app.env", line(key).encode()))),
    "zip in tar.gz in zip": ("a.zip", nested),
}  # fmt: skip


# --- Git and names ----------------------------------------------------------------------------------------------------


def _deleted(repo: Path, key: str) -> None:
    (repo / "old.env").write_text(line(key))
    git(repo, "add", "old.env")
    git(repo, "commit", "-qm", "add")
    git(repo, "rm", "-q", "old.env")
    git(repo, "commit", "-qm", "remove")


def _on_a_branch(repo: Path, key: str) -> None:
    git(repo, "switch", "-qc", "other")
    (repo / "other.env").write_text(line(key))
    git(repo, "add", "other.env")
    git(repo, "commit", "-qm", "other")
    git(repo, "switch", "-q", "main")


def _amended(repo: Path, key: str) -> None:
    (repo / "amended.env").write_text(line(key))
    git(repo, "add", "amended.env")
    git(repo, "commit", "-qm", "first")
    (repo / "amended.env").write_text("empty\n")
    git(repo, "commit", "-qa", "--amend", "-m", "second")


def _stashed(repo: Path, key: str) -> None:
    (repo / "stashed.env").write_text(line(key))
    git(repo, "add", "stashed.env")
    git(repo, "stash", "-q")


def _staged(repo: Path, key: str) -> None:
    (repo / "staged.env").write_text(line(key))
    git(repo, "add", "staged.env")
    (repo / "staged.env").unlink()


def _hook(repo: Path, key: str) -> None:
    place = repo / ".git" / "hooks" / "post-commit"
    place.parent.mkdir(exist_ok=True)
    place.write_text(f"#!/bin/sh\nexport {line(key)}")


def _submodule(repo: Path, key: str) -> None:
    (repo / ".gitmodules").write_text(f'[submodule "x"]\n\tpath = x\n\turl = https://u:{key}@example.org/x.git\n')
    git(repo, "add", ".gitmodules")
    git(repo, "commit", "-qm", "submodule")


def _ignored(repo: Path, key: str) -> None:
    (repo / ".gitignore").write_text("local.env\n")
    git(repo, "add", ".gitignore")
    git(repo, "commit", "-qm", "ignore")
    (repo / "local.env").write_text(line(key))


def _written(name: str, text: str) -> Callable[[Path, str], None]:
    """Return an untracked file."""

    def plant(repo: Path, key: str) -> None:
        (repo / name.format(key=key)).write_text(text.format(key=key))

    return plant


def _ran(*arguments: str) -> Callable[[Path, str], None]:
    """Return a command of git with the key in an argument."""

    def plant(repo: Path, key: str) -> None:
        git(repo, *(argument.format(key=key) for argument in arguments))

    return plant


GIT: dict[str, Callable[[Path, str], None]] = {
    "untracked file": _written("new.env", NAME + "={key}\n"),
    "file that git ignores": _ignored,
    "name of a file": _written("dump-{key}.txt", "x\n"),
    ".git-credentials": _written(".git-credentials", "https://u:{key}@github.com\n"),
    "submodule URL": _submodule,
    "file deleted since": _deleted,
    "file on another branch": _on_a_branch,
    "amended commit": _amended,
    "stash": _stashed,
    "index alone": _staged,
    "unreachable blob": lambda repo, key: (git(repo, "hash-object", "-w", "--stdin", stdin=line(key)), None)[1],
    "commit message": _ran("commit", "-q", "--allow-empty", "-m", "use " + NAME + "={key}"),
    "author": lambda repo, key: (
        git(repo, "commit", "-q", "--allow-empty", "-m", "x", author=f"{NAME}={key} <a@example.org>"), None)[1],
    "message of a tag": _ran("tag", "-a", "v1", "-m", NAME + "={key}"),
    "name of a tag": _ran("tag", "t-{key}"),
    "name of a branch": _ran("branch", "b-{key}"),
    "note": _ran("notes", "add", "-m", NAME + "={key}"),
    "remote in .git/config": _ran("remote", "add", "origin", "https://u:{key}@github.com/a/b.git"),
    "header in .git/config": _ran("config", "http.extraHeader", "Authorization: Bearer {key}"),
    "hook": _hook,
}  # fmt: skip


def places() -> list[Place]:
    """Return all of them; those of git last, since they move on from what is committed."""
    found = []
    for group, table in (("encoding", TEXTS), ("container", CONTAINERS)):
        for name, (path, make) in table.items():
            folder = re.sub(r"\W+", "-", name).strip("-").lower()
            found.append(Place(group, name, lambda key, at=f"{group}/{folder}/{path}", make=make: {at: make(key)}))  # type: ignore[misc]
    return [*found, *(Place("git", name, plant=plant) for name, plant in GIT.items())]


def plant(repo: Path, seed: str) -> dict[Place, str]:
    """Make the repository, and return the key in each place."""
    git(repo, "init", "-q", "-b", "main")
    keys = {place: instance(TEMPLATE, f"{seed} {place.group} {place.name}")[0] for place in places()}
    for place, key in keys.items():
        for path, data in (place.files(key) if place.files else {}).items():
            (repo / path).parent.mkdir(parents=True, exist_ok=True)
            (repo / path).write_bytes(data)
    git(repo, "add", "-f", ".")
    git(repo, "commit", "-qm", "everything that is a file")
    for place, key in keys.items():
        if place.plant:
            place.plant(repo, key)
    return keys


# --- Judging ----------------------------------------------------------------------------------------------------------


def run(command: list[str], repo: Path, work: Path) -> str:
    """Return everything that a scanner has written, wherever it did."""
    out = work / "report.json"  # some insist on the suffix
    out.unlink(missing_ok=True)
    filled = [part.replace("{repo}", str(repo)).replace("{out}", str(out)) for part in command]
    answer = subprocess.run(filled, capture_output=True, check=False, timeout=900)
    written = out.read_bytes() if out.exists() else b""
    if not written and not answer.stdout:
        print(f"{filled[0]}: nothing written, exit code {answer.returncode}", file=sys.stderr)
        print(answer.stderr.decode(errors="replace")[-1000:], file=sys.stderr)
    return (written + b"\n" + answer.stdout).decode("utf-8", "replace")


def table(keys: dict[Place, str], commands: list[list[str]], answers: list[str]) -> None:
    """Return one row a place, one column a scanner."""
    heads = [
        " ".join(Path(command[0]).name if not at else part for at, part in enumerate(command[:2]))
        for command in commands
    ]
    print(f"| place | {' | '.join(heads)} |")
    print("|---|" + "---|" * len(heads))
    for place, key in keys.items():
        marks = ["found" if key in answer else "-" for answer in answers]
        print(f"| {place.group}: {place.name} | {' | '.join(marks)} |")
    counts = [f"{sum(key in answer for key in keys.values())} of {len(keys)}" for answer in answers]
    print(f"| **all** | {' | '.join(counts)} |")


def split(arguments: list[str]) -> list[list[str]]:
    """Return the commands between the `--`."""
    commands: list[list[str]] = []
    for argument in arguments:
        if argument == "--":
            commands.append([])
        elif commands:
            commands[-1].append(argument)
    return [command for command in commands if command]


def main() -> None:
    """Plant, runs and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", default=str(random.Random().getrandbits(32)), help="other keys; printed")
    parser.add_argument("--keep", type=Path, help="plant into this folder, which must not exist, and leave it")
    at = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    options, commands = parser.parse_args(sys.argv[1:at]), split(sys.argv[at:])
    work = Path(tempfile.mkdtemp(prefix="hiding-places-"))
    try:
        repo = options.keep or work / "repo"
        repo.mkdir()
        keys = plant(repo, options.seed)
        print(f"{len(keys)} places, seed {options.seed}\n")
        if commands:
            table(keys, commands, [run(command, repo, work) for command in commands])
        else:
            print("\n".join(f"{place.group}: {place.name}\t{key}" for place, key in keys.items()))
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
