"""`keysift view`: a saved report as a page on this machine, where people decide on keys."""

from __future__ import annotations

import functools
import io
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import click

from keysift import masking
from keysift.cli import accepting, deciding, settings
from keysift.cli.choices import LAST_PORT, within
from keysift.model import Run
from keysift.report import Options, html_report, saved
from keysift.report.merge import merge
from keysift.report.plain import plain
from keysift.report.wording import count
from keysift.serve.decisions import Decisions
from keysift.serve.server import Server


@click.command("view")
@click.argument("files", nargs=-1, required=True, type=click.Path(dir_okay=False))
@click.option(
    "--baseline", "baseline_file", type=click.Path(dir_okay=False), help="Write decisions to this baseline file."
)
@click.option(
    "--port", type=int, default=0, metavar="N", callback=within(0, LAST_PORT), help="Port; 0: one that is free."
)
@click.option("--open", "opening", is_flag=True, help="Open the page in the browser.")
@click.option("--show-secrets", is_flag=True, help="Show keys in full, if the saved report does.")
@click.option("--show-public", is_flag=True, help="Also list keys that are public by design, if the saved report does.")
def command(**options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Show reports saved with `-f json` as a page on which you decide on keys.

    On it you say of a key, or of all keys of a group, that it is real, a false alarm, or accepted until a day. Each
    decision is written to the baseline at once, and can be undone. Only this machine can open the page, and only under
    the address that is printed. It is there until you press Ctrl-C.

    \b
    keysift audit -f json -o audit.json
    keysift view audit.json
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    run = merge([saved.read(Path(name)) for name in options["files"]])
    file = accepting.locate({"baseline_file": options["baseline_file"], "paths": ()})
    if not options["baseline_file"]:
        accepting.check_targets(run, file)
    policy = settings.configuration(str(file.parent), None).policy
    hidden = masking.keys(finding.secret for finding in run.everything())
    decide = functools.partial(deciding.entries_of, policy=policy, hidden=hidden)
    decisions = Decisions(run, file, decide, settings.today)
    with Server(_page(run, file, options, reason=policy.require_reason), decisions, options["port"]) as server:
        click.echo(f"{server.address}\n\nDecisions go to {plain(str(file))}. Press Ctrl-C to end.")
        with _opened(server.address, wanted=options["opening"]):
            _serve(server)
    if decisions.decided:
        accepting.request_union_merge(file)
    click.echo(f"\n{count(decisions.decided, 'key')} decided; in {plain(str(file))}", err=True)


def _page(run: Run, file: Path, options: dict[str, Any], *, reason: bool) -> bytes:
    out = io.StringIO()
    shown = Options(show_secrets=options["show_secrets"], show_public=options["show_public"])
    html_report.write_page(run, out, shown, {"baseline": plain(str(file)), "reason": reason})
    return out.getvalue().encode("ascii")


@contextmanager
def _opened(address: str, *, wanted: bool) -> Iterator[None]:
    """Have the browser open the address, by way of a file: how a program was called is no secret on a machine."""
    if not wanted:
        yield
        return
    import webbrowser  # noqa: PLC0415 - most people follow the address that is printed

    with tempfile.TemporaryDirectory(prefix="keysift-") as place:
        file = Path(place, "view.html")
        file.write_text(
            f'<meta charset="utf-8"><meta http-equiv="refresh" content="0; url={address}">', encoding="utf-8"
        )
        threading.Thread(target=webbrowser.open, args=(file.as_uri(),), daemon=True).start()
        yield


def _serve(server: Server) -> None:
    with suppress(KeyboardInterrupt):  # that is how it ends
        server.serve_forever(poll_interval=0.2)
