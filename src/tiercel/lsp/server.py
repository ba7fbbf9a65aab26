"""The server that an editor talks to. It keeps the open files, and asks definition.editing and the checks."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from importlib.metadata import version

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer

from tiercel.definition import each_flow
from tiercel.definition.editing import Shapes, complete, definition_of, hover, outline
from tiercel.definition.fixing import fix
from tiercel.definition.formatting import NotFormatted, format_flow
from tiercel.lsp.answers import Answers
from tiercel.lsp.diagnostics import Checker, Finding
from tiercel.lsp.file import File
from tiercel.services.catalog import PluginCatalog
from tiercel.services.schemas import PluginSchemas

QUIET = 0.15
"""Seconds without a key after which a file is checked."""
FIX_ALL = f"{lsp.CodeActionKind.SourceFixAll.value}.tiercel"


class FlowServer(LanguageServer):
    """Answers about flows."""

    def __init__(self, catalog: PluginCatalog) -> None:
        super().__init__("tiercel", version("tiercel"))  # pyright: ignore[reportUnknownMemberType]
        self._types = PluginSchemas(catalog)
        self._shapes = Shapes(self._types)
        self._checker = Checker(catalog)
        self._files: dict[str, File] = {}
        self._findings: dict[str, list[Finding]] = {}
        self._due: dict[str, asyncio.TimerHandle] = {}

    def file(self, uri: str) -> File:
        """The file as it is now; what was made out of it is kept until it changes."""
        text = self.workspace.get_text_document(uri).source.replace("\r\n", "\n")
        known = self._files.get(uri)
        if known is None or known.text != text:
            known = self._files[uri] = File(text)
        return known

    def answers(self, uri: str) -> Answers:
        return Answers(self.file(uri), self.workspace.position_codec)

    # Problems ------------------------------------------------------------------------------------------------------------

    def check_soon(self, uri: str) -> None:
        """Check a file once nobody is writing."""
        self._forget(uri)
        self._due[uri] = asyncio.get_running_loop().call_later(QUIET, self.check, uri)

    def check(self, uri: str) -> None:
        """Tell the editor what is wrong with a file."""
        self._forget(uri)
        answers = self.answers(uri)
        found = self._findings[uri] = self._checker.findings(self.file(uri))
        document = self.workspace.get_text_document(uri)
        self.text_document_publish_diagnostics(
            lsp.PublishDiagnosticsParams(uri, [answers.diagnostic(each) for each in found], document.version)
        )

    def close(self, uri: str) -> None:
        self._forget(uri)
        self._files.pop(uri, None)
        self._findings.pop(uri, None)
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, []))

    def _forget(self, uri: str) -> None:
        due = self._due.pop(uri, None)
        if due is not None:
            due.cancel()

    def fixes(self, uri: str, wanted: lsp.Range, kinds: Sequence[str] | None) -> list[lsp.CodeAction]:
        """What can be mended in a range; and, where that was asked for, everything that can be in the file."""
        answers = self.answers(uri)
        if uri in self._due or uri not in self._findings:
            self.check(uri)
        found: list[lsp.CodeAction] = []
        if kinds is None or any(lsp.CodeActionKind.QuickFix.value.startswith(kind) for kind in kinds):
            for each in self._findings[uri]:
                if _overlap(answers.diagnostic(each).range, wanted):
                    found += _quick_fixes(uri, each, answers)
        if kinds is not None and any(FIX_ALL.startswith(kind) for kind in kinds if kind):
            found += self._fix_all(uri, answers)
        return found

    def _fix_all(self, uri: str, answers: Answers) -> list[lsp.CodeAction]:
        text = self.file(uri).text
        mended = each_flow(text, lambda part: fix(part.text, self._checker.problems).text)
        if mended == text:
            return []
        edit = lsp.WorkspaceEdit(changes={uri: [answers.whole(mended)]})
        return [lsp.CodeAction("Mend what is certain", kind=FIX_ALL, edit=edit)]

    # Help ----------------------------------------------------------------------------------------------------------------

    def completion(self, uri: str, position: lsp.Position) -> lsp.CompletionList | None:
        file, answers = self.file(uri), self.answers(uri)
        line, column = answers.given(position)
        part = file.part_at(line)
        if not part.may_be_flow:
            return None
        found = complete(part.sketch, line - part.first_line, column, types=self._types, shapes=self._shapes)
        return answers.completion(found, part, takes_snippets=self._takes_snippets())

    def hover(self, uri: str, position: lsp.Position) -> lsp.Hover | None:
        file, answers = self.file(uri), self.answers(uri)
        line, column = answers.given(position)
        part = file.part_at(line)
        if not part.is_flow:
            return None
        told = hover(part.sketch, line - part.first_line, column, types=self._types, shapes=self._shapes)
        return None if told is None else answers.hover(told, part)

    def definition(self, uri: str, position: lsp.Position) -> lsp.Location | None:
        file, answers = self.file(uri), self.answers(uri)
        line, column = answers.given(position)
        part = file.part_at(line)
        found = definition_of(part.sketch, line - part.first_line, column, types=self._types) if part.is_flow else None
        return None if found is None else answers.location(uri, found, part)

    def symbols(self, uri: str) -> list[lsp.DocumentSymbol]:
        answers = self.answers(uri)
        flows = [part for part in self.file(uri).parts if part.is_flow]
        return [answers.symbol(entry, part) for part in flows for entry in outline(part.sketch)]

    def formatted(self, uri: str) -> list[lsp.TextEdit] | None:
        """Only where all of the file is flows: what is something else keeps its form."""
        file = self.file(uri)
        if not all(part.is_flow for part in file.parts if part.text.strip()):
            return None
        try:
            text = each_flow(file.text, lambda part: format_flow(part.text))
        except NotFormatted:
            return None
        return [] if text == file.text else [self.answers(uri).whole(text)]

    def warm_up(self) -> None:
        """Read what the first answers need, before they are asked for."""
        for kind in ("task", "trigger", "condition"):
            self._types.names(kind)
            self._types.other_names(kind)

    def _takes_snippets(self) -> bool:
        text = self.client_capabilities.text_document
        item = text.completion.completion_item if text is not None and text.completion is not None else None
        return bool(item is not None and item.snippet_support)


def serve() -> None:
    """Talk to an editor over standard input and output."""
    server().start_io()


def serve_port(port: int, *, waiting: Callable[[int], None]) -> None:
    """Wait for one editor on a port of this machine, say so, and talk to it until it leaves."""
    with socket.create_server(("127.0.0.1", port)) as door:
        waiting(door.getsockname()[1])
        connection, _ = door.accept()
    with connection, connection.makefile("rb") as given, connection.makefile("wb") as told:
        server().start_io(given, told)


def server() -> FlowServer:
    """The server with the types that are installed, and all that it answers."""
    made = FlowServer(PluginCatalog.installed())
    _listen(made)
    _answer(made)
    return made


def _listen(server: FlowServer) -> None:
    @server.feature(lsp.INITIALIZED)
    def initialized(_: lsp.InitializedParams) -> None:
        server.warm_up()

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        server.check(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        server.check_soon(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: lsp.DidSaveTextDocumentParams) -> None:
        server.check(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        server.close(params.text_document.uri)


def _answer(server: FlowServer) -> None:
    @server.feature(
        lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=[".", "|", "{", " ", ":", "'", '"', "-"])
    )
    def completion(params: lsp.CompletionParams) -> lsp.CompletionList | None:
        return server.completion(params.text_document.uri, params.position)

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hovered(params: lsp.HoverParams) -> lsp.Hover | None:
        return server.hover(params.text_document.uri, params.position)

    @server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    def definition(params: lsp.DefinitionParams) -> lsp.Location | None:
        return server.definition(params.text_document.uri, params.position)

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def symbols(params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
        return server.symbols(params.text_document.uri)

    @server.feature(
        lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix, FIX_ALL])
    )
    def actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        only = params.context.only
        kinds = None if only is None else [getattr(kind, "value", kind) for kind in only]
        return server.fixes(params.text_document.uri, params.range, kinds)

    @server.feature(lsp.TEXT_DOCUMENT_FORMATTING)
    def formatting(params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit] | None:
        return server.formatted(params.text_document.uri)


def _quick_fixes(uri: str, finding: Finding, answers: Answers) -> list[lsp.CodeAction]:
    return [
        lsp.CodeAction(
            title=f"Write `{fix.text}`",
            kind=lsp.CodeActionKind.QuickFix,
            diagnostics=[answers.diagnostic(finding)],
            edit=lsp.WorkspaceEdit(changes={uri: [answers.edit(fix)]}),
            is_preferred=finding.problem.fix is not None,
        )
        for fix in finding.fixes
    ]


def _overlap(one: lsp.Range, other: lsp.Range) -> bool:
    return not (_before(one.end, other.start) or _before(other.end, one.start))


def _before(one: lsp.Position, other: lsp.Position) -> bool:
    return (one.line, one.character) < (other.line, other.character)
