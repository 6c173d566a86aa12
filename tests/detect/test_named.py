"""Keys without a format: what is found by name and value, what is not, and why."""

import random
import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.detect.of_names import named_matcher, named_rules
from tests.tries import tries

from keysift.detect.databases import HyperscanEngine
from keysift.detect.findings import scan_blob
from keysift.detect.matcher import Matcher
from keysift.detect.named import candidates, features, judge, measures, model, names
from keysift.detect.named.trigger import STEMS
from keysift.model import Blob, Confidence, Finding
from keysift.rules import generate


def scan(template: str, path: str = "src/app.conf") -> tuple[list[Finding], list[str]]:
    text, values = generate.instance(template, "general")
    return list(scan_blob(named_matcher(), Blob(path, text.encode())).findings), values


FOUND = {
    "assignment": 'db_password = "{{password:16}}"',
    "properties": "spring.datasource.password={{alnum:14}}",
    "shell": "export PGPASSWORD={{alnum:12}}",
    "docker": "ENV REDIS_PASSWORD={{alnum:18}}",
    "yaml": "redis:\n  auth_token: {{hex:40}}\n",
    "json": '{"clientSecret": "{{alnum:32}}"}',
    "escaped json": '"{\\"access_token\\":\\"{{hex:40}}\\"}"',
    "hcl": 'variable "x" {\n  master_password = "{{alnum:20}}"\n}',
    "typed": 'API_SECRET: Final[str] = "{{alnum:32}}"',
    "typed behind the name": 'const sessionSecret string = "{{base64url:40}}"',
    "go": 'cfg.Password = "{{alnum:14}}"',
    "php": "'password' => '{{alnum:14}}',",
    "argument": 'connect(host, user="app", password="{{alnum:18}}")',
    "call": 'client.setPassword("{{alnum:18}}");',
    "two arguments": 'props.setProperty("db.password", "{{alnum:18}}");',
    "wrapped": 'Password: aws.String("{{alnum:18}}"),',
    "comparison": "if (pwd == '{{alnum:14}}') {",
    "element": "<password>{{alnum:18}}</password>",
    "attributes": '<property name="password" value="{{alnum:18}}"/>',
    "query": "curl https://x.test/?access_token={{alnum:32}}&user=me",
    "list": 'tokens: ["{{hex:64}}"]',
    "default": 'secret := getenv("JWT_SECRET", "{{alnum:20}}")',
    "one word": "authkey: {{base64:44}}",
    "crossed brackets": 'db_pass = "q{{{alnum:6}})z${x]k"',
    "crossed brackets, bare": "db_pass: q{[{{alnum:6}}(z}k",
    "another quotation mark": """jwt_secret: "7`{{alnum:14}}'x" """,
    "Makefile": "DEPLOY_TOKEN ?= {{alnum:32}}",
    "default of the shell": "DB_PASSWORD: ${DB_PASSWORD:-{{alnum:16}}}",
    "a token with dots": "acme_token = {{alnum:30}}.{{alnum:40}}",
    "pepper": "PASSWORD_PEPPER={{alnum:24}}",
    "salt of all hashes": "$settings['hash_salt'] = '{{alnum:40}}';",
    "pre-shared key": 'psk="{{alnum:16}}"',
    "several words as one": "smtppass={{alnum:16}}",
    "a modifier, PHP": "public $password = '{{alnum:16}}';",
    "a modifier, TypeScript": 'public password: string = "{{alnum:16}}";',
    "CDATA": "<password><![CDATA[{{password:16}}]]></password>",
    "a literal inside of a literal": 'buildConfigField "String", "API_KEY", "\\"{{alnum:32}}\\""',
    "other marks inside": "buildConfigField('String', 'CLIENT_SECRET', '\"{{alnum:40}}\"')",
    "Rust, static": 'static DB_PASSWORD: &\'static str = "{{alnum:16}}";',
    "Visual Basic": 'Private Const API_KEY As String = "{{alnum:32}}"',
    "an array of C": 'const char pass[] = "{{alnum:16}}";',
    "an array of C with its size": 'char mqtt_secret[33] = "{{alnum:32}}";',
    "a default of Python": "secret = os.environ.get('APP_SECRET') or '{{alnum:24}}'",
    "a comparison before a block": 'if password == "{{alnum:16}}": pass',
    "German": "datenbank_passwort = {{alnum:16}}",
    "a word with digits": "DB_PASSWORD=Football77",
    "groups": 'app_password = "{{lower:4}} {{lower:4}} {{lower:4}} {{lower:4}}"',
}


