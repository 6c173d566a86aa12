import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.tries import tries

from keysift.detect.fields import AFTER, BEFORE, Field, field_of, normalise, plain

# ¤ stands for the value. `acme` is the provider that a rule would look for, the last part the name of the field.
TABLE = [
    ("ACME_TOKEN=¤", "acme_token"),
    ('export ACME_TOKEN="¤"', "acme_token"),
    ("export ACME_TOKEN='¤'", "acme_token"),
    ("set -x ACME_TOKEN ¤", "set.acme_token"),
    ('set -gx ACME_TOKEN "¤"', "set.acme_token"),
    ('$env:ACME_TOKEN = "¤"', "acme_token"),
    ("setx ACME_TOKEN ¤", "acme_token"),
    ("set ACME_TOKEN=¤", "acme_token"),
    ("ENV ACME_TOKEN ¤", "acme_token"),
    ("ENV ACME_TOKEN=¤", "acme_token"),
    ("ENV A=1 ACME_TOKEN=¤", "acme_token"),
    ("ARG ACME_TOKEN=¤", "acme_token"),
    ("docker run -e ACME_TOKEN=¤ image", "docker.acme_token"),
    ('docker run --env ACME_TOKEN="¤" image', "docker.acme_token"),
    ("acme_token: ¤", "acme_token"),
    ('acme:\n  token: "¤"', "acme.token"),
    ("acme:\n  - url: x\n    token: ¤", "acme.token"),
    ("list:\n  - ACME_TOKEN=¤", "list.acme_token"),
    ("acme_configs:\n- token: >-\n    ¤", "acme_configs.token"),
    ("key: {acme: {token: ¤}}", "key.acme.token"),
    ('{"acme": {"token": "¤"}}', "acme.token"),
    ('{\n  "acme": {\n    "id": 1,\n    "token": "¤"\n  }\n}', "acme.token"),
    ('{"a": {"b": 1}, "token": "¤"}', "token"),
    ('[acme.prod]\ntoken = "¤"', "acme.prod.token"),
    ("[acme]\ntoken = ¤", "acme.token"),
    ("[acme]\ntoken: ¤", "acme.token"),
    ("acme.api.token=¤", "acme.api.token"),
    ("acme.api.token: ¤", "acme.api.token"),
    ('provider "acme" {\n  token = "¤"\n}', "provider.acme.token"),
    (
        'resource "acme_thing" "main" {\n  name = "x"\n  settings {\n    api_key = "¤"\n  }\n}',
        "resource.acme_thing.main.settings.api_key",
    ),
    ('module "x" {\n  source = "./x"\n  acme_token = "¤"\n}', "module.x.acme_token"),
    ("<acme>\n  <token>¤</token>\n</acme>", "acme.token"),
    ('<add key="AcmeToken" value="¤"/>', "acme_token"),
    ("<token><![CDATA[¤]]></token>", "token"),
    ("<key>AcmeToken</key>\n<string>¤</string>", "acme_token"),
    ('<string name="acme_token">¤</string>', "acme_token"),
    ('<meta-data android:name="com.acme.TOKEN" android:value="¤" />', "com.acme.token"),
    ('client(token="¤")', "client.token"),
    ("Client(url=\"x\", api_token='¤')", "client.api_token"),
    ('acme.NewClient("¤")', "acme.new_client"),
    ('client := acme.NewClient("¤")', "acme.new_client"),
    ('acme.configure(token: "¤")', "acme.configure.token"),
    (':token => "¤"', "token"),
    ("'token' => '¤',", "token"),
    ('Acme.new(:token => "¤")', "acme.new.token"),
    ('.token("¤")', "token"),
    ('builder.apiToken("¤").build()', "builder.api_token"),
    ('client.setApiToken("¤");', "client.set_api_token"),
    ('os.getenv("ACME_TOKEN", "¤")', "os.getenv.acme_token"),
    ('ENV.fetch("ACME_TOKEN", "¤")', "env.fetch.acme_token"),
    ("os.environ.get('ACME_TOKEN') or '¤'", "os.environ.get.acme_token"),
    ('process.env.ACME_TOKEN || "¤"', "process.env.acme_token"),
    ("process.env.ACME_TOKEN ?? '¤'", "process.env.acme_token"),
    ("ACME_TOKEN=${ACME_TOKEN:-¤}", "acme_token.acme_token"),
    ("token: ${ACME_TOKEN:¤}", "token.acme_token"),
    ("env('ACME_TOKEN', '¤')", "env.acme_token"),
    ("acme --token ¤", "acme.token"),
    ("acme deploy --token=¤", "acme.token"),
    ("acme -k ¤", "acme.k"),
    ("curl -H 'X-Api-Key: ¤' https://api.acme.io", "curl.x_api_key"),
    ('curl -H "Authorization: Token token=¤" https://x', "curl.authorization.token_token="),
    ('curl -H "Authorization: Bearer ¤" https://x', "curl.authorization.bearer"),
    ("curl https://api.acme.io/v1?api_key=¤", "api.acme.io.api_key"),
    ("curl 'https://api.acme.io/v1?a=b&api_key=¤&c=d'", "api.acme.io.api_key"),
    ('curl -d \'{"api_key": "¤"}\' https://api.acme.io', "curl.api_key"),
    ("https://api.acme.io/hooks/¤", "api.acme.io"),
    ('env:\n  - name: ACME_TOKEN\n    value: "¤"', "env.acme_token"),
    ("env:\n  - value: ¤\n    name: ACME_TOKEN", "env.acme_token"),
    ('{"name": "ACME_TOKEN", "value": "¤"}', "acme_token"),
    ('{"value": "¤", "name": "ACME_TOKEN"}', "acme_token"),
    (
        '{"containers": [{"environment": [{"name": "A", "value": "b"}, {"name": "ACME_TOKEN", "value": "¤"}]}]}',
        "containers.environment.acme_token",
    ),
    ('set {\n  name  = "acme.token"\n  value = "¤"\n}', "set.acme.token"),
    ("- ParameterKey: AcmeToken\n  ParameterValue: ¤", "acme_token"),
    ('{"ParameterKey": "AcmeToken", "ParameterValue": "¤"}', "acme_token"),
    ('{"key": "acme_token", "value": "¤", "type": "text"}', "acme_token"),
    ('variable "acme_token" {\n  default = "¤"\n}', "variable.acme_token"),
    ('"source": ["client = Client(token=\\"¤\\")\\n"]', "source.client.client.token"),
    ('"export ACME_TOKEN=¤\\n",', "acme_token"),
    ("| Token | ¤ |", "token"),
    ("- **API token:** `¤`", "api_token"),
    ("API token is `¤`", "api_token"),
    ("acme api key: ¤", "acme_api_key"),
    ('const acmeToken = "¤";', "acme_token"),
    ('private static final String ACME_TOKEN = "¤";', "acme_token"),
    ('acme_token: str = "¤"', "acme_token"),
    ('let token: &str = "¤";', "token"),
    ('var token string = "¤"', "token"),
    ('token := "¤"', "token"),
    ('config["acme"]["token"] = "¤"', "acme.token"),
    ("acme.token = '¤'", "acme.token"),
    ('headers = {"X-Api-Key": "¤"}', "headers.x_api_key"),
    ("req.headers['Authorization'] = \"Token token=¤\"", "req.headers.authorization.token_token="),
    ('req.Header.Set("X-Api-Key", "¤")', "req.header.set.x_api_key"),
    ('"Authorization": "Bearer ¤"', "authorization.bearer"),
    ("Authorization: GenieKey ¤", "authorization.genie_key"),
    ("environment {\n    ACME_TOKEN = '¤'\n}", "environment.acme_token"),
    (
        "jobs:\n  a:\n    steps:\n      - uses: x\n        with:\n          acme-token: ¤",
        "jobs.a.steps.with.acme_token",
    ),
    ('buildConfigField "String", "ACME_TOKEN", "\\"¤\\""', "acme_token"),
    ('x = """¤"""', "x"),
    ("token => ¤", "token"),
    ('if token == "¤":', "token"),
    ('Map.of("token", "¤")', "map.of.token"),
    ('map.put("token", "¤");', "map.put.token"),
]


