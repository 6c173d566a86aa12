import pytest

from keysift.cli.options import parse_size
from keysift.errors import UsageError


@pytest.mark.parametrize(
    ("text", "bytes_"),
    [("0", 0), ("17", 17), ("2k", 2048), ("64M", 64 << 20), ("1G", 1 << 30), ("64MB", 64 << 20), ("64MiB", 64 << 20)],
)
def test_sizes(text: str, bytes_: int) -> None:
    assert parse_size(text) == bytes_


@pytest.mark.parametrize("text", ["", "M", "-1", "1.5M", "1T", "ten", "0x10", "1 000", "²"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(UsageError, match="invalid size"):
        parse_size(text)