def test_the_default_of_a_variable_ends_at_the_brace() -> None:
    found, values = scan("URI=redis://:${REDIS_PASSWORD:-{{alnum:16}}}@redis:6379", "compose.yaml")
    assert {one.secret.decode() for one in found} == set(values)


def test_words_with_a_number_are_no_sure_token() -> None:
    found, _ = scan("lookup_token = 'ORDER-LOOKUP-2026'")
    assert {one.verdict.confidence for one in found} <= {Confidence.LOW}
    [password], _ = scan("lookup_password = 'ORDER-LOOKUP-2026'")
    assert password.verdict.confidence is not Confidence.LOW


@pytest.mark.parametrize("digits", [32, 40, 64])
def test_a_table_of_users_has_hashes_of_passwords(digits: int) -> None:
    rows = f"INSERT INTO users (login, password) VALUES ('ann', '{{{{hex:{digits}}}}}');"  # noqa: S608 - no query
    assert not scan(rows, "db/seed.sql")[0]
    assert scan(f"DB_PASSWORD={{{{hex:{digits}}}}}", "prod.env")[0]


def test_an_installed_package_has_no_passwords() -> None:
    assert not scan('db_password = "{{alnum:16}}"', "venv/lib/python3.9/site-packages/x/y.py")[0]


def test_the_default_of_a_variable_begins_behind_its_dash() -> None:
    for name in ("${DB_PASSWORD", "x=${A[DB_PASSWORD]"):
        found, values = scan(name + ":-{{alnum:16}}}", "compose.yaml")
        assert [one.secret.decode() for one in found] == values


def test_letters_alone_under_the_name_of_a_key_are_low() -> None:
    [found] = scan('monitor_key = "XRPUSDT_Buy"', "src/bot.py")[0]
    assert found.verdict.confidence is Confidence.LOW


def test_short_values_under_the_key_of_a_record_are_low() -> None:
    for found in scan('{"linkKey": "{{alnum:12}}"}', "data/cache.json")[0]:
        assert found.verdict.confidence is Confidence.LOW


@pytest.mark.parametrize("template", FOUND.values(), ids=FOUND)
def test_found(template: str) -> None:
    findings, values = scan(template)
    assert len(findings) == 1
    assert all(value in findings[0].secret.decode() for value in values)


