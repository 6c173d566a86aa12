"""How usages are written: what is made of them, and what is said of those that cannot be read."""

import re
from pathlib import Path

import pytest

from keysift.errors import RuleError
from keysift.model import NameKind, Rule
from keysift.rules import authoring, compiled
from keysift.rules.keywords import words

GOOD = """\
provider: Acme
revoke: Console > Keys > Revoke.
references: [https://acme.example/keys]
rules:
  - id: acme-password
    name: Acme password
    label: secret
    why: It lets everyone in.
    password: true
    general: true
    pattern: command
    usages:
      - usage: [acme -p PASSWORD]
        reference: https://acme.example/manual
        examples: ['acme -p {{alnum:16}}']
        counterexamples: ['acme -p $PASSWORD']
"""


def read(tmp_path: Path, text: str) -> Rule:
    (tmp_path / "acme.yaml").write_text(text, encoding="utf-8")
    [rule] = authoring.read_directory(tmp_path)
    return rule


def secret(rule: Rule, *pieces: str) -> str | None:
    """What the usage takes for the secret in a command or a call of these pieces."""
    match = re.match(rule.usages[0].pattern, "".join(f"{piece}\0" for piece in pieces))
    return match["secret"] if match else None


@pytest.mark.parametrize(
    ("usage", "pieces", "expected"),
    [
        ("acme -p PASSWORD", ("acme", "-v", "-p", "x1"), "x1"),
        ("acme -p PASSWORD", ("acme.exe", "-vp", "x1"), "x1"),
        ("acme -p PASSWORD", ("acme", "-px1"), None),
        ("acme -p PASSWORD", ("other", "-p", "x1"), None),
        ("acme -p PASSWORD", ("acme", "-p", "\1x1"), None),
        ("acme -pPASSWORD", ("acme", "-px1", "y"), "x1"),
        ("acme -pPASSWORD", ("acme", "-p", "x1"), None),
        ("acme|zyx --pass|--pw PASSWORD", ("zyx", "--pw=x1"), "x1"),
        ("acme|zyx --pass|--pw PASSWORD", ("acme", "--password", "x1"), None),
        ("acme -u USER:PASSWORD", ("acme", "-u", "bob:x:1"), "x:1"),
        ("acme -u USER:PASSWORD", ("acme", "-u", ":x1"), "x1"),
        ("acme -u KEY:", ("acme", "-u", "bob:x1"), None),
        ("acme USER/PASSWORD@BASE", ("acme", "-s", "bob/x1@db"), "x1"),
        ("acme -b FILE USER PASSWORD", ("acme", "-cb", "f", "bob", "x1"), "x1"),
        ("acme -b FILE USER PASSWORD", ("acme", "-c", "f", "bob", "x1"), None),
        ("acme login PASSWORD", ("acme", "-v", "login", "-n", "x1"), "x1"),
        ("--acme-pass PASSWORD", ("--acme-pass", "x1"), "x1"),
        ("--NAME-pass PASSWORD", ("--db-pass=x1",), "x1"),
        ("--NAME-pass PASSWORD", ("--no-pass=x1",), None),
        ("/acme:PASSWORD", ("/acme:x1",), "x1"),
    ],
)  # fmt: skip
def test_a_usage_of_a_command_is_a_regex_over_its_words(
    usage: str, pieces: tuple[str, ...], expected: str | None, tmp_path: Path
) -> None:
    assert secret(read(tmp_path, GOOD.replace("[acme -p PASSWORD]", f"['{usage}']")), *pieces) == expected


