"""`keysift import`."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from keysift import config
from keysift.accept import baseline
from keysift.cli import common, scan
from keysift.cli.baseline import entries, say_attribute
from keysift.config import Ignore
from keysift.detect.blobs import scan_blob
from keysift.detect.matcher import Matcher
from keysift.errors import ConfigError, UsageError
from keysift.git import layout, process
from keysift.git.objects import Object, ObjectReader
from keysift.migrate import Claim, Moved, OwnRule, claims, gitleaks, reports
from keysift.model import Blob, Finding, Rule

RULES_FILE = ".keysift-rules.yaml"
_COMMIT = re.compile(r"[0-9a-f]{7,64}")


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path())
@click.option("--dry-run", is_flag=True, help="Only say what would be carried over.")
@click.pass_context
def command(ctx: click.Context, files: tuple[str, ...], dry_run: bool) -> None:  # noqa: FBT001 - click's way
    """Move over from another scanner: its configuration, its baseline, its reports.

    Reads gitleaks' configuration, .gitleaksignore and JSON reports, detect-secrets' baseline, and trufflehog's and
    kingfisher's JSON reports. Writes .keysift.toml, .keysift-rules.yaml and .keysift-baseline of the repository
    around the first file, and says of each line what became of it.

    \b
    keysift import .gitleaks.toml .gitleaksignore
    keysift import .secrets.baseline --dry-run
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    start = Path(files[0]).absolute().parent
    top = layout.toplevel(start) or start
    settings = config.find(top)
    rules = common.active_rules(settings)
    moved = Moved()
    for file in files:
        _join(moved, _read(Path(file), rules))
    known = _claims(moved, top, (*rules, *_compiled(moved.rules)), settings)
    for line in moved.lines:
        click.echo(common.plain(f"{line.place}: {line.what}: {line.outcome}: {line.how}"))
    if not dry_run:
        _write(moved, top, known, settings)
    counts = Counter(line.outcome for line in moved.lines)
    click.echo(", ".join(f"{number:,} {outcome}" for outcome, number in sorted(counts.items())) or "nothing", err=True)
    ctx.exit(0)


