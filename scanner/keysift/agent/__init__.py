"""Coding agents: a hook for each of them, and what they and others leave on a workstation."""
