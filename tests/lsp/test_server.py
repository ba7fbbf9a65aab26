"""The language server over its real protocol: a client starts it as an editor does, and talks to it over its pipes."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Iterator
from textwrap import dedent
from typing import Any

import pytest
import pytest_asyncio
from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

pytestmark = pytest.mark.asyncio(loop_scope="module")

COMMAND = "from tiercel.cli.main import main; main()"
URI = "file:///flows/hello.yaml"
FLOW = dedent("""\
    id: hello
    namespace: company.team
    inputs:
      - id: who
        type: STRING
    tasks:
      - id: ask
        type: io.kestra.plugin.core.http.Request
        uri: https://example.org
      - id: tell
        type: io.kestra.plugin.core.log.Log
        message: "{{ outputs.ask.body }} {{ inputs.who }}"
    """)


class Editor:
    """An editor with one file."""

    def __init__(self) -> None:
        self.client = LanguageClient("editor", "1")
        self.text = ""
        self._version = 0
        """Of the file; goes on when it is opened anew, so that no test gets the problems of another."""
        self._told: asyncio.Queue[lsp.PublishDiagnosticsParams] = asyncio.Queue()

        @self.client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def told(params: lsp.PublishDiagnosticsParams) -> None:
            self._told.put_nowait(params)

    async def start(self) -> lsp.InitializeResult:
        await self.client.start_io(sys.executable, "-c", COMMAND, "lsp")
        snippets = lsp.ClientCompletionItemOptions(snippet_support=True)
        text = lsp.TextDocumentClientCapabilities(completion=lsp.CompletionClientCapabilities(completion_item=snippets))
        answer = await self.client.initialize_async(
            lsp.InitializeParams(capabilities=lsp.ClientCapabilities(text_document=text))
        )
        self.client.initialized(lsp.InitializedParams())
        return answer

    async def open(self, text: str, uri: str = URI) -> list[lsp.Diagnostic]:
        """Open a file; the problems that the server tells."""
        self._version += 1
        self.text = text
        self.client.text_document_did_open(
            lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(uri, "yaml", self._version, text))
        )
        return await self.told(self._version)

    def close(self) -> None:
        self.client.text_document_did_close(lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(URI)))

    async def stop(self) -> None:
        await self.client.shutdown_async(None)
        self.client.exit(None)
        await self.client.stop()

    async def write(self, text: str) -> list[lsp.Diagnostic]:
        """Write something else into the file."""
        self._version += 1
        self.text = text
        whole = lsp.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(lsp.VersionedTextDocumentIdentifier(self._version, URI), [whole])
        )
        return await self.told(self._version)

    async def told(self, version: int) -> list[lsp.Diagnostic]:
        while True:
            told = await self._told.get()
            if told.version == version:
                return list(told.diagnostics)

    def after(self, word: str) -> dict[str, Any]:
        """The file, and the position behind a word."""
        before = self.text[: self.text.index(word) + len(word)]
        position = lsp.Position(before.count("\n"), len(before.rpartition("\n")[2].encode("utf-16-le")) // 2)
        return {"text_document": lsp.TextDocumentIdentifier(URI), "position": position}

    async def complete(self, word: str) -> dict[str, lsp.CompletionItem]:
        found = await self.client.text_document_completion_async(lsp.CompletionParams(**self.after(word)))
        assert isinstance(found, lsp.CompletionList)
        return {item.label: item for item in found.items}

    async def mend(self, diagnostic: lsp.Diagnostic) -> str:
        """The text after the first quick fix for a problem."""
        (action, *_) = (
            await self.client.text_document_code_action_async(
                lsp.CodeActionParams(
                    lsp.TextDocumentIdentifier(URI), diagnostic.range, lsp.CodeActionContext([diagnostic])
                )
            )
            or []
        )
        assert isinstance(action, lsp.CodeAction)
        assert action.edit is not None
        (edit,) = (action.edit.changes or {})[URI]
        return _edited(self.text, edit)


def _edited(text: str, edit: lsp.TextEdit | Any) -> str:
    def offset(at: lsp.Position) -> int:
        lines = text.split("\n")
        return sum(len(line) + 1 for line in lines[: at.line]) + at.character

    return text[: offset(edit.range.start)] + edit.new_text + text[offset(edit.range.end) :]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def started() -> AsyncIterator[Editor]:
    made = Editor()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def editor(started: Editor) -> Iterator[Editor]:
    yield started
    started.close()


async def test_a_flow_without_problems_has_none(editor: Editor) -> None:
    assert await editor.open(FLOW) == []


async def test_a_problem_has_a_code_and_a_place_and_can_be_mended(editor: Editor) -> None:
    (found,) = await editor.open(FLOW.replace("message:", "massage:"))
    assert found.code == "unknown-property"
    assert found.severity is lsp.DiagnosticSeverity.Error
    assert found.range.start == lsp.Position(11, 4)
    mended = await editor.mend(found)
    assert mended == FLOW
    assert await editor.write(mended) == []


async def test_a_wrong_name_in_an_expression_can_be_mended(editor: Editor) -> None:
    (found,) = await editor.open(FLOW.replace("outputs.ask", "outputs.aks"))
    assert found.severity is lsp.DiagnosticSeverity.Warning
    assert await editor.mend(found) == FLOW


async def test_types_that_may_have_been_meant_are_offered(editor: Editor) -> None:
    (found,) = await editor.open(FLOW.replace("plugin.core.log.Log", "plugin.core.Log"))
    assert found.code == "unknown-type"
    assert await editor.mend(found) == FLOW


async def test_places_are_counted_as_the_editor_counts_them(editor: Editor) -> None:
    (found,) = await editor.open(FLOW.replace('"{{ outputs.ask.body', '"😀 {{ outputs.aks.body'))
    line = editor.text.split("\n")[11]
    assert found.range.start.character == line.index("aks") + 1


async def test_other_files_have_no_problems(editor: Editor) -> None:
    assert await editor.open("services:\n  web:\n    image: nginx\n") == []
    assert await editor.write("- hosts: all\n  tasks:\n    - name: x\n") == []
    assert await editor.write("version: 3\ntasks:\n  build:\n    cmds: [make]\n") == []


async def test_all_flows_of_a_file_are_looked_at(editor: Editor) -> None:
    (found,) = await editor.open(f"{FLOW}---\n{FLOW.replace('message:', 'massage:')}")
    assert found.range.start.line == 11 + 13


async def test_properties_of_a_type_are_completed_the_needed_ones_first(editor: Editor) -> None:
    await editor.open(FLOW[: FLOW.index("    message:")] + "    ")
    found = await editor.complete("log.Log\n    ")
    message = found["message"]
    assert min(found.values(), key=lambda item: item.sort_text or "") is message
    assert message.text_edit is not None
    assert message.text_edit.new_text == "message: $0"
    assert message.documentation is not None


async def test_outputs_of_earlier_tasks_are_completed_while_the_text_is_broken(editor: Editor) -> None:
    await editor.open(FLOW[: FLOW.index("ask.body")])
    assert set(await editor.complete("outputs.")) == {"ask"}
    await editor.write(FLOW[: FLOW.index("body")])
    assert {"body", "code", "headers"} <= set(await editor.complete("outputs.ask."))


async def test_hover_tells_what_a_type_is_for(editor: Editor) -> None:
    await editor.open(FLOW)
    found = await editor.client.text_document_hover_async(lsp.HoverParams(**editor.after("core.log")))
    assert found is not None
    assert isinstance(found.contents, lsp.MarkupContent)
    assert "io.kestra.plugin.core.log.Log" in found.contents.value


async def test_one_goes_from_an_output_to_its_task(editor: Editor) -> None:
    await editor.open(FLOW)
    found = await editor.client.text_document_definition_async(lsp.DefinitionParams(**editor.after("outputs.as")))
    assert isinstance(found, lsp.Location)
    assert found.range == lsp.Range(lsp.Position(6, 8), lsp.Position(6, 11))


async def test_the_outline_names_tasks_and_inputs(editor: Editor) -> None:
    await editor.open(FLOW)
    found = await editor.client.text_document_document_symbol_async(
        lsp.DocumentSymbolParams(lsp.TextDocumentIdentifier(URI))
    )
    names = {section.name: [each.name for each in section.children or []] for section in found or []}  # pyright: ignore
    assert names == {"inputs": ["who"], "tasks": ["ask", "tell"]}


async def test_a_file_is_laid_out(editor: Editor) -> None:
    await editor.open(FLOW.replace("    uri: https", "    uri:    https"))
    (edit,) = (
        await editor.client.text_document_formatting_async(
            lsp.DocumentFormattingParams(lsp.TextDocumentIdentifier(URI), lsp.FormattingOptions(2, True))
        )
        or []
    )
    assert "    uri: https" in edit.new_text


async def test_everything_that_is_certain_is_mended_at_once(editor: Editor) -> None:
    await editor.open(FLOW.replace("message:", "massage:").replace("outputs.ask", "outputs.aks"))
    context = lsp.CodeActionContext([], only=[lsp.CodeActionKind.SourceFixAll])
    whole = lsp.Range(lsp.Position(0, 0), lsp.Position(0, 0))
    (action,) = (
        await editor.client.text_document_code_action_async(
            lsp.CodeActionParams(lsp.TextDocumentIdentifier(URI), whole, context)
        )
        or []
    )
    assert isinstance(action, lsp.CodeAction)
    assert action.edit is not None
    assert (action.edit.changes or {})[URI][0].new_text == FLOW


async def test_an_editor_may_come_over_a_port() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", COMMAND, "lsp", "--tcp", "0", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    said = (await process.stdout.readline()).decode()
    client = LanguageClient("editor", "1")
    await client.start_tcp("127.0.0.1", int(said.rpartition(":")[2]))
    answer = await client.initialize_async(lsp.InitializeParams(capabilities=lsp.ClientCapabilities()))
    assert answer.server_info is not None
    assert answer.server_info.name == "tiercel"
    await client.shutdown_async(None)
    client.exit(None)
    assert await process.wait() == 0


async def test_an_answer_about_a_long_flow_comes_at_once(editor: Editor) -> None:
    tasks = "".join(
        f"  - id: t{number}\n    type: core.log.Log\n    message: hi\n    level: INFO\n" for number in range(75)
    )
    await editor.open(
        f"id: long\nnamespace: team\ntasks:\n{tasks}  - id: last\n    type: core.log.Log\n    message: '{{{{ outputs."
    )
    await editor.complete("outputs.")
    spent: list[float] = []
    for _ in range(5):
        began = time.perf_counter()
        found = await editor.complete("outputs.")
        spent.append(time.perf_counter() - began)
    assert len(found) == 75
    assert min(spent) < 0.05
