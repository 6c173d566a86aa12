"""What the tools answer: masked, bounded, and nothing from outside of the roots."""

import json
from pathlib import Path

import pytest

from keysift.errors import ConfigError, UsageError
from keysift.mcp_server import tools
from keysift.mcp_server.tools import Tools
from keysift.rules.generate import instance


@pytest.fixture
def key() -> str:
    return instance("{{hex:32}}", "mcp")[0]


@pytest.fixture
def root(tmp_path: Path, key: str) -> Path:
    place = tmp_path / "root"
    (place / "src").mkdir(parents=True)
    (place / "src/prod.env").write_text(f"A=1\nPAGERDUTY_TOKEN={key}\n")
    return place


@pytest.fixture
def offered(root: Path) -> Tools:
    return Tools([root])


def test_text_is_scanned(offered: Tools, key: str) -> None:
    answer = offered.scan_text(f"x\nPAGERDUTY_TOKEN={key}\n", "deploy/prod.env")
    [finding] = answer["findings"]
    assert (finding["rule"], finding["path"], finding["line"], finding["column"]) == (
        "pagerduty-integration-key", "deploy/prod.env", 2, 17,
    )  # fmt: skip
    assert key[4:-4] not in json.dumps(answer)


@pytest.mark.parametrize("path", [".", "src", "src/prod.env", "src/../src/prod.env"])
def test_paths_inside_of_the_roots_are_scanned(path: str, offered: Tools, key: str) -> None:
    answer = offered.scan_path(path)
    assert [finding["line"] for finding in answer["findings"]] == [2]
    assert key[4:-4] not in json.dumps(answer)


def test_absolute_paths_are_taken(offered: Tools, root: Path) -> None:
    assert offered.scan_path(str(root / "src"))["findings"]


@pytest.mark.parametrize("path", ["..", "../other", "/etc/hostname", "src/../../other", "nowhere", "src\0x", "~"])
def test_paths_outside_are_refused(path: str, offered: Tools, root: Path) -> None:
    (root.parent / "other").mkdir()
    with pytest.raises(UsageError):
        offered.scan_path(path)


def test_links_are_followed_nowhere(offered: Tools, root: Path, key: str) -> None:
    outside = root.parent / "outside"
    outside.mkdir()
    (outside / "a.env").write_text(f"PAGERDUTY_TOKEN={key[::-1]}\n")
    (root / "link").symlink_to(outside)
    (root / "src/file").symlink_to(outside / "a.env")
    for path in ("link", "link/a.env", "src/file"):
        with pytest.raises(UsageError):
            offered.scan_path(path)
    assert len(offered.scan_path(".")["findings"]) == 1


def test_what_a_repository_accepts_is_accepted(offered: Tools, root: Path) -> None:
    (root / ".keysift.toml").write_text('[[ignore]]\nrule = "pagerduty-*"\nreason = "made up"\n')
    answer = offered.scan_path(".")
    assert (answer["findings"], answer["accepted"]) == ([], 1)
    (root / ".keysift.toml").write_text("broken = [\n")
    with pytest.raises(ConfigError):
        offered.scan_path(".")


def test_answers_are_bounded(offered: Tools) -> None:
    text = "".join(f"PAGERDUTY_TOKEN={instance('{{hex:32}}', str(number))[0]}\n" for number in range(80))
    answer = offered.scan_text(text)
    assert len(answer["findings"]) == tools.MOST_FINDINGS
    assert answer["more"] == 80 - tools.MOST_FINDINGS
    with pytest.raises(UsageError, match="more than 1,048,576 characters"):
        offered.scan_text("x" * (tools.LONGEST_TEXT + 1))


def test_a_key_in_a_path_is_masked(offered: Tools, root: Path, key: str) -> None:
    (root / f"{key}.env").write_text(f"PAGERDUTY_TOKEN={key}\n")
    assert key[4:-4] not in json.dumps(offered.scan_path("."))


def test_explain_says_why_a_value_is_no_finding(offered: Tools, key: str) -> None:
    answer = offered.explain(f"PAGERDUTY_TOKEN={key}\nPAGERDUTY_TOKEN={'ab' * 16}\n")
    outcomes = [each["outcome"] for each in answer["candidates"]]
    assert outcomes[0] == "a finding"
    assert len(set(outcomes)) > 1
    assert key[4:-4] not in json.dumps(answer)


def test_advice_is_that_of_the_rule(offered: Tools) -> None:
    assert offered.advice("pagerduty-integration-key")["revoke"].startswith("Services")
    with pytest.raises(UsageError, match="no such rule"):
        offered.advice("pagerduty-integration-kez")


def test_a_root_must_be_a_directory(root: Path) -> None:
    with pytest.raises(UsageError):
        Tools([root / "src/prod.env"])