def of(text: str) -> Field:
    left, mark, right = text.partition("¤")
    assert mark
    return field_of(plain(left), plain(right))


@pytest.mark.parametrize(("text", "path"), TABLE)
def test_a_value_s_field_in_every_syntax(text: str, path: str) -> None:
    assert of(text).path == path


@pytest.mark.parametrize(("text", "path"), [row for row in TABLE if not row[0].startswith(("[", "-", '"'))])
def test_what_stands_above_at_the_margin_does_not_matter(text: str, path: str) -> None:
    assert of("first: 1\nsecond: two\n\n" + text).path == path


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("<acme><token>¤</token></acme>", "token"),
        ('<acme token="¤" id="3"/>', "token"),
        ("machine api.acme.io login x password ¤", "password"),
        ("//registry.npmjs.org/:_authToken=¤", "auth_token"),
        ('{"victorops_configs": [{"routing_key": "¤"}]}', "victorops_configs.routing_key"),
        ("victorops_configs:\n  - api_key: x\n    routing_key: ¤", "victorops_configs.routing_key"),
        ("pagerduty_configs:\n- service_key: x\n  routing_key: ¤", "pagerduty_configs.routing_key"),
        (
            "global:\n  x: 1\nroute:\n  y: 2\nreceivers:\n  - pagerduty_configs:\n      - routing_key: ¤",
            "pagerduty_configs.routing_key",
        ),
    ],
)
def test_the_last_names_are_the_ones_that_decide(text: str, end: str) -> None:
    assert of(text).path.endswith(end)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("acme:\n  token: x\nother:\n  token: ¤", "acme"),
        ('{"acme": {"token": "x"}, "token": "¤"}', "acme"),
        ("[acme]\ntoken = x\n[other]\ntoken = ¤", "acme"),
        ('provider "acme" {\n  token = "x"\n}\nprovider "other" {\n  token = "¤"\n}', "acme"),
        ("- name: ACME_TOKEN\n  value: x\n- name: OTHER\n  value: ¤", "acme"),
        ('acme("x"); other("¤")', "acme"),
        ('{"name": "ACME", "value": "x"}, {"name": "OTHER", "value": "¤"}', "acme"),
        ("<acme>\n  <token>x</token>\n</acme>\n<other>\n  <token>¤</token>\n</other>", "acme"),
    ],
)
def test_a_block_that_is_closed_holds_nothing_more(text: str, wrong: str) -> None:
    assert wrong not in of(text).path


