"""Makes and scores a corpus of realistic files for the core domain: PagerDuty and what stands around it.

    python core_corpus.py [--seed N] [--misses FILE] -- keysift scan {dir} --no-ignore $REPORT
    python core_corpus.py [--seed N] --write FOLDER

where REPORT='--min-confidence low -f json -o {out} --show-secrets'.

About 220 files hold one to three keys among ordinary surroundings, about 180 hold only look-alikes. Everything follows
from the seed: another seed gives other values, names and orders, and another choice of templates and variants, so a
scanner cannot be tuned to one corpus. Measure with several seeds, and read the misses by eye.

{dir} becomes the folder (one numbered folder for each file), {out} the report's path. A key is found when a finding in
its file overlaps its value; its label is right when that finding has the label that the domain facts give. Findings
labelled `public` count nowhere.
"""

import argparse
import collections
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import core_corpus_clean_code
import core_corpus_clean_config
import core_corpus_clean_prose
import core_corpus_keys_chat
import core_corpus_keys_cloud
import core_corpus_keys_code
import core_corpus_keys_config
import core_corpus_keys_ops
from core_corpus_text import Key, Template, render

KEY_FILES, CLEAN_FILES = 230, 185
LEFT_OUT = 0.06
KEY_TEMPLATES: tuple[Template, ...] = (
    *core_corpus_keys_config.TEMPLATES,
    *core_corpus_keys_cloud.TEMPLATES,
    *core_corpus_keys_code.TEMPLATES,
    *core_corpus_keys_ops.TEMPLATES,
    *core_corpus_keys_chat.TEMPLATES,
)
CLEAN_TEMPLATES: tuple[Template, ...] = (
    *core_corpus_clean_config.TEMPLATES,
    *core_corpus_clean_code.TEMPLATES,
    *core_corpus_clean_prose.TEMPLATES,
)
RANK = {"secret": 2, "sensitive": 1}


@dataclass(frozen=True, slots=True)
class Case:
    """One file of the corpus with what is expected of it; without keys it is a look-alike."""

    path: str
    syntax: str
    text: str
    keys: tuple[Key, ...]
    companions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """One finding at one place."""

    rule: str
    label: str
    secret: str
    start_line: int
    end_line: int


# --- making ----------------------------------------------------------------------------------------------------------


