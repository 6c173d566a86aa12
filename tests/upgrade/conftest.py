"""`keysift` in a home of its own, as the tests of commands run it."""

from tests.cli.conftest import (
    environment,  # noqa: F401 - a fixture
    keysift,  # noqa: F401 - a fixture
)
