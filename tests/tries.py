"""How many examples of a property are tried."""

from hypothesis import settings

_ALL = 100
"""So many a property without a number of its own has in the profile `thorough`."""


def tries(number: int) -> int:
    """Return this number in the profile `thorough`, and its part for those who wait in the others."""
    return max(1, number * settings.default.max_examples // _ALL)
