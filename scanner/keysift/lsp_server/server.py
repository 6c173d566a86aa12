"""The documents of an editor as it speaks of them: opened, changed, saved, closed; and what is answered.

Each change is judged at once, in a thread; what changes meanwhile is judged when that ends, and nothing of the version
before is shown. So a slow look at a long document puts off the next, and no clock decides.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from keysift import config
from keysift.accept import baseline
from keysift.files import naming
from keysift.lsp_server import edits, notes
from keysift.lsp_server.judging import Judge, Judged, Settle
from keysift.lsp_server.places import Places
from keysift.model import Finding
from keysift.version import VERSION

LARGEST_TYPED = 2 << 20
"""Characters of a document that is judged while someone types; a longer one is judged when it is opened or saved."""
_SETTINGS = frozenset({config.NAME, baseline.NAME, "pyproject.toml", ".gitignore"})
"""Files by which others are judged."""


class _Server(LanguageServer):
    """Says of an error nothing but its kind: what was read may be quoted in its message."""

    def report_server_error(self, error: Exception, source: object) -> None:  # noqa: ARG002 - the library's signature
        """Tell the editor that something failed."""
        text = f"keysift failed ({type(error).__name__}); please report this"
        self.window_log_message(types.LogMessageParams(types.MessageType.Error, text))


@dataclass(slots=True)
class _Document:
    """A document that is open."""

    place: str
    """Its path; of one that was never saved, the directory that is open in the editor."""
    name: str
    """Empty for a file; else the name by which it is judged."""
    language: str
    text: str
    version: int
    asked: int = 0
    """How often it was to be judged so far."""
    answered: int = 0
    judged: Judged | None = None
    """None if it has changed since."""
    task: asyncio.Task[None] | None = None


class Editor:
    """Keeps the documents of one editor, and answers for them."""

    def __init__(self, settle: Settle) -> None:
        self.server = _Server("keysift", VERSION, text_document_sync_kind=types.TextDocumentSyncKind.Full)
        self._judge = Judge(settle)
        self._documents: dict[str, _Document] = {}
        self._thread = ThreadPoolExecutor(1)
        self._told: set[str] = set()
        self._register(types.TEXT_DOCUMENT_DID_OPEN, self._open)
        self._register(types.TEXT_DOCUMENT_DID_CHANGE, self._change)
        self._register(types.TEXT_DOCUMENT_DID_SAVE, self._save, types.SaveOptions(include_text=False))
        self._register(types.TEXT_DOCUMENT_DID_CLOSE, self._close)
        self._register(types.WORKSPACE_DID_CHANGE_WATCHED_FILES, self._files_changed)
        self._register(types.INITIALIZED, self._watch)
        self._register(types.TEXT_DOCUMENT_HOVER, self._hover)
        actions = types.CodeActionOptions([types.CodeActionKind.QuickFix])
        self._register(types.TEXT_DOCUMENT_CODE_ACTION, self._actions, actions)

    def _register(self, feature: str, method: Callable[[Any], object], options: object = None) -> None:
        # The library leaves marks on what it registers, which a bound method does not take.
        self.server.feature(feature, options)(partial(method))

    # --- What the editor tells ----------------------------------------------------------------------------------------

    def _open(self, params: types.DidOpenTextDocumentParams) -> None:
        opened = params.text_document
        path = _path(opened.uri)
        name = "" if path else Path(urlsplit(opened.uri).path).name or "untitled"
        place = path or self.server.workspace.root_path or os.getcwd()  # noqa: PTH109 - paths are strings here
        self._documents[opened.uri] = _Document(place, name, opened.language_id, opened.text, opened.version)
        self._ask(opened.uri)

    def _change(self, params: types.DidChangeTextDocumentParams) -> None:
        document = self._documents.get(params.text_document.uri)
        if document and params.content_changes:
            document.text = params.content_changes[-1].text
            document.version = params.text_document.version
            document.judged = None
            if len(document.text) <= LARGEST_TYPED:
                self._ask(params.text_document.uri)

    def _save(self, params: types.DidSaveTextDocumentParams) -> None:
        uri = params.text_document.uri
        path = Path(_path(uri))
        if path.name in _SETTINGS or path.suffix in {".yaml", ".yml"}:  # which may hold rules
            self._look_again()
        elif uri in self._documents:
            self._ask(uri)

    def _close(self, params: types.DidCloseTextDocumentParams) -> None:
        if self._documents.pop(params.text_document.uri, None):
            self._publish(types.PublishDiagnosticsParams(params.text_document.uri, []))

    def _files_changed(self, _params: types.DidChangeWatchedFilesParams) -> None:
        self._look_again()

    def _watch(self, _params: types.InitializedParams) -> None:
        """Ask to be told when a file changes by which others are judged."""
        capabilities = self.server.client_capabilities.workspace
        watched = capabilities.did_change_watched_files if capabilities else None
        if watched and watched.dynamic_registration:
            options = types.DidChangeWatchedFilesRegistrationOptions(
                [types.FileSystemWatcher(f"**/{name}") for name in sorted(_SETTINGS)]
            )
            registration = types.Registration("settings", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            self.server.client_register_capability(types.RegistrationParams([registration]))

    # --- Judging ------------------------------------------------------------------------------------------------------

    def _look_again(self) -> None:
        self._judge.forget()
        self._told.clear()
        for uri in self._documents:
            self._ask(uri)

    def _ask(self, uri: str) -> None:
        """Have a document judged: at once, or after what is being judged of it."""
        document = self._documents[uri]
        document.asked += 1
        if document.task is None or document.task.done():
            document.task = asyncio.ensure_future(self._answer(uri, document))

    async def _answer(self, uri: str, document: _Document) -> None:
        while document.answered != document.asked and self._documents.get(uri) is document:
            asked, text = document.asked, document.text
            try:
                judged = await asyncio.get_running_loop().run_in_executor(
                    self._thread, self._judge.judge, document.place, document.name, text
                )
            except Exception as error:  # noqa: BLE001 - its message may quote what was judged
                judged = Judged(remarks=(f"not looked at: keysift failed ({type(error).__name__})",))
            document.answered = asked
            if asked == document.asked and text is document.text and self._documents.get(uri) is document:
                document.judged = judged
                self._show(uri, document, judged)

    def _show(self, uri: str, document: _Document, judged: Judged) -> None:
        shown = notes.diagnostics(judged, self._places(document))
        self._publish(types.PublishDiagnosticsParams(uri, shown, document.version))
        if judged.problem and judged.problem not in self._told:
            self._told.add(judged.problem)
            said = types.ShowMessageParams(types.MessageType.Error, f"keysift: {judged.problem}")
            self.server.window_show_message(said)

    def _publish(self, params: types.PublishDiagnosticsParams) -> None:
        self.server.text_document_publish_diagnostics(params)

    def _places(self, document: _Document) -> Places:
        return Places(document.text, self.server.workspace.position_encoding or types.PositionEncodingKind.Utf16)

    async def _found(self, uri: str, asked: types.Range) -> tuple[_Document, list[Finding]] | None:
        """Return a document as it is now, with its findings in a range; None if there are none."""
        document = self._documents.get(uri)
        if document is None:
            return None
        while document.task and not document.task.done():
            await asyncio.wait([document.task])
        if document.judged is None:
            return None
        places = self._places(document)
        ranges = ((places.range(*places.span(each.locations[0])), each) for each in document.judged.findings)
        found = [each for place, each in ranges if place.start <= asked.end and asked.start <= place.end]
        return (document, found) if found else None

    # --- What the editor asks -----------------------------------------------------------------------------------------

    async def _hover(self, params: types.HoverParams) -> types.Hover | None:
        found = await self._found(params.text_document.uri, types.Range(params.position, params.position))
        if found is None:
            return None
        document, findings = found
        places, judged = self._places(document), document.judged or Judged()
        text = "\n\n".join(notes.explanation(finding, judged) for finding in findings)
        place = places.range(*places.span(findings[0].locations[0]))
        return types.Hover(types.MarkupContent(types.MarkupKind.PlainText, text), place)

    async def _actions(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        wanted = params.context.only
        if wanted and not any(types.CodeActionKind.QuickFix.startswith(kind) for kind in wanted):
            return []
        found = await self._found(params.text_document.uri, params.range)
        if found is None:
            return []
        document, findings = found
        return [
            types.CodeAction(title, types.CodeActionKind.QuickFix, edit=edit)
            for finding in findings
            for title, edit in self._offers(params.text_document.uri, document, finding)
        ]

    def _offers(self, uri: str, document: _Document, finding: Finding) -> Iterator[tuple[str, types.WorkspaceEdit]]:
        judged, places = document.judged or Judged(), self._places(document)
        name = document.name or Path(document.place).name
        for reason in edits.REASONS:
            if comment := edits.comment(finding, reason, judged, places, document.language):
                title = f"Ignore {finding.rule.id} here: {reason}"
                yield title, types.WorkspaceEdit({uri: [comment]})
        if not document.name and (stated := self._ignored_in_configuration(document, finding, judged)):
            yield stated
        if moved := edits.environment(finding, places, name):
            yield f"Take {moved[0]} from the environment", types.WorkspaceEdit({uri: [moved[1]]})

    def _ignored_in_configuration(
        self, document: _Document, finding: Finding, judged: Judged
    ) -> tuple[str, types.WorkspaceEdit] | None:
        """Return the change of the configuration that accepts a key; None where the editor cannot make it."""
        reason = edits.REASONS[0]
        top = naming.of(document.place).repository
        file = edits.configuration_file(judged, document.place, top)
        path = judged.path if judged.config.origin or top else Path(document.place).name
        uri = file.absolute().as_uri()
        opened = next((each for each in self._documents.values() if each.place == str(file)), None)
        try:
            before = opened.text if opened else file.read_text(encoding="utf-8") if file.exists() else None
        except (OSError, UnicodeDecodeError):
            return None
        title = f"Ignore this key in {file.name}: {reason}"
        places = Places(before or "", types.PositionEncodingKind.Utf16)
        end = len(places.text)
        edit = types.TextEdit(places.range(end, end), edits.configuration(finding, reason, judged, path, places.text))
        if before is not None:
            return title, types.WorkspaceEdit({uri: [edit]})
        if not _can_create(self.server.client_capabilities):
            return None
        made = types.CreateFile(uri, options=types.CreateFileOptions(ignore_if_exists=True))
        changed = types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(uri), [edit])
        return title, types.WorkspaceEdit(document_changes=[made, changed])


def serve(settle: Settle) -> None:
    """Serve at standard input and output until the editor ends."""
    # Its records quote messages, and so documents.
    logging.getLogger("pygls").setLevel(logging.CRITICAL + 1)
    logging.getLogger("asyncio").setLevel(logging.CRITICAL + 1)
    Editor(settle).server.start_io()


def _path(uri: str) -> str:
    """Return the path of a file; empty for what is none, such as `untitled:Untitled-1`."""
    parts = urlsplit(uri)
    if parts.scheme != "file":
        return ""
    return url2pathname(f"//{parts.netloc}{parts.path}" if parts.netloc else parts.path)


def _can_create(capabilities: types.ClientCapabilities) -> bool:
    edit: Any = capabilities.workspace.workspace_edit if capabilities.workspace else None
    kinds = edit.resource_operations if edit and edit.document_changes else None
    return types.ResourceOperationKind.Create in (kinds or ())
