"""Asks vendors whether keys are live: only if the user says so, only what a rule declares, only hosts that it lists."""
