"""`keysift agent scan`, `clean` and `undo`: keys in what agents leave behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from keysift.agent import cleaning, transcripts
from keysift.agent.places import Home
from keysift.cli import running, settings
from keysift.cli.counting import counted
from keysift.cli.options import MIN_CONFIDENCE, parse_size, reading, reporting
from keysift.detect.matcher import Matcher
from keysift.errors import UsageError
from keysift.files import naming
from keysift.model import Skipped
from keysift.report.plain import plain
from keysift.report.wording import count
from keysift.scan import parallel
from keysift.scan.tally import tally

_AGENT = click.option(
    "--agent", "agents", multiple=True, metavar="AGENT", help="Only the files of this agent. Repeatable."
)
_SINCE = click.option(
    "--since", default="", metavar="SPAN", help="Only files changed within 12h, 30d, 8w.  [default: all]"
)


@click.command("scan", short_help="Find keys in transcripts and histories.")
@_AGENT
@_SINCE
@reading
@reporting
@click.pass_context
def scan_(ctx: click.Context, /, **options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Find leaked keys in transcripts and histories that agents leave in your home directory.

    Comments, configuration and baseline accept nothing there: what is accepted in a repository has not been accepted
    for a transcript.

    \b
    keysift agent scan
    keysift agent scan --since 30d --agent claude -f json -o traces.json
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    home, run = here(), running.begin("agent scan", ("~",))
    since = transcripts.oldest(options["since"])
    acceptances = settings.read_acceptances(str(home.path), {**options, "no_repo_config": True})
    matcher = Matcher(settings.active_rules(acceptances.sources.config, options=options))
    limits = parallel.Limits(parse_size(options["max_file_size"]))
    files = [home.file(path) for _, path in transcripts.find(home, options["agents"], since)]
    results = parallel.scan_files(matcher, [*files, *home.left_out.values()], limits=limits, jobs=options["jobs"])
    paths = naming.of(str(home.path))
    tally(run, counted(running.reported(results, acceptances, paths), wanted=not options["quiet"]))
    running.finish(ctx, run, rules=settings.count_active(matcher.rules), advice=_advice(bool(run.findings)))


def _advice(found: bool) -> Iterator[str]:  # noqa: FBT001 - private
    if found:
        yield "help: revoke these keys first; then `keysift agent clean --dry-run` shows what it would mask"


def here() -> Home:
    """Return the home directory of the user.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        return Home.of(Path.home())
    except (OSError, RuntimeError) as error:
        raise UsageError("there is no home directory to look through", help="is HOME set?") from error


@click.command("clean", short_help="Mask keys in transcripts and histories.")
@_AGENT
@_SINCE
@MIN_CONFIDENCE
@click.option("--dry-run", is_flag=True, help="Say which files would change, and change none.")
@click.option(
    "--backup", type=click.Path(file_okay=False), metavar="DIR", help="Keep what was there in this new directory."
)
@click.pass_context
def clean_(ctx: click.Context, /, **options: Any) -> None:  # noqa: ANN401 - as above
    """Mask keys in transcripts and histories of agents; each line that was JSON still is.

    Sessions that are being written are skipped, and so are databases. `keysift agent undo` puts back what was there.

    \b
    keysift agent clean --dry-run
    keysift agent clean --backup ~/transcripts-before
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    if bool(options["backup"]) == options["dry_run"]:
        raise UsageError(
            "say either --dry-run or --backup DIR", help="nothing is masked without a copy of what was there"
        )
    home, since = here(), transcripts.oldest(options["since"])
    backup = cleaning.Backup.new(Path(options["backup"])) if options["backup"] else None
    keys = files = 0
    left: list[Skipped] = []
    for _, path in transcripts.find(home, options["agents"], since):
        outcome = cleaning.clean(home.path / path, options["min_confidence"] or "medium", backup)
        if isinstance(outcome, Skipped):
            left.append(outcome)
        elif outcome:
            keys, files = keys + outcome, files + 1
            verb = "has" if backup is None else "masked:"
            click.echo(f"~/{plain(path)}: {verb} {count(outcome, 'key')}")
    for skipped in (*left, *home.left_out.values()):
        click.echo(f"left out: {plain(skipped.path)}: {plain(skipped.reason)}", err=True)
    done = (
        "would be masked"
        if backup is None
        else f"masked; what was there is in {plain(options['backup'])}, keys and all"
    )
    click.echo(f"{count(keys, 'key')} in {count(files, 'file')} {done}", err=True)
    ctx.exit(3 if any(not skipped.expected for skipped in left) else 0)


@click.command("undo", short_help="Put back what was masked.")
@click.argument("directory", type=click.Path(file_okay=False))
@click.pass_context
def undo_(ctx: click.Context, directory: str) -> None:
    """Put back what `keysift agent clean --backup DIRECTORY` has masked.

    What an agent has added to a file since stays; a file that has changed otherwise is left as it is.

    \b
    keysift agent undo ~/transcripts-before
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    restored, refused = cleaning.undo(Path(directory))
    for path in refused:
        click.echo(f"left as it is, for it has changed since: {plain(path)}", err=True)
    click.echo(f"{count(restored, 'file')} put back", err=True)
    ctx.exit(3 if refused else 0)
