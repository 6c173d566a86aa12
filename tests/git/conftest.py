"""Real repositories, in a home of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Git = Callable[..., str]


@pytest.fixture(autouse=True)
def _own_home(home: Path) -> None:
    """Nothing here sees the configuration of whoever runs the tests."""


@pytest.fixture
def commit(repo: Path, git: Git) -> Callable[..., str]:
    """Write files, commit all that there is, and return the id of the commit."""

    def make(message: str = "x", **files: str) -> str:
        for name, content in files.items():
            (repo / name).write_text(content)
        git(repo, "add", "--all")
        git(repo, "commit", "-q", "--allow-empty", "-m", message)
        return git(repo, "rev-parse", "HEAD").strip()

    return make
