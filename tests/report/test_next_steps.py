from collections.abc import Callable
from dataclasses import replace

import pytest

from keysift.model import Finding, History, Label, Liveness, LiveState, Rule, Verdict
from keysift.report.next_steps import next_steps, shared_steps

Build = Callable[..., Finding]


@pytest.fixture
def finding(build_finding: Build, build_rule: Callable[..., Rule]) -> Finding:
    return build_finding(build_rule("k", "K", revoke="Settings > Remove."), b"some-key-of-ours")


def test_the_key_ends_first_then_its_use_then_its_copies(finding: Finding) -> None:
    assert next_steps(finding) == (
        "Revoke this key: Settings > Remove.",
        "Check PagerDuty's audit records for use of this key.",
        "Remove it from the files; read it from the environment or a secret manager instead.",
    )


@pytest.mark.parametrize(
    "revoke",
    [
        "Create the new key first. Settings > Remove.",
        "Settings > Remove, by an admin; create the new one first.",
        "Add a new key first in the list, then remove the old one.",
    ],
)
def test_the_new_key_comes_first_where_the_rule_says_so(revoke: str, finding: Finding) -> None:
    steps = next_steps(replace(finding, rule=replace(finding.rule, revoke=revoke)))
    assert steps[0].startswith("Create a new key")
    assert steps[1].removeprefix("Revoke this key: ") == revoke.removeprefix("Create the new key first. ")


def test_a_dead_key_is_not_revoked_again(finding: Finding) -> None:
    dead = replace(finding, liveness=Liveness(LiveState.DEAD, "", "api.acme.example answered 401"))
    dead = replace(dead, rule=replace(dead.rule, revoke="Create the new key first. Settings > Remove."))
    assert [step.partition(" ")[0] for step in next_steps(dead)] == ["Check", "Remove"]
    assert [step.partition(" ")[0] for step in shared_steps([dead, finding])] == ["Create", "Revoke", "Check", "Remove"]


def test_real_rules_that_say_so_are_recognised(all_rules: tuple[Rule, ...], finding: Finding) -> None:
    rest = next(rule for rule in all_rules if rule.id == "pagerduty-rest-api-key")
    assert next_steps(replace(finding, rule=rest))[0].startswith("Create a new key")


def test_without_words_of_the_rule_there_is_still_advice(finding: Finding) -> None:
    steps = next_steps(replace(finding, rule=replace(finding.rule, revoke="", provider="Nobody")))
    assert steps[:2] == (
        "Revoke it where it was issued.",
        "Check the issuer's audit log for use of this key.",
    )
    steps = next_steps(replace(finding, rule=replace(finding.rule, provider="Credentials")))
    assert steps[1] == "Check the log of whatever it opens for use of this key."


@pytest.mark.parametrize(
    ("revoke", "step"),
    [
        ("Account key: Team > Remove. User key: Me > Remove.", "Revoke this key. Account key: Team > Remove. User"),
        ("Change the password of that user.", "Change the password of that user."),
        ("Make a new key pair.", "Make a new key pair."),
        ("acme.io closed in May 2020: nothing is left to revoke.", "acme.io closed"),
        ("The Acme app > Keys > Remove.", "Revoke this key: The Acme app >"),
        ("Set > Keys > Remove.", "Revoke this key: Set > Keys > Remove."),
        ("A certificate cannot be revoked: change the rights of its user.", "A certificate cannot be revoked: change"),
    ],
)
def test_a_sentence_of_a_rule_stands_by_itself(revoke: str, step: str, finding: Finding) -> None:
    assert next_steps(replace(finding, rule=replace(finding.rule, revoke=revoke)))[0].startswith(step)


def test_a_public_key_and_a_file_as_such_need_less(finding: Finding) -> None:
    public = Verdict(Label.PUBLIC, finding.verdict.confidence, ())
    assert next_steps(replace(finding, verdict=public)) == ()
    assert next_steps(replace(finding, secret=b"")) == ("Settings > Remove.",)


@pytest.mark.parametrize(
    ("life", "words"),
    [
        (History(in_head=True, refs=("refs/heads/main",), kept_by="refs"), ["Remove it from the files", "filter-repo"]),
        (History(refs=("refs/heads/old",), kept_by="refs"), ["Remove it from the files", "filter-repo"]),
        (History(kept_by="refs"), ["filter-repo"]),
        (History(kept_by="stash"), ["git stash drop"]),
        (History(kept_by="reflog"), ["git reflog expire"]),
        (History(kept_by="index"), ["git restore --staged"]),
        (History(kept_by="nothing"), ["git gc --prune=now"]),
    ],
)
def test_where_it_is_held_decides_how_it_goes(life: History, words: list[str], finding: Finding) -> None:
    steps = next_steps(replace(finding, history=replace(life, first_seen="2024-05-01T00:00:00Z")))
    assert steps[1] == "Check PagerDuty's audit records for use of this key since 2024-05-01."
    assert len(steps[2:]) == len(words)
    assert all(word in step for word, step in zip(words, steps[2:], strict=True))
