"""The JSON Schema of rule files, as it is published.

To renew it: KEYSIFT_RENEW_GOLDEN=1 python -m pytest tests/rules/test_schema.py
"""

import json
import os
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from keysift.rules import authoring, ruleset
from keysift.rules.authoring import schema
from keysift.rules.authoring.documents import read


def fields() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, definition in schema.document()["$defs"].items():
        for key, field in definition.get("properties", {}).items():
            yield f"{name}.{key}", field


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    jsonschema.Draft202012Validator.check_schema(schema.document())
    return jsonschema.Draft202012Validator(schema.document())


def test_the_published_schema_is_up_to_date() -> None:
    made = schema.text()
    if os.environ.get("KEYSIFT_RENEW_GOLDEN"):
        authoring.SCHEMA.write_text(made, encoding="utf-8", newline="\n")
    assert authoring.SCHEMA.read_text(encoding="utf-8") == made


def test_every_field_says_what_it_is_for() -> None:
    for name, field in fields():
        assert field["description"].endswith((".", "'")), name
        assert len(field["description"]) > 20, name


def test_every_rule_file_fits(validator: jsonschema.Draft202012Validator) -> None:
    paths = sorted(ruleset.SOURCES.glob("*.yaml"))
    wrong = [path.name for path in paths if not validator.is_valid(read(path.read_bytes(), path.name).content)]
    assert (wrong, len(paths) > 700) == ([], True)


@pytest.mark.parametrize(
    "change",
    [
        {"labl": "secret"}, {"label": "private"}, {"why": 7}, {"keywords": ["ac"]}, {"reach": 99_999},
        {"when": [{"feild": "x"}]}, {"checksum": "crc99"}, {"id": "Acme_Key"}, {"pair": {"within": 3}},
    ],
    ids=str,
)  # fmt: skip
def test_a_rule_that_the_loader_refuses_does_not_fit(
    change: dict[str, object], validator: jsonschema.Draft202012Validator
) -> None:
    rule = {"id": "acme-key", "name": "A", "label": "secret", "why": "W.", "pattern": "x", "keywords": ["acme"]}
    file: dict[str, Any] = {"provider": "Acme", "rules": [rule]}
    assert validator.is_valid(file)
    rule.update(change)
    assert not validator.is_valid(file)


def test_the_settings_for_editors_name_the_schema_and_the_rule_files() -> None:
    top = ruleset.SOURCES.parent
    settings = json.loads((top / ".vscode" / "settings.json").read_text(encoding="utf-8"))
    [(place, files)] = settings["yaml.schemas"].items()
    assert (top / place).resolve() == authoring.SCHEMA
    assert {path.parent for path in top.glob(files)} == {ruleset.SOURCES}
