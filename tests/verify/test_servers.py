"""Which servers of one's own a text names: a key near them may be theirs."""

import pytest

from keysift.rules.generate import instance
from keysift.rules.verification import Verification
from keysift.verify import servers

KEY = instance("ghp_{{alnum:36}}", "servers")[0]
GITHUB = Verification(hosts=["api.github.com"], servers=["github", "ghe", "gh", "git", "ghe.com"])
GITLAB = Verification(hosts=["gitlab.com"], servers=["gitlab", "git"])


@pytest.mark.parametrize(
    ("text", "host"),
    [
        (f"git clone https://x:{KEY}@code.acme.example/app.git", "code.acme.example"),
        (f"curl -H 'Authorization: token {KEY}' https://code.acme.example:8443/api/v3/user", "code.acme.example"),
        (f"GITHUB_TOKEN={KEY}\nGITHUB_URL=https://code.acme.example", "code.acme.example"),
        (f"GITHUB_TOKEN={KEY}\nGH_HOST=code.acme.example\n", "code.acme.example"),
        (f'{{"token": "{KEY}",\n "github_api_url": "https://code.acme.example/api/v3"}}', "code.acme.example"),
        (f"token: {KEY}\nserver: https://github.acme.example/\n", "github.acme.example"),
        (f"token: {KEY}\nserver: https://git-2.acme.example/\n", "git-2.acme.example"),
        (f"token: {KEY}\nserver: https://github.internal/\n", "github.internal"),
        (f"token: {KEY}\nserver: https://api.acme.ghe.com/\n", "api.acme.ghe.com"),
        (f"token: {KEY}\nurl = git@git.acme.example:acme/app.git\n", "git.acme.example"),
        (f"token: {KEY}\nurl = HTTPS://GitHub.ACME.example/\n", "github.acme.example"),
    ],
)
def test_a_server_of_ones_own_is_named(text: str, host: str) -> None:
    assert servers.named([text.encode()], KEY.encode(), GITHUB) == (host,)
    if host != "code.acme.example":  # which stands on the key's line, and so in every other as well
        assert servers.named([text.encode("utf-16-le")], KEY.encode(), GITHUB) == (host,)


@pytest.mark.parametrize(
    "text",
    [
        f"GITHUB_TOKEN={KEY}",
        f"git clone https://x:{KEY}@github.com/acme/app.git",
        f"curl -H 'Authorization: token {KEY}' https://api.github.com/user",
        f"GITHUB_TOKEN={KEY}\nDATABASE_URL=postgres://db.acme.example/\nSLACK_URL=https://hooks.slack.com/x",
        f"GITHUB_TOKEN={KEY}\nGITHUB_CALLBACK_URL=https://app.acme.example/callback",
        f"GITHUB_TOKEN={KEY}\nGITHUB_WEBHOOK_URL=https://app.acme.example/hook",
        f"GITHUB_TOKEN={KEY}\nsee https://raw.githubusercontent.com/a/b and https://acme.github.io/",
        f"GITHUB_TOKEN={KEY}\nsee https://highlights.acme.example/ and https://digit.acme.example/",
        f"GITHUB_TOKEN={KEY}\nGITHUB_URL=https://github.example.com",
        f"GITHUB_TOKEN={KEY}\nGITHUB_URL=${{HOST}}",
        f"GITHUB_TOKEN={KEY}\nmail me at git@acme.example",
    ],
)
def test_other_names_are_no_such_server(text: str) -> None:
    assert servers.named([text.encode()], KEY.encode(), GITHUB) == ()


def test_a_name_is_no_longer_than_names_are_and_has_nothing_else_in_it() -> None:
    text = f"{KEY} https://gitlab.\x1b[31macme.example https://gitlab.{'a' * 300}.example https://gitlab.acme.example\x1b[0m"
    assert servers.named([text.encode()], KEY.encode(), GITLAB) == ("gitlab.acme.example",)


def test_at_most_three_are_named_and_each_once() -> None:
    text = "\n".join(f"https://gitlab{number % 5}.acme.example" for number in range(20))
    assert servers.named([text.encode()] * 2, KEY.encode(), GITLAB) == tuple(
        f"gitlab{number}.acme.example" for number in range(3)
    )


def test_a_rule_without_such_servers_is_not_read_for() -> None:
    assert servers.named([b"https://gitlab.acme.example"], KEY.encode(), Verification(hosts=["gitlab.com"])) == ()
