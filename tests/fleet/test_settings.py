"""fleet.toml: what it states, and what is said of a slip of the pen."""

from __future__ import annotations

from pathlib import Path

import pytest

from keysift.errors import ConfigError
from keysift.fleet.settings import read
from keysift.rules.generate import instance


def stated(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "fleet.toml"
    file.write_text(text)
    return file


def test_what_is_relative_is_beside_the_file(tmp_path: Path) -> None:
    source = 'kind = "github"\nowner = "acme"\nmax-size = "2G"\nca-file = "acme.pem"'
    settings = read(stated(tmp_path, f'store = "reports"\nwork = "clones"\n[[source]]\n{source}\n'))
    assert settings.store == str(tmp_path / "reports")
    assert settings.work == str(tmp_path / "clones")
    [github] = settings.source
    assert github.api == "https://api.github.com"
    assert github.max_size == 2 << 30
    assert github.ca_file == str(tmp_path / "acme.pem")
    assert read(stated(tmp_path, f'store = "s3://bucket/x"\n[[source]]\n{source}')).store == "s3://bucket/x"


@pytest.mark.parametrize(("text", "said", "advice"), [
    ("", "names no source", "[[source]]"),
    ("sauce = 1", "unknown key 'sauce'", "did you mean 'source'?"),
    ("[[source]]\nkind = 'githib'", "must be one of", ""),
    ("[[source]]\nkind = 'github'\nowner = 'a'\nexlude = []", "unknown key 'exlude'", "did you mean 'exclude'?"),
    ("[[source]]\nkind = 'github'", "neither 'owner' nor 'token-env'", "owner"),
    ("[[source]]\nkind = 'gitea'\nowner = 'a'", "has no 'api'", "/api/v1"),
    ("[[source]]\nkind = 'bitbucket'", "has no 'owner'", "workspace"),
    ("[[source]]\nkind = 'list'", "has no addresses", "urls"),
    ("[[source]]\nkind = 'directory'", "has no 'path'", "path"),
    ("[[source]]\nkind = 'directory'\npath = '.'\nowner = 'a'", "unknown key 'owner'", "known keys"),
    ("[[source]]\nkind = 'gitea'\nsnippets = true", "unknown key 'snippets'", "known keys"),
    ("[[source]]\nkind = 'github'\nowner = '../x'", "is not a name", "as in the address"),
    ("[[source]]\nkind = 'github'\nowner = 'a'\napi = 'http://a.example'", "is not an https address", "https://"),
    ("[[source]]\nkind = 'github'\nowner = 'a'\nmax-size = '2 gigs'", "is not a size", "500M"),
    ("[[source]]\nkind = 'github'\ntoken = 'x'", "a token never stands in the file", "token-env"),
    ("[[source", "invalid TOML", "toml.io"),
])  # fmt: skip
def test_a_slip_of_the_pen(tmp_path: Path, text: str, said: str, advice: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(stated(tmp_path, text))
    assert said in str(caught.value)
    assert advice in caught.value.help


def test_a_token_in_the_place_of_a_name_is_not_repeated(tmp_path: Path) -> None:
    token, _ = instance("ghp_{{alnum:36}}", "fleet")
    with pytest.raises(ConfigError) as caught:
        read(stated(tmp_path, f"[[source]]\nkind = 'github'\ntoken-env = '{token}'"))
    assert token not in str(caught.value) + caught.value.help


def test_the_guide_shows_a_file_that_can_be_read(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guide" / "fleet.md").read_text()
    settings = read(stated(tmp_path, guide.partition("```toml\n")[2].partition("```")[0]))
    assert [source.kind for source in settings.source] == ["github", "gitlab", "list", "directory"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        read(tmp_path / "fleet.toml")
