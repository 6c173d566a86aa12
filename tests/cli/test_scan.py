import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from keysift.rules.generate import instance

ROOT = Path(__file__).parent.parent.parent
Keysift = Callable[..., subprocess.CompletedProcess[bytes]]
Git = Callable[..., None]
ROOT_USER = hasattr(os, "geteuid") and os.geteuid() == 0


def report(answer: subprocess.CompletedProcess[bytes]) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(answer.stdout)
    return content


def skipped(answer: subprocess.CompletedProcess[bytes]) -> dict[str, str]:
    return {one["path"]: one["reason"] for one in report(answer)["skipped"]}


# --- Exit codes -------------------------------------------------------------------------------------------------------


def test_nothing_found_is_0(keysift: Keysift, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("nothing here\n")
    answer = keysift("scan")
    assert (answer.returncode, answer.stdout) == (0, b"")
    assert b"no leaked keys found in 1 file" in answer.stderr


def test_findings_are_1(keysift: Keysift, leak: Path) -> None:
    answer = keysift("scan", str(leak))
    assert answer.returncode == 1
    assert b"sensitive[pagerduty-integration-key]" in answer.stdout
    assert b"1 leaked key found (1 sensitive)" in answer.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("scan", "--nothing"),
        ("scan", "-f", "xml"),
        ("scan", "--max-file-size", "ten"),
        ("scan", "--fail-on", "public"),
        ("scan", "--jobs", "-1"),
        ("scan", "--config", "none.toml"),
        ("nothing",),
        ("rules", "show", "none"),
        ("explain", "none.txt"),
    ],
)
def test_wrong_usage_is_2_with_one_clear_message(arguments: tuple[str, ...], keysift: Keysift, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    answer = keysift(*arguments)
    assert (answer.returncode, answer.stdout) == (2, b"")
    assert answer.stderr
    assert b"Traceback" not in answer.stderr


def test_what_is_not_there_is_wrong_usage(keysift: Keysift, leak: Path) -> None:
    answer = keysift("scan", leak.name, "none\x1b.txt")
    assert (answer.returncode, answer.stdout) == (2, b"")
    assert answer.stderr.decode().startswith("keysift: no such file or directory: none\u241b.txt\nhelp: ")


def test_findings_win_over_incomplete(keysift: Keysift, leak: Path) -> None:
    (leak.parent / "link").symlink_to("nowhere")
    answer = keysift("scan", "-f", "json", "link", leak.name)
    assert answer.returncode == 1
    assert report(answer)["run"]["complete"] is False


@pytest.mark.parametrize(("fail_on", "code"), [("sensitive", 1), ("secret", 0), ("never", 0)])
def test_fail_on_with_a_sensitive_key(fail_on: str, code: int, keysift: Keysift, leak: Path) -> None:
    answer = keysift("scan", "--fail-on", fail_on, leak.name)
    assert answer.returncode == code
    assert b"pagerduty-integration-key" in answer.stdout, "the report does not depend on the threshold"


@pytest.mark.parametrize(("fail_on", "code"), [("sensitive", 1), ("secret", 1), ("never", 0)])
def test_fail_on_with_a_secret_key(fail_on: str, code: int, keysift: Keysift, tmp_path: Path, rest_key: str) -> None:
    (tmp_path / "a").write_text(f"PAGERDUTY_TOKEN={rest_key}\n")
    assert keysift("scan", "--fail-on", fail_on).returncode == code


@pytest.mark.parametrize("form", ["text", "json", "sarif"])
def test_the_code_does_not_depend_on_the_format(form: str, keysift: Keysift, leak: Path) -> None:
    assert keysift("scan", "-f", form, leak.name).returncode == 1


# --- Output -----------------------------------------------------------------------------------------------------------


def test_json(keysift: Keysift, leak: Path) -> None:
    content = report(keysift("scan", "-f", "json"))
    assert content["schema"] == "keysift-report/1"
    assert content["tool"]["name"] == "keysift"
    assert content["run"]["targets"] == ["."]
    [finding] = content["findings"]
    assert finding["rule_id"] == "pagerduty-integration-key"
    assert finding["label"] == "sensitive"
    place = finding["locations"][0]
    assert (place["path"], place["start_line"], place["start_column"], place["end_column"]) == (leak.name, 1, 17, 49)


def test_sarif(keysift: Keysift, leak: Path) -> None:
    content = report(keysift("scan", "-f", "sarif", leak.name))
    assert content["version"] == "2.1.0"
    [result] = content["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("pagerduty-integration-key", "warning")


@pytest.mark.parametrize("form", ["text", "json", "sarif"])
def test_a_report_into_a_file(form: str, keysift: Keysift, leak: Path, tmp_path: Path) -> None:
    out = tmp_path / "out" / "report"
    out.parent.mkdir()
    answer = keysift("scan", "-f", form, "-o", str(out), leak.name)
    assert (answer.returncode, answer.stdout) == (1, b"")
    assert b"pagerduty-integration-key" in out.read_bytes()
    assert [path.name for path in out.parent.iterdir()] == ["report"]


def test_a_report_for_a_directory_that_is_not_there_is_wrong_usage_before_anything_is_scanned(
    keysift: Keysift, leak: Path
) -> None:
    (leak.parent / "reports").mkdir()
    answer = keysift("scan", "-o", "report/one", leak.name)
    assert (answer.returncode, answer.stdout) == (2, b"")
    assert answer.stderr.decode().splitlines() == [
        "keysift: cannot write report/one: the directory report does not exist",
        "help: did you mean reports?",
    ]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("form", ["text", "json", "sarif"])
def test_a_full_disk_is_3_and_said_once(form: str, environment: dict[str, str], keysift: Keysift, leak: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "keysift", "scan", "-f", form, str(leak)]
        answer = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False, env=environment)
    assert answer.returncode == 3, answer.stderr
    assert b"No space left" in answer.stderr
    assert b"Traceback" not in answer.stderr
    assert b"Exception ignored" not in answer.stderr
    to_file = keysift("scan", "-f", form, "-o", "/dev/full", str(leak))
    assert to_file.returncode == 3
    assert b"Traceback" not in to_file.stderr


def test_a_reader_that_goes_away_is_no_drama(environment: dict[str, str], tmp_path: Path) -> None:
    lines = (f"PAGERDUTY_TOKEN={instance('{{hex:32}}', str(number))[0]}\n\n\n" for number in range(500))
    (tmp_path / "a.env").write_text("".join(lines))
    command = f"'{sys.executable}' -m keysift scan a.env 2>err | head -1; echo \"${{PIPESTATUS[0]}}\""
    answer = subprocess.run(["bash", "-c", command], capture_output=True, check=True, cwd=tmp_path, env=environment)
    first, code = answer.stdout.splitlines()
    assert first.startswith(b"sensitive[")
    assert code in {b"141", b"1"}
    err = (tmp_path / "err").read_bytes()
    assert b"Traceback" not in err
    assert b"Broken" not in err


@pytest.mark.parametrize(("colour", "coloured"), [("always", True), ("never", False), ("auto", False)])
def test_colour(colour: str, keysift: Keysift, leak: Path, *, coloured: bool) -> None:
    answer = keysift("scan", "--color", colour, leak.name)
    assert (b"\x1b[" in answer.stdout) is coloured
    assert (b"\x1b[" in answer.stderr) is coloured


# --- Secrets stay hidden ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["text", "json", "sarif"])
def test_a_key_is_shown_only_when_asked_for(
    form: str, keysift: Keysift, tmp_path: Path, integration_key: str, rest_key: str
) -> None:
    text = f"PAGERDUTY_TOKEN={rest_key}\nPAGERDUTY_ROUTING_KEY={integration_key} # keysift: ignore {integration_key}\n"
    (tmp_path / "a.conf").write_text(text)
    hidden = keysift("scan", "-f", form)
    for key in (rest_key, integration_key):
        for start in range(len(key) - 7):
            assert key[start : start + 8].encode() not in hidden.stdout + hidden.stderr
    assert rest_key.encode() in keysift("scan", "-f", form, "--show-secrets").stdout


def test_a_crash_shows_no_key(leak: Path, integration_key: str, tmp_path: Path) -> None:
    """The package with its compiled rules alone, and those damaged: what an interrupted installation leaves."""
    copy = tmp_path / "installed"
    shutil.copytree(
        ROOT / "scanner" / "keysift", copy / "keysift", ignore=shutil.ignore_patterns("__pycache__", "rules.json")
    )
    (copy / "keysift" / "rules" / "rules.json").write_text('[{"id": "x"')
    command = [sys.executable, "-m", "keysift", "scan", str(leak)]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    answer = subprocess.run(
        command, capture_output=True, check=False, cwd=copy, env={**environment, "PYTHONPATH": str(copy)}
    )
    assert integration_key.encode() not in answer.stdout + answer.stderr
    assert answer.returncode == 2
    assert b"Traceback" not in answer.stderr
    assert b"rules.json" in answer.stderr


# --- Public keys ------------------------------------------------------------------------------------------------------


def test_public_keys_are_listed_on_request_and_never_fail(keysift: Keysift, tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text(instance("Stripe('pk_live_{{alnum:24}}')\n", "x")[0])
    silent, shown = keysift("scan", "a.js"), keysift("scan", "--show-public", "a.js")
    assert (silent.returncode, silent.stdout) == (0, b"")
    assert shown.returncode == 0
    assert b"public[stripe-" in shown.stdout


# --- What is scanned --------------------------------------------------------------------------------------------------


def found_in(answer: subprocess.CompletedProcess[bytes]) -> set[str]:
    return {place["path"] for finding in report(answer)["findings"] for place in finding["locations"]}


def test_ignored_files_are_left_out_unless_asked_for(keysift: Keysift, git: Git, leak: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text("a.conf\n")
    shutil.copy(leak, tmp_path / "b.conf")
    assert found_in(keysift("scan", "-f", "json")) == {"b.conf"}
    assert found_in(keysift("scan", "-f", "json", "--no-ignore")) == {"a.conf", "b.conf"}
    assert found_in(keysift("scan", "-f", "json", "a.conf")) == {"a.conf"}, "a named file is always scanned"


def test_the_repository_around_is_scanned_from_inside_of_it(
    keysift: Keysift, git: Git, leak: Path, tmp_path: Path
) -> None:
    git(tmp_path, "init", "-q")
    inner = tmp_path / "src"
    inner.mkdir()
    assert found_in(keysift("scan", "-f", "json", cwd=inner)) == {str(leak)}


def test_exclude(keysift: Keysift, leak: Path, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    shutil.copy(leak, tmp_path / "sub" / "b.conf")
    assert found_in(keysift("scan", "-f", "json", "--exclude", "sub/")) == {leak.name}
    assert found_in(keysift("scan", "-f", "json", "--exclude", "*.conf", "--exclude", "x")) == set()


def test_max_file_size(keysift: Keysift, leak: Path, tmp_path: Path) -> None:
    with (tmp_path / "sparse.bin").open("wb") as sparse:
        sparse.truncate(3 << 30)
    answer = keysift("scan", "-f", "json", "--max-file-size", "256M")
    assert found_in(answer) == {leak.name}
    assert "over the limit" in skipped(answer)["sparse.bin"]
    small = keysift("scan", "-f", "json", "--max-file-size", "10")
    assert small.returncode == 0
    assert set(skipped(small)) == {leak.name, "sparse.bin"}


def test_standard_input(keysift: Keysift, leak: Path) -> None:
    data = leak.read_bytes()
    answer = keysift("scan", "-f", "json", "-", stdin=data)
    assert (answer.returncode, found_in(answer)) == (1, {"standard input"})
    assert found_in(keysift("scan", "-f", "json", "--stdin-name", "x/y.env", "-", stdin=data)) == {"x/y.env"}
    assert keysift("scan", "-", stdin=b"").returncode == 0
    over = keysift("scan", "-f", "json", "--max-file-size", "3", "-", stdin=data)
    assert (over.returncode, skipped(over)) == (
        3,
        {"standard input": "not fully scanned: over the limit of 3 bytes"},
    )


def test_a_tracked_env_file_is_a_finding_with_its_advice(keysift: Keysift, git: Git, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / ".env").write_text("eval $(vault read)\n")
    (tmp_path / ".env.example").write_text("A=\n")
    assert keysift("scan").returncode == 0, "not tracked"
    git(tmp_path, "add", "-f", ".env", ".env.example")
    answer = keysift("scan")
    assert answer.returncode == 1
    assert b"sensitive[tracked-secret-file]" in answer.stdout
    assert b"git rm --cached" in answer.stdout
    assert found_in(keysift("scan", "-f", "json")) == {".env"}
    assert keysift("scan", "--fail-on", "secret").returncode == 0
    (tmp_path / ".keysift.toml").write_text('disable = ["tracked-secret-file"]\n')
    assert keysift("scan").returncode == 0


@pytest.mark.parametrize("option", [("--exclude", ".env"), ()])
def test_a_tracked_file_can_be_excluded_like_any_other(
    option: tuple[str, ...], keysift: Keysift, git: Git, tmp_path: Path
) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / ".env").write_text("A=\n")
    git(tmp_path, "add", "-f", ".env")
    if not option:
        (tmp_path / ".keysift.toml").write_text('exclude = [".env"]\n')
    assert keysift("scan", *option).returncode == 0


# --- Configuration ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".keysift.toml", 'disable = ["pagerduty-*", "generic-*"]'),
        (".keysift.toml", 'exclude = ["*.conf"]'),
        ("pyproject.toml", '[tool.keysift]\ndisable = ["pagerduty-integration-key", "generic-*"]'),
        ("pyproject.toml", '[tool.keysift]\nexclude = ["a.*"]'),
    ],
)
def test_configuration(name: str, text: str, keysift: Keysift, leak: Path, tmp_path: Path) -> None:
    assert leak.exists()
    (tmp_path / name).write_text(text)
    assert keysift("scan").returncode == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('exlude = ["x"]', b"did you mean 'exclude'?"),
        ('disable = ["pagerdutty"]', b"disable 'pagerdutty': keysift has no such rule"),
        ("exclude = 3", b"must be a list of strings"),
        ("exclude = [", b"invalid TOML"),
    ],
)
def test_a_broken_configuration_is_2(text: str, says: bytes, keysift: Keysift, leak: Path, tmp_path: Path) -> None:
    assert leak.exists()
    (tmp_path / ".keysift.toml").write_text(text)
    answer = keysift("scan")
    assert (answer.returncode, answer.stdout) == (2, b"")
    assert says in answer.stderr
    assert b".keysift.toml" in answer.stderr
    assert b"Traceback" not in answer.stderr


