from pathlib import Path

import pytest

from keysift import config
from keysift.config import Config
from keysift.errors import ConfigError


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


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_is_no_part_of_a_configuration(codec: str) -> None:
    """PowerShell redirects into UTF-16, and Notepad writes marks."""
    settings = config.parse("disable = ['\u00e4']\r\n".encode(codec), "x")
    assert settings.disable == ("\u00e4",)


def test_a_broken_utf_16_is_an_error() -> None:
    with pytest.raises(ConfigError, match="invalid TOML"):
        config.parse(b"\xff\xfe\x00\xd8a", "x")
