from keysift.detect.candidates import Candidate
from keysift.detect.surroundings import Surroundings
from keysift.model import Label, Rule, Span

RULE = Rule("some-key", "some key", "P", Label.SECRET, "W.", "R.", ())
SPAN, ORIGIN = Span(4, 12), Span(40, 52)


def test_a_candidate_is_where_it_was_found_or_where_it_was_decoded_from() -> None:
    assert Candidate(RULE, SPAN, b"a secret").place == SPAN
    assert Candidate(RULE, SPAN, b"a secret", ORIGIN, ("base64",)).place == ORIGIN


def test_neither_the_key_nor_its_surroundings_are_in_the_repr() -> None:
    candidate = Candidate(RULE, SPAN, b"a secret", around=Surroundings(b"key=a secret", 4, 12))
    assert "a secret" not in repr(candidate)
    assert "some-key" in repr(candidate)


def test_surroundings_and_number_make_no_difference() -> None:
    candidate = Candidate(RULE, SPAN, b"a secret", around=Surroundings(b"key=a secret", 4, 12), number=7)
    assert candidate == Candidate(RULE, SPAN, b"a secret")
    assert candidate != Candidate(RULE, SPAN, b"a secret", ORIGIN)
