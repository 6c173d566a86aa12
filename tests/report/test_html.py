"""The page, in a real browser where there is one (KEYSIFT_BROWSER names another than the usual)."""

import io
import json
import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from tests.report import browser, many
from tests.report.browser import Browser

from keysift.model import Gone, Run
from keysift.report import Options, write

KEYS = 5_000
OPEN = KEYS - KEYS // 50
needs_browser = pytest.mark.skipif(
    not browser.PROGRAM, reason="no Chromium or Chrome is installed, nor named by KEYSIFT_BROWSER"
)


def page(run: Run, **options: bool) -> str:
    out = io.StringIO()
    write(run, "html", out, Options(**options))
    return out.getvalue()


# --- Without a browser ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["full", "hostile", "empty"])
def test_nothing_in_the_data_can_end_its_element(kind: str, full_run: Run) -> None:
    text = page({"full": full_run, "hostile": many.hostile(), "empty": Run("scan", (".",))}[kind])
    assert text.count("<script") == text.count("</script>") == 2
    data = text.partition('id="data">')[2].partition("</script>")[0]
    assert not set("<>&") & set(data)
    assert data.isascii()
    assert set(json.loads(data)) == {"tool", "run", "masked", "notices", "rules", "skipped", "keys"}


def test_the_page_says_what_was_scanned_and_what_to_know() -> None:
    run = Run("audit", (".",), blobs=1200, notes=["an acceptance is over: <b>"], gone=[Gone("ab12", "some-rule", "a")])
    data = json.loads(page(run).partition('id="data">')[2].partition("</script>")[0])
    assert data["run"]["scanned"] == "1,200 objects"
    assert data["notices"] == [
        "An acceptance is over: <b>",
        "1 accepted key is gone: run `keysift baseline prune` to clean up the baseline.",
    ]
    assert "1 file" in page(Run("scan", (".",), blobs=1))


def test_the_policy_allows_this_script_and_this_style_alone() -> None:
    text = page(Run("scan", (".",)))
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy
    assert policy[1].startswith("default-src 'none'; ")
    assert "unsafe" not in policy[1]
    for element in ("script", "style"):
        content = re.search(rf"<{element}>(.*?)</{element}>", text, re.DOTALL)
        assert content
        assert f"{element}-src 'sha256-{b64encode(sha256(content[1].encode()).digest()).decode()}'" in policy[1]
    assert not re.search(r'(?:src|href)="(?!#)', text)
    assert "@" not in re.sub(r"@(?:media|page)\b", "", text)


# --- In a browser -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("browser")) as found:
        yield found


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("page") / "audit.html"
    place.write_text(page(many.audit(KEYS)), encoding="utf-8")
    return place


def rows(shown: Browser) -> int:
    return int(shown.run("document.querySelectorAll('tr.key').length"))


def said(shown: Browser) -> str:
    return str(shown.run("document.getElementById('count').textContent"))


def ask(shown: Browser, field: str, value: str) -> None:
    event = "input" if field == "search" else "change"
    shown.run(f"(() => {{ const e = document.getElementById('{field}'); e.value = {json.dumps(value)}; "
              f"e.dispatchEvent(new Event('{event}')); }})()")  # fmt: skip


def complaints(shown: Browser) -> list[object]:
    shown.run("1")
    bad = {"Log.entryAdded", "Runtime.exceptionThrown", "Page.javascriptDialogOpening"}
    return [event for event in shown.events if event.get("method") in bad]


