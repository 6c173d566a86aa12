from collections.abc import Callable

from keysift.detect import evidence
from keysift.detect.candidates import Candidate
from keysift.detect.surroundings import Surroundings
from keysift.model import Confidence, Context, Finding, Label, Rule, Span

Find = Callable[..., list[Finding]]
FIELD = Context(field="acme_token$")
FILE = Context(file=r"\.env$", before="token", confidence=Confidence.MEDIUM)


def candidate(text: str, secret: str, *when: Context, unless: tuple[Context, ...] = ()) -> Candidate:
    """A candidate of a rule with these contexts."""
    rule = Rule("acme-token", "Acme token", "Acme", Label.SECRET, "W.", "R.", (), when=when, unless=unless)
    data, start = text.encode(), text.index(secret)
    span = Span(start, start + len(secret))
    return Candidate(rule, span, secret.encode(), around=Surroundings(data, *span))


def test_a_field_that_has_the_name_of_the_service_may_hold_its_key(find: Find) -> None:
    found = find("cloudsmith = {{hex:40}}\n")
    assert [finding.rule.id for finding in found] == ["cloudsmith-api-key"]
    assert found[0].verdict.confidence is Confidence.LOW
    assert found[0].verdict.reasons == ("the field is named after Cloudsmith",)
    assert find("cloudsmith_commit = {{hex:40}}\n") == []


def test_the_first_context_that_holds_decides() -> None:
    asked = candidate("acme_token = v4lue", "v4lue", FILE, FIELD)
    assert evidence.find(asked, "a.env") == (
        Confidence.MEDIUM,
        ("after 'token'", "in a file named like '.env'", "looks like an Acme token"),
        evidence.NOT_NAMED,
    )
    assert evidence.find(asked, "a.txt") == (
        Confidence.HIGH, ("in the field acme_token", "looks like an Acme token"), len("acme_token"),
    )  # fmt: skip
    assert evidence.find(candidate("other = v4lue", "v4lue", FIELD), "a.txt") is None


def test_without_a_path_what_is_asked_of_the_file_may_hold() -> None:
    asked = candidate("other_token = v4lue", "v4lue", FILE)
    found = evidence.find(asked, None)
    assert found is not None
    assert found[1] == ("after 'token'", "in some file", "looks like an Acme token")
    assert evidence.may_hold(asked, None)
    assert evidence.may_hold(asked, "a.env")
    assert not evidence.may_hold(asked, "a.txt")


def test_without_a_path_nothing_is_ruled_out_by_its_file() -> None:
    asked = candidate("a = v4lue", "v4lue", unless=(Context(file="test"), Context(before="^b")))
    assert evidence.ruled_out(asked, None) == ""
    assert evidence.ruled_out(asked, "test.py") == "ruled out: in a file named like 'test'"
    assert evidence.ruled_out(candidate("b = v4lue", "v4lue", unless=(Context(before="^b"),)), None) == (
        "ruled out: after 'b'"
    )


def test_the_last_name_shows_that_no_context_can_hold() -> None:
    assert not evidence.may_hold(candidate("other = v4lue", "v4lue", FIELD), "a.txt")
    assert evidence.may_hold(candidate("acme_token = v4lue", "v4lue", FIELD), "a.txt")
    assert evidence.may_hold(candidate("acme_token:\n  value: v4lue", "v4lue", FIELD), "a.txt")
