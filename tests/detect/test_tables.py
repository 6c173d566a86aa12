"""Keys in tables: each cell is a field with the name of its column, or with the name in its row."""

import pytest
from tests.detect.of_names import named_matcher

from keysift.detect.decode import tables
from keysift.detect.findings import scan_blob
from keysift.model import Blob, Finding
from keysift.rules import generate

FIRST = generate.instance("{{alnum:6}}-{{alnum:4}}!{{alnum:6}}", "tables")[0]
SECOND = generate.instance("{{alnum:20}}", "tables")[0]

# ¤ and § stand for two keys.
TABLES = {
    "CSV": "user,password,url\nbob,¤,x\nann,§,y\n",
    "quoted": '"name","url","username","password"\n"a","https://a.b","bob","¤"\n"b","https://c.d","ann","§"\n',
    "names and values": "name,value\nDB_PASSWORD,¤\nLOG,info\nAPI_KEY,§\n",
    "key and value": "key;value\nDB_PASSWORD;¤\nAPI_KEY;§\n",
    "semicolons": "user;passwort;password\nbob;x;¤\nann;x;§\n",
    "tabs": "user\tapi_key\nbob\t¤\nann\t§\n",
    "byte order mark, carriage returns": "\ufeffuser,password\r\nbob,¤\r\nann,§\r\n",
    "a line break in a cell": 'note,password\n"two\nlines",¤\nx,§\n',
    "spaces": "user, password\nbob, ¤\nann, §\n",
    "no last line feed": "user,password\nbob,¤\nann,§",
    "keys side by side": "user,password,api_key\nbob,¤,§\n",
    "Markdown": "| User | Password |\n| --- | :---: |\n| bob | `¤` |\n| ann | § |\n\nx\n",
    "Markdown, bare": "User | Password\n--- | ---\nbob | ¤\nann | `§`\n",
    "Markdown, names": "| Variable | Value | Note |\n|---|---|---|\n| `DB_PASSWORD` | `¤` | x |\n| API_KEY | § | y |\n",
    "Markdown, two columns": "| Login | bob |\n|---|---|\n| DB password | ¤ |\n| API token | § |\n",
    "psql": " id | password \n----+----------\n  1 | ¤\n  2 | §\n(2 rows)\n",
    "mysql": "+----+----------+\n| id | password |\n+----+----------+\n|  1 | ¤ |\n|  2 | § |\n+----+----------+\n",
    "fixed width": "USERNAME   PASSWORD\n---------- --------------------\nbob        ¤\nann        §\n",
    "INSERT": "INSERT INTO users (name, api_key) VALUES ('bob', '¤'), ('ann', '§');\n",
    "INSERT, lines": "INSERT INTO `u` (`id`, `mail`, `password`) VALUES\n(1, 'a@b.c', '¤'),\n(2, NOW(), '§');\n",
    "INSERT, a call": "insert into u (a, secret_token) values (f('x)'), '¤');insert into u(api_key) values('§')",
    "COPY": "COPY public.u (id, name, secret_token) FROM stdin;\n1\tbob\t¤\n2\tann\t§\n\\.\n",
}

CLEAN = {
    "identifiers": "id,key,name\n1,{{hex:32}},a\n2,{{hex:32}},b\n",
    "words": "user,password\nbob,changeme\nann,password\n",
    "translations": "key,value\nlogin.password,Enter your password\nlogin.token,Token\n",
    "a table of parameters": "| Name | Type |\n|---|---|\n| `api_key` | string |\n| `token` | SecretStr |\n",
    "descriptions": "| Option | Description |\n|---|---|\n| password | The password of the user |\n",
    "a schema": "INSERT INTO permissions (id, auth_key) VALUES (1, 'can_view_users'), (2, 'can_edit_users');\n",
    "variables": "name,value\nDB_PASSWORD,${DB_PASSWORD}\nAPI_KEY,{{{{api_key}}}}\n",
    "another column": "password,note\nchangeme,{{alnum:20}}\n",
    "a tree": "src\n|-- password\n|-- {{alnum:20}}\n",
    "prose": "The password, if any,\nis {{alnum:20}}, as\n",
}


def scan(text: str, path: str = "export.csv") -> list[Finding]:
    return list(scan_blob(named_matcher(), Blob(path, text.encode())).findings)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_cells_are_found_where_they_are(table: str) -> None:
    text = table.replace("¤", FIRST).replace("§", SECOND)
    findings = scan(text)
    assert [finding.secret.decode() for finding in findings] == [FIRST, SECOND]
    starts = [finding.locations[0].start_byte for finding in findings]
    assert starts == [text.encode().index(key.encode()) for key in (FIRST, SECOND)]


@pytest.mark.parametrize("template", CLEAN.values(), ids=CLEAN)
def test_what_is_no_key_is_none_in_a_table(template: str) -> None:
    assert [finding.secret for finding in scan(generate.instance(template, "tables")[0])] == []


def test_a_cell_is_not_read_as_a_table_again() -> None:
    [finding] = scan(f"user,password\nbob,{FIRST}\n")
    assert finding.verdict.reasons[-1] == "decoded from a table"


def test_a_long_table_is_read_in_time_that_grows_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from keysift.detect.decode import columns, tables  # noqa: PLC0415

    asked: list[bytes] = []
    monkeypatch.setattr(columns, "_may_be_key", lambda cell: bool(asked.append(cell)))
    for rows in (1_000, 2_000, 2 * tables.MOST_ROWS):
        asked.clear()
        scan("user,password\n" + "bob,x\n" * rows)
        assert len(asked) == min(rows, tables.MOST_ROWS)


def test_a_column_of_identifiers_is_read_for_its_first_rows_only() -> None:
    rows = [f"({number},'{0xA3F1C0DE << 128 | number << 60 | 0xABC:040x}')" for number in range(60)]
    head = "INSERT INTO users (id, session_token) VALUES "
    data = f"{head}{','.join(rows[:30])};\n{head}{','.join(rows[30:])};\n".encode()
    hits = [(place, place + 1) for place in range(len(data)) if data[place - 7 : place] == b"VALUES "]
    parts = [*tables.read(data, hits)]
    assert sum(len(part.decoded) == 40 for part in parts) == 4


def test_hashed_passwords_of_a_table_are_not_read() -> None:
    data = b"INSERT INTO users (id, password) VALUES (1,'$2y$10$" + b"UhAvC/AvmCULlNAYlTb5uC" * 2 + b"abcdefghi');\n"
    assert [*tables.read(data, [(data.index(b"(1"), data.index(b"(1") + 1)])] == []
