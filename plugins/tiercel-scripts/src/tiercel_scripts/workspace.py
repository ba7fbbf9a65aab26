"""The folders of one run of a script, and the texts rendered for it: what lies in them, what leaves them."""

import asyncio
import json
import secrets
from collections.abc import Sequence
from pathlib import Path
from shlex import quote
from typing import Any, cast

from tiercel.sdk import RunContext, TaskFailed
from tiercel.sdk.patterns import is_pattern
from tiercel.sdk.processes import PRIVATE
from tiercel_scripts.command import LONGEST_ARGUMENT, Marks, is_shell
from tiercel_scripts.files_in import Downloads, place
from tiercel_scripts.files_out import Collection

AT_ONCE = 64 * 1024
"""Bytes that are written faster than a thread begins."""
CONTEXT_FILE = ".kestra-execution-context.json"
"""Where the library `kestra` looks for what the execution is about."""
_CONTEXT = ("labels", "trigger", "inputs", "outputs", "execution", "flow", "task", "taskrun", "vars", "envs", "globals")


class Workspace:
    """`folder` may be shared by the tasks of a WorkingDirectory; names of what is ours carry the run's."""

    def __init__(self, ctx: RunContext) -> None:
        self.folder = ctx.working_dir
        self.name = f"{ctx.info.task_run_id}-{ctx.info.attempt}"
        self.mark = f"{self.name}-{secrets.token_hex(4)}"
        """By which the processes of this run, and of no other, are known."""
        self.marks = Marks()
        self.private = self.folder / PRIVATE
        self.output_dir = self.private / f"output-{self.name}"
        self._ctx = ctx
        self._downloads = Downloads(ctx, self.private)
        self._patterns: list[str] = []
        self._extra: dict[str, Any] = {}
        self._ours = {CONTEXT_FILE}

    async def set_up(self, *, input_files: Any, output_files: list[str] | str) -> None:
        """Make the folders and put the files in."""
        self.output_dir.mkdir(parents=True, exist_ok=True)
        self._extra = {"workingDir": str(self.folder), "outputDir": str(self.output_dir)}
        self._patterns = await self.lines(output_files, of="outputFiles")
        self._extra["outputFiles"] = {name: str(self.folder / name) for name in self._patterns if not is_pattern(name)}
        await place(await self.render(input_files), self.folder, self._downloads)
        variables = self._ctx.variables
        context = {name: variables[name] for name in _CONTEXT if name in variables}
        (self.folder / CONTEXT_FILE).write_text(json.dumps(context, ensure_ascii=False, default=str), "utf-8")

    async def render(self, value: Any) -> Any:
        """Rendered, with the folders of this run as variables."""
        return None if value is None else await self._ctx.render(value, self._extra)

    async def lines(self, value: list[str] | str, *, of: str) -> list[str]:
        """A list of rendered texts; an expression may give the JSON of one."""
        rendered = await self.render(value)
        if isinstance(rendered, list):
            return [str(line) for line in cast(list[Any], rendered)]
        try:
            found: Any = json.loads(rendered or "[]")
        except ValueError:
            found = None
        if not isinstance(found, list):
            raise TaskFailed(f"property `{of}` must be a list; it rendered to {rendered!r}")
        return [line if isinstance(line, str) else json.dumps(line) for line in cast(list[Any], found)]

    async def text(self, value: str) -> str:
        """Rendered, storage URIs replaced by local paths."""
        return await self.local(str(await self.render(value)))

    async def texts(self, value: list[str] | str, *, of: str) -> list[str]:
        return [await self.local(line) for line in await self.lines(value, of=of)]

    async def local(self, text: str) -> str:
        return await self._downloads.in_text(text)

    async def keep(self, name: str, text: str) -> Path:
        """A file of ours in the working folder, which no pattern of the author's means."""
        path = self.folder / name
        self._ours.add(name)
        data = text.encode("utf-8", "surrogatepass")
        if len(data) > AT_ONCE:
            await asyncio.to_thread(path.write_bytes, data)
        else:
            path.write_bytes(data)
        return path

    async def argument(self, interpreter: Sequence[str], text: str) -> str:
        """The text as one argument; as a file to read where the system would not take it."""
        if len(text.encode("utf-8", "surrogatepass")) <= LONGEST_ARGUMENT or not is_shell(interpreter):
            return text
        file = await self.keep(f"{PRIVATE}/commands-{self.name}", text)
        return f". {quote(str(file))}"

    async def collect(self) -> dict[str, str]:
        """URIs of the files that are to be kept, by name."""
        collection = Collection(self._ctx, self.folder, without=frozenset(self._ours))
        return await collection.of(self.output_dir, self._patterns)