NOT_FOUND = {
    "lookup": 'password = os.environ["DB_PASSWORD"]',
    "the name in a lookup": 'SECRET = getenv("GX7KQ9ZW2", "")',
    "variable": "password: ${DB_PASSWORD}",
    "template": 'client_secret: "<%= vault_client_secret %>"',
    "words": 'password = "correct horse"',
    "placeholder": 'password = "changeme"',
    "placeholder in base64": "api_key: cmVwbGFjZS1tZQ==",
    "label": 'passwordLabel = "Qx7zWv2kPq"',
    "identifier of a key": "key_id: {{hex:32}}",
    "salt of one hash": 'salt = "{{hex:32}}"',
    "bypass": 'bypass: "{{alnum:16}}"',
    "public key": 'public_key = "{{base64:44}}"',
    "incident key": "The incident key: `{{hex:32}}`",
    "pattern": 'TOKEN = re.compile(r"tk_[A-Z0-9]{32}")',
    "sentence": "password: qzxv is what they typed",
    "code": "token = tkz.nxt(4)",
    "number": "MAX_PASS = 0xc2",
    "number in quotation marks": 'password = "0xab19d82e7f546cc3"',
    "resource": '"valueFrom": "arn:aws:secretsmanager:us-west-2:842294728714:secret:ledger/db-Xa8QkP"',
    "country": "'PW' => 'Palaos'",
    "key of a mapping": '{"a": "api-key", "{{hex:32}}": "x"}',
    "cut off": "DEPLOY_TOKEN=eyJqx7Kw9z...",
    "to be filled in": "password = pypi-AgEqx7<rest of the token>",
    "scheme": "Authorization: Acme-Qzx7 {{alnum:32}}",
    "list": '["passwd", "passwrd", "pqzd", "pswd"]',
    "prefix alone": "token: xoxp-1234567890",
    "short prefix alone": '"access_token": "xoxp-1234"',
    "no login of a registry": '{"auths": {"r.acme.io": {"auth": "{{base64url:60}}"}}}',
    "form": '<input name="authenticity_token" value="{{base64:44}}">',
    "algorithm": 'AuthMechanismKey = "mlkem768x25519-sha256"',
    "page of a list": '"nextPageToken": "{{base64:24}}"',
    "numbers that count things": '{"key": "838002837933654017"}',
    "a store of passwords": "'application/x-keepass2' => ['kdbx'],",
    "another scheme": "DB_PASSWORD=acmevault://db_admin/password",
    "digits for letters": "db_password: Ch@ngeM3",
    "digits for letters, with words": 'app_password = "y0ur p4ssw0rd"',
    "words that ask": 'conn = "Host=db;Password=yourWeak(!)Password"',
    "the store of a developer's secrets": 'manager.AddUserSecrets("{{uuid}}");',
    "an address of e-mail": "password = samer{{digits:6}}@gmail.com",
    "uuid": 'timeout_key = "{{uuid}}"',
    "what a form is checked by": "'new_password' => 'required|min:8|max:191',",
    "which file it is": '{"fileKey": "{{alnum:22}}"}',
}


@pytest.mark.parametrize("template", FOUND.values(), ids=FOUND)
def test_what_is_found_is_found_where_the_path_is_not_known_yet(template: str) -> None:
    data = generate.instance(template, "general")[0].encode()
    found = list(candidates.find(data, range(len(data) + 1)))
    kept = [one for one in found if not isinstance(judge.judge(data, one.start, one.end, "src/app.conf"), str)]
    assert kept
    assert [one for one in kept if isinstance(judge.somewhere(data, one.start, one.end), str)] == []


@pytest.mark.parametrize("template", NOT_FOUND.values(), ids=NOT_FOUND)
def test_not_found(template: str) -> None:
    assert not scan(template)[0]


def test_what_minifiers_write_for_true_is_no_value() -> None:
    assert not scan("this.password=!0};Ht(ue,ce);var he={CheckBox:{a:fu}}", "public/a.js")[0]
    assert not scan("e={radio:!0,password:!0,image:!0})s.pseudos[t]=l(t);", "public/a.js")[0]
    assert scan("db_password: !0Kx92!qWz71", "app.yaml")[0]


def test_what_a_name_happens_to_spell_in_binary_data_is_none() -> None:
    assert not scan("\x0e\x11\x14+!;8PW=fM;(+,,5c\x0b", "a.ttf")[0]
    assert scan('\x0e\x11 db_password = "{{alnum:18}}"', "a.bin")[0]


def test_a_scheme_before_a_token_makes_it_no_text() -> None:
    pair = '[{\n  "name": "Authorization",\n  "value": "Token {{hex:40}}"\n}]'
    [found] = scan(pair, "src/flow.json")[0]
    assert found.verdict.confidence is not Confidence.LOW


def test_bytes_that_are_no_text_are_no_value() -> None:
    """In what is compressed, two letters and a colon turn up everywhere."""
    source = random.Random(5)
    data = b"".join(b"\n" + source.randbytes(20) + b"PW:" + source.randbytes(90) for _ in range(400))
    assert scan_blob(named_matcher(), Blob("a.zip", data)).findings == ()


def test_a_value_may_be_of_another_code_page() -> None:
    data = "db_password = 'Qz7größe#kV9x'".encode("latin-1")
    assert [one.secret for one in scan_blob(named_matcher(), Blob("a.ini", data)).findings] == [data[15:-1]]


