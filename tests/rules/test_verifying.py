"""What a `verify` may state, and the errors that name its fields."""

from pathlib import Path

import pytest

from keysift.errors import RuleError
from keysift.model import Label, Rule
from keysift.rules import authoring, compiled, verification
from keysift.rules.verification import Verification

FILE = """provider: Acme
revoke: Ask.
references: [https://acme.example]
rules:
  - id: acme-key
    name: Acme key
    label: secret
    why: It is.
    pattern: acme_(?P<dc>[a-z]{2})_[0-9a-f]{32}
    keywords: [acme_]
    examples: ['acme_eu_{{hex:32}}', 'k = acme_us_{{hex:32}}']
    counterexamples: ['acme_eu_']
    verify: {%s}
"""
USUAL = "headers: {Authorization: 'Bearer {secret}'}, live: [200], dead: [401], reference: 'https://docs.acme.example'"


def read(tmp_path: Path, stated: str) -> Rule:
    (tmp_path / "acme.yaml").write_text(FILE % stated)
    [rule] = authoring.read_directory(tmp_path)
    return rule


def test_a_rule_carries_what_it_states(tmp_path: Path) -> None:
    rule = read(
        tmp_path, f"get: 'https://api.acme.example/me', hosts: [api.acme.example, api.eu.acme.example], {USUAL}"
    )
    stated = verification.decode(rule.verify)
    assert stated
    assert (stated.method, stated.url, stated.live) == ("GET", "https://{host}/me", [200])
    assert stated.hosts == ["api.acme.example", "api.eu.acme.example"]
    _, lines = compiled.read(compiled.encode([rule]))
    assert compiled.rule(lines[0]) == rule


def test_a_host_alone_is_the_list(tmp_path: Path) -> None:
    stated = verification.decode(read(tmp_path, f"get: 'https://api.acme.example/me', {USUAL}").verify)
    assert stated
    assert stated.hosts == ["api.acme.example"]


def test_a_key_that_only_writes_says_why(tmp_path: Path) -> None:
    assert verification.decode(read(tmp_path, "none: write-only").verify) == Verification(none="write-only")


