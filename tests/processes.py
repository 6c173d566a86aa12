"""What the tests look up of other processes."""

from pathlib import Path


def children(process: int) -> list[int]:
    """The processes that one has started; none where the system has no such file, or it has ended."""
    try:
        return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []
