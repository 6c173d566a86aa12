"""Targets -> shares: each target with the configuration, the baseline and the rules of its own repository."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from keysift import config
from keysift.accept import acceptances as acceptance
from keysift.accept import baseline
from keysift.accept.acceptances import Acceptances
from keysift.cli import running, settings, targets
from keysift.detect.matcher import Matcher
from keysift.git import layout
from keysift.model import Run
from keysift.records import dataclass

_Place = tuple[Path | None, Path | None, Path | None]
"""The configuration, the baseline and the repository of a directory."""


@dataclass(frozen=True, slots=True)
class Share:
    """The targets of a run for which the same configuration and baseline hold."""

    acceptances: Acceptances
    matcher: Matcher
    targets: list[str]

    @property
    def config(self) -> config.Config:
        """The configuration that holds."""
        return self.acceptances.sources.config


class Shares:
    """The shares of the targets of a run."""

    def __init__(
        self,
        names: Sequence[str],
        options: Mapping[str, Any],
        make_matcher: Callable[[config.Config], Matcher] | None = None,
    ) -> None:
        """Read what holds for each target; `make_matcher` returns the matcher of a configuration.

        Raises:
            ConfigError: a configuration or a baseline is invalid, or names rules that do not exist.
            UsageError: the command line names rules that do not exist.
            RuleError: a rule file is invalid.
        """
        self._options = options
        self._make_matcher = make_matcher or self._matcher
        self._matchers: dict[object, Matcher] = {}
        self._places: dict[Path, _Place] = {}
        self._shares: dict[_Place, Share] = {}
        self._of = {name: self._share(name) for name in names}

    def __iter__(self) -> Iterator[Share]:
        """Yield the shares, in the order of their first targets."""
        return iter(self._shares.values())

    def of(self, target: str) -> Share:
        """Return the share of a target."""
        return self._of[target]

    @property
    def rules(self) -> int:
        """The number of active rules, the highest of all shares."""
        return max(settings.count_active(share.matcher.rules) for share in self)

    def close(self, run: Run, *, options: Mapping[str, Any] | None = None, audited: bool = False) -> None:
        """Add to the run what is gone, ended or hidden; with the options of a scan, for what it covers as a whole.

        `audited` says that all of each repository was looked at, its history included.
        """
        everything = [share.acceptances for share in self]
        whole = [share.acceptances for share in self if options is not None and _covers(share, options)]
        with running.interrupts_noted(run):
            acceptance.close(everything, run, whole=whole, audited=everything if audited else ())

    def _share(self, target: str) -> Share:
        place = self._place(targets.directory(target))
        if place not in self._shares:
            known = settings.read_acceptances(target, self._options)
            self._shares[place] = Share(known, self._make_matcher(known.sources.config), [])
        self._shares[place].targets.append(target)
        return self._shares[place]

    def _place(self, directory: Path) -> _Place:
        """Return where what holds for a directory is stated: thousands of files may be named, of few directories."""
        if directory not in self._places:
            named = self._options["config_file"], self._options["baseline_file"]
            settled = Path(named[0]) if named[0] else config.locate(directory)
            known = Path(named[1]) if named[1] else baseline.find(directory)
            self._places[directory] = settled, known, layout.toplevel(directory)
        return self._places[directory]

    def _matcher(self, stated: config.Config) -> Matcher:
        """Return the matcher of a configuration; those that say the same of our own rules have one between them."""
        key = stated.origin if stated.rules or stated.rule or stated.path or stated.ignore else stated.disable
        if key not in self._matchers:
            self._matchers[key] = Matcher(settings.active_rules(stated, options=self._options))
        return self._matchers[key]


def _covers(share: Share, options: Mapping[str, Any]) -> bool:
    return settings.covers_sources(share.targets, options, share.acceptances.sources)