GET = "get: 'https://api.acme.example/me'"


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        (USUAL, "verify: needs one of get, head, post, with, none, not nothing"),
        (f"{GET}, none: x, {USUAL}", "verify: needs one of get, head, post, with, none, not get and none"),
        (f"none: x, {USUAL}", "verify.none: goes with nothing but a `reference`"),
        (f"{GET}, headers: {{A: '{{secret}}'}}, live: [200]", "verify.reference: the address of the vendor's page"),
        (f"get: 'http://api.acme.example/me', {USUAL}", "verify.get: is not an https:// address"),
        (f"get: 'https://127.0.0.1/me', {USUAL}", "verify.get: '127.0.0.1' is not the name of a host"),
        (f"get: 'https://localhost/me', {USUAL}", "verify.get: 'localhost' is not the name of a host"),
        (f"get: 'https://a.acme.example:8443/me', {USUAL}", "is not the name of a host"),
        (f"get: 'https://u:p@acme.example/me', {USUAL}", "is not the name of a host"),
        (
            f"get: 'https://{{secret}}.acme.example/me', hosts: [a.acme.example], {USUAL}",
            "a key cannot choose the host",
        ),
        (f"get: 'https://{{dc}}.acme.example/me', {USUAL}", "verify.hosts: missing"),
        (f"get: 'https://{{host}}/me', {USUAL}", "verify.hosts: missing"),
        (f"get: 'https://{{host}}/me', hosts: [a.acme.example], yours: a, {USUAL}", "verify.yours: goes with {host}"),
        (f"{GET}, yours: a server, {USUAL}", "verify.yours: goes with {host}"),
        (f"{GET}, elsewhere: true, servers: [acme], {USUAL}", "verify.servers: goes without `elsewhere`"),
        (f"{GET}, servers: ['A B'], {USUAL}", "verify.servers[0]"),
        (f"{GET}, hosts: [other.acme.example], {USUAL}", "'api.acme.example' is not among `hosts`"),
        (f"{GET}, hosts: [api.acme.example, 0x7f000001], {USUAL}", "verify.hosts[1]: text expected, not a number"),
        (f"{GET}, hosts: [api.acme.example, 127.1.1.1], {USUAL}", "verify.hosts[1]: '127.1.1.1' is not the name"),
        (f"post: 'https://api.acme.example/me', {USUAL}", "verify.harmless: goes with `post`"),
        (f"{GET}, harmless: x, {USUAL}", "verify.harmless: goes with `post`"),
        (f"{GET}, form: {{a: b}}, {USUAL}", "verify.form: goes with `post` alone"),
        (f"{GET}, rate: often, {USUAL}", "verify.rate: 'often' is not a rate"),
        (f"{GET}, facts: {{who: email}}, {USUAL}", "verify.facts.who: 'email' says nothing"),
        (f"{GET}, body: {{dead: ['no']}}, {USUAL}", "verify.body.dead[0]: 'no' is not a condition"),
        (f"{GET}, limited: [200], {USUAL}", "verify.live: 200 has two meanings"),
        (f"{GET}, pair: {{id: acme-key}}, {USUAL}", "verify.pair.id: is not used in the request"),
        (f"get: 'https://api.acme.example/{{other}}', {USUAL}", "verify: nothing is called {other}"),
        ("get: 'https://api.acme.example/', live: [200], reference: 'https://a.example'", "the key is nowhere"),
        (f"with: magic, hosts: [a.acme.example], {USUAL}", "verify.with: there is no function 'magic'"),
        (f"with: aws-caller-identity, hosts: [a.acme.example], {USUAL}", "verify.pair: 'id' is missing"),
        (f"gett: x, {USUAL}", "verify: unknown key 'gett'"),
        (f"{GET}, live: [99], headers: {{}}, reference: 'https://a.example'", "verify.live[0]: 99 is less than 100"),
        (
            f"{GET}, headers: {{Host: '{{secret}}'}}, live: [200], reference: 'https://a.example'",
            "verify.headers.Host: is not a header that a rule may set",
        ),
        (
            f"get: 'https://api.acme.example/{{pair.id}}', pair: {{id: acme-idd}}, {USUAL}",
            "verify.pair.id: there is no rule acme-idd",
        ),
    ],
)
def test_an_error_names_the_field(tmp_path: Path, stated: str, said: str) -> None:
    with pytest.raises(RuleError) as error:
        read(tmp_path, stated)
    assert said in str(error.value)
    assert str(error.value).startswith("acme.yaml:")


@pytest.mark.parametrize(("rate", "seconds"), [("1/s", 1.0), ("4/s", 0.25), ("30/m", 2.0), ("100/h", 36.0), ("", 0.2)])
def test_a_rate_is_the_time_between_two_requests(rate: str, seconds: float) -> None:
    assert Verification(rate=rate).interval == seconds


def test_many_rules_say_how_or_why_not(all_rules: tuple[Rule, ...]) -> None:
    stated = [known for rule in all_rules if (known := verification.decode(rule.verify))]
    assert sum(not known.none for known in stated) >= 340
    assert len(stated) >= 1000
    hosts = {host for known in stated for host in known.hosts}
    assert all(verification.HOST.fullmatch(host) for host in hosts)


def test_every_key_of_the_core_says_so(all_rules: tuple[Rule, ...]) -> None:
    core = ("pagerduty", "opsgenie", "statuspage", "pendo", "slack", "aws-sns", "datadog", "splunk-on", "dynatrace")
    core += ("zendesk", "servicenow", "xmatters", "bigpanda", "pingdom", "squadcast", "rootly", "firehydrant")
    silent = [rule.id for rule in all_rules if rule.id.startswith(core) and not rule.verify]
    assert all(rule.label is Label.PUBLIC for rule in all_rules if rule.id in silent), silent


