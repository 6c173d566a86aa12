"""`keysift fleet`: thousands of repositories, and tomorrow only what is new."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from keysift import lazy
from keysift.cli import output, running
from keysift.cli.choices import Choice
from keysift.cli.exit_codes import FAIL_ON, exit_code
from keysift.cli.options import JOBS, LEVELS, MIN_CONFIDENCE
from keysift.cli.sections import Sectioned
from keysift.errors import UsageError
from keysift.model import Confidence, Run
from keysift.report import saved
from keysift.report.plain import plain
from keysift.report.threshold import with_min_confidence

if TYPE_CHECKING:
    from keysift.cli import fleet_audit, fleet_table, report, terminal
    from keysift.fleet import cluster, comparing, driver, engine, merging, model, records, settings, store
else:
    fleet_audit = lazy.module("keysift.cli.fleet_audit")
    fleet_table = lazy.module("keysift.cli.fleet_table")
    report = lazy.module("keysift.cli.report")
    terminal = lazy.module("keysift.cli.terminal")
    cluster = lazy.module("keysift.fleet.cluster")
    comparing = lazy.module("keysift.fleet.comparing")
    driver = lazy.module("keysift.fleet.driver")
    engine = lazy.module("keysift.fleet.engine")
    merging = lazy.module("keysift.fleet.merging")
    model = lazy.module("keysift.fleet.model")
    records = lazy.module("keysift.fleet.records")
    settings = lazy.module("keysift.fleet.settings")
    store = lazy.module("keysift.fleet.store")

_FILE = click.argument("file", metavar="[FILE]", default="fleet.toml", type=click.Path())


def _fail_on(default: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option(
        "--fail-on",
        type=Choice(list(FAIL_ON)),
        metavar="LABEL",
        default=default,
        show_default=True,
        help="Lowest label that fails the run (exit code 1): secret, sensitive or never.",
    )


@click.group("fleet")
def command() -> None:
    """Find leaked keys in all repositories of an organisation, and the day after in what has changed.

    FILE says where the repositories are; without it, fleet.toml:

    \b
    store = "reports"
    [[source]]
    kind = "github"             # or gitlab, gitea, bitbucket, list, directory
    owner = "acme"
    token-env = "GITHUB_TOKEN"

    \b
    keysift fleet run                          scan what is new, or was not scanned yet
    keysift fleet status                       show how far that is
    keysift fleet report -f html -o fleet.html all keys of all repositories
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines


