"""Reports compared with `golden/`, whose README.md says how to renew them."""

import io
import os
from pathlib import Path

import pytest

from keysift.model import Run
from keysift.report import Options, summary, write

GOLDEN = Path(__file__).parent / "golden"
CASES = {
    "text.txt": ("text", Options()),
    "text-colour-public-narrow.txt": ("text", Options(colour=True, show_public=True, width=60)),
    "report.json": ("json", Options()),
    "report-public.json": ("json", Options(show_public=True)),
    "report.sarif": ("sarif", Options(show_public=True)),
    "github.txt": ("github", Options(show_public=True)),
    "gitlab.json": ("gitlab", Options()),
    "codeclimate.json": ("codeclimate", Options()),
    "junit.xml": ("junit", Options()),
    "report.csv": ("csv", Options(show_public=True)),
    "report.md": ("markdown", Options()),
}


def compare(name: str, found: str) -> None:
    place = GOLDEN / name
    if os.environ.get("KEYSIFT_RENEW_GOLDEN"):
        place.write_bytes(found.encode())
    assert found == place.read_bytes().decode()


@pytest.mark.parametrize("name", CASES)
def test_report(name: str, full_run: Run) -> None:
    kind, options = CASES[name]
    out = io.StringIO()
    write(full_run, kind, out, options)
    compare(name, out.getvalue())


@pytest.mark.parametrize("kind", ["text", "json", "sarif", "gitlab", "csv", "markdown"])
def test_report_of_an_audit(kind: str, audit_run: Run) -> None:
    out = io.StringIO()
    write(audit_run, kind, out, Options())
    ending = {"text": "txt", "markdown": "md", "gitlab": "gitlab.json"}.get(kind, kind)
    compare(f"audit.{ending}", out.getvalue())


@pytest.mark.parametrize("name", ["full", "empty", "interrupted"])
def test_summary(name: str, full_run: Run) -> None:
    run = full_run if name == "full" else Run("scan", (".",), blobs=1, bytes=999, interrupted=name == "interrupted")
    out = io.StringIO()
    summary(run, out, Options(show_public=True))
    compare(f"summary-{name}.txt", out.getvalue())
