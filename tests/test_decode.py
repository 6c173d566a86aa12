import base64
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.decode import View, views
from scanner.generate import instance
from scanner.match import DECODE, Matcher
from scanner.model import Blob, Finding, Span
from scanner.scan import scan_blob

SECRET = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: pagerduty\ndata:\n  routing_key: "


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def only(data: bytes) -> View:
    [view] = views(data)
    return view


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "a: ", "# x\n", "b = ", '"', "¬"]), st.text(st.characters(codec="ascii"), min_size=6)
        ),
        min_size=1,
        max_size=6,
    )
)
def test_every_decoded_part_knows_where_it_came_from(parts: list[tuple[str, str]]) -> None:
    data = "".join(f"{lead}{encoded(text)}\n" for lead, text in parts).encode()
    for view in views(data):
        for segment in view.segments:
            there = data[segment.origin.start : segment.origin.end]
            decoded = base64.b64decode(there + b"=" * (-len(there) % 4))
            assert view.data[segment.view.start : segment.view.end] == decoded.rstrip(b"\n")
            assert view.origin(segment.view) == segment.origin
        outside = bytearray(view.data)
        original = bytearray(data)
        for segment in reversed(view.segments):
            del outside[segment.view.start : segment.view.end]
            del original[segment.origin.start : segment.origin.end]
        assert outside == original


def test_a_value_is_decoded_in_its_place() -> None:
    view = only(f"a: {encoded('first value')}\nb: {encoded('second value')}\n".encode())
    assert view.data == b"a: first value\nb: second value\n"
    assert view.step == "base64"


def test_what_touches_no_decoded_part_has_no_origin() -> None:
    view = only(f"name: {encoded('first value')} # end".encode())
    assert view.origin(Span(0, 6)) is None
    assert view.origin(Span(17, 20)) is None
    assert view.origin(Span(5, 7)) == view.segments[0].origin
    assert view.origin(Span(16, 18)) == view.segments[0].origin


def test_a_span_over_two_decoded_parts_comes_from_both() -> None:
    view = only(f"{encoded('first value')} {encoded('second value')}".encode())
    assert view.origin(Span(3, 15)) == Span(view.segments[0].origin.start, view.segments[1].origin.end)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"plain words without any meaning",
        base64.b64encode(bytes(range(60))),
        b"data: YWJj",
        b"-" + base64.b64encode(b"glued to a word"),
    ],
)
def test_what_is_no_encoded_text_is_left_alone(data: bytes) -> None:
    assert list(views(data)) == []


def test_padding_may_be_missing_and_a_last_newline_is_dropped() -> None:
    unpadded = encoded("twenty characters!!!").rstrip("=")
    assert only(unpadded.encode()).data == b"twenty characters!!!"
    assert only(encoded("with a newline\n").encode()).data == b"with a newline"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (b"kind: Secret\n", True),
        (b'{"kind": "Secret"}', True),
        (b'{"kind":"Secret"}', True),
        (b"Authorization: Basic eA==", True),
        (b"kind: ConfigMap\n", False),
        (b"secret", False),
    ],
)
def test_only_some_text_is_worth_decoding(text: bytes, matcher: Matcher, *, wanted: bool) -> None:
    assert (DECODE in matcher.windows(text)) is wanted


@pytest.mark.parametrize("tail", ["", "\n"])
def test_a_key_in_a_kubernetes_secret_is_found_where_it_stands(tail: str, matcher: Matcher) -> None:
    [key] = instance("{{hex:32}}", "secret")[1]
    token = encoded(key + tail)
    data = f"{SECRET}{token}\n".encode()
    [finding] = scan_blob(matcher, Blob("secret.yaml", data)).findings
    assert finding.rule.id == "pagerduty-integration-key"
    assert finding.secret == key.encode()
    place = finding.locations[0]
    assert data[place.start_byte : place.end_byte] == token.encode()
    assert place.start_line == 6
    assert any("base64" in reason for reason in finding.verdict.reasons)


def test_outside_of_a_secret_nothing_is_decoded(find: Callable[..., list[Finding]]) -> None:
    assert find("kind: ConfigMap\ndata:\n  pagerduty_routing_key: {{base64of:hex.32}}\n") == []


def test_two_keys_in_one_encoded_value_are_both_found(matcher: Matcher) -> None:
    first, second = instance("{{hex:32}} {{hex:32}}", "secret")[1]
    token = encoded(f"PAGERDUTY_ROUTING_KEY={first}\nPAGERDUTY_SERVICE_KEY={second}\n")
    data = f"kind: Secret\ndata:\n  env: {token}\n".encode()
    found = scan_blob(matcher, Blob("secret.yaml", data)).findings
    assert {finding.secret for finding in found} == {first.encode(), second.encode()}
