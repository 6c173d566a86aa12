import dataclasses
import re
from pathlib import Path

import pytest
import yaml

from keysift.detect.check import _counterexamples, _examples, _hostile, example_blob
from keysift.detect.findings import scan_blob
from keysift.detect.matcher import Matcher
from keysift.errors import RuleError
from keysift.model import Blob, Confidence, Context, Label, Pair, Rule
from keysift.rules import authoring, patterns, ruleset
from keysift.rules.authoring import files
from keysift.rules.authoring.deriving import digest
from keysift.rules.authoring.documents import Document
from keysift.rules.authoring.entries import ContextEntry, PairEntry, RuleEntry, RuleFile
from keysift.rules.generate import instance

SOURCES = sorted(ruleset.SOURCES.glob("*.yaml"))
PARTS = range(10)
"""Tests of all rules, so that processes share the work; one for each file costs as much as what it tries."""

GOOD = """\
provider: Acme
revoke: Console > Keys > Revoke.
references: [https://acme.example/keys]
rules:
  - id: acme-api-key
    name: Acme API key
    label: secret
    why: Reads everything.
    pattern: acme_[0-9a-z]{32}
    keywords: [acme_]
    examples: ['A=acme_{{loweralnum:32}}', 'acme("acme_{{loweralnum:32}}")']
    counterexamples: ['acme_key']
"""
"""Line 5 holds the id, 7 the label, 9 the pattern."""


def read(tmp_path: Path, text: str) -> list[Rule]:
    (tmp_path / "acme.yaml").write_text(text, encoding="utf-8")
    return authoring.read_directory(tmp_path)


# --- The rules that come with keysift ---------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def one_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    """`keysift rules check` tries three."""
    monkeypatch.setattr("keysift.detect.check.SEEDS", ("a",))


@pytest.fixture(scope="module")
def rules_by_id(all_rules: tuple[Rule, ...]) -> dict[str, Rule]:
    return {rule.id: rule for rule in all_rules}


