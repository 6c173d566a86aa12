"""What fuzzing has found once breaks nothing any more; and every target takes its own seeds."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.fuzz import parsers

FINDS = sorted((Path(parsers.__file__).parent / "finds").glob("*/*"))


@pytest.mark.parametrize("name", parsers.TARGETS)
def test_seeds(name: str) -> None:
    one, seeds = parsers.TARGETS[name]()
    for data in seeds:
        one(data)
        one(data[: len(data) // 2])


@pytest.mark.parametrize("place", FINDS, ids=lambda place: f"{place.parent.name}/{place.name}")
def test_finds(place: Path) -> None:
    one, _ = parsers.TARGETS[place.parent.name]()
    one(place.read_bytes())
