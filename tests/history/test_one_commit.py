"""The audit of a repository with one commit equals the scan of its tree, in all fields but the life."""

from __future__ import annotations

import functools
import io
import subprocess
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import keysift
from keysift.model import Finding
from keysift.rules.generate import instance

FOLDERS = ("", "deploy/", "tests/data/", "a b/ü/", "docs/")
NAMES = ("prod.env", "app.yaml", "main.py", "notes.md", ".npmrc", "x.json", "values.properties")
LINES = (
    "PAGERDUTY_TOKEN={{hex:32}}",
    "TOKEN={{github:ghp_}}",
    "x = '{{github:ghp_}}'  # keysift: ignore[github-*] made up",
    "# keysift: ignore\nrouting_key: {{hex:32}}",
    "pagerduty_configs:\n  - routing_key: {{hex:32}}",
    "DB_PASSWORD=x{{alnum:14}}!7",
    "url: https://user:{{alnum:16}}@example.com/",
    "kind: Secret\ndata:\n  token: {{base64of:alnum.32}}",
    "STRIPE=pk_test_{{alnum:24}}",
    "nothing at all",
    "é ü 你 = 1",
)
CONFIGURATIONS = (
    "",
    'exclude = ["docs/", "*.md"]\n',
    '[[ignore]]\nrule = "github-*"\npath = "deploy/"\nreason = "rotated"\n',
    '[[path]]\npattern = "tests/"\nmin-confidence = "high"\n',
)
# Few seeds, so that the same key is often in several files.
line = st.builds(lambda text, seed: instance(text, f"s{seed}")[0], st.sampled_from(LINES), st.integers(0, 3))
text = st.lists(line, min_size=1, max_size=4).map(lambda lines: "\n".join(lines) + "\n")
name = st.builds(str.__add__, st.sampled_from(FOLDERS), st.sampled_from(NAMES))
telling = st.integers(0, 2).map(lambda seed: instance("keys/{{github:ghp_}}.txt", f"s{seed}")[0])


def zipped(texts: list[str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number, content in enumerate(reversed(texts)):
            archive.writestr(zipfile.ZipInfo(f"{9 - number}/prod.env"), content)
    return out.getvalue()


plain = st.dictionaries(st.one_of(name, telling), text.map(str.encode), min_size=1, max_size=5)
archives = st.dictionaries(
    st.sampled_from(["a.zip", "deploy/b.zip"]), st.lists(text, max_size=3).map(zipped), max_size=1
)


def made(place: Path, files: dict[str, bytes]) -> None:
    for path, content in files.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(content)
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    for arguments in (("init", "-q"), ("add", "-A"), (*identity, "commit", "-q", "-m", "all")):
        subprocess.run(["git", "-C", str(place), *arguments], check=True, capture_output=True)


def without_life(findings: Iterable[Finding]) -> list[Finding]:
    """Drop what only a history has."""
    plainly = [
        replace(finding, history=None, locations=tuple(replace(place, commit="") for place in finding.locations))
        for finding in findings
    ]
    return sorted(plainly, key=lambda finding: finding.fingerprint)


def snippets(findings: Iterable[Finding]) -> list[object]:
    """Return what equality of locations leaves out."""
    return [place.snippet for finding in findings for place in finding.locations]


@functools.cache
def rules() -> keysift.Rules:
    return keysift.Rules()


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=plain, more=archives, configuration=st.sampled_from(CONFIGURATIONS))
def test_the_audit_of_one_commit_is_the_scan_of_its_tree(
    files: dict[str, bytes],
    more: dict[str, bytes],
    configuration: str,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = tmp_path_factory.mktemp("one")
    configured = {".keysift.toml": configuration.encode()} if configuration else {}
    made(place, {**files, **more, **configured})
    monkeypatch.chdir(place)
    audit, scan = keysift.audit(rules=rules()), keysift.scan_paths(rules=rules())
    for audited, scanned in (
        (audit.findings, scan.findings),
        (audit.suppressed, scan.suppressed),
        (audit.public, scan.public),
    ):
        found, expected = without_life(audited), without_life(scanned)
        assert found == expected
        assert snippets(found) == snippets(expected)
    assert sorted(audit.skipped) == sorted(scan.skipped) if audit.skipped else not scan.skipped
