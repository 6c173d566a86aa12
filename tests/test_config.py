from pathlib import Path

import pytest

from keysift import config
from keysift.cli.options import parse_size
from keysift.cli.settings import without_disabled
from keysift.config import Config
from keysift.errors import ConfigError, UsageError
from keysift.model import Rule
from keysift.rules.ruleset import Rules


def test_without_a_file_nothing_is_configured(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert config.find(tmp_path) == Config()


def test_the_file_of_the_directory(tmp_path: Path) -> None:
    place = tmp_path / ".keysift.toml"
    place.write_text('exclude = ["fixtures/"]\ndisable = ["slack-*"]\n')
    assert config.find(tmp_path) == Config(("fixtures/",), ("slack-*",), str(place))


def test_a_table_of_pyproject(tmp_path: Path) -> None:
    place = tmp_path / "pyproject.toml"
    place.write_text('[project]\nname = "x"\n[tool.keysift]\nexclude = ["a"]\n')
    assert config.find(tmp_path) == Config(("a",), (), str(place))


def test_a_pyproject_without_the_table_is_passed_by(tmp_path: Path) -> None:
    (tmp_path / ".keysift.toml").write_text('exclude = ["above"]\n')
    inner = tmp_path / "a"
    inner.mkdir()
    (inner / "pyproject.toml").write_text("[tool.other]\nx = 1\n")
    assert config.find(inner).exclude == ("above",)


def test_a_broken_pyproject_that_says_nothing_of_keysift_is_none_of_our_business(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "pyproject.toml").write_text("[broken")
    assert config.find(tmp_path) == Config()


def test_the_own_file_beats_pyproject_and_the_nearer_directory_the_farther(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / ".keysift.toml").write_text('exclude = ["far"]\n')
    (inner / "pyproject.toml").write_text('[tool.keysift]\nexclude = ["table"]\n')
    assert config.find(inner).exclude == ("table",)
    (inner / ".keysift.toml").write_text('exclude = ["file"]\n')
    assert config.find(inner).exclude == ("file",)


def test_nothing_is_read_above_the_repository(tmp_path: Path) -> None:
    (tmp_path / ".keysift.toml").write_text('exclude = ["outside"]\n')
    inner = tmp_path / "repo" / "a"
    inner.mkdir(parents=True)
    (tmp_path / "repo" / ".git").mkdir()
    assert config.find(inner) == Config()


@pytest.mark.parametrize(
    ("text", "says", "advice"),
    [
        ("exlude = []", "exlude", "did you mean 'exclude'?"),
        ("disabled = []", "disabled", "did you mean 'disable'?"),
        ("zzz = []", "zzz", "known keys: branch, disable, exclude"),
        ("exclude = 'a'", "'exclude' must be a list of strings", "exclude = ["),
        ("exclude = [1]", "'exclude' must be a list of strings", "exclude = ["),
        ("exclude = [", "invalid TOML", "toml.io"),
        ("[exclude]\na = 1", "'exclude' must be a list of strings", ""),
        ("exclude = ['a', '[b']", ": 'exclude': '[b' is not a pattern: '[' without ']'", "as in .gitignore"),
        ("[[path]]\npattern = 'a\\'", ": 'path' number 1: 'pattern': 'a\\' is not a pattern", "as in .gitignore"),
        (
            "[[ignore]]\npath = '[[:no:]]'",
            ": 'ignore' number 1: 'path': '[[:no:]]' is not a pattern",
            "as in .gitignore",
        ),
    ],
)
def test_what_is_wrong_is_said_with_the_file(text: str, says: str, advice: str, tmp_path: Path) -> None:
    place = tmp_path / ".keysift.toml"
    place.write_text(text)
    with pytest.raises(ConfigError) as found:
        config.find(tmp_path)
    assert str(place) in str(found.value)
    assert says in str(found.value)
    assert advice in found.value.help
    assert found.value.exit_code == 2


def test_a_branch_has_a_name_and_no_path(tmp_path: Path) -> None:
    place = tmp_path / ".keysift.toml"
    place.write_text('[[branch]]\npattern = "[release"\nfail-on = "never"\n')
    assert config.read(place).on_branch("[release").fail_on == "never"


def test_bytes_that_are_no_text_are_no_toml(tmp_path: Path) -> None:
    (tmp_path / ".keysift.toml").write_bytes(b"exclude = ['\xff']")
    with pytest.raises(ConfigError, match="invalid TOML"):
        config.find(tmp_path)


@pytest.mark.parametrize("text", ["tool = 3\n# [tool.keysift]", "[tool]\nkeysift = 3\n# [tool.keysift]"])
def test_a_table_of_another_kind_is_an_error_and_no_crash(text: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(ConfigError, match="pyproject"):
        config.find(tmp_path)


def test_a_table_that_is_a_comment_says_nothing(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "pyproject.toml").write_text("# [tool.keysift] some day\n")
    assert config.find(tmp_path).exclude == ()


def test_a_file_that_is_not_there_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot read .*none\.toml: No such file"):
        config.read(tmp_path / "none.toml")


def test_rules_are_turned_off_by_id_or_family(all_rules: tuple[Rule, ...]) -> None:
    rules = without_disabled(Rules.of(all_rules), ("pagerduty-*", "slack-webhook-url"), "x")
    gone = rules.off
    assert "slack-webhook-url" in gone
    assert {rule.id for rule in all_rules if rule.id.startswith("pagerduty-")} == gone - {"slack-webhook-url"}


def test_a_name_of_no_rule_is_an_error(all_rules: tuple[Rule, ...]) -> None:
    with pytest.raises(ConfigError, match=r"here: disable 'pagerdutty-\*': keysift has no such rule"):
        without_disabled(Rules.of(all_rules), ("pagerdutty-*",), "here")
    assert not without_disabled(Rules.of(all_rules), ("tracked-secret-file",), "here").off


@pytest.mark.parametrize(
    ("text", "bytes_"),
    [("0", 0), ("17", 17), ("2k", 2048), ("64M", 64 << 20), ("1G", 1 << 30), ("64MB", 64 << 20), ("64MiB", 64 << 20)],
)
def test_sizes(text: str, bytes_: int) -> None:
    assert parse_size(text) == bytes_


@pytest.mark.parametrize("text", ["", "M", "-1", "1.5M", "1T", "ten", "0x10", "1 000", "²"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(UsageError, match="invalid size"):
        parse_size(text)
