"""A file with the name of a secret is looked into: what has no key in it is no finding."""

from pathlib import Path

import pytest

from keysift.rules.generate import instance
from keysift.scan.exposed import LARGEST, holds_nothing

_BEGIN = "-----BEGIN "


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ca.pem", _BEGIN + "CERTIFICATE-----\n{{base64:60}}\n-----END CERTIFICATE-----\n"),
        ("signing.key", _BEGIN + "PUBLIC KEY-----\n{{base64:60}}\n-----END PUBLIC KEY-----\n"),
        ("id_rsa", "<your private key>\n"),
        (".env", ""),
        (".env", "PORT=3000\nAPI_BASE_URL=http://localhost:5000/api/v1\n"),
        (".env", "# copy to .env.local\nNODE_ENV=development\nPORT=3000\nexport API_KEY=\nDB_PASSWORD=changeme\n"),
        (".env.production", 'TOKEN="${VAULT_TOKEN}"\nSECRET=<secret>\nURL=postgres://app:${PW}@db/x # public\n'),
        (".npmrc", "registry=https://registry.example/\n//registry.example/:_authToken=${NPM_TOKEN}\n"),
        ("terraform.tfstate", '{"version": 4, "outputs": {}, "resources": [], "check_results": null}'),
        ("terraform.tfstate.backup", '{"version": 4, "outputs": {}, "resources": []}'),
        ("tables.sql", "CREATE TABLE IF NOT EXISTS gps (id serial, place text);\n"),
        ("prod.tfvars", 'db_password = "your-password"\nregion = "eu-west-1"\n'),
    ],
)
def test_certificates_templates_and_empty_files_have_no_key(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(instance(text, "test")[0], encoding="utf-8")
    assert holds_nothing(str(tmp_path), name)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("server.pem", _BEGIN + "CERTIFICATE-----\nx\n" + _BEGIN + "PRIVATE KEY-----\n{{base64:60}}\n"),
        ("id_rsa", "{{base64:60}}\n"),
        (".env", "API_KEY=\nDB_PASSWORD={{password:14}}\n"),
        (".env", "API_KEY=\nDATABASE_URL=postgres://app:{{alnum:12}}@db.example/app\n"),
        (".env", "API_KEY=\nWHATEVER={{alnum:32}}\n"),
        (".env", "HOOK=https://hooks.acme.io/in/{{alnum:24}}\n"),
        (".env", "eval $(vault read)\n"),
        (".npmrc", "//registry.example/:_authToken={{alnum:36}}\n"),
        (".htpasswd", "app:changeme\n"),
        ("terraform.tfstate", '{"version": 4, "outputs": {"url": {"value": "x"}}, "resources": []}'),
        ("terraform.tfstate", '{"version": 3, "modules": [{"resources": {}}]}'),
        ("terraform.tfstate", "[" * 5000),
        ("dump.sql", "CREATE TABLE users (id int);\nINSERT INTO users VALUES (1, 'x');\n"),
        ("roles.sql", "CREATE ROLE app LOGIN PASSWORD '{{alnum:12}}';\n"),
        ("store.p12", "a\0b"),
        (".env", "#" + "x" * LARGEST),
    ],
)
def test_what_may_have_one_is_a_finding(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(instance(text, "test")[0], encoding="utf-8")
    assert not holds_nothing(str(tmp_path), name)


def test_what_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    assert not holds_nothing(str(tmp_path), ".env")
