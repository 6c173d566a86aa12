"""The HTML report in a real browser (KEYSIFT_BROWSER names another than the usual), and what its readers do with it."""

from __future__ import annotations

import io
import json
import re

import pytest
from tests.report import browser
from tests.report.browser import Browser

from keysift.model import Run
from keysift.report import Options, write

KEYS = 5_000
OPEN = KEYS - KEYS // 50
"""Every fiftieth is accepted."""
needs_browser = pytest.mark.skipif(
    not browser.PROGRAM, reason="no Chromium or Chrome is installed, nor named by KEYSIFT_BROWSER"
)


def page(run: Run, **options: bool) -> str:
    out = io.StringIO()
    write(run, "html", out, Options(**options))
    return out.getvalue()


def rows(shown: Browser) -> int:
    return int(shown.run("document.querySelectorAll('tr.key').length"))


def said(shown: Browser) -> str:
    return str(shown.run("document.getElementById('count').textContent"))


def left(shown: Browser) -> int:
    """The number of keys that the filters leave, as the page says it."""
    return int(said(shown).split()[0].replace(",", ""))


def ask(shown: Browser, field: str, value: str) -> None:
    event = "input" if field == "search" else "change"
    shown.run(f"(() => {{ const e = document.getElementById('{field}'); e.value = {json.dumps(value)}; "
              f"e.dispatchEvent(new Event('{event}')); }})()")  # fmt: skip


def reset(shown: Browser) -> None:
    shown.run("document.querySelector('button[type=reset]').click()")


def options(shown: Browser, facet: str) -> dict[str, int]:
    """The values of a filter, each with the number of keys that it says it would leave."""
    found = shown.run(f"[...document.getElementById('{facet}').options].map((one) => [one.value, one.textContent])")
    return {value: int(re.findall(r"\(([\d,]+)\)$", text)[0].replace(",", "")) for value, text in found}


def complaints(shown: Browser) -> list[object]:
    shown.run("1")
    bad = {"Log.entryAdded", "Runtime.exceptionThrown", "Page.javascriptDialogOpening"}
    return [event for event in shown.events if event.get("method") in bad]
