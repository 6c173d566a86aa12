"""The server, tried with the client of another library over standard input and output, as an editor starts it."""

import asyncio
import json
import logging
import subprocess
import sys
import tomllib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.lsp.client import LanguageClient
from tests.cli.conftest import environment, git

from keysift.rules.generate import instance

__all__ = ["environment", "git"]
Use = Callable[["Client"], Awaitable[None]]
QUICK = types.CodeActionContext([], only=[types.CodeActionKind.QuickFix])


class Client(LanguageClient):
    """An editor that keeps the diagnostics of each document, and everything that it was told."""

    def __init__(self) -> None:
        super().__init__("editor", "1")
        self.published: dict[str, list[types.PublishDiagnosticsParams]] = {}
        self.told: list[str] = []
        self.registered: list[types.Registration] = []
        self.news = asyncio.Condition()
        self.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(partial(self._publish))
        self.feature(types.WINDOW_SHOW_MESSAGE)(partial(self._tell))
        self.feature(types.WINDOW_LOG_MESSAGE)(partial(self._tell))
        self.feature(types.CLIENT_REGISTER_CAPABILITY)(partial(self._register))

    async def _publish(self, params: types.PublishDiagnosticsParams) -> None:
        self.published.setdefault(params.uri, []).append(params)
        async with self.news:
            self.news.notify_all()

    async def _tell(self, params: types.ShowMessageParams | types.LogMessageParams) -> None:
        self.told.append(params.message)
        async with self.news:
            self.news.notify_all()

    def _register(self, params: types.RegistrationParams) -> None:
        self.registered += params.registrations

    async def until(self, holds: Callable[[], object]) -> None:
        async with self.news, asyncio.timeout(120):
            await self.news.wait_for(holds)

    async def open(self, uri: str, text: str, language: str = "plaintext") -> list[types.Diagnostic]:
        self.published.pop(uri, None)
        self.text_document_did_open(types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, language, 1, text)))
        await self.until(lambda: uri in self.published)
        return list(self.published[uri][-1].diagnostics)

    def change(self, uri: str, version: int, text: str) -> None:
        document = types.VersionedTextDocumentIdentifier(version, uri)
        content = [types.TextDocumentContentChangeWholeDocument(text)]
        self.text_document_did_change(types.DidChangeTextDocumentParams(document, content))

    async def actions(self, uri: str, place: types.Range) -> dict[str, types.WorkspaceEdit]:
        params = types.CodeActionParams(types.TextDocumentIdentifier(uri), place, QUICK)
        offered = await self.text_document_code_action_async(params)
        return {each.title: each.edit for each in offered or () if isinstance(each, types.CodeAction) and each.edit}


def everything(client: Client) -> str:
    return json.dumps([client.told, str(client.published)])


@pytest.fixture
def root(tmp_path: Path, git: Callable[..., None]) -> Path:
    git(tmp_path, "init", "-q")
    return tmp_path


@pytest.fixture
def editor(root: Path, environment: dict[str, str]) -> Callable[..., str]:
    """Run an editor; what the server writes to standard error is returned."""

    def run(use: Use, *arguments: str, **capabilities: object) -> str:
        return asyncio.run(_run(use, root, environment, arguments, capabilities))

    return run


async def _run(
    use: Use, root: Path, environment: dict[str, str], arguments: tuple[str, ...], more: Mapping[str, Any]
) -> str:
    client = Client()
    await client.start_io(sys.executable, "-m", "keysift", "lsp", "--stdio", *arguments, env=environment, cwd=root)
    capabilities = types.ClientCapabilities(**more)
    folder = types.WorkspaceFolder(root.as_uri(), "root")
    await client.initialize_async(
        types.InitializeParams(capabilities, root_uri=root.as_uri(), workspace_folders=[folder])
    )
    client.initialized(types.InitializedParams())
    await use(client)
    await client.shutdown_async(None)
    server = client._server
    assert server is not None
    assert server.stderr is not None
    client.exit(None)
    said = (await server.stderr.read()).decode()
    await server.wait()
    await client.stop()
    return said