def ids(source: Path) -> list[str]:
    """The ids of the rules in a file, at a hundredth of the cost of parsing it."""
    return re.findall(r"^ *- id: *(\S+)$", source.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("part", PARTS)
def test_every_example_is_found_and_no_counterexample(part: int, all_rules: tuple[Rule, ...], matcher: Matcher) -> None:
    rules = all_rules[part :: len(PARTS)]
    assert rules
    assert [line for rule in rules for line in (*_examples(matcher, rule), *_counterexamples(matcher, rule))] == []


def test_no_rule_is_left_out(all_rules: tuple[Rule, ...]) -> None:
    assert [one for source in SOURCES for one in ids(source)] == [rule.id for rule in all_rules]


@pytest.mark.parametrize("part", PARTS)
def test_no_pattern_is_slow_on_text_made_to_hurt_it(part: int, all_rules: tuple[Rule, ...]) -> None:
    every_tenth = all_rules[::10]
    assert [line for rule in every_tenth[part :: len(PARTS)] for line in _hostile(rule)] == []


def test_the_check_sees_an_example_that_is_lost_and_a_counterexample_that_is_found(
    rules_by_id: dict[str, Rule],
) -> None:
    rule = rules_by_id["pagerduty-oauth-token"]
    swapped = dataclasses.replace(rule, examples=rule.counterexamples, counterexamples=rule.examples)
    matcher = Matcher([swapped])
    assert len(list(_examples(matcher, swapped))) == len(rule.counterexamples)
    assert len(list(_counterexamples(matcher, swapped))) == len(rule.examples)


def test_the_check_sees_a_pattern_that_backtracks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("keysift.detect.check.HOSTILE_SECONDS", 0.05)
    monkeypatch.setattr("keysift.detect.confirm.TIMEOUT", 0.1)
    [slow] = read(tmp_path, GOOD.replace("acme_[0-9a-z]{32}", "(?:a{1,50}){1,50}b"))
    assert [complaint.split(":")[0] for complaint in _hostile(slow)] == ["acme-api-key"]


def test_ids_are_unique_and_in_kebab_case(all_rules: tuple[Rule, ...]) -> None:
    ids = [rule.id for rule in all_rules]
    assert len(ids) == len(set(ids))
    assert [one for one in ids if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", one)] == []


def test_every_rule_says_why_how_to_revoke_and_where_to_read_more(all_rules: tuple[Rule, ...]) -> None:
    for rule in all_rules:
        assert rule.why.rstrip('"').endswith("."), rule.id
        assert len(rule.revoke) > 10, rule.id
        assert rule.references, rule.id
        assert all(re.fullmatch(r"https://[^\s/]+\.[^\s]+", link) for link in rule.references), rule.id


def test_every_keyword_has_three_bytes(all_rules: tuple[Rule, ...]) -> None:
    assert [(rule.id, word) for rule in all_rules for word in rule.keywords if len(word.encode()) < 3] == []


def test_nothing_in_the_rule_files_looks_like_a_key(matcher: Matcher) -> None:
    found = {
        (path.name, finding.locations[0].start_line, finding.rule.id)
        for path in SOURCES
        for finding in scan_blob(matcher, Blob(f"rules/{path.name}", path.read_bytes())).findings
        if not finding.rule.general  # these take the templates themselves for values
    }
    assert found == set()


@pytest.mark.skipif(not yaml.__with_libyaml__, reason="PyYAML has no other loader here")
def test_both_loaders_of_pyyaml_read_the_same_from_every_rule_file() -> None:
    differing = [
        path.name
        for path in SOURCES
        for text in [path.read_text(encoding="utf-8")]
        if _pure(text) != yaml.load(text, Loader=yaml.CSafeLoader)
    ]
    assert differing == []


def _pure(text: str) -> object:
    """What the loader in Python reads, or its complaint."""
    try:
        return yaml.load(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        return str(error)


# --- Broken rule files ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "line", "says", "advice"),
    [
        ("    label:", "    labl: x\n    label:", 7, "unknown key 'labl'", "did you mean 'label'?"),
        ("    pattern:", "    patern: x\n    pattern:", 9, "unknown key 'patern'", "did you mean 'pattern'?"),
        ("    why:", "    zz: x\n    why:", 8, "unknown key 'zz'", "allowed here: id, name,"),
        ("    label: secret", "    label: private", 7, "label: 'private' is none of the allowed values: public,", ""),
        ("    label: secret", "    label: secrt", 7, "label: 'secrt' is none of", "did you mean 'secret'?"),
        ("    label: secret\n", "", 5, "'label' is missing", "reads data"),
        ("keywords: [acme_]", "keywords: [ac]", 10, "keywords[0]: 'ac' is shorter than 3 characters", "Literals"),
        ("counterexamples: ['acme_key']", "counterexamples: []", 12, "counterexamples: at least 1 needed", "{{"),
        ("examples: ['A=acme_{{loweralnum:32}}', ", "examples: [", 11, "examples: at least 2 needed, 1 stated", "{{"),
        ("    why: Reads everything.", "    why: 7", 8, "why: text expected, not a number", "quotation marks"),
        ("    why: Reads everything.", "    why: 2024-10-10", 8, "why: text expected, not 2024-10-10", "quotation"),
        ("    why: Reads everything.", "    why: no", 8, "why: text expected, not false", "quotation marks"),
        ("    why: Reads everything.", "    why:", 8, "why: text expected, but there is no value", ""),
        ("    why: Reads everything.", "    why: ''", 8, "why: empty", "One sentence"),
        ("    why:", "    general: 1\n    why:", 8, "general: true or false expected, not a number", ""),
        ("    why:", "    when: {field: x}\n    why:", 8, "when: a list expected, not a mapping", ""),
        ("    why:", "    when: [{field: x}, x]\n    why:", 8, "when[1]: a mapping expected, not text", ""),
        ("    why:", "    when: [{feild: x}]\n    why:", 8, "when[0]: unknown key 'feild'", "did you mean 'field'?"),
        ("    why:", "    reach: 99999\n    why:", 8, "reach: 99999 is more than 16384", ""),
        ("    why:", "    pair: {within: 4}\n    why:", 8, "pair: 'rule' is missing", ""),
        ("    why:", "    checksum: crc99\n    why:", 8, "'crc99' is none of the allowed values: crc32-base62,", ""),
        ("    why:", "    facts: jwtt\n    why:", 8, "'jwtt' is none of", "did you mean 'jwt'?"),
    ],
)
def test_a_file_that_does_not_fit_names_file_line_rule_field_and_what_is_allowed(  # noqa: PLR0913, PLR0917 - a table
    old: str, new: str, line: int, says: str, advice: str, tmp_path: Path
) -> None:
    with pytest.raises(RuleError) as found:
        read(tmp_path, GOOD.replace(old, new, 1))
    message = str(found.value)
    assert message.startswith(f"acme.yaml:{line}: rule acme-api-key: ")
    assert says in message
    assert "$" not in message
    assert advice in found.value.help


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            GOOD.replace("acme-api-key", "Acme_Key"),
            "acme.yaml:5: rule Acme_Key: id: 'Acme_Key' does not match the regex",
        ),
        (GOOD.replace("- id: acme-api-key\n    name", "- name"), "acme.yaml:5: rules[0]: 'id' is missing"),
        (GOOD.replace("provider: Acme\n", ""), "acme.yaml:1: 'provider' is missing"),
        (GOOD.replace("rules:", "owner: x\nrules:"), "acme.yaml:4: unknown key 'owner'"),
        (GOOD.replace("rules:", "unless: [{near: '*'}]\nrules:"), "acme.yaml:4: unless[0].near: not a regex: nothing"),
        (GOOD.replace("provider: Acme", "provider: [x]"), "acme.yaml:1: provider: text expected, not a list"),
        ("provider: x\nrules: 3", "acme.yaml:2: rules: a list expected, not a number"),
        ("provider: x\nrules: []", "acme.yaml:2: rules: empty"),
        ("provider: x\nrules: [3]", "acme.yaml:2: rules[0]: a mapping expected, not a number"),
        ("", "acme.yaml:1: a mapping expected, but there is no value"),
        ("3: 4", "acme.yaml:1: unknown key '3'"),
    ],
)
def test_what_is_wrong_outside_of_a_rule_with_an_id(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(RuleError) as found:
        read(tmp_path, text)
    assert str(found.value).startswith(says)


FIELDS = [
    *(("rules", 0, name) for name in RuleEntry.__struct_fields__),
    *(("rules", 0, "when", 0, name) for name in ContextEntry.__struct_fields__),
    *(("rules", 0, "pair", name) for name in PairEntry.__struct_fields__),
    *((name,) for name in RuleFile.__struct_fields__),
]


@pytest.mark.parametrize("path", FIELDS, ids=lambda path: ".".join(map(str, path)))
def test_no_field_is_complained_of_in_the_words_of_the_library(path: tuple[str | int, ...]) -> None:
    complaints = 0
    for wrong in (7, 1.5, True, "", [], [7], [""], {}, {"x": 1}):
        content = yaml.safe_load(GOOD)
        content["rules"][0] |= {"when": [{"field": "x"}], "pair": {"rule": "x"}}
        place = content
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = wrong
        try:
            files._file(Document("acme.yaml", content, None))
        except RuleError as error:
            complaints += 1
            assert not re.search(r"\$[.\[]|Expected|Object|Invalid|`", str(error)), error  # noqa: PT017 - most are right
    assert complaints >= 2


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("revoke: Console > Keys > Revoke.\n", "", "4: 'revoke' is missing"),
        ("references: [https://acme.example/keys]\n", "", "4: 'references' is missing"),
        ("keywords: [acme_]", "keywords: []", "5: 'keywords' are missing"),
        ("keywords: [acme_]", "shape: '(?=_)[a-z]{9}'", "10: shape: only a plain regex is allowed"),
        ("keywords: [acme_]", "shape: '_[a-z]{9,10}'", "10: shape: matches are 10 to 11 bytes long"),
        ("keywords: [acme_]", "shape: '_[a-z'", "10: shape: not a regex: unterminated character set at position 5"),
        ("acme_[0-9a-z]{32}", "'acme_[0-9a-z'", "9: pattern: not a regex: unterminated character set at position "),
        ("acme_[0-9a-z]{32}", "'a{99999999999}'", "9: pattern: not a regex: "),
        ("acme_[0-9a-z]{32}", "'(?:acme_)?'", "9: pattern: matches no bytes"),
        ("acme_[0-9a-z]{32}", "'[0-9a-z]*'", "9: pattern: matches no bytes"),
        ("acme_[0-9a-z]{32}", "'acme_[0-9a-z]+'", "9: pattern: it has no greatest length"),
        ("    why:", "    behind: '(?=x)'\n    why:", "8: behind: only a plain regex is allowed"),
        ("    why:", "    behind: '[x'\n    why:", "8: behind: not a regex: unterminated character set at position 2"),
        ("    why:", "    when: [{confidence: low}]\n    why:", "8: when[0]: says nothing"),
        ("    why:", "    when: [{field: x}, {field: '(x'}]\n    why:", "8: when[1].field: not a regex: missing )"),
        ("    why:", "    when: [{field: x}]\n    unless: [{near: '*'}]\n    why:", "9: unless[0].near: not a regex"),
    ],
)
def test_a_rule_that_cannot_work_names_file_line_rule_and_field(old: str, new: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(RuleError) as found:
        read(tmp_path, GOOD.replace(old, new, 1))
    line, _, words = says.partition(": ")
    assert str(found.value).startswith(f"acme.yaml:{line}: rule acme-api-key: {words}")


def test_the_line_is_that_of_the_rule_and_not_of_one_whose_id_begins_alike(tmp_path: Path) -> None:
    longer = GOOD.partition("rules:\n")[2].replace("acme-api-key", "acme-api-key-old")
    broken = GOOD.partition("rules:\n")[2].replace("[0-9a-z]{32}", "[0-9", 1)
    text = GOOD.partition("rules:\n")[0] + "rules:\n" + longer + broken
    with pytest.raises(RuleError) as found:
        read(tmp_path, text)
    assert str(found.value).startswith("acme.yaml:17: rule acme-api-key: pattern: ")


def test_a_pattern_of_look_around_alone_matches_no_bytes(tmp_path: Path) -> None:
    """`(?=x)` finds no bytes, wherever it stands."""
    with pytest.raises(RuleError, match="acme-api-key"):
        read(tmp_path, GOOD.replace("acme_[0-9a-z]{32}", "'(?=acme_)'"))


@pytest.mark.parametrize(
    "pattern", ["acme_[0-9a-z]+", "acme_.*", "acme_[0-9]{5,}", "(?>acme_[0-9a-z]{3})++", "(?<a>acme_[0-9]{9})(?&a)"]
)
def test_a_pattern_of_no_known_length_needs_a_reach(pattern: str, tmp_path: Path) -> None:
    text = GOOD.replace("acme_[0-9a-z]{32}", f"'{pattern}'")
    with pytest.raises(RuleError) as found:
        read(tmp_path, text)
    assert "state 'reach'" in found.value.help
    stated = read(tmp_path, text.replace("    why:", "    reach: 70\n    why:"))
    assert stated[0].matching.reach == 70


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("provider: [", "acme.yaml:2: invalid YAML: "),
        ("provider: a\n\tb: c", "acme.yaml:2: invalid YAML: "),
        (GOOD.replace("    why:", "    why: x\n    why:"), "acme.yaml:9: invalid YAML: 'why' is stated twice"),
        (GOOD + GOOD.partition("\n")[0], "acme.yaml:13: invalid YAML: 'provider' is stated twice"),
        ("!!python/object/apply:os.system ['true']", "acme.yaml:1: invalid YAML: "),
        ("provider: 2024-13-45", "acme.yaml: invalid YAML: a value is not of its type"),
        ("provider: !!int ''", "acme.yaml: invalid YAML: a value is not of its type"),
        ("provider: !!timestamp x", "acme.yaml: invalid YAML: a value is not of its type"),
        ("[" * 3000, "acme.yaml:1: invalid YAML: "),
    ],
)
def test_what_is_no_yaml_is_an_error_with_a_line(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(RuleError) as found:
        read(tmp_path, text)
    assert str(found.value).startswith(says)


@pytest.mark.parametrize("text", ["# nothing", "[]", "x", "? [a]\n: b"])
def test_a_file_of_another_kind_is_an_error_that_names_it(text: str, tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=r"^acme\.yaml"):
        read(tmp_path, text)


@pytest.mark.parametrize("data", [b"provider: \xff", b"provider: a\x00b"])
def test_bytes_that_are_no_text_are_an_error_that_names_the_file(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_bytes(data)
    with pytest.raises(RuleError, match=r"^acme\.yaml"):
        authoring.read_directory(tmp_path)


def test_an_id_that_is_taken_names_both_files(tmp_path: Path) -> None:
    (tmp_path / "aaa.yaml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(RuleError) as found:
        read(tmp_path, GOOD)
    assert str(found.value).startswith("acme.yaml")
    assert "acme-api-key" in str(found.value)
    assert re.search(r"acme\.yaml:5\b", str(found.value))
    assert "aaa.yaml" in str(found.value)


def test_a_pair_that_names_no_rule_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=r"acme\.yaml:5: rule acme-api-key: pair\.rule: .*acme-apy-key") as found:
        read(tmp_path, GOOD.replace("    why:", "    pair: {rule: acme-apy-key}\n    why:"))
    assert found.value.help == "did you mean acme-api-key?"


# --- From file to rule ------------------------------------------------------------------------------------------------


def test_a_rule_as_it_is_written(tmp_path: Path) -> None:
    text = GOOD.replace(
        "    why:",
        "    when: [{field: acme, confidence: low}]\n    unless: [{near: sha}]\n    general: true\n"
        "    pair: {rule: acme-api-key, within: 9}\n    documented: ['acme_¦x']\n    checksum: nkey-seed\n    why:",
    )
    [rule] = read(tmp_path, text)
    assert (rule.id, rule.name, rule.provider, rule.label) == ("acme-api-key", "Acme API key", "Acme", Label.SECRET)
    assert rule.when == (Context(field="acme", confidence=Confidence.LOW),)
    assert rule.unless == (Context(near="sha"),)
    assert rule.pair == Pair("acme-api-key", 9, Label.SECRET)
    assert rule.general
    assert rule.checksum == "nkey-seed"
    assert rule.documented == (digest("acme_x"),)
    assert rule.revoke == "Console > Keys > Revoke."
    assert rule.references == ("https://acme.example/keys",)


def test_what_the_rule_says_beats_what_the_file_says(tmp_path: Path) -> None:
    own = "    revoke: There.\n    references: [https://acme.example/there]\n    why:"
    [rule] = read(tmp_path, GOOD.replace("    why:", own))
    assert (rule.revoke, rule.references) == ("There.", ("https://acme.example/there",))


def test_what_the_file_rules_out_holds_for_all_of_its_rules(tmp_path: Path) -> None:
    [rule] = read(tmp_path, GOOD.replace("rules:", "unless: [{file: lock}]\nrules:"))
    assert rule.unless == (Context(file="lock"),)


@pytest.mark.parametrize(
    ("pattern", "reach", "solid"),
    [("acme_[0-9a-z]{32}", 37, 37), ("acme_[0-9]{2,9}", 14, 7), ("acme_(?:a|bcd)", 8, 6), ("acme [0-9]{9}", 14, 0)],
)
def test_the_reach_and_the_solid_length_are_the_pattern_s_own(
    pattern: str, reach: int, solid: int, tmp_path: Path
) -> None:
    [rule] = read(tmp_path, GOOD.replace("acme_[0-9a-z]{32}", pattern))
    assert (rule.matching.reach, rule.matching.solid) == (reach, solid)


@pytest.mark.parametrize(
    ("pattern", "quick"),
    [
        ("acme_[0-9a-z]{20,300}", True),
        ("acme_(?:live_|test_)?[0-9a-z]{32}={0,2}", True),
        ("acme [0-9a-z]{32}", False),  # no run of one alphabet
        ("acme_[0-9a-z]{20,400}", False),
        ("acme_[0-9a-z]{20,60}[a-z]{20,60}", False),
        ("acme_(?:[a-z]{1,50}){1,50}[0-9]", False),
        ("acme_(?:a|ab|b){40}[0-9]", False),
        ("acme_(?:(?:(?:[a-z]{0,9}){0,9}){0,9}){1,2}[0-9]", False),
    ],
)
def test_a_pattern_that_matches_in_many_ways_is_tried_with_a_clock(
    tmp_path: Path, pattern: str, *, quick: bool
) -> None:
    [rule] = read(tmp_path, GOOD.replace("acme_[0-9a-z]{32}", pattern))
    assert rule.matching.quick == quick


def test_with_a_context_the_reach_is_wide(tmp_path: Path) -> None:
    [rule] = read(tmp_path, GOOD.replace("    why:", "    when: [{field: acme}]\n    why:"))
    assert rule.matching.reach == patterns.DEFAULT_REACH


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("acme_{}", True),
        ("'acme_{}'", True),
        ("x=acme_{};", True),
        (r"\nacme_{}", True),
        ("q=%3Dacme_{}", True),
        ("${{A:-acme_{}}}", True),
        ("xacme_{}", False),
        ("0acme_{}", False),
        ("acme_{}x", False),
        ("acme_{}7", False),
    ],
)
def test_a_key_does_not_start_or_end_inside_a_word(text: str, tmp_path: Path, *, found: bool) -> None:
    rule = read(tmp_path, GOOD)[0]
    body, _ = instance("{{loweralnum:32}}", "bounds")
    matcher = Matcher([rule])
    data = text.format(body).encode()
    assert bool(list(matcher.candidates(data, matcher.windows(data)))) is found