@command.command("run", cls=Sectioned, short_help="Scan what is new, or was not scanned yet.")
@_FILE
@click.option(
    "--engine",
    "engine_name",
    metavar="ENGINE",
    default="local",
    show_default=True,
    help="Who does the work: local, dask (a cluster on this machine), or the address of a Dask scheduler: "
    "tls://HOST:8786.",
)
@click.option("--keep", is_flag=True, help="Keep the clones, and fetch them the next time.")
@click.option("--quota", metavar="SIZE", help="Most bytes that all clones of a machine take together: 50G.")
@click.option("--full", is_flag=True, help="Read everything again, also what has not changed.")
@click.option("--show-secrets", is_flag=True, help="Keep keys in full in the reports instead of redacting them.")
@_fail_on("sensitive")
@MIN_CONFIDENCE
@click.option("--no-repo-config", is_flag=True, help="Ignore configuration, comments and baseline of each repository.")
@JOBS
@click.option("-q", "--quiet", is_flag=True, help="No progress, no summary.")
@click.pass_context
def run_(ctx: click.Context, /, **options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Scan every repository of the fleet that has changed or was not scanned yet, and keep a report of each.

    Run it again after whatever ended it: what is done stays done.

    \b
    keysift fleet run
    keysift fleet run fleet.toml --jobs 8 --keep --quota 200G
    keysift fleet run fleet.toml --engine tls://scheduler:8786
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    fleet = settings.read(Path(options["file"]))
    reports = store.open_store(fleet.store)
    wishes = model.Wishes(not options["no_repo_config"], options["min_confidence"] or "", options["show_secrets"])
    quota = settings.read_size("--quota", options["quota"]) if options["quota"] else 0
    jobs = options["jobs"] or os.cpu_count() or 1
    work = _engine(options["engine_name"], jobs)
    in_cluster = options["engine_name"] != "local"
    inner = 1 if in_cluster else jobs  # the workers of Dask may have no processes of their own
    chosen = driver.RunOptions(wishes, options["keep"], quota, inner, options["full"], in_cluster)
    started = driver.Driver(fleet, reports, chosen)
    if not _work_off(started, work, quiet=options["quiet"]):
        ctx.exit(130)
    listing, runs = merging.read_runs(reports)
    run = merging.merge(fleet.origin, listing, runs)
    if not options["quiet"]:
        for line in fleet_table.ending(started.progress, run, _with_last(reports, run)):
            terminal.say(line)
    ctx.exit(exit_code(run, options["fail_on"]))


def _work_off(started: driver.Driver, work: Any, *, quiet: bool) -> bool:  # noqa: ANN401 - an engine
    """Do what is to do, with a table for whoever looks on; return False if it is interrupted."""
    tell = (lambda _: None) if quiet else (lambda text: terminal.say(f"keysift: {text}"))
    with fleet_table.Table(wanted=not quiet) as table:
        try:
            with closing(started.run(fleet_audit.audit_repository, work, tell)) as events:
                for progress in events:
                    table.draw(progress)
        except KeyboardInterrupt:
            terminal.say("keysift: interrupted; run it again to go on")
            return False
    return True


def _engine(name: str, jobs: int) -> Any:  # noqa: ANN401 - a function of work and tasks
    """Return the engine of this name.

    Raises:
        UsageError: there is none.
    """
    if name == "local":
        fleet_audit.own_matcher()  # before processes are forked, which then have it
        return partial(engine.run_here, jobs=jobs)
    if name == "dask":
        return partial(cluster.run_on, address="", jobs=jobs)
    if name.startswith("tls://"):
        return partial(cluster.run_on, address=name, jobs=jobs)
    raise UsageError(
        f"no such engine: {plain(name)}", help="there are local, dask, and tls://HOST:PORT of a Dask scheduler"
    )


@command.command("status", short_help="Show how far a run is.")
@_FILE
@click.option("--once", is_flag=True, help="Show it once, on a terminal too.")
@click.option(
    "-f", "--format", "form", type=Choice(["text", "json"]), default="text", metavar="FORMAT", help="text or json."
)
def status_(**options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Show what is done, what is running, what failed and why, what waits, and when it will be done.

    On a terminal, the table is drawn anew until the run has ended.

    \b
    keysift fleet status
    keysift fleet status fleet.toml -f json
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    reports = store.open_store(settings.read(Path(options["file"])).store)
    fleet_table.show(partial(records.read_progress, reports), options["form"], once=options["once"])


@command.command("report", cls=Sectioned, short_help="Merge the reports of all repositories.")
@_FILE
@output.FORMAT
@output.OUTPUT
@click.option("--since-last", is_flag=True, help="Say of each key whether it is new since the run before.")
@click.option("--by", type=Choice(["team", "topic"]), metavar="WHAT", help="Count the keys by team or topic.")
@click.option("--team", "teams", multiple=True, metavar="GLOB", help="Only repositories of this team. Repeatable.")
@click.option("--topic", "topics", multiple=True, metavar="GLOB", help="Only repositories with this topic. Repeatable.")
@_fail_on("never")
@click.option(
    "--min-confidence",
    type=Choice(LEVELS),
    metavar="LEVEL",
    help="Lowest confidence that fails the run: low, medium or high.  [default: as when it was scanned]",
)
@click.option("--show-secrets", is_flag=True, help="Show keys in full, if they were kept so.")
@click.option("--show-public", is_flag=True, help="Also list keys that are public by design.")
@output.appearance
@click.pass_context
def report_(ctx: click.Context, /, **options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Merge the reports of all repositories: a key is one finding, with all the repositories that have it.

    What was not scanned is in the report, with the reason.

    \b
    keysift fleet report -f html -o fleet.html
    keysift fleet report -f json -o fleet.json --since-last
    keysift fleet report --team payments --by topic
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    fleet = settings.read(Path(options["file"]))
    reports = store.open_store(fleet.store)
    listing, runs = merging.read_runs(reports, partial(_is_wanted, options["teams"], options["topics"]))
    # A line of the table is a key in a repository; everywhere else a key is one finding.
    run = (merging.apart if options["form"] == "csv" else merging.merge)(fleet.origin, listing, runs)
    if options["min_confidence"]:
        run = with_min_confidence(run, Confidence(options["min_confidence"]))
    judged = run
    if options["since_last"]:
        if (compared := _with_last(reports, run)) is None:
            raise UsageError(
                "there was no run before the last one", help="the second run has something to compare with"
            )
        before, found = compared
        run, judged = comparing.marked(run, found, before.started), replace(run, findings=list(found.new))
    if options["by"]:
        run.notes += merging.count_by(run, options["by"])
    running.deliver(run, options)
    ctx.exit(exit_code(judged, options["fail_on"]))


def _is_wanted(teams: tuple[str, ...], topics: tuple[str, ...], listed: records.Listed) -> bool:
    return all(
        not patterns or any(fnmatchcase(name, pattern) for name in names for pattern in patterns)
        for patterns, names in ((teams, listed.teams), (topics, listed.topics))
    )


def _with_last(reports: store.Store, run: Run) -> tuple[Run, comparing.Comparison] | None:
    """Return the report of the run before, and what is different now; None if there was none."""
    data = reports.read(records.LAST)
    if data is None:
        return None
    before = saved.parse(data, "the report of the run before")
    return before, comparing.compare(before, run)


@command.command("diff", short_help="Show what is new in a report, and what is gone.")
@click.argument("before", metavar="A", type=click.Path(allow_dash=True))
@click.argument("after", metavar="B", type=click.Path(allow_dash=True))
@output.FORMAT
@output.OUTPUT
@_fail_on("sensitive")
@click.option("--show-secrets", is_flag=True, help="Show keys in full, if the saved reports do.")
@click.option("--show-public", is_flag=True, help="Also list keys that are public by design, if the saved reports do.")
@output.appearance
@click.pass_context
def diff_(ctx: click.Context, /, **options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Show what is new in B and what is gone from A, two reports of a fleet that were saved with `-f json`.

    Only what is new fails the run.

    \b
    keysift fleet diff monday.json tuesday.json
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    before, after = report.read(options["before"]), report.read(options["after"])
    compared = comparing.compare(before, after)
    told = comparing.marked(replace(after, notes=[]), compared, before.started or plain(options["before"]))
    news = replace(told, findings=[finding for finding in told.findings if finding.baseline == comparing.NEW], below=[])
    running.deliver(news, options)
    ctx.exit(exit_code(news, options["fail_on"]))
