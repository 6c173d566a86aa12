"""The manual pages that the build makes of the help pages."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from keysift.cli import keysift
from keysift.version import VERSION

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("man")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scanner")}
    subprocess.run([sys.executable, ROOT / ".ci" / "man_pages.py", folder], check=True, env=environment)
    return folder


def test_every_command_has_a_page_with_all_its_options(pages: Path) -> None:
    context = click.Context(keysift)
    for name in keysift.list_commands(context):
        command = keysift.get_command(context, name)
        assert command is not None
        text = (pages / f"keysift-{name}.1").read_text(encoding="utf-8").replace("\\-", "-")
        options = [option for option in command.params if isinstance(option, click.Option)]
        assert [option.opts for option in options if option.opts[-1] not in text] == []
    assert VERSION in (pages / "keysift.1").read_text(encoding="utf-8")


@pytest.mark.skipif(not shutil.which("man"), reason="there is no man")
def test_pages_are_rendered_without_a_warning(pages: Path) -> None:
    for page in sorted(pages.iterdir()):
        done = subprocess.run(
            ["man", "--warnings", "-l", page], capture_output=True, check=True, env={**os.environ, "MANWIDTH": "80"}
        )
        assert done.stderr == b""
        text = re.sub(rb".\x08", b"", done.stdout).decode()
        assert "NAME" in text
        assert "keysift scan" in text or "SEE ALSO" in text
