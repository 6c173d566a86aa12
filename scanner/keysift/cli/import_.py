"""`keysift import`: other scanners' configurations, baselines and reports."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from keysift import config, wide
from keysift.accept import baseline
from keysift.cli import scan
from keysift.cli.accepting import make_entries, request_union_merge
from keysift.cli.settings import active_rules
from keysift.config import Ignore
from keysift.detect.findings import scan_blob
from keysift.detect.matcher import Matcher
from keysift.errors import ConfigError, UsageError
from keysift.git import layout, process
from keysift.git.objects import Object, ObjectReader
from keysift.migrate import Claim, Moved, OwnRule, claims, gitleaks, reports
from keysift.model import Blob, Finding, Rule
from keysift.report.plain import plain
from keysift.report.wording import count
from keysift.rules import authoring, patterns

RULES_FILE = ".keysift-rules.yaml"
_TABLE = re.compile(r"^[ \t]*\[", re.MULTILINE)
_COMMIT = re.compile(r"[0-9A-Fa-f]{7,64}")
_NO_COMMIT = "no such commit in this repository"


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path())
@click.option("--dry-run", is_flag=True, help="Say what would be carried over, and write nothing.")
@click.pass_context
def command(ctx: click.Context, files: tuple[str, ...], dry_run: bool) -> None:  # noqa: FBT001 - click's way
    """Carry over the configuration, baseline and reports of another scanner.

    Reads the configuration, .gitleaksignore and JSON reports of gitleaks, the baseline of detect-secrets, and the JSON
    reports of trufflehog and kingfisher. Writes .keysift.toml, .keysift-rules.yaml and .keysift-baseline in the
    repository around the first file, and reports the outcome for each statement.

    \b
    keysift import .gitleaks.toml .gitleaksignore
    keysift import .secrets.baseline --dry-run
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    start = Path(files[0]).absolute().parent
    top = layout.toplevel(start) or start
    settings = config.find(top)
    rules = active_rules(settings)
    moved = Moved()
    for file in files:
        _join(moved, _read(Path(file), rules))
    known = _claims(moved, top, (*rules, *_compiled(moved.rules)), settings)
    for line in moved.lines:
        click.echo(plain(f"{line.place}: {line.what}: {line.outcome}: {line.how}"))
    if not dry_run:
        _write(moved, top, known, settings)
    counts = Counter(line.outcome for line in moved.lines)
    click.echo(
        ", ".join(f"{number:,} {outcome}" for outcome, number in sorted(counts.items())) or "nothing to carry over",
        err=True,
    )
    ctx.exit(0)


def _read(file: Path, rules: Sequence[Rule]) -> Moved:
    """Read a file according to its name and content."""
    try:
        data = wide.to_utf8(file.read_bytes())
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise UsageError(f"cannot read {file}: {reason}", help="name a file of another scanner") from error
    if file.name == ".gitleaksignore":
        return gitleaks.read_ignore_file(data, file.name)
    if file.suffix == ".toml":
        return gitleaks.read_configuration(data, file.name, {rule.id for rule in rules})
    return reports.read_report(data, file.name)


def _join(moved: Moved, more: Moved) -> None:
    for name in ("lines", "ignores", "rules", "disable", "claims"):
        getattr(moved, name).extend(getattr(more, name))


# --- From claims to entries of the baseline ---------------------------------------------------------------------------

_Known = dict[str, tuple[Finding, Claim]]


def _claims(moved: Moved, top: Path, rules: Sequence[Rule], settings: config.Config) -> _Known:
    """Return our findings that the files know, by fingerprint."""
    if not moved.claims:
        return {}
    look = _looker(top, Matcher(rules), settings)
    known: _Known = {}
    for line, claim, findings in claims.settle(moved.claims, look):
        moved.lines.append(line)
        for finding in findings:
            known.setdefault(finding.fingerprint, (finding, claim))
    return known