@needs_browser
def test_five_thousand_keys_are_searched_filtered_and_sorted(shown: Browser, long: Path) -> None:
    shown.open(long)
    assert shown.run("document.querySelector('h1').textContent") == f"{OPEN:,} leaked keys found"
    assert (rows(shown), said(shown)) == (100, f"{OPEN:,} keys")
    shown.run("document.getElementById('more').click()")
    assert rows(shown) == 200
    ask(shown, "search", "terraform ADA app-7/")
    some = rows(shown)
    assert 0 < some < 100
    assert said(shown) == f"{some} of {OPEN:,} keys"
    places = shown.run("[...document.querySelectorAll('td.place')].map((cell) => cell.parentElement.dataset.order)")
    assert len(set(places)) == some
    ask(shown, "label", "sensitive")
    assert 0 < rows(shown) < some
    assert set(shown.run("[...document.querySelectorAll('.pill')].map((pill) => pill.textContent)")) == {"sensitive"}
    ask(shown, "search", "no such thing")
    assert shown.run("document.querySelector('.none').textContent").startswith("No key matches")
    shown.run("document.querySelector('button[type=reset]').click()")
    ask(shown, "label", "suppressed")
    assert said(shown) == f"{KEYS - OPEN} suppressed keys"
    shown.run("document.querySelector('button[type=reset]').click()")
    for order in ("descending", "ascending"):
        shown.run("document.querySelector('th[data-sort=Exposed] button').click()")
        days = shown.run(
            "[...document.querySelectorAll('td.number')].map((cell) => parseInt(cell.textContent.replace(',', '')))"
        )
        assert days == sorted(days, reverse=order == "descending")
        assert shown.run("document.querySelector('th[data-sort=Exposed]').getAttribute('aria-sort')") == order
    assert complaints(shown) == []


@needs_browser
def test_a_row_opens_to_what_to_do_and_to_its_life(shown: Browser, long: Path) -> None:
    shown.open(long)
    shown.run("document.querySelector('tr.key').click()")
    text = shown.run("document.querySelector('tr.detail').innerText")
    for part in ("Timeline", "What to do next", "Create a new key", "Places (", "Introduced", "Fingerprint"):
        assert part in text
    assert "[object" not in text
    assert shown.run("document.querySelectorAll('tr.detail svg.life line.span').length") == 1
    shown.run("document.querySelector('.toggle').click()")
    assert shown.run("document.querySelectorAll('tr.detail').length") == 0
    assert complaints(shown) == []


@needs_browser
def test_charts_are_filters(shown: Browser, long: Path) -> None:
    shown.open(long)
    for name in ("label", "where", "provider", "age"):
        bar = f"document.querySelector('g[data-filter={name}]')"
        shown.run(f"{bar}.dispatchEvent(new MouseEvent('click', {{bubbles: true}}))")
        count = shown.run(f"{bar}.getAttribute('aria-label').split(': ').pop()")
        assert said(shown) == f"{count} of {OPEN:,} keys"
        assert shown.run(f"{bar}.getAttribute('aria-pressed')") == "true"
        shown.run(f"{bar}.dispatchEvent(new MouseEvent('click', {{bubbles: true}}))")
        assert said(shown) == f"{OPEN:,} keys"


@needs_browser
def test_the_keyboard_is_enough(shown: Browser, long: Path) -> None:
    shown.open(long)
    shown.press("/")
    assert shown.run("document.activeElement.id") == "search"
    for letter in "stripe":
        shown.press(letter)
    assert 0 < rows(shown) <= 100
    assert said(shown) != f"{OPEN:,} keys"
    shown.press("Escape")
    assert said(shown) == f"{OPEN:,} keys"
    shown.run("document.querySelector('.toggle').focus()")
    shown.press("ArrowDown")
    shown.press("Enter")
    assert shown.run(
        "document.querySelector('tr.detail').previousElementSibling.querySelector('.toggle') === document.activeElement"
    )
    shown.run("document.querySelector('g[data-filter=label]').focus()")
    shown.press(" ")
    assert said(shown).endswith(f" of {OPEN:,} keys")


@needs_browser
def test_light_and_dark(shown: Browser, long: Path) -> None:
    def ground() -> int:
        colour = shown.run("getComputedStyle(document.documentElement).backgroundColor")
        return sum(map(int, re.findall(r"\d+", colour)[:3]))

    for dark in (False, True):
        shown.open(long, dark=dark)
        assert (ground() < 150) == dark
        shown.run("document.getElementById('theme').click()")
        assert (ground() > 600) == dark
        # Text is told from its ground: WCAG asks for 4.5 to 1.
        assert shown.run(CONTRAST) >= 4.5