def choose(templates: tuple[Template, ...], wanted: int, rng: random.Random) -> list[tuple[int, int]]:
    """Template numbers with the turn of each use: each one once or more, but for the few that the seed leaves out."""
    order = [number for number in range(len(templates)) if rng.random() > LEFT_OUT]
    picks = [(number, turn) for turn in range(1 + 2 * wanted // len(order)) for number in rng.sample(order, len(order))]
    return picks[:wanted]


def make_cases(seed: int) -> list[Case]:
    """Return the corpus of this seed, in mixed order."""
    rng = random.Random(f"core corpus {seed}")
    cases = []
    for name, templates, wanted in (("keys", KEY_TEMPLATES, KEY_FILES), ("clean", CLEAN_TEMPLATES, CLEAN_FILES)):
        for number, turn in choose(templates, wanted, rng):
            path, text, filling = render(templates[number], random.Random(f"{seed} {name} {number} {turn}"))
            if bool(filling.keys) != (name == "keys"):
                raise ValueError(f"{path}: {len(filling.keys)} keys among the {name} templates")
            cases.append(Case(path, templates[number].syntax, text, tuple(filling.keys), tuple(filling.companions)))
    rng.shuffle(cases)
    return cases


def write_cases(cases: Iterable[Case], top: pathlib.Path) -> None:
    """Each file into its numbered folder."""
    for number, case in enumerate(cases):
        path = top / f"{number:05d}" / case.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(case.text, encoding="utf-8", newline="")


def describe(case: Case) -> dict[str, object]:
    """Return a case as a row for a person to read."""
    keys = [{"kind": key.kind, "label": key.label, "value": key.value} for key in case.keys]
    return {"name": case.path, "syntax": case.syntax, "expected": keys, "text": case.text}


# --- scoring ---------------------------------------------------------------------------------------------------------


def read_report(report: pathlib.Path, top: pathlib.Path) -> dict[int, list[Found]]:
    """Number of the file -> its findings, one for each location, without those labelled public."""
    found: dict[int, list[Found]] = collections.defaultdict(list)
    for finding in json.loads(report.read_text(encoding="utf-8"))["findings"]:
        if finding["label"] not in RANK:
            continue
        for location in finding["locations"]:
            path = pathlib.Path(location["path"])
            parts = (path.relative_to(top) if path.is_absolute() else path).parts
            number = next((part for part in parts if len(part) == 5 and part.isdigit()), None)
            if number is not None:
                start = location["start_line"]
                place = (start, location.get("end_line", start))
                found[int(number)].append(
                    Found(finding["rule_id"], finding["label"], finding.get("secret") or "", *place)
                )
    return found


def overlaps(found: Found, values: Iterable[str], text: str) -> bool:
    """Return True if the finding contains one of the values or a good part of one; without a secret, by its lines."""
    if found.secret:
        return any(value in found.secret or (len(found.secret) >= 6 and found.secret in value) for value in values)
    lines = "\n".join(text.split("\n")[found.start_line - 1 : found.end_line])
    return any(value in lines for value in values)


def best_hit(key: Key, case: Case, found: list[Found]) -> Found | None:
    """Return the finding that speaks for this key: an exact one before a wider one, then the higher label."""
    hits = [one for one in found if overlaps(one, key.forms, case.text)]
    if not hits and case.companions:  # a pair may be reported at its other half, when it has the pair's label
        hits = [one for one in found if one.label == key.label and overlaps(one, case.companions, case.text)]
    return max(hits, key=lambda one: (one.secret in key.forms, RANK[one.label]), default=None)


def extras(case: Case, found: list[Found]) -> list[Found]:
    """Return the findings of a file that have nothing to do with its keys."""
    wanted = [form for key in case.keys for form in key.forms] + list(case.companions)
    return [one for one in found if not overlaps(one, wanted, case.text)]


@dataclass(slots=True)
class Tally:
    """Keys of one kind or syntax: how many there are, are found, and are found with the right label."""

    keys: int = 0
    found: int = 0
    right: int = 0


def table(title: str, tallies: dict[str, Tally]) -> str:
    """Return tallies in lines of text, the worst first."""
    rows = [f"{title:20} {'found':>9} {'label right':>12}"]
    for name, tally in sorted(tallies.items(), key=lambda item: (item[1].found / item[1].keys, item[0])):
        rows.append(f"{name:20} {tally.found:>4}/{tally.keys:<4} {tally.right:>7}/{tally.found:<4}")
    return "\n".join(rows)


@dataclass
class Score:
    """The tallies of a corpus, and a row for every file in which something is wrong."""

    total: Tally = field(default_factory=Tally)
    by_kind: dict[str, Tally] = field(default_factory=lambda: collections.defaultdict(Tally))
    by_syntax: dict[str, Tally] = field(default_factory=lambda: collections.defaultdict(Tally))
    confusion: collections.Counter[tuple[str, str]] = field(default_factory=collections.Counter)
    """Keys by their label and the label of the finding."""
    clean: collections.Counter[tuple[str, bool]] = field(default_factory=collections.Counter)
    """Files without keys by their syntax, and True if something is found in them."""
    clean_by_rule: collections.Counter[str] = field(default_factory=collections.Counter)
    extra_by_rule: collections.Counter[str] = field(default_factory=collections.Counter)
    wrong: list[dict[str, object]] = field(default_factory=list)

    def add(self, number: int, case: Case, found: list[Found]) -> None:
        """Score the findings of one file."""
        faults = [fault for key in case.keys if (fault := self._add_key(key, case, found))]
        surplus = extras(case, found)
        faults += [f"{'extra' if case.keys else 'false alarm'} {finding.rule}" for finding in surplus]
        if case.keys:
            self.extra_by_rule.update(finding.rule for finding in surplus)
        else:
            self.clean[case.syntax, bool(surplus)] += 1
            self.clean_by_rule.update({finding.rule for finding in surplus})
        if faults:
            shown = [
                {"rule": finding.rule, "label": finding.label, "secret": finding.secret, "line": finding.start_line}
                for finding in found
            ]
            self.wrong.append({"number": f"{number:05d}", "faults": faults, **describe(case), "found": shown})

    def _add_key(self, key: Key, case: Case, found: list[Found]) -> str:
        """Score one key, and return what is wrong with it; empty if nothing is."""
        hit = best_hit(key, case, found)
        for tally in (self.total, self.by_kind[key.kind], self.by_syntax[case.syntax]):
            tally.keys += 1
            tally.found += hit is not None
            tally.right += hit is not None and hit.label == key.label
        if hit is None:
            return f"missed {key.kind}"
        self.confusion[key.label, hit.label] += 1
        return "" if hit.label == key.label else f"{key.kind} labelled {hit.label}"

    def __str__(self) -> str:
        total, clean = self.total, self.clean
        flagged = sum(count for (_, bad), count in clean.items() if bad)
        look_alikes = f"{'look-alikes in':20} {'flagged':>9}"
        for syntax in sorted({name for name, _ in clean}, key=lambda name: (-clean[name, True], name)):
            look_alikes += f"\n{syntax:20} {clean[syntax, True]:>4}/{clean[syntax, True] + clean[syntax, False]:<4}"
        labels = ", ".join(f"{want} as {got} {count}" for (want, got), count in sorted(self.confusion.items()))
        return "\n\n".join(
            (
                table("key kind", self.by_kind),
                table("syntax", self.by_syntax),
                look_alikes,
                f"rules behind the flagged look-alikes: {dict(self.clean_by_rule.most_common())}",
                f"rules behind the extra findings: {dict(self.extra_by_rule.most_common())}",
                (
                    f"keys found {total.found}/{total.keys} = {total.found / max(1, total.keys):.3f}\n"
                    f"labels right {total.right}/{total.found} = {total.right / max(1, total.found):.3f} ({labels})\n"
                    f"look-alike files flagged {flagged}/{sum(clean.values())}\n"
                    f"extra findings in key files {sum(self.extra_by_rule.values())}"
                ),
            )
        )


def score(cases: list[Case], findings: dict[int, list[Found]]) -> Score:
    """Return the score of the findings, which are by the numbers of the cases."""
    result = Score()
    for number, case in enumerate(cases):
        result.add(number, case, findings.get(number, []))
    return result


def run_scanner(command: list[str], cases: list[Case]) -> dict[int, list[Found]]:
    """Write the corpus to a temporary folder, run the command on it, and return the findings in its report."""
    with tempfile.TemporaryDirectory() as scratch:
        top, out = pathlib.Path(scratch).resolve() / "set", pathlib.Path(scratch) / "report.json"
        write_cases(cases, top)
        started = time.monotonic()
        filled = [part.replace("{dir}", str(top)).replace("{out}", str(out)) for part in command]
        status = subprocess.run(filled, check=False).returncode
        print(f"{len(cases)} files, exit status {status}, {time.monotonic() - started:.1f} s", file=sys.stderr)
        if not out.exists():
            sys.exit("the command wrote no report")
        return read_report(out, top)


def main() -> None:
    """Read the command line, make the corpus, and score or write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--misses", type=pathlib.Path, help="a file for what went wrong, one JSON line for each case")
    parser.add_argument("--write", type=pathlib.Path, help="only write the corpus here, with labels.jsonl beside it")
    parser.add_argument("command", nargs="*", help="after --, with {dir} and {out}")
    options = parser.parse_args()
    cases = make_cases(options.seed)
    if options.write:
        write_cases(cases, options.write)
        rows = [{"number": f"{number:05d}", **describe(case)} for number, case in enumerate(cases)]
        (options.write / "labels.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return
    if not options.command:
        parser.error("a command is needed after --, or --write")
    result = score(cases, run_scanner(options.command, cases))
    if options.misses:
        options.misses.write_text("".join(json.dumps(row) + "\n" for row in result.wrong), encoding="utf-8")
    print(result)


if __name__ == "__main__":
    main()