def _read(file: Path, rules: Sequence[Rule]) -> Moved:
    """What a file says, by its name and content."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}", help="name files of other scanners") from error
    if file.name == ".gitleaksignore":
        return gitleaks.read_ignore_file(data, file.name)
    if file.suffix == ".toml":
        return gitleaks.read_configuration(data, file.name, {rule.id for rule in rules})
    return reports.read_report(data, file.name)


def _join(moved: Moved, more: Moved) -> None:
    for name in ("lines", "ignores", "rules", "disable", "claims"):
        getattr(moved, name).extend(getattr(more, name))


# --- Claims -> entries of the baseline --------------------------------------------------------------------------------

_Known = dict[str, tuple[Finding, Claim]]


def _claims(moved: Moved, top: Path, rules: Sequence[Rule], settings: config.Config) -> _Known:
    """Our findings that the files know, by fingerprint."""
    if not moved.claims:
        return {}
    look = _looker(top, Matcher(rules), settings)
    known: _Known = {}
    for line, claim, found in claims.settle(moved.claims, look):
        moved.lines.append(line)
        for finding in found:
            known.setdefault(finding.fingerprint, (finding, claim))
    return known


def _looker(top: Path, matcher: Matcher, settings: config.Config) -> Callable[[Claim], Sequence[Finding] | None]:
    """Finds the keys of the file that a claim names: as it stands, or as it stood at a commit."""
    options = scan.defaults()
    by_path: dict[str, list[Finding]] = {}
    for result in scan.unjudged(str(top), matcher, settings, options):
        for finding in result.findings:
            by_path.setdefault(finding.locations[0].path, []).append(finding)
    old: dict[tuple[str, str], Sequence[Finding] | None] = {}

    def look(claim: Claim) -> Sequence[Finding] | None:
        path = _inside(claim.path, top)
        if not _COMMIT.fullmatch(claim.commit):
            if not path:
                return [finding for found in by_path.values() for finding in found]
            return by_path.get(path) or ([] if (top / path).is_file() else None)
        key = (claim.commit, path)
        if key not in old:
            old[key] = _at(top, matcher, *key) if path else _brought_in(top, matcher, claim.commit)
        return old[key]

    return look


def _at(top: Path, matcher: Matcher, commit: str, path: str) -> Sequence[Finding] | None:
    """The keys of a file as it stood at a commit."""
    with ObjectReader(top) as reader:
        answer = reader.read(f"{commit}:{path}")
    if not isinstance(answer, Object) or answer.kind != "blob":
        return None
    return scan_blob(matcher, Blob(path, answer.data)).findings


def _brought_in(top: Path, matcher: Matcher, commit: str) -> Sequence[Finding] | None:
    """The keys that the files of a commit have, and did not have before."""
    done = process.run(
        top, "diff-tree", "--root", "-r", "-z", "--no-commit-id", "-m", "--name-only", commit, accept=(0, 128)
    )
    if done.returncode:
        return None
    new: dict[str, Finding] = {}
    before: set[str] = set()
    for name in dict.fromkeys(done.stdout.decode("utf-8", "surrogateescape").split("\0")):
        if name:
            new |= {one.fingerprint: one for one in _at(top, matcher, commit, name) or ()}
            before |= {one.fingerprint for one in _at(top, matcher, f"{commit}^", name) or ()}
    return [finding for fingerprint, finding in new.items() if fingerprint not in before]


def _inside(path: str, top: Path) -> str:
    """A path of a report, which may be absolute or start from elsewhere, from the top of the repository."""
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
    """The rules, in a file of their own; nothing where one is there, lest something of it be lost."""
    if place.exists():
        click.echo(f"keysift: {place} is there already; {len(moved.rules)} rules were not written", err=True)
        return []
    place.write_text("\n".join(_rule_lines(moved.rules)) + "\n", encoding="utf-8")
    click.echo(f"written: {place}; every rule wants a reason, examples and a way to revoke", err=True)
    return moved.rules


def _rule_lines(rules: Sequence[OwnRule]) -> list[str]:
    lines = ["provider: own", "revoke: Ask the owner of the key.", "references: [moved over]", "rules:"]
    for rule in rules:
        texts = {"name": rule.name, "why": f"Moved over from {rule.origin}.", "pattern": rule.pattern}
        lines += [f"  - id: {rule.id}", "    label: secret"]
        lines += [f"    {name}: {_quoted(text)}" for name, text in texts.items()]
        lines += [f"    keywords: [{', '.join(map(_quoted, rule.keywords))}]", f"    reach: {_reach(rule.pattern)}"]
        lines += [f"    when: [{{file: {_quoted(rule.file)}}}]"] if rule.file else []
    return lines


def _compiled(rules: Sequence[OwnRule]) -> list[Rule]:
    """The rules as a scan will read them: what the claims speak of may be theirs."""
    from keysift.rules import authoring  # noqa: PLC0415 - here alone

    text = "\n".join(_rule_lines(rules))
    return [rule for _, rule in authoring.read_own(text.encode(), RULES_FILE)] if rules else []


def _reach(pattern: str) -> int:
    from keysift.rules import authoring  # noqa: PLC0415 - here alone

    try:
        return min(authoring.greatest_width(pattern), authoring.MAX_PATTERN_REACH)
    except ValueError:
        return authoring.DEFAULT_REACH


def _write_configuration(moved: Moved, top: Path, settings: config.Config) -> None:
    """Adds to `.keysift.toml`: tables at its end, and what must stand before all tables at its start."""
    heads = [f"disable = {_list(moved.disable)}"] if moved.disable else []
    heads += [f"rules = {_list([RULES_FILE])}"] if moved.rules else []
    tables = "".join(_table(one) for one in dict.fromkeys(moved.ignores) if one not in settings.ignore)
    if not heads and not tables:
        return
    place = top / config.NAME
    if settings.origin and Path(settings.origin) != place:
        raise ConfigError(f"{settings.origin} configures keysift already", help=f"move that to {place} first")
    text = place.read_text(encoding="utf-8") if place.exists() else ""
    stated = [line for line in heads if re.search(rf"^\s*{line.split()[0]}\s*=", text, re.MULTILINE)]
    new = "".join(f"{line}\n" for line in heads if line not in stated) + text + tables
    config.parse(new.encode(), str(place))
    place.write_text(new, encoding="utf-8")
    click.echo(f"written: {place}", err=True)
    for line in stated:
        click.echo(f"keysift: add this to {place} yourself, which states it already: {line}", err=True)


def _table(one: Ignore) -> str:
    values = {name: text for name in ("rule", "path_regex", "value", "line", "reason") if (text := getattr(one, name))}
    lines = [f"{name.replace('_', '-')} = {_toml(text)}" for name, text in values.items()]
    return "\n[[ignore]]\n" + "\n".join(lines) + "\n"


def _list(values: Sequence[str]) -> str:
    return f"[{', '.join(map(_toml, values))}]"


def _toml(text: str) -> str:
    """A literal where that is readable: regexes are full of backslashes."""
    if "\\" in text and "'" not in text and text.isprintable():
        return f"'{text}'"
    return _quoted(text)


def _quoted(text: str) -> str:
    """A string that JSON, YAML and TOML read alike."""
    return json.dumps(text)


def _write_baseline(place: Path, known: _Known) -> None:
    data = place.read_bytes() if place.exists() else baseline.header()
    there = baseline.parse(data, str(place))
    new = []
    for finding, claim in known.values():
        why = f"moved over from {claim.place.partition(':')[0]}"
        options = {"who": "", "why": why, "until": "", "path": "", "status": baseline.REAL if claim.real else ""}
        new += [one for one in entries([finding], there.salts[0], options) if one.id not in there.entries]
    baseline.write(place, baseline.changed(data, new))
    say_attribute(place)
    click.echo(f"{len(new)} keys added to {place}", err=True)
