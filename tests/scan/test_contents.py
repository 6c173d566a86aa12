"""Files with an inside, scanned: what is reported once, and what ends too long a scan."""

from __future__ import annotations

import base64
import signal
import sys

import pytest
from tests.bench import containers
from tests.conftest import MakeSlow

from keysift.containers import pdf
from keysift.containers.limits import Limits
from keysift.containers.windows import CHUNK, MARGIN
from keysift.detect.matcher import Matcher
from keysift.model import Blob
from keysift.rules.generate import instance
from keysift.scan import contents

KEY = instance("{{github:ghp¦_}}", "contents")[0]
LINE = f"GITHUB_TOKEN={KEY}\n".encode()


def test_a_key_in_an_archive_is_not_reported_for_its_bytes_as_well(matcher: Matcher) -> None:
    [finding] = contents.scan_contents(matcher, Blob("a.tar", containers.tarred("b", LINE))).findings
    assert (finding.locations[0].path, finding.locations[0].member) == ("a.tar", "b")


@pytest.mark.skipif(sys.platform == "win32", reason="has no alarms")
@pytest.mark.parametrize(("before", "length", "said"), [(1000, MARGIN, False), (MARGIN + 4000, MARGIN + 8000, True)])
def test_an_encoded_value_over_a_boundary_is_read_or_said(
    matcher: Matcher, before: int, length: int, *, said: bool
) -> None:
    value = base64.b64encode(b"words of a text " * (length * 3 // 64) + LINE)
    data = b"x = 1\n" * ((CHUNK - before) // 6) + b'y = "' + value + b'"\n' + b"z = 3\n" * (CHUNK // 6)
    scanned = contents.scan_contents(matcher, Blob("f", data))
    assert [(one.path, one.reason) for one in scanned.skipped] == [
        ("f", "an encoded value in it is too long to be decoded as a whole")
    ] * said
    assert len(scanned.findings) == (0 if said else 1)


def test_a_library_that_never_ends_is_ended(matcher: Matcher, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(*_: object) -> None:
        while True:
            try:
                while True:
                    pass
            except ValueError:
                continue

    monkeypatch.setattr(pdf, "_page", endless)
    monkeypatch.setattr(contents, "GRACE", 0)
    before = signal.getsignal(signal.SIGVTALRM)
    data = containers.pdf("nothing at all to see here") + LINE
    scanned = contents.scan_contents(matcher, Blob("a.pdf", data), Limits(seconds=0.5))
    assert [finding.secret.decode() for finding in scanned.findings] == [KEY], "what was found by then stays"
    assert [one.reason for one in scanned.skipped] == ["not fully scanned: it took longer than 0.5 s"]
    assert signal.getsignal(signal.SIGVTALRM) == before


def test_more_keys_than_anyone_reads_are_not_listed(matcher: Matcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "MOST_FINDINGS", 20)
    monkeypatch.setattr(contents, "MOST_SNIPPETS", 10)
    files = {f"{at}.env": f"GITHUB_TOKEN={instance('{{github:ghp¦_}}', str(at))[0]}\n".encode() for at in range(40)}
    scanned = contents.scan_contents(matcher, Blob("a.zip", containers.zipped_files(files)))
    assert len(scanned.findings) == 21
    assert sum(one.locations[0].snippet is not None for one in scanned.findings) == 10
    assert [one.reason for one in scanned.skipped] == ["not fully scanned: it contains more than 20 keys"]


def test_a_plain_blob_is_scanned_as_it_is(matcher: Matcher, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("it was taken for a container")

    monkeypatch.setattr(contents, "scan_pieces", never)
    assert len(contents.scan_contents(matcher, Blob("a.env", LINE)).findings) == 1


def test_names_have_their_values_after_a_rule_that_takes_too_long(matcher: Matcher, make_slow: MakeSlow) -> None:
    make_slow("github-personal-access-token")
    data = LINE + b"password = 'hunter2Xk9$q'\n"
    scanned = contents.scan_contents(matcher, Blob("a.env", data))
    assert b"hunter2Xk9$q" in {finding.secret for finding in scanned.findings}
    assert [one.reason for one in scanned.skipped] == [
        "not fully scanned: rule github-personal-access-token took longer than 5 s"
    ]