@pytest.fixture
def key() -> str:
    return instance("{{hex:32}}", "lsp server")[0]


def test_findings_follow_what_is_typed(root: Path, key: str, editor: Callable[..., str]) -> None:
    uri = (root / "prod.env").as_uri()

    async def use(client: Client) -> None:
        assert await client.open(uri, "A=1\n") == []
        client.change(uri, 2, f"# \N{GRINNING FACE} PAGERDUTY_TOKEN={key}\n")
        await client.until(lambda: client.published[uri][-1].version == 2)
        [shown] = client.published[uri][-1].diagnostics
        assert shown.code == "pagerduty-integration-key"
        assert shown.severity == types.DiagnosticSeverity.Warning
        assert shown.source == "keysift"
        # Two units of UTF-16 for the face.
        assert shown.range == types.Range(types.Position(0, 21), types.Position(0, 53))
        client.change(uri, 3, "A=1\n")
        await client.until(lambda: client.published[uri][-1].version == 3)
        assert not client.published[uri][-1].diagnostics
        client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))
        await client.until(lambda: client.published[uri][-1].version is None)
        assert key[4:-4] not in everything(client)

    assert editor(use) == ""


def test_of_many_changes_the_last_is_shown(root: Path, key: str, editor: Callable[..., str]) -> None:
    uri = (root / "prod.env").as_uri()

    async def use(client: Client) -> None:
        await client.open(uri, "A=1\n")
        text = "A=1\n" * 20_000
        for version in range(2, 40):
            text += f"PAGERDUTY_TOKEN={key}\n"
            client.change(uri, version, text)
        await client.until(lambda: client.published[uri][-1].version == 39)
        assert len(client.published[uri][-1].diagnostics) == 38
        # What was overtaken while it was judged is not shown.
        assert len(client.published[uri]) < 38

    editor(use)


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 23), ("utf-16", 21), ("utf-32", 20)])
def test_columns_count_what_was_agreed_on(
    encoding: str, column: int, root: Path, key: str, editor: Callable[..., str]
) -> None:
    async def use(client: Client) -> None:
        text = f"# \N{GRINNING FACE} PAGERDUTY_TOKEN={key}\n"
        [shown] = await client.open((root / "prod.env").as_uri(), text)
        assert shown.range.start == types.Position(0, column)

    editor(use, general=types.GeneralClientCapabilities(position_encodings=[encoding]))


def test_hover_says_why_and_what_to_do(root: Path, key: str, editor: Callable[..., str]) -> None:
    uri = (root / "prod.env").as_uri()

    async def use(client: Client) -> None:
        await client.open(uri, f"A=1\nPAGERDUTY_TOKEN={key}\n")
        document = types.TextDocumentIdentifier(uri)
        said = await client.text_document_hover_async(types.HoverParams(document, types.Position(1, 30)))
        assert said is not None
        assert isinstance(said.contents, types.MarkupContent)
        assert said.contents.kind == types.MarkupKind.PlainText
        for words in ("pagerduty-integration-key", "Why sensitive:", "How to revoke it:", "https://"):
            assert words in said.contents.value
        assert key[4:-4] not in said.contents.value
        assert await client.text_document_hover_async(types.HoverParams(document, types.Position(0, 1))) is None

    editor(use)


def test_a_comment_with_a_reason_is_offered(root: Path, key: str, editor: Callable[..., str]) -> None:
    uri = (root / "prod.py").as_uri()

    async def use(client: Client) -> None:
        text = f"def f():\n    pagerduty_token = '{key}'\n"
        [shown] = await client.open(uri, text, "python")
        offered = await client.actions(uri, shown.range)
        edit = offered["Ignore pagerduty-integration-key here: for tests alone"]
        changed = edited(text, (edit.changes or {})[uri])
        assert changed.split("\n")[1] == "    # keysift: ignore[pagerduty-integration-key] for tests alone"
        client.change(uri, 2, changed)
        await client.until(lambda: client.published[uri][-1].version == 2)
        assert not client.published[uri][-1].diagnostics

    editor(use)


