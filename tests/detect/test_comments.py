from collections.abc import Callable

import pytest

from keysift.detect.findings import scan_blob
from keysift.detect.matcher import Matcher
from keysift.model import Blob, Finding
from keysift.rules.generate import instance

KEY = "PAGERDUTY_TOKEN={{hex:32}}"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"{KEY} # keysift: ignore", ""),
        (f"{KEY} # keysift: ignore made up", "made up"),
        (f"{KEY} # keysift: ignore[pagerduty-integration-key] made up", "made up"),
        (f"{KEY} # keysift: ignore[pagerduty-*] made up", "made up"),
        (f"{KEY} # keysift: ignore[slack-token, pagerduty-integration-key]", ""),
        (f"{KEY} // keysift:ignore[*] - made up", "made up"),
        (f"# keysift: ignore[pagerduty-integration-key] made up\n{KEY}", "made up"),
        (f"  <!-- keysift: ignore made up -->\n{KEY}", "made up"),
        (f"/* keysift: ignore made up */\n{KEY}", "made up"),
        (f"# keysift: ignore made up\r\n{KEY}\r\n", "made up"),
        (f"# keysift: ignore a: b, c\n{KEY}", "a: b, c"),
    ],
)
def test_a_comment_on_the_line_or_alone_above_it_accepts_the_key(
    text: str, reason: str, find: Callable[..., list[Finding]]
) -> None:
    [finding] = find(text)
    [suppression] = finding.suppressions
    assert (suppression.kind, suppression.status, suppression.justification) == ("inSource", "accepted", reason)


@pytest.mark.parametrize(
    "text",
    [
        KEY,
        f"{KEY} # ignore",
        f"{KEY} # keysift: ignored",
        f"{KEY} # keysift: ignore[slack-*]",
        f"{KEY} # keysift: ignore[]",
        f"{KEY} # keysift: ignore[pagerduty]",
        f"{KEY} # KEYSIFT: IGNORE",
        f"# keysift: ignore\n\n{KEY}",
        f"{KEY}\n# keysift: ignore",
        f"x = 1  # keysift: ignore\n{KEY}",
        f"# keysift: ignore[slack-*]\n{KEY}",
    ],
)
def test_nothing_else_does(text: str, find: Callable[..., list[Finding]]) -> None:
    [finding] = find(text)
    assert finding.suppressions == ()


def test_a_comment_speaks_for_its_own_line_and_not_for_the_others(find: Callable[..., list[Finding]]) -> None:
    text = "PAGERDUTY_TOKEN={{hex:32}} # keysift: ignore\nPAGERDUTY_ROUTING_KEY={{hex:32}}\n"
    first, second = find(text)
    assert first.suppressions
    assert not second.suppressions


def test_two_keys_on_one_line_can_be_told_apart(find: Callable[..., list[Finding]]) -> None:
    text = "PAGERDUTY_TOKEN={{hex:32}} GH={{github:ghp_}} # keysift: ignore[pagerduty-*]"
    found = {finding.rule.provider: bool(finding.suppressions) for finding in find(text)}
    assert found == {"PagerDuty": True, "GitHub": False}


def test_a_reason_may_say_when_it_ends(find: Callable[..., list[Finding]]) -> None:
    [finding] = find(f"{KEY} # keysift: ignore[pagerduty-*] a test account, until 2031-02-03")
    assert [(one.justification, one.until) for one in finding.suppressions] == [("a test account", "2031-02-03")]


BLOCK = "# keysift: ignore-start[pagerduty-*] made up\n{}\n# keysift: ignore-end\n"


def test_a_block_accepts_what_stands_in_it_and_nothing_behind(find: Callable[..., list[Finding]]) -> None:
    far = "x = 1\n" * 3000
    text = BLOCK.format(f"{far}{KEY}\n{far}") + "PAGERDUTY_ROUTING_KEY={{hex:32}}\n"
    inside, behind = find(text)
    assert [one.justification for one in inside.suppressions] == ["made up"]
    assert not behind.suppressions


@pytest.mark.parametrize(
    "text",
    [
        f"# keysift: ignore-start\n{KEY}\n",
        f"# keysift: ignore-end\n{KEY}\n# keysift: ignore-start\n",
        BLOCK.format("") + KEY,
        f"# keysift: ignore-start[slack-*]\n{KEY}\n# keysift: ignore-end\n",
    ],
)
def test_what_is_no_block_around_the_key_accepts_nothing(text: str, find: Callable[..., list[Finding]]) -> None:
    assert [finding.suppressions for finding in find(text)] == [()]


@pytest.mark.parametrize(
    "text",
    [
        f"{KEY} # gitleaks:allow",
        f"{KEY} #betterleaks:allow",
        f"{KEY}  # pragma: allowlist secret",
        f"{KEY}  // pragma: whitelist secret",
        f"# pragma: allowlist nextline secret\n{KEY}",
        f"{KEY} # trufflehog:ignore",
        f"{KEY} # kingfisher:ignore",
        f"# kingfisher:ignore\n{KEY}",
        f"{KEY} # nosecret",
    ],
)
def test_marks_of_other_scanners_hold_where_those_look_for_them(text: str, find: Callable[..., list[Finding]]) -> None:
    [finding] = find(text)
    [suppression] = finding.suppressions
    assert suppression.kind == "inSource"
    assert suppression.justification == ""
    assert suppression.who.startswith("the mark ")


@pytest.mark.parametrize(
    "text",
    [
        f"# gitleaks:allow\n{KEY}",
        f"# pragma: allowlist secret\n{KEY}",
        f"# trufflehog:ignore\n{KEY}",
        f"{KEY}\n# gitleaks:allow",
        f"# pragma: allowlist nextline secret\n\n{KEY}",
        f"{KEY} # nosecrets",
        f"{KEY} # pragma: allowlist nextline secret",
        f"x=1 # kingfisher:ignore\n{KEY}",
    ],
)
def test_and_nowhere_else(text: str, find: Callable[..., list[Finding]]) -> None:
    [finding] = find(text)
    assert finding.suppressions == ()


def test_a_comment_far_away_on_a_very_long_line_is_not_looked_for(find: Callable[..., list[Finding]]) -> None:
    near, far = (find(f"{KEY} ;{' ' * blanks}# keysift: ignore") for blanks in (900, 1100))
    assert (bool(near[0].suppressions), bool(far[0].suppressions)) == (True, False)


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-be", "utf-32"])
def test_comments_in_wide_text_hold_as_well(codec: str, matcher: Matcher) -> None:
    key = instance("DB_PASSWORD='{{alnum:20}}'", "wide")[0]
    other = instance("API_TOKEN='{{alnum:32}}'", "other")[0]
    lines = f"# \u63a5\u7d9a\n{key} # keysift: ignore \u63a5\n{other}\n"
    lines += f"# keysift: ignore-start b\n{other}x\n# keysift: ignore-end\n"
    findings = scan_blob(matcher, Blob("a.env", lines.encode(codec))).findings
    accepted = [[each.justification for each in finding.suppressions] for finding in findings]
    assert accepted == [["\u63a5"], [], ["b"]]
    assert [finding.locations[0].start_line for finding in findings] == [2, 3, 5]
