"""`python -m scanner` is `keysift`."""

from keysift.cli import main

main()
