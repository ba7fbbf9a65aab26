"""Our answers in the words of the protocol: positions in the client's units, kinds by number."""

import re

from lsprotocol import types as lsp
from pygls.workspace import PositionCodec, ServerTextPosition

from tiercel.definition import Severity
from tiercel.definition.editing import Completion, Entry, Range, Suggestion, Told
from tiercel.lsp.diagnostics import Finding, Fix, Place
from tiercel.lsp.file import File, Part

SOURCE = "tiercel"
_PLACEHOLDER = re.compile(r"\$\{\d+\|[^}]*\}|\$\d+")
_SEVERITIES = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
    Severity.INFO: lsp.DiagnosticSeverity.Information,
}
_KINDS = {
    "property": lsp.CompletionItemKind.Property,
    "value": lsp.CompletionItemKind.EnumMember,
    "type": lsp.CompletionItemKind.Class,
    "task": lsp.CompletionItemKind.Reference,
    "input": lsp.CompletionItemKind.Reference,
    "variable": lsp.CompletionItemKind.Variable,
    "function": lsp.CompletionItemKind.Function,
    "filter": lsp.CompletionItemKind.Function,
    "test": lsp.CompletionItemKind.Operator,
    "keyword": lsp.CompletionItemKind.Keyword,
}
_SYMBOLS = {
    "section": lsp.SymbolKind.Namespace,
    "task": lsp.SymbolKind.Function,
    "input": lsp.SymbolKind.Variable,
    "output": lsp.SymbolKind.Property,
    "trigger": lsp.SymbolKind.Event,
}


class Answers:
    """Makes the answers about one file."""

    def __init__(self, file: File, codec: PositionCodec) -> None:
        self._file = file
        self._codec = codec

    def given(self, position: lsp.Position) -> tuple[int, int]:
        """Line and column of a client's position."""
        if position.line >= len(self._file.lines):
            return len(self._file.lines) - 1, len(self._file.lines[-1])
        found = self._codec.position_from_client_units(
            [self._file.lines[position.line]], lsp.Position(0, position.character)
        )
        return position.line, found.character

    def range(self, line: int, start: int, end_line: int, end: int) -> lsp.Range:
        return lsp.Range(self._position(line, start), self._position(end_line, end))

    def completion(self, found: Completion, part: Part, *, takes_snippets: bool) -> lsp.CompletionList:
        line = found.line + part.first_line
        place = self.range(line, found.start, line, found.end)
        items = [
            _item(each, place, number, takes_snippets=takes_snippets) for number, each in enumerate(found.suggestions)
        ]
        return lsp.CompletionList(is_incomplete=found.is_partial, items=items)

    def hover(self, told: Told, part: Part) -> lsp.Hover:
        return lsp.Hover(_markdown(told.text), self._on_line(told.range, part))

    def location(self, uri: str, found: Range, part: Part) -> lsp.Location:
        return lsp.Location(uri, self._on_line(found, part))

    def diagnostic(self, finding: Finding) -> lsp.Diagnostic:
        problem = finding.problem
        return lsp.Diagnostic(
            range=self._of(finding.place),
            message=problem.message,
            severity=_SEVERITIES[problem.severity],
            code=problem.code,
            source=SOURCE,
            tags=[lsp.DiagnosticTag.Deprecated] if problem.code in ("deprecated", "alias") else None,
        )

    def edit(self, fix: Fix) -> lsp.TextEdit:
        return lsp.TextEdit(self._of(fix.place), fix.text)

    def whole(self, text: str) -> lsp.TextEdit:
        """The file with another text."""
        lines = self._file.lines
        return lsp.TextEdit(self.range(0, 0, len(lines) - 1, len(lines[-1])), text)

    def symbol(self, entry: Entry, part: Part) -> lsp.DocumentSymbol:
        first, last = entry.line + part.first_line, entry.last_line + part.first_line
        last = min(last, len(self._file.lines) - 1)
        return lsp.DocumentSymbol(
            name=entry.name,
            kind=_SYMBOLS[entry.kind],
            detail=entry.detail or None,
            range=self.range(first, 0, last, max(len(self._file.lines[last]), entry.end if last == first else 0)),
            selection_range=self.range(first, entry.start, first, entry.end),
            children=[self.symbol(each, part) for each in entry.inner],
        )

    def _on_line(self, found: Range, part: Part) -> lsp.Range:
        line = found.line + part.first_line
        return self.range(line, found.start, line, found.end)

    def _of(self, place: Place) -> lsp.Range:
        return self.range(place.line, place.start, place.end_line, place.end)

    def _position(self, line: int, column: int) -> lsp.Position:
        if line >= len(self._file.lines):
            return lsp.Position(line, 0)
        found = self._codec.position_to_client_units([self._file.lines[line]], ServerTextPosition(0, column))
        return lsp.Position(line, found.character)


def _item(found: Suggestion, place: lsp.Range, number: int, *, takes_snippets: bool) -> lsp.CompletionItem:
    text = found.text if takes_snippets or not found.is_snippet else _PLACEHOLDER.sub("", found.text)
    is_snippet = found.is_snippet and takes_snippets
    return lsp.CompletionItem(
        label=found.label,
        kind=_KINDS[found.kind],
        detail=found.detail or None,
        documentation=_markdown(found.about) if found.about else None,
        tags=[lsp.CompletionItemTag.Deprecated] if found.is_deprecated else None,
        sort_text=f"{number:04}",
        text_edit=lsp.TextEdit(place, text),
        insert_text_format=lsp.InsertTextFormat.Snippet if is_snippet else lsp.InsertTextFormat.PlainText,
        insert_text_mode=lsp.InsertTextMode.AdjustIndentation,
    )


def _markdown(text: str) -> lsp.MarkupContent:
    return lsp.MarkupContent(lsp.MarkupKind.Markdown, text)