@pytest.mark.parametrize(
    ("usage", "pieces", "expected"),
    [
        ("new Acme(HOST, USER, PASSWORD)", ("new Acme(", "\1h", "bob", "x1", "y"), "x1"),
        ("new Acme(HOST, USER, PASSWORD)", ("new Acme(", "\1h", "bob", "\1x1"), None),
        ("acme|zyx(PASSWORD)", ("zyx(", "x1"), "x1"),
        ("acme(MODE, OPT_PASS, PASSWORD)", ("acme(", "\1m", "\1OPT_PASS", "x1"), "x1"),
        ("acme(MODE, OPT_PASS, PASSWORD)", ("acme(", "\1m", "\1OPT_USER", "x1"), None),
        ("acme: [..., KEY]", ("acme: [", "\1a", "\1b", "x1"), "x1"),
        ("acme PROVIDER, SECRET", ("acme ", "\1:p", "x1"), "x1"),
    ],
)
def test_a_usage_of_a_call_is_a_regex_over_its_arguments(
    usage: str, pieces: tuple[str, ...], expected: str | None, tmp_path: Path
) -> None:
    text = GOOD.replace("[acme -p PASSWORD]", f"['{usage}']").replace("pattern: command", "pattern: call")
    assert secret(read(tmp_path, text), *pieces) == expected


def test_a_rule_has_the_examples_the_references_and_the_keywords_of_its_usages(tmp_path: Path) -> None:
    rule = read(tmp_path, GOOD)
    assert rule.examples == ("acme -p {{alnum:16}}",)
    assert rule.counterexamples == ("acme -p $PASSWORD",)
    assert rule.references == ("https://acme.example/keys", "https://acme.example/manual")
    assert rule.keywords == ("acme",)
    [usage] = rule.usages
    assert (usage.text, usage.kind, usage.starts) == ("acme -p PASSWORD", NameKind.PASSWORD, ("acme",))


def test_keywords_that_are_stated_stand_for_a_common_name_and_for_it_as_a_string(tmp_path: Path) -> None:
    text = GOOD.replace(
        "        reference:", "        keywords: ['acme -']\n        caseless: true\n        reference:"
    )
    rule = read(tmp_path, text)
    assert rule.keywords == ("acme -", '"acme"', "'acme'")
    assert [(word.literal, word.caseless) for word in words(rule)] == [
        (b"acme -", True), (b'"acme"', True), (b"'acme'", True),
    ]  # fmt: skip


def test_a_value_that_is_stated_is_the_whole_secret(tmp_path: Path) -> None:
    text = GOOD.replace("        reference:", "        value: '[0-9a-f]{4}'\n        reference:")
    rule = read(tmp_path, text)
    assert secret(rule, "acme", "-p", "12ab") == "12ab"
    assert secret(rule, "acme", "-p", "12ab5") is None


def test_usages_survive_the_compiled_form(tmp_path: Path) -> None:
    rule = read(tmp_path, GOOD)
    _, lines = compiled.read(compiled.encode([rule]))
    assert compiled.rule(lines[0]) == rule


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("acme -p PASSWORD", "acme -p X", "'acme -p X' needs one place that is called PASSWORD, SECRET, TOKEN, KEY"),
        ("acme -p PASSWORD", "acme -p PASSWORD TOKEN", "needs one place"),
        ("acme -p PASSWORD", "ab -p PASSWORD", "begins with less than three letters: state 'keywords'"),
        ("pattern: command", "pattern: acme", "not for usages"),
        ("        reference:", "        value: '['\n        reference:", "not readable"),
        ("        reference: https://acme.example/manual\n", "", "'reference' is missing"),
        ("        counterexamples: ['acme -p $PASSWORD']\n", "", "'counterexamples' is missing"),
    ],
)
def test_a_usage_that_cannot_be_read_is_an_error_with_its_place(old: str, new: str, says: str, tmp_path: Path) -> None:
    assert old in GOOD
    with pytest.raises(RuleError, match=r"acme\.yaml:\d+: rule acme-password: .*" + re.escape(says)):
        read(tmp_path, GOOD.replace(old, new))


def test_a_call_needs_a_name_and_arguments(tmp_path: Path) -> None:
    text = GOOD.replace("acme -p PASSWORD", "acme.PASSWORD").replace("pattern: command", "pattern: call")
    with pytest.raises(RuleError, match=r"'acme\.PASSWORD' is not written like a call"):
        read(tmp_path, text)


def test_a_pattern_for_usages_needs_some(tmp_path: Path) -> None:
    without = GOOD[: GOOD.index("    usages:")] + "    examples: [a, b]\n    counterexamples: [c]\n"
    with pytest.raises(RuleError, match="'usages' are missing"):
        read(tmp_path, without)
