"""What a program shows to people, in any language, is no password; a generated key in the same file is one."""

from collections.abc import Callable

import pytest

from keysift.detect import catalogues
from keysift.detect.surroundings import Surroundings
from keysift.model import Finding
from keysift.rules.generate import instance

Find = Callable[..., list[Finding]]

LABELS = {
    "de": "Passwort",
    "nl": "Nieuw-wachtwoord",
    "fi": "Uusi-salasana",
    "ms": "Katalaluanbaharu",
    "da": "Adgangskode",
    "hr": "Tajnaklijenta *",
    "cy": "Cyfrinachcleient",
    "sq": "Fjalëkalimi",
    "vi": "Mật khẩu",
    "eu": "Pasahitza 2",
    "tr": "Kimlikbilgileri",
    "pl": "Powtórz hasło",
    "hu": "Klienstitok (OAuth2)",
    "uk": "Пароль",
    "ja": "新しいパスワード",
    "th": "รหัสผ่าน",
    "cs": "Tajn\\u00e9",
}
"""A label in each of some languages, in a word or two."""
FORMS = {
    "locales/{}/common.json": '{{"clientSecret": "{}"}}',
    "src/assets/i18n/{}.json": '{{"LOGIN": {{"PASSWORD": "{}"}}}}',
    "messages_{}.properties": "login.password={}",
    "app/src/main/res/values-{}/strings.xml": '<resources><string name="new_password">{}</string></resources>',
    "App/{}.lproj/Localizable.strings": '"password" = "{}";',
    "Strings.{}.resx": '<data name="Password"><value>{}</value></data>',
    "lib/l10n/app_{}.arb": '{{"newPassword": "{}"}}',
    "locale/{}/LC_MESSAGES/django.po": 'msgid "password"\nmsgstr "{}"',
    "src/locale/messages.{}.xlf": "<source>password: </source><target>{}</target>",
    "config/locales/devise.{}.yml": "devise:\n  auth_token: '{}'",
    "resources/lang/{}/auth.php": "return [\n  'password' => '{}',\n];",
    "src/locales/{}.ts": "export default {{\n  secret: '{}',\n}};",
    "translations/app_{}.ts": "<source>KeePass: Save</source>\n<translation>KeePass: {}</translation>",
    "i18n/active.{}.toml": 'authToken = "{}"',
    "language/{0}-{0}/com_users.ini": 'COM_USERS_PASSWORD="{1}"',
}


@pytest.mark.parametrize("path", FORMS)
def test_a_label_in_any_language_is_no_key(path: str, find: Find) -> None:
    for language, label in LABELS.items():
        text = FORMS[path].format(*([language] if "{1}" in FORMS[path] else []), label)
        assert find(text, path.format(language)) == [], language


@pytest.mark.parametrize("path", FORMS)
def test_a_generated_key_in_a_catalogue_is_found(path: str, find: Find) -> None:
    text = '"db_password": "{{alnum:20}}"\napi_key = "{{hex:32}}"\n'
    _, keys = instance(text, "test")
    assert [finding.secret.decode() for finding in find(text, path.format("de"))] == keys


def test_a_sentence_of_a_catalogue_tells_no_password(find: Find) -> None:
    assert (
        find(
            '{"hint": "Ihr Passwort zurückgesetzt, bitte anmelden", "x": "Benutzer und Passwort festgelegt"}',
            "lang/de.json",
        )
        == []
    )


def test_what_stands_among_texts_is_a_text(find: Find) -> None:
    texts = {"title": "Anmelden bei {name}", "email": "Ihre E-Mail-Adresse", "name": "Ihr Name", "send": "Jetzt senden"}
    entries = "".join(f"  {name}: '{text}',\n" for name, text in texts.items())
    for path in ("src/Login.ts", "web/de.json"):
        assert find(f"const labels = {{\n{entries}  password: 'Kennwort',\n}};", path) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("src/Login.vue", '<i18n>\n{"de": {"password": "Kennwort"}}\n</i18n>'),
        ("src/app.js", "const messages = {\n  de: {\n    password: 'Kennwort',\n  },\n};"),
    ],
)
def test_a_block_of_texts_in_another_file_is_known_by_its_name(path: str, text: str, find: Find) -> None:
    assert find(text, path) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("config/de.yml", "host: db.example.org\nport: 5432\nuser: app\npassword: {}\n"),
        ("deploy/my/values.yaml", "image: app:1.2\nreplicas: 3\nurl: https://a.example\npassword: {}\n"),
        ("application_dev.properties", "spring.datasource.url=jdbc:x\nspring.datasource.password={}\n"),
        ("src/lang/Parser.java", 'String password = "{}";'),
        ("src/db.py", 'HOST = "db"\nPORT = 5432\nPASSWORD = "{}"\n'),
    ],
)
def test_settings_are_no_catalogue_whatever_the_folder_is_called(path: str, text: str, find: Find) -> None:
    assert [finding.secret for finding in find(text.format("xkqjzvbwpt"), path)] == [b"xkqjzvbwpt"]


def test_a_name_of_a_language_is_one_in_any_part_of_a_path() -> None:
    sure = catalogues._Place.SURE
    for path in (
        "web/locales/sr-latn/x.json",
        "res/values-b+sr+latn/strings.xml",
        "i18n/app_pt_br.yml",
        "lang/zh_cn.php",
    ):
        assert catalogues._place(path) is sure, path
    for path in ("locales/prod.json", "i18n/index.ts", "de.json"):
        assert catalogues._place(path) is catalogues._Place.LIKELY, path
    assert catalogues._place("locales/de/README") is catalogues._Place.NONE


def test_a_value_that_may_be_generated_is_never_a_message() -> None:
    for value in ("aB3dE5fG7hJ9", "kQzXwVbTnMpRsLdF", "Winter2024"):
        data = f'"password": "{value}"'.encode()
        start = data.index(value.encode())
        assert not catalogues.is_message(Surroundings(data, start, start + len(value)), "locales/de.json")


@pytest.mark.parametrize("path", ["src/i18n/meh.json", "locales/xyz/auth.yml", "lang/app/quc.json"])
def test_a_language_that_no_list_has_is_known_by_its_place(path: str, find: Find) -> None:
    assert not find('{"token": "Ndika\'a1", "login": "Ku\'un se\'e", "name": "Chi so\'o", "out": "Kee"}', path)
