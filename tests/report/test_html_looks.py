"""The look of the page: colours, widths, paper, hostile text, no JavaScript."""

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PdfReader
from tests.report import many
from tests.report.browser import Browser
from tests.report.pages import ask, complaints, needs_browser, page, rows, said

from keysift.masking import redact, shorten
from keysift.model import Run, Skipped


@needs_browser
def test_light_and_dark(shown: Browser, long: Path) -> None:
    def ground() -> int:
        colour = shown.run("getComputedStyle(document.documentElement).backgroundColor")
        return sum(map(int, re.findall(r"\d+", colour)[:3]))

    for dark in (False, True):
        shown.open(long, dark=dark)
        ask(shown, "search", "lin")
        ask(shown, "group", "file")
        assert (ground() < 150) == dark
        # Text is told from its ground: WCAG asks for 4.5 to 1.
        assert shown.run(CONTRAST) >= 4.5
        shown.run("document.getElementById('theme').click()")
        assert (ground() > 600) == dark
        assert shown.run(CONTRAST) >= 4.5


CONTRAST = """(() => {
  const light = (colour) => { const [r, g, b] = colour.match(/\\d+/g).map((one) => { one /= 255; return one <= .03928 ? one / 12.92 : ((one + .055) / 1.055) ** 2.4; }); return .2126 * r + .7152 * g + .0722 * b; };
  const ground = (node) => { while (node && /, 0\\)$|transparent/.test(getComputedStyle(node).backgroundColor)) node = node.parentElement; return getComputedStyle(node || document.documentElement).backgroundColor; };
  return Math.min(...[...document.querySelectorAll('h1, h2, figcaption, .quiet, .pill, .sub, .hit, .ink, mark, .mask, .total b, .total span, label, td, a, button, .folder')].map((node) => {
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
    ask(shown, "status", "any")
    ask(shown, "search", "</script> alert")
    ask(shown, "group", "file")
    shown.run("document.getElementById('open').click()")
    assert shown.run("document.querySelectorAll('script').length") == 2
    assert shown.run("document.querySelectorAll('img').length") == 0
    assert (
        shown.run("[...document.querySelectorAll('a')].filter((link) => !/^https?:|^file:/.test(link.href)).length")
        == 0
    )
    assert "</script><script>alert(1)</script>" in shown.run("document.querySelector('tr.key .toggle').textContent")
    assert complaints(shown) == []


@needs_browser
def test_print_has_every_key_that_was_asked_for_and_repeats_its_head(shown: Browser, tmp_path: Path) -> None:
    run = many.audit(266)
    place = tmp_path / "page.html"
    place.write_text(page(run), encoding="utf-8")
    shown.open(place)
    pages = [sheet.extract_text() for sheet in PdfReader(io.BytesIO(shown.pdf())).pages]
    assert rows(shown) == len(run.findings)
    assert len(pages) <= 10
    assert all(re.search(r"Key.*Place.*Introduced", text, re.DOTALL) for text in pages[:-1])
    for finding in run.findings:
        mask = shorten(redact(finding.secret))
        assert any(mask in text for text in pages)
    ask(shown, "provider", "Stripe")
    assert len(PdfReader(io.BytesIO(shown.pdf())).pages) <= 2


@needs_browser
@pytest.mark.parametrize("width", [390, 820, 1440])
@pytest.mark.parametrize("dark", [False, True])
def test_nothing_runs_out_of_the_window(width: int, dark: bool, shown: Browser, tmp_path: Path) -> None:  # noqa: FBT001 - a parameter of a test
    run = many.audit(40)
    name = "x" * 200 + ".env"
    long_path = replace(run.findings[0].locations[0], path=f"{'deep/' * 30}{name}", commit="a" * 40)
    run.findings[0] = replace(run.findings[0], locations=(long_path,))
    place = tmp_path / "page.html"
    place.write_text(page(run), encoding="utf-8")
    shown.open(place, width=width, dark=dark)
    for group in ("file", ""):
        ask(shown, "group", group)
        shown.run("document.querySelector('tr.key').click()")
        assert shown.run("document.documentElement.scrollWidth") <= width
    # The name of a file stands in one line.
    heights = shown.run("[...document.querySelectorAll('.path .file')].map((one) => one.getClientRects().length)")
    assert set(heights) == {1}
    assert shown.run(f"[...document.querySelectorAll('.path b')].some((one) => one.textContent === '{name}')")


@needs_browser
def test_the_numbers_of_a_chart_are_whole(shown: Browser, long: Path) -> None:
    shown.open(long, width=1440)
    outside = """[...document.querySelectorAll('figure svg')].flatMap((svg) => {
        const box = svg.getBoundingClientRect();
        return [...svg.querySelectorAll('text')].filter((text) => {
            const { left, right } = text.getBoundingClientRect();
            return left < box.left || right > box.right;
        }).map((text) => text.textContent);
    })"""
    assert "3,000" in shown.run("[...document.querySelectorAll('figure svg text')].map((text) => text.textContent)")
    assert shown.run(outside) == []


@needs_browser
def test_a_phone_shows_the_first_key_on_its_first_screen(shown: Browser, tmp_path: Path) -> None:
    run = replace(many.audit(40), skipped=[Skipped("locked.db", "permission denied")])
    place = tmp_path / "page.html"
    place.write_text(page(run), encoding="utf-8")
    shown.open(place, width=390, height=844)
    assert shown.run("document.querySelector('tr.key').getBoundingClientRect().bottom") < 844
    banner = "document.querySelector('.notice.incomplete')"
    assert shown.run(f"{banner}.textContent").startswith("The scan is incomplete: 1 item could not be read.")
    assert shown.run(f"{banner}.getBoundingClientRect().bottom") < 250
    shown.run("document.querySelector('#filter-box summary').click()")
    ask(shown, "confidence", "high")
    assert shown.run("document.getElementById('active').textContent") == "(1)"


@needs_browser
def test_without_javascript_the_list_is_shown(shown: Browser, tmp_path: Path) -> None:
    place = tmp_path / "page.html"
    place.write_text(page(many.audit(40)), encoding="utf-8")
    shown.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        shown.open(place)
        root = shown.call("DOM.getDocument", depth=0)["root"]["nodeId"]
        items = shown.call("DOM.querySelectorAll", nodeId=root, selector="ol.plain > li")["nodeIds"]
        assert len(items) == 40
        assert shown.call("DOM.getBoxModel", nodeId=items[0])["model"]["height"] > 0
        form = shown.call("DOM.querySelector", nodeId=root, selector="#filters")["nodeId"]
        with pytest.raises(AssertionError, match="box model"):
            shown.call("DOM.getBoxModel", nodeId=form)
    finally:
        shown.call("Emulation.setScriptExecutionDisabled", value=False)


@needs_browser
def test_a_scan_without_history_and_one_without_keys(shown: Browser, full_run: Run, tmp_path: Path) -> None:
    place = tmp_path / "page.html"
    place.write_text(page(full_run, show_public=True), encoding="utf-8")
    shown.open(place)
    assert "Lifetime" not in shown.run("document.getElementById('head').textContent")
    assert shown.run("document.getElementById('exposed').parentElement.offsetParent") is None
    shown.run("document.querySelector('.bar[data-value=low]').click()")
    assert (rows(shown), said(shown)) == (2, "2 of 10 keys")
    assert "could not be read" in shown.run("document.getElementById('notices').textContent")
    place.write_text(page(replace_findings(full_run)), encoding="utf-8")
    shown.open(place)
    assert shown.run("document.querySelector('h1').textContent") == "No leaked keys found"
    assert complaints(shown) == []


def replace_findings(run: Run) -> Run:
    return replace(run, findings=[], suppressed=[], skipped=[])
