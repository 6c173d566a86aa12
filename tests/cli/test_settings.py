from pathlib import Path

import pytest

from keysift.accept.acceptances import AcceptanceSources
from keysift.cli.settings import covers_sources, without_disabled
from keysift.config import Config
from keysift.errors import ConfigError
from keysift.model import Rule
from keysift.rules.ruleset import Rules


def test_rules_are_turned_off_by_id_or_family(all_rules: tuple[Rule, ...]) -> None:
    rules = without_disabled(Rules.of(all_rules), ("pagerduty-*", "slack-webhook-url"), "x")
    gone = rules.off
    assert "slack-webhook-url" in gone
    assert {rule.id for rule in all_rules if rule.id.startswith("pagerduty-")} == gone - {"slack-webhook-url"}


def test_a_name_of_no_rule_is_an_error(all_rules: tuple[Rule, ...]) -> None:
    with pytest.raises(ConfigError, match=r"here: disable 'pagerdutty-\*': keysift has no such rule"):
        without_disabled(Rules.of(all_rules), ("pagerdutty-*",), "here")
    assert not without_disabled(Rules.of(all_rules), ("tracked-secret-file",), "here").off


def test_the_nearest_ids_are_suggested(all_rules: tuple[Rule, ...]) -> None:
    with pytest.raises(ConfigError) as caught:
        without_disabled(Rules.of(all_rules), ("pagerduty-integraton-key",), "here")
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