def test_lock_files_hold_names_and_digests_and_a_key_in_one_is_a_key() -> None:
    assert not scan('name = "api-token"\nchecksum = "{{hex:64}}"', "Cargo.lock")[0]
    assert not scan('"comeonin_password": {:hex, :comeonin_password, "1.0.0", "{{hex:64}}"}', "mix.lock")[0]
    assert scan('token = "{{alnum:32}}"', "Cargo.lock")[0]


@pytest.mark.parametrize("path", ["tests/conf.ini", "src/app_test.go", "docs/setup.md", "examples/app.env"])
def test_what_stands_in_tests_and_documents_is_low(path: str) -> None:
    findings, _ = scan('client_secret = "{{alnum:40}}"', path)
    assert [finding.verdict.confidence for finding in findings] == [Confidence.LOW]


def test_what_is_long_and_random_in_a_document_was_copied() -> None:
    for text, confidence in (
        ('client_secret: "{{alnum:40}}"', Confidence.MEDIUM),
        ('client_secret: "{{hex:40}}"', Confidence.LOW),
        ('db_password = "{{alnum:12}}"', Confidence.LOW),
    ):
        [found] = scan(text, "notes/setup.md")[0]
        assert found.verdict.confidence is confidence


def test_comments_are_low() -> None:
    findings, _ = scan('# client_secret = "{{alnum:40}}"')
    assert [finding.verdict.confidence for finding in findings] == [Confidence.LOW]


def test_a_long_random_secret_is_more_than_low() -> None:
    findings, _ = scan('client_secret = "{{alnum:40}}"')
    assert findings[0].verdict.confidence is not Confidence.LOW


def test_reasons_name_the_field_and_are_true() -> None:
    findings, _ = scan('db_password = "{{password:16}}"')
    reasons = findings[0].verdict.reasons
    assert reasons[0] == "the name 'db_password' suggests a password"
    assert 2 <= len(reasons) <= 3


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("dbPassword", "password"),
        ("PGPASSWORD", "password"),
        ("api_key", "key"),
        ("apikey", "key"),
        ("token_secret", "secret"),
        ("secretToken", "token"),
        ("monkey", ""),
        ("compass", ""),
        ("author", ""),
    ],
)
def test_the_last_telling_word_says_what_it_is(name: str, kind: str) -> None:
    assert names.kind(names.words(name)) == kind


def test_every_kind_has_a_rule_and_every_word_a_stem() -> None:
    assert {rule.named for rule in named_rules()} == set(names.KINDS)
    assert all(rule.general for rule in named_rules())
    words = [word for kind in names.KINDS.values() for word in kind]
    assert all(any(stem in word for stem in STEMS) for word in words)


def test_a_disabled_rule_finds_nothing() -> None:
    rest = Matcher([rule for rule in named_rules() if rule.named != "password"])
    data = generate.instance('db_password = "{{alnum:16}}"', "off")[0].encode()
    assert scan_blob(named_matcher(), Blob("a.conf", data)).findings
    assert not scan_blob(rest, Blob("a.conf", data)).findings


def test_words_and_random_letters_differ() -> None:
    learned = model.load()
    chance = random.Random(1)
    words = ["password", "connection", "authenticate", "horse", "certificate"]
    noise = ["".join(chance.choices(string.ascii_lowercase, k=10)) for _ in range(20)]

    def fluency(word: str) -> float:
        return measures.fluency(word.encode(), 0, len(word), learned.letters)

    assert min(map(fluency, words)) > max(map(fluency, noise))


def test_the_model_knows_the_features() -> None:
    place = candidates.Place(candidates.NamedValue("password", " = ", '"', 0, 4), "x7Kq", "a.py", "", "")
    assert tuple(features.features(place, model.load())) == model.load().features


