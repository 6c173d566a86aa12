"""What a target is made of: for all the modules that have some."""

from __future__ import annotations

from collections.abc import Callable, Iterable

Target = Callable[[bytes], None]
Made = tuple[Target, Iterable[bytes]]
"""A target and the inputs that it starts from."""
LONGEST = 1 << 20
"""Bytes that a delta may make."""
