"""Rules as a signed package: written, read, and refused with words that help."""

import base64
import functools
import hashlib
import io
import json
import random
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from Cryptodome.Signature import eddsa

from keysift.errors import UsageError
from keysift.rules import package
from keysift.version import VERSION

ROOT = Path(__file__).parents[2]
COMMENT = "timestamp:1780000000"


class Signer:
    """Signs as minisign does; https://jedisct1.github.io/minisign/#signature-format."""

    def __init__(self, seed: int) -> None:
        made = random.Random(seed)
        self.key = eddsa.import_private_key(made.randbytes(32))
        self.number = made.randbytes(8)
        point = self.key.public_key().export_key(format="raw")
        self.public = base64.b64encode(b"Ed" + self.number + point).decode()

    def sign(self, place: Path) -> None:
        signed = self._signature(hashlib.blake2b(place.read_bytes()).digest())
        whole = self._signature(signed + COMMENT.encode())
        lines = [
            "untrusted comment: signature",
            base64.b64encode(b"ED" + self.number + signed).decode(),
            f"trusted comment: {COMMENT}",
            base64.b64encode(whole).decode(),
        ]
        Path(f"{place}.minisig").write_text("\n".join(lines) + "\n")

    def _signature(self, message: bytes) -> bytes:
        return eddsa.new(self.key, "rfc8032").sign(message)


