import time
from pathlib import Path

import pytest

from keysift import cache
from keysift.model import LiveState
from keysift.verify.answers import Reading
from keysift.verify.remembered import Memory

LIVE = Reading(LiveState.LIVE, "api.acme.example answered 200", (("plan", "team"),))
WHO = ("acme-key", "api.acme.example", ("the key",))


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    tmp_path.chmod(0o700)
    monkeypatch.setenv("KEYSIFT_CACHE_DIR", str(tmp_path))
    return tmp_path


def test_an_answer_is_known_to_the_next_run_for_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = Memory()
    memory.keep(*WHO, LIVE)
    memory.save()
    known = Memory().find(*WHO)
    assert known
    assert known[1] == LIVE
    assert Memory(fresh=True).find(*WHO) is None
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 3601)
    assert Memory().find(*WHO) is None


def test_another_key_host_or_rule_is_not_known() -> None:
    memory = Memory()
    memory.keep(*WHO, LIVE)
    for number, other in enumerate(("other-key", "api.other.example", ("another key",))):
        asked = [*WHO]
        asked[number] = other
        assert memory.find(*asked) is None  # type: ignore[arg-type]


def test_what_says_nothing_replaces_and_is_not_kept() -> None:
    memory = Memory()
    memory.keep(*WHO, LIVE)
    memory.keep(*WHO, Reading(LiveState.UNKNOWN, "api.acme.example answered 500"))
    assert memory.find(*WHO) is None


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"a": 1}', b'{"a": ["x"]}', b'{"a": [0, "no", "", []]}', b"\xff"])
def test_a_damaged_file_is_as_good_as_none(data: bytes) -> None:
    cache.write("verified", b"keysift verify 1", data)
    assert Memory().find(*WHO) is None
