import pytest

from keysift.detect.stand_ins import LONGEST_LINE, find_stand_ins
from keysift.model import Blob

REFERENCE = "a reference: it names the value but does not contain it"


@pytest.mark.parametrize(
    ("text", "name", "reason"),
    [
        ("token: ${TOKEN}", "token", REFERENCE),
        ('api_key = "your-api-key-here"', "api_key", "a placeholder: contains 'your'"),
        ("password='changeme'", "password", "a placeholder: contains 'changeme'"),
        ("certificate: /etc/ssl/key.pem # where it is", "certificate", "a file path"),
    ],
)
def test_references_and_placeholders_are_named_with_their_reason(text: str, name: str, reason: str) -> None:
    [stand_in] = find_stand_ins(Blob("a", f"# a comment\n{text}\n".encode()))
    assert (stand_in.line, stand_in.name, stand_in.reason) == (2, name, reason)


@pytest.mark.parametrize("text", ['token = ""', "count: 7", "no assignment", "x" * LONGEST_LINE + " token: ${TOKEN}"])
def test_nothing_else_is_a_stand_in(text: str) -> None:
    assert list(find_stand_ins(Blob("a", text.encode()))) == []


def test_one_line_can_be_asked_about() -> None:
    blob = Blob("a", b"a: ${A}\nb: ${B}\nc: ${C}")
    assert [stand_in.name for stand_in in find_stand_ins(blob)] == ["a", "b", "c"]
    assert [stand_in.name for stand_in in find_stand_ins(blob, 2)] == ["b"]
