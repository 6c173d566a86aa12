import pytest

from keysift.rules.suggestions import suggestion

IDS = ["github-personal-access-token", "github-oauth-token", "gitlab-personal-access-token", "aws-secret-access-key"]


@pytest.mark.parametrize(
    ("written", "help_text"),
    [
        ("github-pat", "did you mean github-personal-access-token?"),
        ("GITLAB-PAT", "did you mean gitlab-personal-access-token?"),
        ("aws-secret-acess-key", "did you mean aws-secret-access-key?"),
        ("github-zzzzzzzzzzzzzzz", "did you mean one of github-*? `keysift rules list` lists them"),
        ("x", "`keysift rules list` lists them"),
    ],
)
def test_the_nearest_ids_are_told(written: str, help_text: str) -> None:
    assert suggestion(written, IDS) == help_text
