"""`keysift lsp`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import click

from keysift import lazy
from keysift.accept.acceptances import AcceptanceSources
from keysift.cli import settings
from keysift.cli.options import MIN_CONFIDENCE, accepting, choosing_rules
from keysift.detect.matcher import Matcher
from keysift.errors import UsageError

if TYPE_CHECKING:
    from keysift.lsp_server import server
else:
    server = lazy.module("keysift.lsp_server.server")


@click.command("lsp")
@MIN_CONFIDENCE
@choosing_rules
@accepting
@click.option("--stdio", is_flag=True, help="Accepted for editors that state it: the server talks there in any case.")
def command(**options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Show findings in an editor, as a server of the Language Server Protocol (LSP).

    Talks at standard input and output with the editor that starts it. What is typed is judged as a scan would judge it
    once saved, by the configuration, the baseline and the comments of its repository.

    \b
    keysift lsp
    keysift lsp --min-confidence high
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    if find_spec("pygls") is None:
        raise UsageError("the library for editors is not installed", help="pip install 'keysift[lsp]'")
    server.serve(_Settled(options))


class _Settled:
    """What holds for a file, read when it is asked for; files for which the same rules hold share a matcher."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = options
        self._matchers: dict[frozenset[str], Matcher] = {}

    def __call__(self, place: str) -> tuple[AcceptanceSources, str, Matcher]:
        """Return what holds for a file or a directory.

        Raises:
            KeysiftError: its configuration, its baseline or a rule file is invalid.
        """
        known = settings.read_acceptances(place, self._options)
        stated = known.sources.config
        rules = settings.active_rules(stated, options=self._options)
        if stated.rules or stated.rule:
            return known.sources, known.min_confidence, Matcher(rules)
        if rules.off not in self._matchers:
            self._matchers[rules.off] = Matcher(rules)
        return known.sources, known.min_confidence, self._matchers[rules.off]