def _looker(top: Path, matcher: Matcher, settings: config.Config) -> Callable[[Claim], Sequence[Finding] | str]:
    """Return what finds the keys of the file that a claim names: as it is now, or as it was at a commit.

    Where there is nothing to look at, that returns the reason.
    """
    options = scan.defaults()
    by_path: dict[str, list[Finding]] = {}
    for result in scan.scan_target(str(top), matcher, settings, options):
        for finding in result.findings:
            by_path.setdefault(finding.locations[0].path, []).append(finding)
    scanned = {file.path for file in scan.list_files(str(top), settings)}
    old: dict[tuple[str, str], Sequence[Finding] | str] = {}

    def look(claim: Claim) -> Sequence[Finding] | str:
        path = _inside(claim.path, top)
        if not _COMMIT.fullmatch(claim.commit):
            if claim.commit and not path:
                return _NO_COMMIT
            if not path:
                return [finding for findings in by_path.values() for finding in findings]
            return by_path.get(path) or ([] if path in scanned else _why_not_scanned(top, path))
        key = (claim.commit, path)
        if key not in old:
            found = _at(top, matcher, *key) if path else _introduced(top, matcher, claim.commit)
            missing = f"no such file in commit {claim.commit[:12]}" if path else _NO_COMMIT
            old[key] = missing if found is None else found
        return old[key]

    return look


def _why_not_scanned(top: Path, path: str) -> str:
    if Path(path).is_absolute() or path.startswith("../"):
        return "the file is not in this repository"
    if not (top / path).is_file():
        return "the file no longer exists"
    return "scans leave the file out: git ignores it, or `exclude` does"


def _at(top: Path, matcher: Matcher, commit: str, path: str) -> Sequence[Finding] | None:
    """Return the keys of a file as it was at a commit; None where it was not there."""
    with ObjectReader(top) as reader:
        answer = reader.read(f"{commit}:{path}")
    if not isinstance(answer, Object) or answer.kind != "blob":
        return None
    return scan_blob(matcher, Blob(path, answer.data)).findings


def _introduced(top: Path, matcher: Matcher, commit: str) -> Sequence[Finding] | None:
    """Return the keys that a commit introduced into its files; None where there is no such commit."""
    done = process.run(
        top, "diff-tree", "--root", "-r", "-z", "--no-commit-id", "-m", "--name-only", commit, accept=(0, 128)
    )
    if done.returncode:
        return None
    new: dict[str, Finding] = {}
    before: set[str] = set()
    for name in dict.fromkeys(done.stdout.decode("utf-8", "surrogateescape").split("\0")):
        if name:
            new |= {finding.fingerprint: finding for finding in _at(top, matcher, commit, name) or ()}
            before |= {finding.fingerprint for finding in _at(top, matcher, f"{commit}^", name) or ()}
    return [finding for fingerprint, finding in new.items() if fingerprint not in before]


def _inside(path: str, top: Path) -> str:
    """Return a path of a report relative to the top of the repository, if it is inside."""
    place = Path(path)
    if place.is_absolute() and place.is_relative_to(top):
        place = place.relative_to(top)
    return place.as_posix().removeprefix("./") if path else ""


# --- Writing ----------------------------------------------------------------------------------------------------------


def _write(moved: Moved, top: Path, known: _Known, settings: config.Config) -> None:
    if moved.rules:
        moved.rules = _write_rules(top / RULES_FILE, moved)
    _write_configuration(moved, top, settings)
    if known:
        _write_baseline(top / baseline.NAME, known)


def _write_rules(place: Path, moved: Moved) -> list[OwnRule]:
    """Write the rules to a file of their own, unless it exists; return the rules that were written."""
    if place.exists():
        rules = count(len(moved.rules), "rule")
        click.echo(f"keysift: {place} already exists; {rules} not written", err=True)
        return []
    place.write_text("\n".join(_rule_lines(moved.rules)) + "\n", encoding="utf-8")
    click.echo(f"written: {place}; give each rule a reason, examples and a way to revoke its keys", err=True)
    return moved.rules


