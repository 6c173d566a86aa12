from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from keysift.detect.candidates import Candidate
from keysift.detect.resolve import Judged, resolve
from keysift.model import Confidence, Label, Pair, Rule, Span, Verdict


def one(  # noqa: PLR0913 - everything that a rank looks at
    identity: str, start: int, end: int, *, label: Label = Label.SECRET, confidence: Confidence = Confidence.HIGH,
    general: bool = False, origin: Span | None = None, distance: int = 0, pair: Pair | None = None,
) -> Judged:  # fmt: skip
    rule = Rule(identity, identity, "P", label, "W.", "R.", (), general=general, pair=pair)
    return Candidate(rule, Span(start, end), b"", origin), Verdict(label, confidence, ("shape",), distance)


def ids(judged: list[Judged], *off: str) -> list[str]:
    return [match.rule.id for match, _ in resolve(judged, off)]


def test_what_does_not_overlap_is_all_kept_in_the_order_of_the_bytes() -> None:
    assert ids([one("b", 10, 20), one("a", 0, 10), one("c", 20, 21)]) == ["a", "b", "c"]


def test_general_gives_way_however_sure_and_long() -> None:
    assert ids([one("general", 0, 50, general=True), one("own", 5, 9, confidence=Confidence.LOW)]) == ["own"]


def test_what_is_turned_off_does_not_come_back_under_a_general_name_but_gives_way_to_a_rule_of_ones_own() -> None:
    unwanted = one("unwanted", 5, 9)
    assert ids([one("general", 0, 50, general=True), unwanted], "unwanted") == []
    assert ids([one("own", 5, 9, confidence=Confidence.LOW), unwanted], "unwanted") == ["own"]


def test_the_surer_then_the_longer_then_the_nearer_name_then_the_graver_wins() -> None:
    low = Confidence.LOW
    assert ids([one("long", 0, 50, confidence=low), one("sure", 5, 9)]) == ["sure"]
    assert ids([one("short", 5, 9), one("long", 0, 50)]) == ["long"]
    assert ids([one("far", 0, 9, distance=30), one("near", 0, 9, distance=3)]) == ["near"]
    assert ids([one("noise", 0, 9, label=Label.SENSITIVE), one("grave", 0, 9)]) == ["grave"]


def test_public_takes_its_bytes_away_from_every_other_rule_unless_it_is_a_guess() -> None:
    public = one("public", 5, 9, label=Label.PUBLIC, confidence=Confidence.MEDIUM)
    assert ids([one("secret", 0, 50), public]) == ["public"]
    guess = one("public", 5, 9, label=Label.PUBLIC, confidence=Confidence.LOW)
    assert ids([one("secret", 0, 50), guess]) == ["secret"]


def test_the_decoded_form_beats_the_encoded() -> None:
    inside = one("inside", 3, 9, origin=Span(100, 140), confidence=Confidence.LOW)
    assert ids([one("outside", 100, 140), inside]) == ["inside"]
    assert ids([one("outside", 90, 101), inside]) == ["inside"]
    assert ids([one("before", 90, 100), inside]) == ["before", "inside"]


def test_what_is_encoded_in_a_token_of_a_shape_of_its_own_is_a_part_of_it() -> None:
    token = one("token", 90, 140)
    assert ids([token, one("inside", 3, 9, origin=Span(94, 140))]) == ["token"]
    assert ids([token, one("token", 90, 130, origin=Span(90, 140))]) == ["token"]
    assert ids([token, one("all of it", 3, 9, origin=Span(90, 140))]) == ["all of it"]
    guess = one("token", 90, 140, confidence=Confidence.MEDIUM)
    assert ids([guess, one("inside", 3, 9, origin=Span(94, 140))]) == ["inside"]


def test_two_keys_decoded_from_one_place_are_both_kept() -> None:
    origin = Span(100, 140)
    assert ids([one("a", 3, 9, origin=origin), one("b", 12, 20, origin=origin)]) == ["a", "b"]
    assert ids([one("a", 3, 9, origin=origin), one("b", 8, 20, origin=origin)]) == ["b"]


def test_an_identifier_beside_its_other_half_is_worse() -> None:
    pair = Pair("secret-half", within=10)
    identifier = one("id", 0, 20, label=Label.SENSITIVE, pair=pair)
    [(_, near), _] = resolve([identifier, one("secret-half", 30, 70)])
    assert near.label is Label.SECRET
    assert any("secret-half" in reason for reason in near.reasons)
    [(_, far), _] = resolve([identifier, one("secret-half", 31, 70)])
    assert far.label is Label.SENSITIVE
    [_, (_, behind)] = resolve([one("id", 80, 100, label=Label.SENSITIVE, pair=pair), one("secret-half", 30, 70)])
    assert behind.label is Label.SECRET
    [(_, alone)] = resolve([identifier])
    assert alone.label is Label.SENSITIVE


def test_a_half_that_lost_its_bytes_makes_nothing_worse() -> None:
    identifier = one("id", 0, 20, label=Label.SENSITIVE, pair=Pair("secret-half"))
    lost = one("secret-half", 30, 70, confidence=Confidence.LOW)
    [(_, verdict), _] = resolve([identifier, lost, one("other", 30, 70)])
    assert verdict.label is Label.SENSITIVE


SOME = st.lists(
    st.tuples(
        st.integers(0, 30),
        st.integers(1, 12),
        st.sampled_from(list(Label)),
        st.sampled_from(list(Confidence)),
        st.booleans(),
    ),
    max_size=10,
)


@given(SOME, st.randoms())
def test_nothing_overlaps_nothing_free_is_lost_and_the_order_does_not_matter(
    parts: list[tuple[int, int, Label, Confidence, bool]], source: st.DataObject
) -> None:
    judged = [
        one(str(number), start, start + length, label=label, confidence=confidence, general=general)
        for number, (start, length, label, confidence, general) in enumerate(parts)
    ]
    kept = resolve(judged)
    spans = [match.span for match, _ in kept]
    assert all(before.end <= after.start for before, after in pairwise(spans))
    for match, _ in judged:
        assert any(match.span.start < span.end and span.start < match.span.end for span in spans)
    shuffled = judged.copy()
    source.shuffle(shuffled)
    assert resolve(shuffled) == kept
