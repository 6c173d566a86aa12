import pytest

from keysift.detect.words import letters, with_article


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Slack bot token", "a Slack bot token"),
        ("AWS access key id", "an AWS access key id"),
        ("SSH key", "an SSH key"),
        ("HTTP Basic credentials", "HTTP Basic credentials"),
        ("credentials in a URL", "credentials in a URL"),
        ("user token", "a user token"),
        ("one-time password seed", "a one-time password seed"),
        ("GitHub token", "a GitHub token"),
        ("Okta API token", "an Okta API token"),
        ("NATS nkey seed", "an NATS nkey seed"),
        ("PuTTY key", "a PuTTY key"),
        ("X (Twitter) bearer token", "an X (Twitter) bearer token"),
    ],
)
def test_names_have_the_article_that_is_spoken(name: str, sentence: str) -> None:
    assert with_article(name) == sentence


def test_names_are_compared_by_letters_and_digits() -> None:
    assert letters("Pager-Duty_2") == "pagerduty2"