def test_a_pattern_keeps_the_look_around_that_it_states(tmp_path: Path) -> None:
    [rule] = read(tmp_path, GOOD.replace("acme_[0-9a-z]{32}", r"'\bacme_[0-9a-z]{32}(?!/)'"))
    assert rule.matching.pattern == r"(?:\bacme_[0-9a-z]{32}(?!/))"


# --- The compiled form ------------------------------------------------------------------------------------------------


def test_the_compiled_form_holds_the_same_rules(all_rules: tuple[Rule, ...]) -> None:
    assert list(all_rules) == authoring.read_directory(ruleset.SOURCES)


def test_rules_that_are_off_are_known_by_their_ids_and_not_decoded(all_rules: tuple[Rule, ...]) -> None:
    some = ruleset.load().without(lambda one: one.startswith("slack-"))
    slack = {rule.id for rule in all_rules if rule.id.startswith("slack-")}
    assert some.off == slack
    assert [rule.id for rule in some.active()] == [rule.id for rule in all_rules if rule.id not in slack]
    assert some.without(lambda one: one == all_rules[0].id).off == {*slack, all_rules[0].id}
    assert ruleset.load().off == set()


def test_rules_are_a_sequence(all_rules: tuple[Rule, ...]) -> None:
    rules = ruleset.Rules.of(all_rules[:3])
    assert (list(rules), rules[-1], len(rules)) == (list(all_rules[:3]), all_rules[2], 3)
    assert ruleset.Rules.of(rules) is rules
    with pytest.raises(IndexError):
        rules[3]


