"""The catalogue as a file of its own: the rule files and what they are, for programs of this version and of others.

A package is a ZIP archive: `manifest.json`, then the rule files. It is signed (`minisign`), and nothing in it is looked
at before the signature was checked. What its rule files make is kept in the cache, under its digest.
"""

from __future__ import annotations

import functools
import hashlib
import io
import zipfile
import zlib
from pathlib import Path

import msgspec

from keysift import atomic, cache
from keysift.errors import RuleError, UsageError
from keysift.rules import authoring, compiled, minisign, ruleset
from keysift.rules.minisign import PublicKey
from keysift.version import VERSION

FORMAT = 1
"""Raised when rule files may state what programs before cannot read."""
LARGEST, LARGEST_OPENED = 32 << 20, 256 << 20
"""Bytes of a package, and of what is in it."""
PUBLISHER = Path(__file__).with_name("publisher.pub")
"""The key of whoever publishes keysift, as minisign writes it; docs/releasing.md says how it comes here."""
_MANIFEST = "manifest.json"
_UPGRADE = "pip install --upgrade keysift"
_AGAIN = "get it again from who made it"


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=False):
    """What a package says of itself."""

    format: int
    version: str
    keysift: str
    """The version of the program that made it."""
    files: dict[str, str]
    """The SHA-256 of each rule file, by its name."""


def write(directory: Path, version: str, place: Path) -> str:
    """Write the rule files of a directory as a package; return its SHA-256. Equal files make equal packages.

    Raises:
        RuleError: a file does not hold what it must.
        OSError: it cannot be written.
    """
    files = {path.name: path.read_bytes() for path in sorted(directory.glob("*.yaml"))}
    authoring.read_files(files.items())
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    manifest = msgspec.json.encode(Manifest(FORMAT, version, VERSION, digests))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in {_MANIFEST: manifest, **files}.items():
            entry = zipfile.ZipInfo(name)  # of 1980, on all systems
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED, 9)
    with atomic.replacing(place) as file:
        file.write(made.getvalue())
    return hashlib.sha256(made.getvalue()).hexdigest()


@functools.lru_cache(1)
def load(file: str, key: str | None) -> tuple[ruleset.Rules, str]:
    """Return the rules of a package, and its version; `key` is a public key or its file, else that of keysift.

    Raises:
        UsageError: it cannot be read, is damaged, not signed by the owner of the key, or not for this program.
        RuleError: a rule file does not hold what it must.
    """
    data = _bytes(Path(file))
    signature = _bytes(Path(file + minisign.ENDING), "it is not signed").decode("utf-8", "replace")
    minisign.check(data, signature, _trusted(key), file)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            manifest = _manifest(archive, file)
            return _rules(archive, manifest, data, file), manifest.version
    except (zipfile.BadZipFile, zlib.error, KeyError, NotImplementedError, EOFError) as error:
        raise UsageError(f"{file} is no package of rules", help=_AGAIN) from error


def _bytes(file: Path, otherwise: str = "") -> bytes:
    try:
        with file.open("rb") as opened:
            data = opened.read(LARGEST + 1)
    except OSError as error:
        reason = otherwise if otherwise and isinstance(error, FileNotFoundError) else error.strerror
        advice = f"`minisign -S` makes {file}" if otherwise else "`keysift rules package` makes one"
        raise UsageError(f"{str(file).removesuffix(minisign.ENDING)}: {reason}", help=advice) from error
    if len(data) > LARGEST:
        raise UsageError(f"{file} is larger than {LARGEST:,} bytes", help=_AGAIN)
    return data


def _trusted(key: str | None) -> PublicKey:
    """Return the key that must have signed: that of a file, that which is spelled out, or keysift's own."""
    if key is None:
        if not PUBLISHER.is_file():
            raise UsageError(
                "this keysift has no key of its publisher", help="name the key that you trust: --rules-key"
            )
        return minisign.public_key(PUBLISHER.read_text(encoding="utf-8"), str(PUBLISHER))
    place = Path(key)
    text = place.read_text(encoding="utf-8", errors="replace") if place.is_file() else key
    return minisign.public_key(text, f"--rules-key {key}")


def _manifest(archive: zipfile.ZipFile, file: str) -> Manifest:
    """Return what a package says of itself.

    Raises:
        UsageError: it says nothing, or is for other programs.
    """
    raw = archive.read(_MANIFEST)
    try:
        stated = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        number = msgspec.json.decode(stated.get("format", msgspec.Raw(b"0")), type=int)
    except msgspec.MsgspecError as error:
        raise UsageError(f"{file} is no package of rules: {_MANIFEST}: {error}", help=_AGAIN) from error
    if number > FORMAT:
        raise UsageError(f"{file} has format {number}, and keysift {VERSION} reads up to {FORMAT}", help=_UPGRADE)
    if number < 1:
        raise UsageError(f"{file} has format {number}, which keysift no longer reads", help="ask for a newer package")
    try:
        return msgspec.json.decode(raw, type=Manifest)
    except msgspec.MsgspecError as error:
        raise UsageError(f"{file} is no package of rules: {_MANIFEST}: {error}", help=_AGAIN) from error


def _rules(archive: zipfile.ZipFile, manifest: Manifest, data: bytes, file: str) -> ruleset.Rules:
    code = ruleset.state_of_checkout() if ruleset.is_checkout() else VERSION.encode()
    key = hashlib.blake2b(hashlib.blake2b(data).digest() + code, digest_size=32).digest()
    made = cache.read("rules-package", key)
    if made is None:
        if sum(entry.file_size for entry in archive.infolist()) > LARGEST_OPENED:
            raise UsageError(f"{file} opens to more than {LARGEST_OPENED:,} bytes", help=_AGAIN)
        files = {name: archive.read(name) for name in sorted(manifest.files)}
        for name, content in files.items():
            if hashlib.sha256(content).hexdigest() != manifest.files[name]:
                raise UsageError(f"{file}: {name} is not what {_MANIFEST} says", help=_AGAIN)
        try:
            made = compiled.encode(authoring.read_files(files.items()))
        except RuleError as error:
            raise RuleError(f"{file}, made by keysift {manifest.keysift}: {error}", help=error.help) from error
        cache.write("rules-package", key, made)
    return ruleset.decode(made)
