from collections.abc import Callable

import pytest

from scanner.model import Finding

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
