"""Help pages whose options stand in sections: what to read, what counts, the report, the rest."""

from __future__ import annotations

from typing import Final

import click

_OWN: Final = "Options"
"""The section of what only one command has, which comes first."""
_LAST: Final = "More"
_SECTIONS: Final = {
    "What counts": (
        "fail_on", "min_confidence", "only", "disable", "config_file", "baseline_file", "no_repo_config", "show_public",
    ),
    "The report": ("form", "output", "show_secrets", "everything"),
    "Text": ("group_by", "no_snippets", "quiet", "verbose", "color"),
    _LAST: ("jobs",),
}  # fmt: skip
_SECTION_OF: Final = {name: heading for heading, names in _SECTIONS.items() for name in names}


class Sectioned(click.Command):
    """A command whose help page has its options in sections."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sections that have options."""
        sections: dict[str, list[tuple[str, str]]] = {heading: [] for heading in (_OWN, *_SECTIONS)}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record and record[1]:  # arguments have no text
                heading = _LAST if "--help" in parameter.opts else _SECTION_OF.get(parameter.name or "", _OWN)
                sections[heading].append(record)
        for heading, records in sections.items():
            if records:
                with formatter.section(heading):
                    formatter.write_dl(records)
