"""What is sent, and what is not: against real connections to vendors that behave and misbehave."""

import ipaddress
import logging
import traceback
from pathlib import Path

import msgspec
import pytest
from tests.verify import stand_ins
from tests.verify.stand_ins import Vendors

from keysift.fingerprint import fingerprint
from keysift.model import Confidence, Finding, Label, Liveness, LiveState, Rule, Verdict
from keysift.rules import verification
from keysift.rules.generate import instance
from keysift.rules.verification import Verification
from keysift.verify import asking, plan
from keysift.verify.network import Trust

KEY = instance("acme_{{alnum:32}}", "verify")[0]
LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
USUAL = Verification(
    get="https://{host}/me",
    headers={"Authorization": "Bearer {secret}"},
    live=[200],
    dead=[401],
    limited=[403],
    facts={"who": "$.email", "plan": "$.plan", "scopes": "header X-Scopes"},
    reference="https://docs.acme.example/me",
)


def rule(stated: Verification = USUAL) -> Rule:
    return Rule("acme-key", "Acme key", "Acme", Label.SECRET, "", "", (), verify=verification.encode(stated))


def finding(kind: Rule, key: str = KEY) -> Finding:
    verdict = Verdict(Label.SECRET, Confidence.HIGH, ())
    return Finding(kind, key.encode(), verdict, (), fingerprint(kind.id, key.encode()))


def ask(*hosts: str, trust: Trust, stated: Verification = USUAL, key: str = KEY, seconds: float = 5.0) -> Liveness:
    kind = rule(stated)
    one = finding(kind, key)
    questions = [*plan.questions([one], {kind.id: kind}, plan.Known(allowed={kind.id: hosts}))]
    return asking.ask(questions, trust, memory=None, seconds=seconds).states[one.fingerprint]


def trusting(vendors: Vendors, *hosts: str, networks: object = LOOPBACK) -> Trust:
    return Trust(frozenset(hosts or ("localhost",)), networks, authority=str(vendors.authority))  # type: ignore[arg-type]


@pytest.fixture
def local(vendors: Vendors) -> str:
    return f"localhost:{vendors.port}"


def test_a_live_key_has_the_declared_facts_and_no_others(vendors: Vendors, local: str) -> None:
    body = {"email": "jane.doe@acme.example", "plan": "team", "phone": "555-0100", "key": KEY}
    vendors.allow("localhost", KEY, body=body, headers={"X-Scopes": f"read {KEY}"})
    known = ask(local, trust=trusting(vendors))
    assert (known.state, known.how) == (LiveState.LIVE, f"{local} answered 200")
    facts = dict(known.facts)
    assert (facts["who"], facts["plan"]) == ("j***@acme.example", "team")
    assert set(facts) == {"who", "plan", "scopes"}
    assert KEY not in str(known)


@pytest.mark.parametrize(
    ("status", "state"),
    [(200, "live"), (401, "dead"), (403, "limited"), (404, "unknown"), (500, "unknown"), (302, "unknown")],
)
def test_a_status_says_what_the_rule_says_it_does(vendors: Vendors, local: str, status: int, state: str) -> None:
    vendors.allow("localhost", KEY, status=status)
    assert ask(local, trust=trusting(vendors)).state == state


def test_no_redirect_is_followed(vendors: Vendors, local: str, trap: int) -> None:
    for target in (f"https://127.0.0.1:{trap}/", f"http://127.0.0.1:{trap}/", f"//127.0.0.1:{trap}/"):
        vendors.special["localhost"] = stand_ins.redirect(target)
        known = ask(local, trust=trusting(vendors))
        assert (known.state, known.how) == (
            LiveState.UNKNOWN,
            f"{local} answered 302, a redirect, which is not followed",
        )


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY"])
def test_a_proxy_of_the_environment_is_not_used(
    vendors: Vendors, local: str, trap: int, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, f"http://127.0.0.1:{trap}")
    vendors.allow("localhost", KEY)
    assert ask(local, trust=trusting(vendors)).state == LiveState.LIVE


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost", "0.0.0.0", "127.0.0.2"],  # noqa: S104
)
def test_this_machine_is_not_asked_in_any_spelling(vendors: Vendors, trap: int, host: str) -> None:
    known = ask(f"{host}:{trap}", trust=trusting(vendors, host, networks=()))
    assert known.state == LiveState.UNKNOWN
    assert "was not asked: " in known.how


def test_a_private_host_needs_both_permissions(vendors: Vendors, trap: int) -> None:
    """The network alone allows nothing: the name may be one of a rule, which somebody lets lead here."""
    known = ask(f"localhost:{trap}", trust=trusting(vendors, "git.acme.example"))
    assert "was not asked: it leads to " in known.how


