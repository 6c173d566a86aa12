"""The page in use: filters, groups, search, charts, links, the keyboard."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from tests.report import many
from tests.report.browser import Browser
from tests.report.pages import KEYS, OPEN, ask, complaints, left, needs_browser, options, page, reset, rows, said

from keysift.model import Confidence


@needs_browser
def test_five_thousand_keys_are_searched_filtered_and_sorted(shown: Browser, long: Path) -> None:
    shown.open(long)
    assert shown.run("document.querySelector('h1').textContent") == f"{OPEN:,} leaked keys found"
    assert (rows(shown), said(shown)) == (100, f"{OPEN:,} keys")
    assert shown.run("document.getElementsByTagName('*').length") < 6_000  # not all keys are laid out
    shown.run("document.getElementById('more').click()")
    assert rows(shown) == 200
    ask(shown, "search", "terraform ADA app-7/")
    some = rows(shown)
    assert 0 < some < 100
    assert said(shown) == f"{some} of {KEYS:,} keys"
    ask(shown, "label", "sensitive")
    assert 0 < rows(shown) < some
    assert set(shown.run("[...document.querySelectorAll('.pill')].map((pill) => pill.textContent)")) == {"sensitive"}
    ask(shown, "search", "no such thing")
    assert shown.run("document.querySelector('.none').textContent").startswith("No key matches")
    reset(shown)
    ask(shown, "status", "accepted")
    assert left(shown) == KEYS - OPEN
    reset(shown)
    for order in ("descending", "ascending"):
        shown.run("document.querySelector('th[data-sort=days] button').click()")
        days = shown.run(
            "[...document.querySelectorAll('td.number')].map((cell) => parseInt(cell.textContent.replace(',', '')))"
        )
        assert days == sorted(days, reverse=order == "descending")
        assert shown.run("document.querySelector('th[data-sort=days]').getAttribute('aria-sort')") == order
    assert complaints(shown) == []


@needs_browser
def test_filters_combine_and_each_says_what_it_would_leave(shown: Browser, long: Path) -> None:
    shown.open(long)
    for facet, value in (
        ("confidence", "high"), ("label", "secret"), ("provider", "GitHub"), ("where", "at HEAD"),
        ("exposed", "91 to 365 days"),
    ):  # fmt: skip
        told = options(shown, facet)
        assert sum(count for name, count in told.items() if name) == told[""] == left(shown)
        ask(shown, facet, value)
        assert left(shown) == told[value] > 0
        # The other values of this filter still say what they would leave.
        assert options(shown, facet) == told
    told = options(shown, "file")
    name, count = max(((name, count) for name, count in told.items() if name), key=lambda file: file[1])
    ask(shown, "file", name)
    assert left(shown) == rows(shown) == count
    assert {*shown.run("[...document.querySelectorAll('.path')].map((path) => path.title.split(':')[0])")} == {name}


@needs_browser
def test_numbers_agree(shown: Browser, long: Path) -> None:
    shown.open(long)
    totals = shown.run("[...document.querySelectorAll('.total')].map((one) => one.innerText.replace(/\\n/, ' '))")
    counts = {name: int(number.replace(",", "")) for number, name in (total.split(maxsplit=1) for total in totals)}
    assert counts["secret"] + counts["sensitive"] == OPEN
    places = [count for name, count in counts.items() if name not in {"secret", "sensitive", "accepted"}]
    assert sum(places) == OPEN
    for name, count in counts.items():
        find = f"[...document.querySelectorAll('.total')].find((one) => one.lastChild.textContent === '{name}')"
        shown.run(f"{find}.click()")
        assert left(shown) == count
        assert shown.run(f"{find}.getAttribute('aria-pressed')") == "true"
    reset(shown)
    for facet in ("exposed", "provider"):
        bars = shown.run(
            f"[...document.querySelectorAll('.bar[data-filter={facet}]')]"
            ".map((bar) => [bar.dataset.value, bar.querySelector('.value').textContent])"
        )
        told = options(shown, facet)
        assert bars
        assert all(told[value] == int(count.replace(",", "")) for value, count in bars)
        shown.run(f"document.querySelector('.bar[data-filter={facet}]').click()")
        assert left(shown) == told[bars[0][0]]
        assert shown.run("document.activeElement.className") == "bar"
        shown.run("document.activeElement.click()")
        assert left(shown) == OPEN


@needs_browser
def test_what_is_below_the_threshold_is_counted_and_hidden_until_it_is_asked_for(
    shown: Browser, tmp_path: Path
) -> None:
    run = many.audit(50)
    below = [replace(one, below_threshold=True) for one in run.findings if one.verdict.confidence is Confidence.LOW]
    run.findings = [one for one in run.findings if one.verdict.confidence is not Confidence.LOW]
    run.below = below
    place = tmp_path / "page.html"
    place.write_text(page(run), encoding="utf-8")
    shown.open(place)
    assert shown.run("document.querySelector('h1').textContent") == f"{len(run.findings)} leaked keys found"
    assert left(shown) == len(run.findings)
    told = options(shown, "confidence")
    assert (told[""], told["any"]) == (len(run.findings), len(run.findings) + len(below))
    assert told["low"] == told["not reported"] == len(below) > 0
    total = "[...document.querySelectorAll('.total')].find((one) => one.innerText.includes('not reported'))"
    assert shown.run(f"{total}.querySelector('b').textContent") == str(len(below))
    shown.run(f"{total}.click()")
    assert (left(shown), rows(shown)) == (len(below), len(below))
    shown.open("about:blank")
    shown.open(f"{place.as_uri()}#key={below[0].fingerprint}")
    assert below[0].fingerprint in shown.run("document.querySelector('tr.detail').innerText")


@needs_browser
def test_how_many_keys_were_live_at_head(shown: Browser, tmp_path: Path) -> None:
    run = many.audit(3)
    lives = [
        many.History("a" * 40, "2020-01-01T00:00:00Z", in_head=True, refs=("refs/heads/main",), kept_by="refs"),
        # A tag still has it, and HEAD lost it.
        many.History("b" * 40, "2021-01-01T00:00:00Z", refs=("refs/tags/v1",), left_head="2023-01-01T00:00:00Z"),
        # HEAD never had it.
        many.History("c" * 40, "2022-01-01T00:00:00Z", refs=("refs/heads/side",), kept_by="refs"),
    ]
    run.findings = [replace(finding, history=life) for finding, life in zip(run.findings, lives, strict=True)]
    place = tmp_path / "page.html"
    place.write_text(page(run), encoding="utf-8")
    shown.open(place)
    told = "document.querySelector('.told').textContent"
    assert shown.run(told).startswith("1 key at HEAD now; most at once: 2, in January 2021. 1 key not drawn")
    assert "1 key not drawn: HEAD never had it" in shown.run(told)
    shown.run("document.querySelector('svg[role=slider]').focus()")
    shown.press("Home")
    assert shown.run(told).startswith("January 2020: 1 key (")
    for _ in range(20):
        shown.press("ArrowRight")
    assert re.match(r"\w+ 2022: 2 keys \(", shown.run(told))
    shown.press("End")
    assert shown.run(told).startswith("March 2026: 1 key (")


@needs_browser
@pytest.mark.parametrize("group", ["file", "provider", "rule"])
def test_keys_are_grouped(group: str, shown: Browser, long: Path) -> None:
    shown.open(long)
    ask(shown, "search", "app-7/")
    count = left(shown)
    ask(shown, "group", group)
    shown.run("while (!document.getElementById('more').hidden) document.getElementById('more').click()")
    told = "[one.dataset.group, one.querySelector('.quiet').textContent]"
    heads = shown.run(f"[...document.querySelectorAll('tr.group')].map((one) => {told})")
    members = [int(text.split()[0].replace(",", "")) for _, text in heads]
    assert sum(members) == rows(shown) >= count
    assert (sum(members) == count) == (group != "file")
    assert said(shown) == f"{count} of {KEYS:,} keys in {len(heads)} groups"
    if group != "rule":
        told = options(shown, group)
        assert all(told.get(name, size) == size for (name, _), size in zip(heads, members, strict=True))
    shown.run("document.querySelector('tr.group .toggle').click()")
    assert rows(shown) == sum(members) - members[0]
    assert shown.run("document.activeElement.getAttribute('aria-expanded')") == "false"


@needs_browser
def test_a_search_says_where_it_matched(shown: Browser, tmp_path: Path) -> None:
    run = many.audit(1)
    refs = tuple(f"refs/heads/branch-{number}" for number in range(30))
    life = replace(run.findings[0].history or many.History(), authors=("Ada <ada@example.org>",), refs=refs)
    run.findings = [replace(run.findings[0], history=life)]
    place = tmp_path / "page.html"
    place.write_text(page(run), encoding="utf-8")
    shown.open(place)
    hits = "[...document.querySelectorAll('.hit')].map((hit) => hit.textContent)"
    marks = "[...document.querySelectorAll('mark')].map((mark) => mark.textContent)"
    for words, where, marked in (
        ("ADA@EX", ["author: Ada <ada@example.org>"], ["ada@ex"]),
        ("ada@ branch-7", ["author: Ada <ada@example.org>", "ref: branch-7"], ["ada@", "branch-7"]),
        (run.findings[0].rule.name, [], run.findings[0].rule.name.split()),
    ):
        ask(shown, "search", words)
        assert (left(shown), shown.run(hits)) == (1, where)
        assert set(marked) <= {*shown.run(marks)}
    # What the page does not show of a key is not searched.
    ask(shown, "search", "branch-29")
    assert left(shown) == 0


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
def test_each_key_has_a_link(shown: Browser, long: Path) -> None:
    findings = many.audit(KEYS)
    opened = "document.querySelector('tr.detail').innerText"
    for finding in (findings.findings[-1], findings.suppressed[0]):
        shown.open("about:blank")
        shown.open(f"{long.as_uri()}#key={finding.fingerprint}")
        assert finding.fingerprint in shown.run(opened)
        assert shown.run("document.activeElement.className") == "toggle"
        top = shown.run("document.activeElement.getBoundingClientRect().top")
        assert 0 <= top < 900
    ask(shown, "search", "no such thing")
    link = findings.findings[7].fingerprint
    shown.run(f"new Promise((done) => {{ onhashchange = done; location.hash = 'key={link}'; }}).then(() => null)")
    assert link in shown.run("[...document.querySelectorAll('tr.detail')].map((one) => one.innerText).join()")
    shown.open("about:blank")
    shown.open(f"{long.as_uri()}#key=<img>")
    assert rows(shown) == 100


@needs_browser
def test_the_keyboard_is_enough(shown: Browser, long: Path) -> None:
    shown.open(long)
    shown.press("/")
    assert shown.run("document.activeElement.id") == "search"
    for letter in "stripe":
        shown.press(letter)
    assert 0 < left(shown) < OPEN
    shown.press("Escape")
    assert said(shown) == f"{OPEN:,} keys"
    focused = "document.activeElement.closest('tr')?.dataset.order"
    shown.press("j")
    first = shown.run(focused)
    shown.press("j")
    assert shown.run(focused) != first
    shown.press("ArrowUp")
    assert shown.run(focused) == first
    shown.press("Enter")
    assert shown.run(
        "document.querySelector('tr.detail').previousElementSibling.querySelector('.toggle') === document.activeElement"
    )
    shown.press("g")
    assert shown.run("document.querySelectorAll('tr.group').length") > 0
    shown.press("c")
    assert shown.run("document.activeElement.id") == "confidence"
    shown.run("document.activeElement.blur()")
    shown.press("?")
    assert shown.run("document.querySelector('dialog[open]').innerText").startswith("Keyboard")
    shown.press("Escape")
    assert shown.run("document.querySelector('dialog[open]')") is None
    shown.run("document.querySelector('.bar[data-filter=provider]').focus()")
    shown.press(" ")
    assert said(shown).startswith(f"{options(shown, 'provider')['PagerDuty']:,} of {KEYS:,} keys")
