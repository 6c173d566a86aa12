"""How often hosts are asked, and how many at once: counted, by a clock that only waits move."""

import asyncio
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import msgspec
import pytest
from tests.verify.stand_ins import Handler, Vendors

from keysift.fingerprint import fingerprint
from keysift.model import Confidence, Finding, Label, Rule, Verdict
from keysift.rules import verification
from keysift.rules.generate import instance
from keysift.rules.verification import Verification
from keysift.verify import asking, pacing, plan
from keysift.verify.network import Trust

HOST = "api.acme.example"
STATED = Verification(
    get="https://{host}/me",
    hosts=[HOST],
    headers={"Authorization": "Bearer {secret}"},
    live=[200],
    dead=[401],
    reference="https://docs.acme.example/me",
)


class Clock:
    """A clock that stands still but for waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += max(0.0, seconds)
        await asyncio.sleep(0)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(pacing, "monotonic", clock.monotonic)
    monkeypatch.setattr(pacing, "sleep", clock.sleep)
    return clock


def ask(vendors: Vendors, count: int, *hosts: str, rate: str = "") -> list[str]:
    """Ask about keys, each of the given hosts about some, and return how their states were found."""
    questions = []
    for number in range(count):
        stated = msgspec.structs.replace(STATED, hosts=[hosts[number % len(hosts)]] if hosts else [HOST], rate=rate)
        rule = Rule("acme-key", "Acme key", "Acme", Label.SECRET, "", "", (), verify=verification.encode(stated))
        key = instance("acme_{{alnum:32}}", f"pacing {number}")[0].encode()
        finding = Finding(rule, key, Verdict(Label.SECRET, Confidence.HIGH, ()), (), fingerprint(rule.id, key))
        questions += plan.questions([finding], {rule.id: rule}, plan.Known())
    trust = Trust(proxy=vendors.proxy, authority=str(vendors.authority))
    states = asking.ask(questions, trust, memory=None, seconds=20).states
    return [states[question.finding.fingerprint].how for question in questions]


def noting(clock: Clock, times: list[float], answer: Callable[[Handler], None]) -> Callable[[Handler], None]:
    def note(handler: Handler) -> None:
        times.append(clock.now)
        answer(handler)

    return note


@pytest.mark.parametrize(("rate", "interval"), [("30/m", 2.0), ("1/s", 1.0), ("100/h", 36.0), ("", 0.2)])
def test_a_host_is_asked_at_the_rate_of_its_rule(vendors: Vendors, clock: Clock, rate: str, interval: float) -> None:
    times: list[float] = []
    vendors.special[HOST] = noting(clock, times, lambda handler: handler.say(401, {}))
    ask(vendors, 4, rate=rate)
    assert times == pytest.approx([0.0, interval, 2 * interval, 3 * interval])


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [
        (lambda: "7", 7.0, 7.0),
        (
            lambda: format_datetime(datetime.now(UTC) + timedelta(seconds=29), usegmt=True),
            5.0,
            29.0,
        ),  # read a bit later
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_host_is_asked_again_when_it_says(  # noqa: PLR0913, PLR0917 - the case is one
    vendors: Vendors, clock: Clock, status: int, said: Callable[[], str], least: float, most: float
) -> None:
    times: list[float] = []
    answers = iter([status, 200])
    vendors.special[HOST] = noting(clock, times, lambda handler: handler.say(next(answers), {}, Retry_After=said()))
    assert ask(vendors, 1) == [f"{HOST} answered 200"]
    assert len(times) == 2
    assert least <= times[1] - times[0] <= most


def test_a_busy_host_that_does_not_say_when_is_given_ever_more_time(vendors: Vendors, clock: Clock) -> None:
    times: list[float] = []
    vendors.special[HOST] = noting(clock, times, lambda handler: handler.say(429, {}))
    assert ask(vendors, 1) == [f"{HOST} answered 429 3 times"]
    assert times == [0.0, 2.0, 6.0]


def test_a_host_takes_no_more_than_its_time(vendors: Vendors, clock: Clock) -> None:
    """However many keys there are: each of eleven waits counts, and then nobody waits any more."""
    times: list[float] = []
    vendors.special[HOST] = noting(clock, times, lambda handler: handler.say(429, {}, Retry_After="29"))
    said = ask(vendors, 40)
    assert len(times) == 11
    assert times[-1] < pacing.LONGEST
    assert said.count(f"{HOST} was not asked again, for it took 319 seconds before") == 37


def test_a_host_that_does_not_answer_is_asked_twice(vendors: Vendors, clock: Clock) -> None:
    times: list[float] = []
    vendors.special[HOST] = noting(clock, times, lambda handler: handler.connection.shutdown(socket.SHUT_RDWR))
    said = ask(vendors, 6)
    assert len(times) == 2
    assert said.count(f"{HOST} was not asked again, for it did not answer before") == 4


class Counting:
    """A vendor that answers once as many requests as are wanted are there, and notes how many there were at most."""

    def __init__(self, wanted: int) -> None:
        self._wanted, self._lock, self._open = wanted, threading.Lock(), threading.Event()
        self._now = self.most = 0

    def __call__(self, handler: Handler) -> None:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
            if self._now >= self._wanted:
                threading.Timer(0.3, self._open.set).start()  # time for one more, if one more is let through
        self._open.wait(10)
        with self._lock:
            self._now -= 1
        handler.say(401, {})


def test_eight_keys_are_asked_about_at_once(vendors: Vendors) -> None:
    hosts = [f"api{number}.acme.example" for number in range(20)]
    counting = Counting(asking.MOST_AT_ONCE)
    vendors.special |= dict.fromkeys(hosts, counting)
    said = ask(vendors, 20, *hosts)
    assert (counting.most, asking.MOST_AT_ONCE) == (8, 8)
    assert all("answered 401" in how for how in said)


def test_a_host_answers_one_request_at_a_time(vendors: Vendors) -> None:
    counting = Counting(1)
    vendors.special[HOST] = counting
    ask(vendors, 6, rate="100/s")
    assert counting.most == 1
    assert vendors.asked(HOST) == 6