def test_the_certificate_must_be_for_the_name(vendors: Vendors) -> None:
    vendors.allow("localhost", KEY)
    known = ask(f"127.0.0.1:{vendors.port}", trust=trusting(vendors, "127.0.0.1"))
    assert known.how.endswith("has no valid certificate for its name, so nothing was sent")
    assert vendors.requests == []


def test_only_the_authorities_that_are_trusted_count(vendors: Vendors, local: str) -> None:
    vendors.allow("localhost", KEY)
    known = ask(local, trust=Trust(frozenset({"localhost"}), LOOPBACK))
    assert "no valid certificate" in known.how
    assert vendors.requests == []


def test_keys_of_connections_are_written_nowhere(
    vendors: Vendors, local: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    vendors.allow("localhost", KEY)
    assert ask(local, trust=trusting(vendors)).state == LiveState.LIVE
    assert not (tmp_path / "keys").exists()


def test_an_endless_body_ends(vendors: Vendors, local: str) -> None:
    vendors.special["localhost"] = stand_ins.endless
    known = ask(local, trust=trusting(vendors))
    assert (known.state, known.facts) == (LiveState.LIVE, ())


def test_a_vendor_that_answers_byte_by_byte_has_a_time_limit(vendors: Vendors, local: str) -> None:
    vendors.special["localhost"] = stand_ins.slow
    known = ask(local, trust=trusting(vendors), seconds=0.5)
    assert known.how == f"{local} did not answer within 0.5 seconds"


def test_a_busy_vendor_is_asked_again_when_it_says(vendors: Vendors, local: str) -> None:
    vendors.special["localhost"] = stand_ins.busy(2, "0")
    assert ask(local, trust=trusting(vendors)).state == LiveState.LIVE
    assert len(vendors.requests) == 3


def test_a_vendor_that_wants_an_hour_is_not_waited_for(vendors: Vendors, local: str) -> None:
    vendors.special["localhost"] = stand_ins.busy(9, "3600")
    known = ask(local, trust=trusting(vendors))
    assert known.how == f"{local} answered 429 and asks to wait for 3600 seconds"
    assert len(vendors.requests) == 1


def test_what_speaks_no_tls_gets_nothing(vendors: Vendors) -> None:
    port = vendors.proxy_port
    known = ask(f"localhost:{port}", trust=trusting(vendors))
    assert known.state == LiveState.UNKNOWN
    assert vendors.requests == []


def test_one_refusal_is_not_dead_while_another_host_is_silent(vendors: Vendors, local: str) -> None:
    known = ask(local, f"127.0.0.1:{vendors.port}", trust=trusting(vendors, "localhost"))
    assert known.state == LiveState.UNKNOWN
    assert "answered 401; 127.0.0.1" in known.how


def test_what_may_belong_to_another_server_is_not_dead(vendors: Vendors) -> None:
    stated = msgspec.structs.replace(USUAL, hosts=["api.acme.example"], elsewhere=True)
    kind = rule(stated)
    one = finding(kind)
    trust = Trust(proxy=vendors.proxy, authority=str(vendors.authority))
    questions = [*plan.questions([one], {kind.id: kind}, plan.Known())]
    known = asking.ask(questions, trust, memory=None).states[one.fingerprint]
    assert known.state == LiveState.UNKNOWN
    assert "--allow-host names one" in known.how


@pytest.mark.parametrize(
    "key", [f"{KEY}\r\nX-Evil: 1", f"{KEY}\nHost: evil.example", f"{KEY}\0", f"{KEY}é", "..", "", "x" * 9000]
)
def test_a_key_that_could_break_out_of_its_place_is_not_sent(vendors: Vendors, local: str, key: str) -> None:
    assert ask(local, trust=trusting(vendors), key=key).state == LiveState.UNVERIFIABLE
    assert vendors.connections == []


def test_the_key_is_in_no_repr() -> None:
    kind = rule()
    [question] = plan.questions([finding(kind)], {kind.id: kind}, plan.Known(allowed={kind.id: ["git.acme.example"]}))
    assert question.requests
    assert KEY not in repr(question) + repr(question.requests) + repr(question.values) + repr(question.finding)


def test_the_key_is_in_no_log_and_no_traceback(
    vendors: Vendors, local: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    vendors.special["localhost"] = lambda handler: handler.say(200, b"\xff", **{f"X{KEY}": f"a\rb{KEY}"})
    for seconds in (0.001, 5.0):
        try:
            ask(local, f"127.0.0.1:{vendors.port}", trust=trusting(vendors, "127.0.0.1", "localhost"), seconds=seconds)
        except Exception:  # noqa: BLE001 - what would be shown of any
            assert KEY not in traceback.format_exc()
    assert vendors.requests
    assert KEY not in caplog.text + "".join(capsys.readouterr())
