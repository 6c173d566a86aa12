"""The report for people: each finding as a compiler would show it, then what to do, by rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
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
    everything = seen.findings()
    complete = seen.options.everything or seen.options.quiet
    listed = everything if complete else everything[:MOST_FINDINGS]
    kinds = Counter(finding.rule.id for finding in listed)
    unadvised: list[Finding] = []
    for heading, findings in _groups(seen, listed):
        if heading:
            yield paint(f"{heading}: {count(len(findings), 'finding')}", "bold", seen.options)
            yield from () if seen.options.quiet else ("",)
        for finding in findings:
            if seen.options.quiet:
                yield finding_line(seen, finding)
                continue
            lines, advised = finding_lines(seen, finding, alone=kinds[finding.rule.id] == 1)
            yield from (*lines, "")
            unadvised += [] if advised else [finding]
    if not seen.options.quiet:
        yield from _advice(seen, unadvised, kinds)
    if len(listed) < len(everything):
        yield from wrapped(_more(everything[len(listed) :]), seen.options.width, 2)


def _groups(seen: View, findings: Sequence[Finding]) -> Iterator[tuple[str, list[Finding]]]:
    """Yield the findings by what the user asked for, each group where its gravest finding stands; else all as one."""
    name = {"file": _file, "rule": _rule, "label": _label}.get(seen.options.group_by)
    if name is None:
        yield "", [*findings]
        return
    names = [name(seen, finding) for finding in findings]
    order = {name: number for number, name in reversed([*enumerate(names)])}
    ranked = sorted(zip(names, findings, strict=True), key=lambda pair: order[pair[0]])
    for heading, pairs in groupby(ranked, key=lambda pair: pair[0]):
        yield heading, [finding for _, finding in pairs]


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
        about = f"each {plain(rule.name)} ({count(len(several), 'finding')})" if shared else plain(rule.name)
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