def test_a_named_configuration_is_the_only_one(keysift: Keysift, leak: Path, tmp_path: Path) -> None:
    (tmp_path / ".keysift.toml").write_text('disable = ["pagerduty-*"]')
    (tmp_path / "own.toml").write_text("disable = []")
    assert keysift("scan", "--config", "own.toml", leak.name).returncode == 1


def test_inline_ignores_are_counted(keysift: Keysift, tmp_path: Path, integration_key: str) -> None:
    line = f"PAGERDUTY_TOKEN={integration_key} # keysift: ignore[pagerduty-integration-key] of a closed account\n"
    (tmp_path / "a.conf").write_text(line)
    answer = keysift("scan", "-f", "json")
    assert answer.returncode == 0
    content = report(answer)
    assert content["findings"] == []
    [one] = content["suppressed"]
    assert one["suppressions"][0]["justification"] == "of a closed account"
    assert b"1" in answer.stderr


# --- Bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs FIFOs")
def test_one_of_everything_that_is_no_file(keysift: Keysift, leak: Path, tmp_path: Path) -> None:
    (tmp_path / "broken").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "around").symlink_to(".")
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "empty").touch()
    answer = keysift("scan", "-f", "json")
    assert answer.returncode == 1
    assert found_in(answer) == {leak.name}
    content = report(answer)
    assert content["run"]["complete"] is True
    assert content["run"]["blobs"] == 2
    assert skipped(answer) == {
        "around": "symbolic link to something inside the target, not followed",
        "broken": "broken symbolic link",
        "fifo": "a FIFO, not a file",
        "loop": "symbolic link that leads back to itself",
    }


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs FIFOs")
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("fifo", "a FIFO"),
        ("broken", "broken symbolic link"),
        ("loop", "leads back to itself"),
        ("/dev/null", "a device"),
    ],
)
def test_what_is_no_file_is_3_when_it_was_named(name: str, reason: str, keysift: Keysift, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "broken").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to("loop")
    answer = keysift("scan", "-f", "json", name)
    assert answer.returncode == 3
    assert reason in skipped(answer)[name]


