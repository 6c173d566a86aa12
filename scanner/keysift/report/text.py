"""The report for people: each finding as a compiler would show it, then what to do, by rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import TextIO

from keysift.model import Finding, Run
from keysift.report.finding_text import finding_line, finding_lines
from keysift.report.next_steps import shared_steps
from keysift.report.plain import plain, wrapped
from keysift.report.snippet_text import paint
from keysift.report.summary_text import summary_lines
from keysift.report.view import Options, View, view
from keysift.report.wording import by_label, count, path

MOST_FINDINGS = 50
"""Findings that are listed; `--all` lists all."""


def write(run: Run, out: TextIO, options: Options) -> None:
    """Write the findings with a blank line after each; nothing where there are none."""
    seen = view(run, options)
    out.writelines(f"{line}\n" for line in _lines(seen))


def summary(run: Run, out: TextIO, options: Options) -> None:
    """Write what was not scanned and why, and on the last line what was found."""
    out.writelines(f"{line}\n" for line in summary_lines(run, options))


def _lines(seen: View) -> Iterator[str]:
    options = seen.options
    everything = [*_grouped(seen, seen.findings())]
    listed = everything if options.everything or options.quiet else everything[:MOST_FINDINGS]
    sizes = Counter(heading for heading, _ in everything)
    kinds = Counter(finding.rule.id for _, finding in everything)
    unadvised: list[Finding] = []
    for heading, pairs in groupby(listed, key=itemgetter(0)):
        if heading:
            yield paint(f"{heading}: {count(sizes[heading], 'finding')}", "bold", options)
            yield from () if options.quiet else ("",)
        for _, finding in pairs:
            if options.quiet:
                yield finding_line(seen, finding)
                continue
            lines, advised = finding_lines(seen, finding, alone=kinds[finding.rule.id] == 1)
            yield from (*lines, "")
            unadvised += [] if advised else [finding]
    if not options.quiet:
        yield from _advice(seen, unadvised, kinds)
    if len(listed) < len(everything):
        yield from wrapped(_more([finding for _, finding in everything[len(listed) :]]), options.width, 2)


def _grouped(seen: View, findings: Sequence[Finding]) -> Iterator[tuple[str, Finding]]:
    """Yield findings by what the user asked for, with the name of their group, each group where its gravest stands."""
    name = {"file": _file, "rule": _rule, "label": _label}.get(seen.options.group_by)
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(name(seen, finding) if name else "", []).append(finding)
    for heading, several in groups.items():
        yield from ((heading, finding) for finding in several)


def _file(seen: View, finding: Finding) -> str:
    return path(seen, finding.locations[0]) if finding.locations else "no file"


def _rule(_seen: View, finding: Finding) -> str:
    return f"{plain(finding.rule.id)}, {plain(finding.rule.name)}"


def _label(_seen: View, finding: Finding) -> str:
    return str(finding.verdict.label)


def _advice(seen: View, findings: Iterable[Finding], kinds: Counter[str]) -> Iterator[str]:
    """Yield once for each rule why its findings have their label, and what to do about them."""
    by_rule: dict[str, list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule.id, []).append(finding)
    for rule_id, several in by_rule.items():
        rule, steps, shared = several[0].rule, shared_steps(several), kinds[rule_id] > 1
        if not steps and not (shared and rule.why):
            continue
        about = f"each {plain(rule.name)} ({count(kinds[rule_id], 'finding')})" if shared else plain(rule.name)
        yield paint(f"what to do about {about}", "bold", seen.options)
        if shared and rule.why:
            yield from wrapped(f"  why: {plain(rule.why)}", seen.options.width, 4)
        for number, step in enumerate(steps, 1):
            yield from wrapped(f"  {number}. {plain(step)}", seen.options.width, 5)
        yield ""


def _more(findings: Sequence[Finding]) -> str:
    """Return how many findings are not listed, and how to see them."""
    number = count(len(findings), "more finding")
    return f"{number} ({by_label(findings)}): --all lists them, `-f html -o report.html` writes a page of them"