def test_the_configuration_is_offered(root: Path, key: str, editor: Callable[..., str]) -> None:
    place = root / "a [1].json"
    uri, settings = place.as_uri(), (root / ".keysift.toml").as_uri()

    async def use(client: Client) -> None:
        [shown] = await client.open(uri, f'{{"pagerduty_token": "{key}"}}', "json")
        offered = await client.actions(uri, shown.range)
        [(title, edit)] = offered.items()
        assert title == "Ignore this key in .keysift.toml: not a key"
        assert edit.document_changes is not None
        made, changed = edit.document_changes
        assert isinstance(made, types.CreateFile)
        assert made.uri == settings
        assert isinstance(changed, types.TextDocumentEdit)
        (root / ".keysift.toml").write_text(edited("", changed.edits))
        client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([]))
        await client.until(lambda: len(client.published[uri]) == 2)
        assert not client.published[uri][-1].diagnostics
        assert [each.method for each in client.registered] == ["workspace/didChangeWatchedFiles"]

    operations = [types.ResourceOperationKind.Create]
    changes = types.WorkspaceEditClientCapabilities(document_changes=True, resource_operations=operations)
    watched = types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True)
    workspace = types.WorkspaceClientCapabilities(workspace_edit=changes, did_change_watched_files=watched)
    editor(use, workspace=workspace)


def test_a_table_is_put_behind_an_open_configuration(root: Path, key: str, editor: Callable[..., str]) -> None:
    (root / "pyproject.toml").write_text("[tool.keysift]\n")
    uri, settings = (root / "prod.json").as_uri(), (root / "pyproject.toml").as_uri()

    async def use(client: Client) -> None:
        typed = "[tool.keysift.policy]\nmax-lifetime-days = 30\n[tool.keysift]"
        (root / "pyproject.toml").write_text(typed)
        await client.open(settings, typed, "toml")
        [shown] = await client.open(uri, f'{{"pagerduty_token": "{key}"}}', "json")
        offered = await client.actions(uri, shown.range)
        [edit] = offered.values()
        text = edited(typed, (edit.changes or {})[settings])
        assert text.startswith(f"{typed}\n\n[[tool.keysift.ignore]]\n")
        [table] = tomllib.loads(text)["tool"]["keysift"]["ignore"]
        assert table["path"] == "/prod.json"
        (root / "pyproject.toml").write_text(text)
        client.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(settings)))
        await client.until(lambda: len(client.published[uri]) == 2)
        assert not client.published[uri][-1].diagnostics

    editor(use)


def test_a_value_is_taken_from_the_environment(root: Path, key: str, editor: Callable[..., str]) -> None:
    uri = (root / ".env.prod").as_uri()

    async def use(client: Client) -> None:
        text = f"A=1\nexport PAGERDUTY_TOKEN='{key}' # live\n"
        [shown] = await client.open(uri, text, "dotenv")
        edit = (await client.actions(uri, shown.range))["Take PAGERDUTY_TOKEN from the environment"]
        changed = edited(text, (edit.changes or {})[uri])
        assert changed == 'A=1\nexport PAGERDUTY_TOKEN="${PAGERDUTY_TOKEN}" # live\n'

    editor(use)


def test_the_configuration_holds_and_git_is_heeded(
    root: Path, key: str, git: Callable[..., None], editor: Callable[..., str]
) -> None:
    (root / ".keysift.toml").write_text('exclude = ["vendor/"]\n')
    (root / ".gitignore").write_text("local.env\ntracked.env\n")
    (root / "tracked.env").write_text("")
    git(root, "add", "-f", "tracked.env")
    text = f"PAGERDUTY_TOKEN={key}\n"

    async def use(client: Client) -> None:
        for name, number in (("prod.env", 1), ("vendor/a.env", 0), ("local.env", 0), ("tracked.env", 1)):
            assert len(await client.open((root / name).as_uri(), text)) == number, name

    editor(use)