@pytest.mark.parametrize("text", ["¤", "  ¤", "\n\n¤\n", "- ¤", "# ¤"])
def test_a_value_on_its_own_has_no_field(text: str) -> None:
    assert of(text).path == ""


@pytest.mark.parametrize(
    ("text", "quoted"),
    [("a=¤", False), ('a="¤"', True), ("a='¤'", True), ("a=`¤`", True), ('a="x ¤"', False), ('a=\\"¤\\"', True)],
)
def test_whether_the_value_starts_behind_a_quotation_mark(text: str, *, quoted: bool) -> None:
    assert of(text).quoted is quoted


def test_the_name_is_kept_as_it_is_written() -> None:
    assert of('acme:\n  integrationKey: "¤"').name == "integrationKey"
    assert of("- name: ACME_TOKEN\n  value: ¤").name == "ACME_TOKEN"
    assert of("¤").name == ""


@pytest.mark.parametrize(
    ("name", "normal"),
    [
        ("integrationKey", "integration_key"),
        ("IntegrationKey", "integration_key"),
        ("INTEGRATION_KEY", "integration_key"),
        ("Integration-Key", "integration_key"),
        ("integration key", "integration_key"),
        ("APIKey", "api_key"),
        ("myAPIKey2", "my_api_key2"),
        ("$env:ACME", "env_acme"),
        ("Acme::Token", "acme_token"),
        ("--api-key", "api_key"),
        ('"quoted"', "quoted"),
        ("export ACME", "acme"),
        ("", ""),
    ],
)
def test_names_are_made_alike(name: str, normal: str) -> None:
    assert normalise(name) == normal


@given(st.text(max_size=60))
def test_a_normal_name_stays_as_it_is(name: str) -> None:
    assert normalise(normalise(name)) == normalise(name).strip("_ -$@:\"'") or normalise(name)


@given(st.text(max_size=200))
def test_escapes_are_blanked_out_character_by_character(text: str) -> None:
    assert len(plain(text)) == len(text)


def test_escaped_text_reads_as_the_lines_that_it_holds() -> None:
    assert plain(r"a: \"b\"\n\tc") == 'a:  "b " \n  c'


SIGNS = "{}[]()<>=:;,.\"'`-#$@|/\\ \t\n"
WORDS = ("name", "key: ", "value", "acme.token", "  ", "\n  - ", "=> ", "::", "é", "\x00", "</a>", "${", "--x ", "\\n")
SYNTAX = st.sampled_from([*SIGNS, *WORDS])
ANY = st.one_of(st.text(max_size=300), st.lists(SYNTAX, max_size=120).map("".join))


@settings(max_examples=tries(300))
@given(ANY, ANY)
@example("(" * BEFORE, ")" * AFTER)
@example("a" * BEFORE, "")
@example(" " * BEFORE, " " * AFTER)
@example("\n" * BEFORE, "\n" * AFTER)
@example("a: " * (BEFORE // 3), "")
@example('"' * BEFORE, '"' * AFTER)
@example("a b " * (BEFORE // 4), "a b " * (AFTER // 4))
@example("{a:[" * (BEFORE // 4), "")
@example("<a b='" * (BEFORE // 6), "")
@example("- name: x\n  value: " * (BEFORE // 19), "")
@example("a.b->c::d" * (BEFORE // 9), "")
@example("\\n\\t" * (BEFORE // 4), "")
def test_any_text_has_a_field_or_none_and_soon(left: str, right: str) -> None:
    began = time.perf_counter()
    found = field_of(plain(left), plain(right))
    assert time.perf_counter() - began < 0.3
    assert isinstance(found, Field)
    assert found.path == found.path.lower()
    assert "\n" not in found.path
