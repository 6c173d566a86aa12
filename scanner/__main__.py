"""`python -m scanner` is `keysift`."""

from scanner.cli import main

main()
