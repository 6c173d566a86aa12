"""`keysift` in a home of its own, as the tests of commands run it."""

from tests.cli.conftest import environment as environment
from tests.cli.conftest import keysift as keysift