def test_the_compiled_form_holds_every_kind_of_key(tmp_path: Path) -> None:
    rich = GOOD.replace(
        "    why:",
        "    when: [{field: ä, before: b, after: c, near: d, file: e, value: f, confidence: low}]\n"
        "    unless: [{value: x}]\n    confidence: medium\n    general: true\n    checksum: nkey-seed\n"
        "    pair: {rule: acme-api-key, label: sensitive}\n    documented: [acme_1]\n    reach: 77\n    why:",
    )
    expected = read(tmp_path, rich)
    decoded = ruleset.decode(ruleset.compile_directory(tmp_path))
    assert list(decoded) == expected
    assert type(decoded[0].label) is Label
    assert type(decoded[0].pair.label) is Label
    assert type(decoded[0].when[0].confidence) is Confidence
    assert hash(decoded[0]) == hash(expected[0])


def test_the_rules_of_a_checkout_are_kept_until_a_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEYSIFT_CACHE_DIR", str(tmp_path / "cache"))
    sources = tmp_path / "rules"
    sources.mkdir()
    (sources / "pagerduty.yaml").write_text(GOOD, encoding="utf-8")
    monkeypatch.setattr(ruleset, "SOURCES", sources)
    assert ruleset.load()[0].name == "Acme API key"
    with monkeypatch.context() as patch:
        patch.setattr(ruleset, "compile_directory", None)  # nobody may call it
        assert ruleset.load()[0].name == "Acme API key"
    (sources / "pagerduty.yaml").write_text(GOOD.replace("name: Acme API key", "name: Changed"), encoding="utf-8")
    assert ruleset.load()[0].name == "Changed"
    (sources / "more.yaml").write_text(GOOD.replace("acme-api-key", "more-api-key"), encoding="utf-8")
    assert ruleset.load().ids == ["more-api-key", "acme-api-key"]