def _rule_lines(rules: Sequence[OwnRule]) -> list[str]:
    lines = ["provider: own", "revoke: Ask the owner of the key.", "references: [imported]", "rules:"]
    for rule in rules:
        texts = {"name": rule.name, "why": f"Imported from {rule.origin}.", "pattern": rule.pattern}
        lines += [f"  - id: {rule.id}", "    label: secret"]
        lines += [f"    {name}: {_quoted(text)}" for name, text in texts.items()]
        lines += [f"    keywords: [{', '.join(map(_quoted, rule.keywords))}]", f"    reach: {_reach(rule.pattern)}"]
        lines += [f"    when: [{{file: {_quoted(rule.file)}}}]"] if rule.file else []
    return lines


def _compiled(rules: Sequence[OwnRule]) -> list[Rule]:
    """Return the rules as a scan will read them: the claims may be about their findings."""
    text = "\n".join(_rule_lines(rules))
    return [rule for _, rule in authoring.read_own(text.encode(), RULES_FILE)] if rules else []


def _reach(pattern: str) -> int:
    try:
        return min(patterns.width(pattern)[1], patterns.MAX_PATTERN_REACH)
    except re.error:
        return patterns.DEFAULT_REACH


def _write_configuration(moved: Moved, top: Path, settings: config.Config) -> None:
    """Add to `.keysift.toml`: tables at its end, and to the lists at its start."""
    lists = {"disable": moved.disable, "rules": [RULES_FILE] if moved.rules else []}
    missing = {name: [item for item in items if item not in getattr(settings, name)] for name, items in lists.items()}
    tables = "".join(_table(table) for table in dict.fromkeys(moved.ignores) if table not in settings.ignore)
    if not any(missing.values()) and not tables:
        return
    place = top / config.NAME
    if settings.origin and Path(settings.origin) != place:
        raise ConfigError(f"keysift is already configured in {settings.origin}", help=f"move that to {place} first")
    text = wide.to_utf8(place.read_bytes()).decode() if place.exists() else ""
    for name, items in reversed(missing.items()):
        text = _with_items(text, name, items)
    config.parse((text + tables).encode(), str(place))
    place.write_text(text + tables, encoding="utf-8")
    click.echo(f"written: {place}", err=True)


def _with_items(text: str, name: str, items: Sequence[str]) -> str:
    """Return a configuration with more items in a list before its tables, which is added if there is none."""
    table = _TABLE.search(text)
    end = table.start() if table else len(text)
    stated = re.compile(rf"^[ \t]*{name}[ \t]*=[ \t]*\[([^\[\]]*)\]", re.MULTILINE).search(text, 0, end)
    if not items:
        return text
    if not stated:
        return f"{name} = {_list(items)}\n{text}"
    comma = "" if re.search(r"(?:^|,)\s*(?:#[^\n]*\s*)?$", stated[1]) else ", "
    return f"{text[: stated.end(1)]}{comma}{', '.join(map(_toml, items))}{text[stated.end(1) :]}"


def _table(table: Ignore) -> str:
    names = ("rule", "path_regex", "value", "line", "reason")
    values = {name: text for name in names if (text := getattr(table, name))}
    lines = [f"{name.replace('_', '-')} = {_toml(text)}" for name, text in values.items()]
    return "\n[[ignore]]\n" + "\n".join(lines) + "\n"


def _list(values: Sequence[str]) -> str:
    return f"[{', '.join(map(_toml, values))}]"


def _toml(text: str) -> str:
    """Return a literal string where that reads better: regexes are full of backslashes."""
    if "\\" in text and "'" not in text and text.isprintable():
        return f"'{text}'"
    return _quoted(text)


def _quoted(text: str) -> str:
    """Return a string that JSON, YAML and TOML read alike."""
    return json.dumps(text)


def _write_baseline(place: Path, known: _Known) -> None:
    data = place.read_bytes() if place.exists() else baseline.header()
    there = baseline.parse(data, str(place))
    new = []
    for finding, claim in known.values():
        why = f"imported from {claim.place.partition(':')[0]}"
        options = {"who": "", "why": why, "until": "", "path": "", "status": baseline.REAL if claim.real else ""}
        entries = make_entries([finding], there, options)
        new += [entry for entry in entries if entry.id not in there.entries]
    baseline.write(place, baseline.changed(data, new))
    request_union_merge(place)
    click.echo(f"{count(len(new), 'key')} added to {place}", err=True)