CONTRAST = """(() => {
  const light = (colour) => { const [r, g, b] = colour.match(/\\d+/g).map((one) => { one /= 255; return one <= .03928 ? one / 12.92 : ((one + .055) / 1.055) ** 2.4; }); return .2126 * r + .7152 * g + .0722 * b; };
  const ground = (node) => { while (node && /, 0\\)$|transparent/.test(getComputedStyle(node).backgroundColor)) node = node.parentElement; return getComputedStyle(node || document.documentElement).backgroundColor; };
  return Math.min(...[...document.querySelectorAll('h1, h2, .quiet, .pill, .sub, .mask, .total b, .total span, label, td, a, button.link')].map((node) => {
    const [a, b] = [light(getComputedStyle(node).color), light(ground(node))].sort((x, y) => y - x); return (a + .05) / (b + .05); }));
})()"""  # noqa: E501 - a script


@needs_browser
def test_nothing_is_asked_of_the_network(shown: Browser, long: Path) -> None:
    shown.open(long)
    shown.run("document.querySelector('tr.key').click()")
    asked = [
        event["params"]["request"]["url"]
        for event in shown.events
        if event.get("method") == "Network.requestWillBeSent"
    ]
    assert asked == [long.as_uri()]


@needs_browser
def test_hostile_text_is_text(shown: Browser, tmp_path: Path) -> None:
    place = tmp_path / "hostile.html"
    place.write_text(page(many.hostile()), encoding="utf-8")
    shown.open(place)
    ask(shown, "label", "")
    shown.run("document.getElementById('open').click()")
    assert shown.run("document.querySelectorAll('script').length") == 2
    assert shown.run("document.querySelectorAll('img').length") == 0
    assert (
        shown.run("[...document.querySelectorAll('a')].filter((link) => !/^https?:|^file:/.test(link.href)).length")
        == 0
    )
    assert "</script><script>alert(1)</script>" in shown.run("document.querySelector('.toggle').textContent")
    assert complaints(shown) == []


@needs_browser
def test_print_has_every_key_that_was_asked_for(shown: Browser, long: Path) -> None:
    shown.open(long)
    ask(shown, "search", "terraform lin 1")
    asked = int(said(shown).split()[0].replace(",", ""))
    assert rows(shown) == 100 < asked
    assert shown.pdf().startswith(b"%PDF")
    assert rows(shown) == asked


@needs_browser
@pytest.mark.parametrize("width", [360, 800, 1400])
def test_nothing_runs_out_of_the_window(width: int, shown: Browser, long: Path) -> None:
    shown.open(long, width=width)
    shown.run("document.querySelector('tr.key').click()")
    assert shown.run("document.documentElement.scrollWidth") <= width


@needs_browser
def test_a_scan_without_history_and_one_without_keys(shown: Browser, full_run: Run, tmp_path: Path) -> None:
    place = tmp_path / "page.html"
    place.write_text(page(full_run, show_public=True), encoding="utf-8")
    shown.open(place)
    assert "Lifetime" not in shown.run("document.getElementById('head').textContent")
    assert shown.run("document.getElementById('age').parentElement.offsetParent") is None
    shown.run("document.querySelector('g[data-value=low]').dispatchEvent(new MouseEvent('click', {bubbles: true}))")
    assert (rows(shown), said(shown)) == (1, "1 of 8 keys")
    assert "could not be read" in shown.run("document.getElementById('notices').textContent")
    place.write_text(page(replace_findings(full_run)), encoding="utf-8")
    shown.open(place)
    assert shown.run("document.querySelector('h1').textContent") == "No leaked keys found"
    assert complaints(shown) == []


def replace_findings(run: Run) -> Run:
    return replace(run, findings=[], suppressed=[], skipped=[])
