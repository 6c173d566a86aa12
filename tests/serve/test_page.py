"""The page in a real browser, with the server that it decides through."""

import functools
import io
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.report import many
from tests.report.browser import Browser
from tests.report.pages import ask, complaints, left, needs_browser, rows, said

from keysift.accept import baseline
from keysift.accept.baseline import Entry
from keysift.cli import deciding, settings
from keysift.config import Policy
from keysift.model import Confidence, Run
from keysift.report import Options, html_report
from keysift.serve.decisions import Decisions
from keysift.serve.server import Server

pytestmark = needs_browser
COUNT = 30


@pytest.fixture
def report() -> Run:
    run = many.audit(COUNT)
    return replace(run, findings=[*run.findings, *run.suppressed], suppressed=[])


@pytest.fixture
def address(server: Server) -> str:
    return server.address


@pytest.fixture
def server(report: Run, tmp_path: Path) -> Iterator[Server]:
    out = io.StringIO()
    html_report.write_page(report, out, Options(), {"baseline": "x", "reason": False})
    decide = functools.partial(deciding.entries_of, policy=Policy())
    decisions = Decisions(report, tmp_path / ".keysift-baseline", decide, settings.today)
    with Server(out.getvalue().encode(), decisions) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def entries(tmp_path: Path) -> list[Entry]:
    file = tmp_path / ".keysift-baseline"
    return [*baseline.read(file).entries.values()] if file.exists() else []


def wait(shown: Browser, condition: str) -> None:
    """Waits until something is so in the page; a browser that hangs ends the test."""
    shown.run(
        f"new Promise((done) => {{ const look = () => ({condition}) ? done() : setTimeout(look, 10); look(); }})"
        ".then(() => null)"
    )


def visit(shown: Browser, address: str, **look: int) -> None:
    shown.open(address, **look)  # type: ignore[arg-type]
    wait(shown, "document.querySelector('tr.key')")


def message(shown: Browser, text: str) -> None:
    wait(shown, f"document.getElementById('said').textContent.includes({text!r})")


def test_one_key_by_keyboard_alone_and_undo(shown: Browser, address: str, tmp_path: Path) -> None:
    visit(shown, address)
    assert said(shown) == f"{COUNT} undecided keys"
    shown.press("j")
    first = shown.run("document.activeElement.closest('tr').dataset.order")
    shown.press("f")
    assert shown.run("document.activeElement.name") == "why"
    assert shown.run("document.querySelector('dialog[open] input:checked').value") == "false alarm"
    for letter in "test data":
        shown.press(letter)
    shown.press("Enter")
    message(shown, "1 key: false alarm. Written to .keysift-baseline.")
    assert [entry.why for entry in entries(tmp_path)] == ["false alarm: test data"]
    assert left(shown) == COUNT - 1
    # On to the next key, without the pointer.
    assert shown.run("document.activeElement.className") == "toggle"
    assert shown.run("document.activeElement.closest('tr').dataset.order") != first
    shown.press("r")
    shown.press("Enter")
    message(shown, "1 key: real.")
    assert {entry.status for entry in entries(tmp_path)} == {"", "real"}
    shown.press("u")
    message(shown, "1 decision undone.")
    shown.press("u")
    wait(shown, f"document.getElementById('count').textContent === '{COUNT} undecided keys'")
    assert entries(tmp_path) == []
    assert complaints(shown) == []