def test_contributions_add_up() -> None:
    learned = model.load()
    place = candidates.Place(candidates.NamedValue("password", " = ", '"', 0, 8), "x7Kq!zzP", "a.py", "password = ", "")
    values = list(features.features(place, learned).values())
    added = learned.contributions(values)
    before = learned.bias + sum(tree[4] if isinstance(tree, list) else tree for tree in learned.trees)
    total = before + sum(added.values())
    assert learned.probability(values) == pytest.approx(1 / (1 + 2.718281828459045**-total), abs=0.01)


TEXT = st.lists(
    st.sampled_from([
        "password", "api_key", "token", "PW", "=", ": ", '"', "'", "`", "(", ")", "[", "{", " ", "\n", "\t", "\\", ",",
        ">", "<", "x7Kq9Zw2", "qzvkx", "value", "string", "&quot;", "$", "-", ".", "é", "&", "user=", "=>", ":=",
        '"""', "!=", "+=", "  ", "bytes(",
    ]),
    max_size=40,
).map("".join)  # fmt: skip


@settings(max_examples=tries(300))
@given(TEXT)
@example('password: string = "x7Kq9Zw2qzvkx"')
@example("password: x7Kq9Zw2qzvkx=\n")
@example("password=password=password")
@example('password = """x7Kq9Zw2qzvkx"""')
@example("password != ``x7Kq9Zw2qzvkx``")
@example('<input name="password"   value = "x7Kq9Zw2qzvkx">')
@example("my_key? : str  += 'x7Kq9Zw2qzvkx'")
@example('token: str != "x7Kq9Zw2qzvkx"')
def test_both_engines_find_the_same(text: str) -> None:
    pytest.importorskip("hyperscan", reason="has no wheel for this machine")
    data = text.encode()
    plain = {(one.rule.id, one.span) for one in named_matcher().candidates(data, named_matcher().windows(data))}
    assert {(one.rule.id, one.span) for one in HYPERSCAN.candidates(data, HYPERSCAN.windows(data))} == plain


class _Eager(Matcher):
    def __init__(self) -> None:
        super().__init__(named_rules())
        self.prefilter.prepare()
        assert isinstance(self.prefilter._engine, HyperscanEngine)


HYPERSCAN = _Eager()


@settings(max_examples=tries(100))
@given(TEXT, st.integers(0, 400), st.integers(0, 400))
def test_a_verdict_depends_on_the_bytes_around_alone(text: str, before: int, after: int) -> None:
    data = text.encode()
    padded = b"\n" * (before + 1) + data + b"\n" * (after + 1)
    for one in candidates.find(b"\n" + data + b"\n", range(len(data) + 2)):
        here = judge.judge(b"\n" + data + b"\n", one.start, one.end, "a.conf")
        assert judge.judge(padded, one.start + before, one.end + before, "a.conf") == here


@pytest.mark.parametrize(
    "piece",
    [
        "password", "key", "password ", "password=", "key: ", 'key="', "key.", "key-", "key(", "key\\", "pw:a<",
        "token:new ", "key,\n ",
    ],
)  # fmt: skip
def test_work_is_linear(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice the text, about twice the characters that the patterns walk over, for all that can repeat."""
    plain = Matcher(named_rules())

    def looked_at(times: int) -> int:
        data = (piece * times).encode()
        tails: list[int] = []
        real = candidates._TAIL

        class Counting:
            def match(self, data: bytes, at: int) -> object:
                tails.append(at)
                return real.match(data, at)

        monkeypatch.setattr(candidates, "_TAIL", Counting())
        list(plain.candidates(data, plain.windows(data)))
        monkeypatch.setattr(candidates, "_TAIL", real)
        return len(tails)

    assert looked_at(2000) <= 2.2 * looked_at(1000) + 100


def test_a_scheme_before_a_key_says_the_same_wherever_the_key_is() -> None:
    key = generate.instance("{{alnum:40}}", "scheme")[0]
    data = f'{{"Authorization": "Token {key}"}}\n'.encode()
    [one] = candidates.find(data, range(len(data)))
    assert not isinstance(judge.judge(data, one.start, one.end, "a.conf"), str)
    assert not isinstance(judge.somewhere(data, one.start, one.end), str)
    assert len([*candidates.find(data * 5, range(5 * len(data)))]) == 5