DELETE = "delete: 'https://api.acme.example/keys/{secret}'"
DONE = "done: [204], breaks: All., reference: 'https://docs.acme.example'"


def read_response(tmp_path: Path, map_: str = "", revocation: str = "") -> Rule:
    stated = f"{GET}, {USUAL}" if "none" not in map_ else "none: write-only"
    further = "".join(
        f"    {name}: {text}\n"
        for name, text in (("map", map_.removeprefix("none")), ("revocation", revocation))
        if text
    )
    (tmp_path / "acme.yaml").write_text(FILE % stated + further)
    [rule] = authoring.read_directory(tmp_path)
    return rule


def test_a_rule_carries_its_map_and_its_revocation(tmp_path: Path) -> None:
    reach = (
        "[{what: projects, get: 'https://{host}/projects', facts: {n: '$[*].name'}, reference: 'https://d.example'}]"
    )
    revoked = (
        "{delete: 'https://{host}/keys/{dc}', hosts: [a.acme.example, b.acme.example], "
        f"headers: {{Authorization: 'Bearer {{admin}}'}}, needs: an admin's token, reversible: true, {DONE}}}"
    )
    declared = verification.decode_response(read_response(tmp_path, reach, revoked).respond)
    assert [each.what for each in declared.map] == ["projects"]
    stated = declared.revocation
    assert stated
    assert (stated.method, stated.url, stated.needs) == ("DELETE", "https://{host}/keys/{dc}", "an admin's token")
    assert (stated.hosts, stated.done, stated.reversible) == (["a.acme.example", "b.acme.example"], [204], True)


@pytest.mark.parametrize(
    ("map_", "revocation", "said"),
    [
        (
            "none[{what: x, get: 'https://{host}/', facts: {}, reference: 'https://d.example'}]",
            "",
            "map: goes with a `verify`",
        ),
        (
            "[{what: x, get: 'http://{host}/{secret}', facts: {}, reference: 'https://d.example'}]",
            "",
            "map[0].get: is not an https",
        ),
        ("[{what: x, get: 'https://evil.example/', facts: {}, reference: 'https://d.example'}]", "", "map[0].get: "),
        ("", f"{{{DONE}}}", "revocation: needs one of post, delete"),
        ("", f"{{{DELETE}, post: 'https://api.acme.example/', {DONE}}}", "revocation: needs one of post, delete"),
        ("", f"{{delete: 'http://api.acme.example/{{secret}}', {DONE}}}", "revocation: is not an https:// address"),
        ("", f"{{delete: 'https://127.0.0.1/{{secret}}', {DONE}}}", "'127.0.0.1' is not the name of a host"),
        ("", f"{{delete: 'https://{{secret}}.acme.example/', {DONE}}}", "is not the name of a host"),
        ("", f"{{delete: 'https://{{host}}/{{secret}}', {DONE}}}", "revocation.hosts: missing"),
        ("", f"{{delete: 'https://api.acme.example/{{other}}', {DONE}}}", "nothing is called {other}"),
        ("", f"{{delete: 'https://api.acme.example/', {DONE}}}", "the key is nowhere in the request"),
        ("", f"{{{DELETE}, headers: {{A: '{{admin}}'}}, {DONE}}}", "revocation.needs: goes with {admin}"),
        ("", f"{{{DELETE}, needs: a token, {DONE}}}", "revocation.needs: goes with {admin}"),
        ("", f"{{delete: 'https://api.acme.example/{{secret}}?t={{admin}}', needs: a, {DONE}}}", "stands in a URL"),
        ("", f"{{{DELETE}, done: [], breaks: All., reference: 'https://d.example'}}", "revocation.done"),
        ("", f"{{{DELETE}, done: [204], reference: 'https://d.example'}}", "revocation: 'breaks' is missing"),
    ],
)
def test_a_map_or_a_revocation_that_cannot_be_is_an_error(
    tmp_path: Path, map_: str, revocation: str, said: str
) -> None:
    with pytest.raises(RuleError) as error:
        read_response(tmp_path, map_, revocation)
    assert said in str(error.value)
