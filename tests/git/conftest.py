"""Real repositories, in a home of their own."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _own_home(home: Path) -> None:
    """Nothing here sees the configuration of whoever runs the tests."""
