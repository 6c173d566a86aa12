"""`keysift view` prints the address of a page, and is there until Ctrl-C."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from tests.report import many

from keysift.report import Options, write

Run = Callable[..., CompletedProcess[bytes]]
NAME = ".keysift-baseline"


@pytest.fixture
def report(tmp_path: Path) -> Path:
    place = tmp_path / "report.json"
    run = replace(many.audit(3), targets=(".",))
    write(run, "json", place, Options())
    return place


def start(report: Path, *options: str, **more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-P", "-m", "keysift", "view", report.name, *options]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "GIT_AUTHOR_EMAIL": "ada@example.org", **more}
    return subprocess.Popen(
        command, cwd=report.parent, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.skipif(os.name == "nt", reason="no such signal")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_and_decides_until_ctrl_c(report: Path, end: signal.Signals) -> None:
    subprocess.run(["git", "init", "-q"], cwd=report.parent, check=True)
    with start(report) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert process.stdout.readline() == "\n"
        assert process.stdout.readline().startswith("Decisions go to ")
        name, path = address.removeprefix("http://").split("/", 1)
        connection = http.client.HTTPConnection(name, timeout=60)
        connection.request("GET", f"/{path}")
        finding = json.loads(report.read_text(encoding="utf-8"))["findings"][0]
        assert finding["fingerprint"] in connection.getresponse().read().decode()
        body = json.dumps({"fingerprints": [finding["fingerprint"]], "answer": "real"})
        headers = {"Origin": f"http://{name}", "Content-Type": "application/json"}
        connection.request("POST", f"/{path}decide", body, headers)
        assert connection.getresponse().status == 200
        assert (report.parent / NAME).exists()
        with socket.create_connection(name.split(":"), timeout=60):  # as browsers open ahead
            process.send_signal(end)
            _, errors = process.communicate(timeout=60)
        connection.close()
    assert process.returncode == 0
    assert "1 key decided; in" in errors
    assert "Traceback" not in errors
    assert "merge=union" in (report.parent / ".gitattributes").read_text(encoding="utf-8")


@pytest.mark.skipif(os.name == "nt", reason="a browser of ours is a script")
def test_the_browser_gets_the_address_by_a_file_that_only_its_user_reads(report: Path) -> None:
    browser, told = report.parent / "browser", report.parent / "told"
    script = """#!/bin/sh
    echo "$1" > called
    ls -ld "$(dirname "${1#file://}")" > mode
    cat "${1#file://}" > told.part
    mv told.part told
    """
    browser.write_text(script, encoding="utf-8")
    browser.chmod(0o755)
    with start(report, "--open", BROWSER=str(browser)) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        while not told.exists():
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert f"url={address}" in told.read_text(encoding="utf-8")
    called = (report.parent / "called").read_text(encoding="utf-8").strip()
    assert address not in called
    assert (report.parent / "mode").read_text(encoding="utf-8").startswith("drwx------")
    assert not Path(called.removeprefix("file://")).exists()


def test_what_it_cannot_show(report: Path, keysift: Run) -> None:
    found = keysift("view", "nowhere.json", cwd=report.parent)
    assert (found.returncode, b"cannot read nowhere.json" in found.stderr) == (2, True)
    (report.parent / "other.json").write_text("{}", encoding="utf-8")
    found = keysift("view", "other.json", cwd=report.parent)
    assert (found.returncode, b"is not a JSON report" in found.stderr) == (2, True)


def test_a_report_of_another_repository_names_its_baseline(tmp_path: Path, keysift: Run) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    for name in ("here", "there"):
        subprocess.run(["git", "init", "-q"], cwd=tmp_path / name, check=True)
    run = replace(many.audit(1), targets=("../there",))
    write(run, "json", tmp_path / "here" / "report.json", Options())
    found = keysift("view", "report.json", cwd=tmp_path / "here")
    assert (found.returncode, b"the report is of ../there" in found.stderr) == (2, True)
    assert b"--baseline FILE" in found.stderr
