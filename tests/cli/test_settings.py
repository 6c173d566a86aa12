from pathlib import Path

import pytest

from keysift.accept.acceptances import AcceptanceSources
from keysift.cli.settings import chosen, covers_sources
from keysift.config import Config, Ignore, PathPolicy
from keysift.errors import ConfigError, UsageError
from keysift.model import Rule
from keysift.rules.ruleset import Rules


def _chosen(rules: tuple[Rule, ...], stated: tuple[str, ...] = (), **options: tuple[str, ...]) -> Rules:
    return chosen(Rules.of(rules), Config(disable=stated, origin="here"), options)


def test_rules_are_turned_off_by_id_or_family(all_rules: tuple[Rule, ...]) -> None:
    gone = _chosen(all_rules, ("pagerduty-*",), disable=("slack-webhook-url",)).off
    assert "slack-webhook-url" in gone
    assert {rule.id for rule in all_rules if rule.id.startswith("pagerduty-")} == gone - {"slack-webhook-url"}


def test_rules_are_chosen_by_id_or_family(all_rules: tuple[Rule, ...]) -> None:
    rules = _chosen(all_rules, ("pagerduty-oauth-*",), only=("pagerduty-*", "slack-webhook-url"))
    on = {rule_id for rule_id in rules.ids if rule_id not in rules.off}
    family = {rule.id for rule in all_rules if rule.id.startswith("pagerduty-")}
    assert on == {*family, "slack-webhook-url"} - {each for each in family if each.startswith("pagerduty-oauth-")}


def test_a_name_of_no_rule_is_an_error(all_rules: tuple[Rule, ...]) -> None:
    with pytest.raises(ConfigError, match=r"here: disable 'pagerdutty-\*': keysift has no such rule"):
        _chosen(all_rules, ("pagerdutty-*",))
    for option, name in (("--rule", "only"), ("--disable", "disable")):
        with pytest.raises(UsageError, match=rf"{option} pagerdutty-\*: keysift has no such rule"):
            _chosen(all_rules, **{name: ("slack-*", "pagerdutty-*")})
    assert not _chosen(all_rules, ("tracked-secret-file",)).off
    assert not _chosen(all_rules, disable=("tracked-*",)).off


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        (Config(ignore=(Ignore(path="a"), Ignore(rule="slack-webhok-url"))), r"\[\[ignore\]\] number 2: rule"),
        (Config(path=(PathPolicy("tests/", disable=("slack-webhok-url",)),)), r"\[\[path\]\] number 1: disable"),
    ],
)
def test_tables_name_rules_that_exist(all_rules: tuple[Rule, ...], settings: Config, where: str) -> None:
    with pytest.raises(ConfigError, match=where) as caught:
        chosen(Rules.of(all_rules), settings)
    assert "slack-webhook-url" in caught.value.help


def test_the_nearest_ids_are_suggested(all_rules: tuple[Rule, ...]) -> None:
    with pytest.raises(UsageError) as caught:
        _chosen(all_rules, only=("pagerduty-integraton-key",))
    assert "pagerduty-integration-key" in caught.value.help


def test_a_scan_covers_the_sources_if_it_sees_all_that_is_beside_and_below_them(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    sources = AcceptanceSources(Config(origin=str(tmp_path / ".keysift.toml")))
    top, below = str(tmp_path), str(tmp_path / "below")
    assert covers_sources([top], {}, sources)
    assert not covers_sources([below], {}, sources)
    assert not covers_sources([top, below], {}, sources)
    assert not covers_sources([top], {"exclude": ("a",)}, sources)
    assert covers_sources([below], {}, AcceptanceSources())