def test_nothing_of_the_repository_runs(
    root: Path, key: str, git: Callable[..., None], editor: Callable[..., str]
) -> None:
    git(root, "config", "core.fsmonitor", f"touch {root}/ran")
    git(root, "config", "core.hooksPath", str(root))
    (root / ".git/hooks").mkdir(exist_ok=True)

    async def use(client: Client) -> None:
        assert len(await client.open((root / "prod.env").as_uri(), f"PAGERDUTY_TOKEN={key}\n")) == 1

    editor(use)
    assert not (root / "ran").exists()


def test_an_invalid_configuration_is_said_once_and_hides_nothing(
    root: Path, key: str, editor: Callable[..., str]
) -> None:
    (root / ".keysift.toml").write_text("exclud = []\n")

    async def use(client: Client) -> None:
        for name in ("a.env", "b.env"):
            assert len(await client.open((root / name).as_uri(), f"PAGERDUTY_TOKEN={key}\n")) == 1
        [said] = client.told
        assert "'exclud'" in said

    editor(use)


def test_a_document_that_was_never_saved_is_judged(key: str, editor: Callable[..., str]) -> None:
    async def use(client: Client) -> None:
        uri = "untitled:Untitled-1"
        [shown] = await client.open(uri, f"PAGERDUTY_TOKEN={key}\n", "shellscript")
        assert len(await client.actions(uri, shown.range)) == 3

    editor(use)


def test_a_long_document_waits_until_it_is_saved(root: Path, key: str, editor: Callable[..., str]) -> None:
    uri = (root / "big.env").as_uri()

    async def use(client: Client) -> None:
        text = "A=1\n" * (600 << 10)
        assert await client.open(uri, text) == []
        client.change(uri, 2, f"{text}PAGERDUTY_TOKEN={key}\n")
        document = types.TextDocumentIdentifier(uri)
        line = text.count("\n")
        assert await client.text_document_hover_async(types.HoverParams(document, types.Position(line, 20))) is None
        client.text_document_did_save(types.DidSaveTextDocumentParams(document))
        await client.until(lambda: client.published[uri][-1].version == 2)
        assert len(client.published[uri][-1].diagnostics) == 1

    editor(use)


def test_what_cannot_be_understood_is_not_quoted(root: Path, key: str, editor: Callable[..., str]) -> None:
    async def use(client: Client) -> None:
        writer: Any = client.protocol.writer
        for body in (
            f'{{"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {{"text": "{key}"}}}}',
            f'["{key}',
        ):
            writer.write(f"Content-Length: {len(body)}\r\n\r\n{body}".encode())
        assert len(await client.open((root / "prod.env").as_uri(), f"PAGERDUTY_TOKEN={key}\n")) == 1
        assert key[4:-4] not in everything(client)

    logging.getLogger("pygls").setLevel(logging.CRITICAL + 1)
    assert key[4:-4] not in editor(use)


def test_the_library_is_an_extra(environment: dict[str, str]) -> None:
    hidden = (
        "import sys; sys.modules['pygls'] = None; sys.argv = ['keysift', 'lsp']; from keysift.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", hidden], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "help: pip install 'keysift[lsp]'" in done.stderr


def edited(text: str, changes: Sequence[object]) -> str:
    """Apply the one edit, in ASCII text, as an editor does."""
    [edit] = changes
    assert isinstance(edit, types.TextEdit)
    starts = [0, *(at + 1 for at, character in enumerate(text) if character == "\n")]

    def offset(place: types.Position) -> int:
        return starts[place.line] + place.character

    return text[: offset(edit.range.start)] + edit.new_text + text[offset(edit.range.end) :]