def test_all_of_a_group_until_a_day(shown: Browser, address: str, report: Run, tmp_path: Path) -> None:
    visit(shown, address)
    ask(shown, "group", "provider")
    name, count = shown.run(
        "(() => { const head = document.querySelector('tr.group'); head.querySelector('[data-decide]').click();"
        " return [head.dataset.group, parseInt(head.querySelector('.quiet').textContent)]; })()"
    )
    assert shown.run("document.querySelector('dialog[open] h2').textContent") == f"{count} keys"
    high = sum(one.rule.provider == name and one.verdict.confidence is Confidence.HIGH for one in report.findings)
    many_of = "All" if high == count else high
    assert f"{many_of} of high confidence. In services/" in shown.run(
        "document.querySelector('dialog[open]').innerText"
    )
    shown.run("document.querySelector('input[value=accepted]').click()")
    shown.run("document.querySelector('button.main').click()")
    assert entries(tmp_path) == []  # it asks for the day
    shown.run("document.querySelector('input[name=until]').value = '2099-12-31'")
    shown.run("document.querySelector('button.main').click()")
    message(shown, f"{count} keys: accepted until 2099-12-31.")
    assert [entry.until for entry in entries(tmp_path)] == ["2099-12-31"] * count
    ask(shown, "status", "accepted")
    assert (left(shown), rows(shown)) == (count, count)
    assert "accepted until 2099-12-31" in shown.run("document.querySelector('.state').textContent")
    shown.run("document.querySelector('#said button').click()")
    message(shown, f"{count} decisions undone.")
    assert entries(tmp_path) == []


def test_what_another_page_decides_is_seen(shown: Browser, address: str, report: Run) -> None:
    visit(shown, address)
    name = report.findings[0].fingerprint
    other = f"""fetch('decide', {{ method: 'POST', headers: {{ 'Content-Type': 'application/json' }},
      body: JSON.stringify({{ fingerprints: ['{name}'], answer: 'real' }}) }}).then(() => null)"""
    shown.run(other)
    wait(shown, f"document.getElementById('count').textContent === '{COUNT - 1} undecided keys'")


def test_a_refusal_is_said_and_nothing_is_lost(shown: Browser, address: str, tmp_path: Path) -> None:
    visit(shown, address)
    (tmp_path / ".keysift-baseline").write_bytes(b"<<<<<<< HEAD\n")
    shown.press("j")
    shown.press("r")
    shown.press("Enter")
    wait(shown, "document.querySelector('dialog[open] .wrong').textContent.includes('is not a line of a baseline')")
    shown.press("Escape")
    assert left(shown) == COUNT


def test_a_server_that_is_gone_is_said(shown: Browser, server: Server, tmp_path: Path) -> None:
    visit(shown, server.address)
    server.shutdown()
    server.server_close()
    shown.press("j")
    shown.press("r")
    shown.press("Enter")
    wait(shown, "document.querySelector('dialog[open] .wrong').textContent.includes('keysift does not answer')")
    assert shown.run("document.querySelector('dialog[open] button.main').disabled") is False
    assert (left(shown), entries(tmp_path)) == (COUNT, [])


def test_the_policy_of_the_page_lets_it_talk_to_its_server_alone(shown: Browser, address: str) -> None:
    visit(shown, address)
    assert shown.run("fetch('state').then((answer) => answer.status)") == 200
    assert shown.run("fetch('http://127.0.0.1:9/').then(() => 'sent', () => 'refused')") == "refused"
    blocked = [one for one in shown.events if one.get("method") == "Log.entryAdded"]
    assert "Content Security Policy" in str(blocked) or "violates" in str(blocked)


def test_another_page_cannot_frame_it_or_ask_for_it(shown: Browser, address: str, tmp_path: Path) -> None:
    place = tmp_path / "evil.html"
    place.write_text(f'<iframe src="{address}"></iframe>', encoding="utf-8")
    shown.open(place)
    assert shown.run("document.querySelector('iframe').contentDocument") is None
    for kind in ("application/json", "text/plain"):
        asked = f"""fetch('{address}decide', {{ method: 'POST', headers: {{ 'Content-Type': '{kind}' }},
          body: '{{"fingerprints": [], "answer": "real"}}' }}).then((answer) => answer.status, () => 'refused')"""
        assert shown.run(asked) == "refused"
    assert entries(tmp_path) == []


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_the_page_fits(width: int, shown: Browser, address: str) -> None:
    visit(shown, address, width=width)
    shown.run("document.querySelector('tr.key .toggle').click()")
    assert shown.run("document.documentElement.scrollWidth") <= width
    shown.run("document.querySelector('tr.detail [data-decide=accepted]').click()")
    find = "document.querySelector('dialog[open]').getBoundingClientRect()"
    assert shown.run(f"{find}.left") >= 0
    assert shown.run(f"{find}.right") <= width