@pytest.mark.skipif(ROOT_USER, reason="root may read everything")
def test_what_may_not_be_read_is_3_and_the_rest_is_scanned(keysift: Keysift, tmp_path: Path) -> None:
    (tmp_path / "b.conf").write_text("x")
    (tmp_path / "b.conf").chmod(0)
    (tmp_path / "locked").mkdir(mode=0)
    answer = keysift("scan", "-f", "json")
    assert answer.returncode == 3
    assert skipped(answer) == {"b.conf": "permission denied", "locked": "directory not readable: permission denied"}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
@pytest.mark.parametrize("form", ["text", "json", "sarif"])
@pytest.mark.parametrize(
    "name", [b"a\xffb.env", b"a\nb.env", b"a\x1b[31mb.env", b"-x.env", b"a b\t'\".env", "密\u202e.env".encode()]
)
def test_odd_names(name: bytes, form: str, keysift: Keysift, leak: Path, tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(leak.read_bytes())
    leak.unlink()
    for answer in (keysift("scan", "-f", form), keysift("scan", "-f", form, "--color", "never", b"./" + name)):
        assert answer.returncode == 1, answer.stderr
        assert b"\x1b" not in answer.stdout + answer.stderr
        answer.stdout.decode()
        if form == "text":
            assert sum(line.lstrip().startswith(b"-->") for line in answer.stdout.splitlines()) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="lists open files in /proc")