def test_a_place_that_cannot_be_written_to_does_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pagerduty.yaml").write_text(GOOD, encoding="utf-8")
    monkeypatch.setattr(ruleset, "SOURCES", tmp_path)
    monkeypatch.setenv("KEYSIFT_CACHE_DIR", str(tmp_path / "pagerduty.yaml"))
    assert ruleset.load()[0].id == "acme-api-key"


@pytest.mark.parametrize("data", [b"", b"{", b"[{}]", b'[{"id": "x"}]', b"\xff", b"[[],[],[]]\n{}"])
def test_a_compiled_form_that_is_damaged_is_an_error_of_rules(
    data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = tmp_path / "rules.json"
    compiled.write_bytes(data)
    monkeypatch.setattr(ruleset, "SOURCES", tmp_path / "none")
    monkeypatch.setattr(ruleset, "COMPILED", compiled)
    with pytest.raises(RuleError, match=r"rules\.json"):
        ruleset.load()


# --- Examples ---------------------------------------------------------------------------------------------------------


def test_an_example_can_name_its_file() -> None:
    blob, values = example_blob("=== a/.npmrc ===\ntoken={{hex:8}}\n", "s")
    assert blob.path == "a/.npmrc"
    assert blob.data == f"token={values[0]}\n".encode()
    assert example_blob("token", "s")[0].path == "example.txt"


def test_the_same_seed_makes_the_same_example_and_another_seed_another() -> None:
    template = "{{hex:32}} {{uuid}} {{github:ghp_}} {{base64of:alnum.32}} {{uuid:upper}}"
    assert instance(template, "a") == instance(template, "a")
    assert instance(template, "a") != instance(template, "b")


@pytest.mark.parametrize(
    ("template", "shape"),
    [
        ("{{hex:32}}", "[0-9a-f]{32}"),
        ("{{HEX:8}}", "[0-9A-F]{8}"),
        ("{{base32:16}}", "[A-Z2-7]{16}"),
        ("{{base64url:20}}", "[0-9A-Za-z_-]{20}"),
        ("{{uuid}}", "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
        ("{{uuid:upper}}", "[0-9A-F-]{36}"),
        ("{{github:gho_}}", "gho_[0-9A-Za-z]{36}"),
        ("{{base64of:hex.32}}", "[0-9A-Za-z+/]{43}="),
        ("a¦b", "ab"),
        ("{{nothing:3}}", r"\{\{nothing:3\}\}"),
        ("{{ .Values.x }}", r"\{\{ \.Values\.x \}\}"),
    ],
)
def test_what_a_template_becomes(template: str, shape: str) -> None:
    for seed in range(20):
        assert re.fullmatch(shape, instance(template, str(seed))[0])


def test_a_template_of_an_encoded_value_tells_the_value() -> None:
    text, [value] = instance("{{base64of:hex.32}}", "a")
    assert re.fullmatch("[0-9a-f]{32}", value)
    assert value not in text