@pytest.fixture
def signer() -> Signer:
    package.load.cache_clear()
    return Signer(3)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A package of two of our files."""
    rules = tmp_path / "rules"
    rules.mkdir()
    for name in ("pagerduty.yaml", "opsgenie.yaml"):
        shutil.copy(ROOT / "rules" / name, rules)
    package.write(rules, "2026.12.1", tmp_path / "a.rules")
    return tmp_path / "a.rules"


def rewritten(place: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    with zipfile.ZipFile(place) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    place.write_bytes(made.getvalue())


def with_manifest(files: dict[str, bytes], /, **stated: object) -> None:
    manifest = json.loads(files["manifest.json"])
    files["manifest.json"] = json.dumps({**manifest, **stated}).encode()


def test_a_package_holds_the_rules_of_its_files(place: Path, signer: Signer) -> None:
    signer.sign(place)
    rules, version = package.load(str(place), signer.public)
    assert version == "2026.12.1"
    assert "pagerduty-integration-key" in rules.ids
    assert {rule.provider for rule in rules} == {"PagerDuty", "Opsgenie"}


def test_what_was_made_of_it_is_kept_under_its_digest(
    place: Path, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer.sign(place)
    package.load(str(place), signer.public)
    package.load.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(package.authoring, "read_files", lambda _: pytest.fail("read again"))
        package.load(str(place), signer.public)
    rewritten(place, lambda files: with_manifest(files, version="other"))
    signer.sign(place)
    package.load.cache_clear()
    assert package.load(str(place), signer.public)[1] == "other"


def test_equal_files_make_equal_packages(place: Path, tmp_path: Path) -> None:
    digest = package.write(tmp_path / "rules", "2026.12.1", tmp_path / "b.rules")
    assert place.read_bytes() == (tmp_path / "b.rules").read_bytes()
    assert digest == hashlib.sha256(place.read_bytes()).hexdigest()


def test_the_key_may_be_a_file(place: Path, signer: Signer, tmp_path: Path) -> None:
    signer.sign(place)
    (tmp_path / "minisign.pub").write_text(f"untrusted comment: ours\n{signer.public}\n")
    assert package.load(str(place), str(tmp_path / "minisign.pub"))[0].ids


def test_a_package_that_is_not_signed_is_refused(place: Path, signer: Signer) -> None:
    with pytest.raises(UsageError, match="it is not signed"):
        package.load(str(place), signer.public)


def test_without_a_key_of_the_publisher_one_must_be_named(place: Path, signer: Signer) -> None:
    signer.sign(place)
    with pytest.raises(UsageError, match="no key of its publisher") as caught:
        package.load(str(place), None)
    assert "--rules-key" in caught.value.help


def test_the_key_of_the_publisher_holds_by_default(
    place: Path, signer: Signer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer.sign(place)
    (tmp_path / "publisher.pub").write_text(f"untrusted comment: keysift\n{signer.public}\n")
    monkeypatch.setattr(package, "PUBLISHER", tmp_path / "publisher.pub")
    assert package.load(str(place), None)[0].ids


def test_another_signer_is_named(place: Path, signer: Signer) -> None:
    Signer(4).sign(place)
    with pytest.raises(UsageError, match=f"not by {signer.number[::-1].hex().upper()}"):
        package.load(str(place), signer.public)


def test_a_signer_who_claims_to_be_another_is_refused(place: Path, signer: Signer) -> None:
    other = Signer(4)
    other.number = signer.number
    other.sign(place)
    with pytest.raises(UsageError, match="damaged or changed"):
        package.load(str(place), signer.public)


@pytest.mark.parametrize("at", [0, 40, -1])
def test_a_damaged_package_is_refused(at: int, place: Path, signer: Signer) -> None:
    signer.sign(place)
    data = bytearray(place.read_bytes())
    data[at] ^= 1
    place.write_bytes(data)
    with pytest.raises(UsageError, match="damaged or changed after it was signed"):
        package.load(str(place), signer.public)


def test_a_changed_comment_is_refused(place: Path, signer: Signer) -> None:
    signer.sign(place)
    signature = Path(f"{place}.minisig")
    signature.write_text(signature.read_text().replace("1780000000", "1790000000"))
    with pytest.raises(UsageError, match=r"minisig was damaged or changed"):
        package.load(str(place), signer.public)


@pytest.mark.parametrize("text", ["", "no", "untrusted comment: a\nAAAA\ntrusted comment: b\nAAAA\n"])
def test_what_is_no_signature_is_refused(text: str, place: Path, signer: Signer) -> None:
    Path(f"{place}.minisig").write_text(text)
    with pytest.raises(UsageError, match="no signature of minisign"):
        package.load(str(place), signer.public)


@pytest.mark.parametrize("key", ["", "RW", "RW" + "A" * 53, "nobody"])
def test_what_is_no_key_is_refused(key: str, place: Path, signer: Signer) -> None:
    signer.sign(place)
    with pytest.raises(UsageError, match="no public key of minisign"):
        package.load(str(place), key)


@pytest.mark.parametrize(
    ("stated", "words", "advice"),
    [
        ({"format": 2}, f"has format 2, and keysift {VERSION} reads up to 1", "pip install --upgrade"),
        ({"format": 0}, "which keysift no longer reads", "newer package"),
        ({"format": "x"}, "no package of rules: manifest.json", "again"),
        ({"files": 3}, "no package of rules: manifest.json", "again"),
    ],
)
def test_another_format_is_named(
    stated: dict[str, object], words: str, advice: str, place: Path, signer: Signer
) -> None:
    rewritten(place, lambda files: with_manifest(files, **stated))
    signer.sign(place)
    with pytest.raises(UsageError, match=words) as caught:
        package.load(str(place), signer.public)
    assert advice in caught.value.help


def test_a_file_that_the_manifest_does_not_mean_is_refused(place: Path, signer: Signer) -> None:
    rewritten(place, lambda files: files.update({"pagerduty.yaml": files["opsgenie.yaml"]}))
    signer.sign(place)
    with pytest.raises(UsageError, match=r"pagerduty\.yaml is not what manifest\.json says"):
        package.load(str(place), signer.public)


def test_what_is_no_archive_is_refused(place: Path, signer: Signer) -> None:
    place.write_bytes(b"rules")
    signer.sign(place)
    with pytest.raises(UsageError, match="no package of rules"):
        package.load(str(place), signer.public)


def test_a_rule_that_this_program_does_not_know_names_who_made_it(place: Path, signer: Signer) -> None:
    def change(files: dict[str, bytes]) -> None:
        files["opsgenie.yaml"] += b"\nnovel: true\n"
        digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items() if name != "manifest.json"}
        with_manifest(files, keysift="9.0", files=digests)

    rewritten(place, change)
    signer.sign(place)
    with pytest.raises(Exception, match=r"made by keysift 9\.0.*novel"):
        package.load(str(place), signer.public)


@pytest.mark.skipif(not shutil.which("minisign"), reason="minisign is not installed")
def test_minisign_itself_signs(place: Path, signer: Signer, tmp_path: Path) -> None:
    assert signer
    run = functools.partial(subprocess.run, cwd=tmp_path, check=True, capture_output=True)
    run(["minisign", "-G", "-W", "-p", "m.pub", "-s", "m.key"])
    run(["minisign", "-S", "-s", "m.key", "-m", str(place)])
    assert package.load(str(place), str(tmp_path / "m.pub"))[0].ids