def test_a_file_that_vanishes_is_no_drama(environment: dict[str, str], leak: Path, tmp_path: Path) -> None:
    """A tree whose files come and go while it is scanned."""
    for number in range(200):
        shutil.copy(leak, tmp_path / f"{number}.conf")
    command = [sys.executable, "-m", "keysift", "scan", "-f", "json", "--jobs", "1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, env=environment)
    for number in range(200):
        (tmp_path / f"{number}.conf").unlink()
    out, err = process.communicate(timeout=60)
    assert process.returncode in {0, 1}
    assert b"Traceback" not in err
    content = json.loads(out)
    assert {one["reason"] for one in content["skipped"]} <= {"vanished during the scan"}
    assert content["run"]["complete"] is True


def test_a_very_long_line(keysift: Keysift, tmp_path: Path, integration_key: str) -> None:
    with (tmp_path / "a.js").open("w") as out:
        for _ in range(8):
            out.write("var a=1;pagerduty.x(1);" * 10_000)
        out.write(f'x={{"pagerduty_routing_key":"{integration_key}"}};')
        out.write("var b=2;" * 10_000)
    answer = keysift("scan", "-f", "json", "a.js")
    assert answer.returncode == 1
    [finding] = report(answer)["findings"]
    assert finding["locations"][0]["start_line"] == 1
    assert len(keysift("scan", "a.js").stdout) < 20_000


def test_binary_and_utf_16_do_no_harm(keysift: Keysift, leak: Path, tmp_path: Path) -> None:
    (tmp_path / "b.bin").write_bytes(bytes(range(256)) * 100 + leak.read_bytes() + b"\0" * 100)
    (tmp_path / "c.txt").write_bytes(leak.read_text().encode("utf-16"))
    answer = keysift("scan", "-f", "json")
    assert answer.returncode == 1
    assert "b.bin" in found_in(answer)


# --- This repository --------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not (ROOT / "rules").is_dir(), reason="not a checkout")
def test_this_repository_holds_no_key_of_ours(keysift: Keysift) -> None:
    answer = keysift("scan", "-f", "json", "--jobs", "1", cwd=ROOT)
    found = {
        (place["path"], place["start_line"], finding["rule_id"])
        for finding in report(answer)["findings"]
        for place in finding["locations"]
    }
    assert found == set()
    assert answer.returncode == 0
