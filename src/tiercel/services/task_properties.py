"""The properties of a task run as they were rendered for it; secrets are stars."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from pydantic import BaseModel

from tiercel.engine.commands import Job
from tiercel.expression import ExpressionError, HostCall
from tiercel.model.masking import SECRET_FUNCTIONS, STARS, Masker
from tiercel.model.sealed import Cipher
from tiercel.sdk import RunInfo
from tiercel.services.catalog import PluginCatalog, UnknownType
from tiercel.services.explanation import Rendered
from tiercel.services.rendering import JobRendering, World
from tiercel.services.shapes import shape_of_class

LONGEST = 2000
"""Characters of a text that are shown."""
_FOLDER = {"workingDir": "workingDir"}
"""The folder of the task is gone."""


class TaskProperties:
    """Renders a job's properties one by one, so that one which cannot be rendered does not hide the others."""

    def __init__(self, catalog: PluginCatalog, world: World, *, cipher: Cipher | None) -> None:
        self._catalog = catalog
        self._world = world
        self._cipher = cipher

    async def rendered(self, job: Job) -> tuple[Rendered, ...]:
        world = _Veiled(self._world)
        rendering = JobRendering(job, cipher=self._cipher, world=world, info=_info(job))
        secret = set(_secret_properties(self._class(job)))
        found: list[Rendered] = []
        for name, value in job.properties.items():
            if value is not None:
                written = STARS if name in secret else value
                found.append(await _property(name, written, rendering, world))
        # Only now every secret of the job is known.
        return tuple(_hidden(one, rendering.masker) for one in found)

    def _class(self, job: Job) -> type[BaseModel] | None:
        """None for a type that is not installed here, or that the engine knows itself."""
        try:
            return self._catalog.task(job.type)
        except UnknownType:
            return None


async def _property(name: str, value: Any, rendering: JobRendering, world: "_Veiled") -> Rendered:
    world.asked.clear()
    try:
        given = await rendering.render_with_answers(value, _FOLDER)
    except ExpressionError as error:
        return Rendered(name, error=error.message, asked_again=tuple(world.asked))
    return Rendered(name, given, asked_again=tuple(world.asked))


class _Veiled:
    """A world that tells no secrets and remembers what it was asked."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.asked: dict[str, None] = {}

    async def answer(self, call: HostCall, info: RunInfo) -> Any:
        if call.function in SECRET_FUNCTIONS:
            return STARS
        self.asked[call.key] = None
        return await self._world.answer(call, info)


def _secret_properties(plugin: type[BaseModel] | None) -> Iterator[str]:
    if plugin is not None:
        fields = shape_of_class(plugin).fields or {}
        yield from (name for name, shape in fields.items() if shape.secret)


def _hidden(one: Rendered, masker: Masker) -> Rendered:
    error = None if one.error is None else masker.mask(one.error)
    return Rendered(one.name, _shown(one.value, masker), error, one.asked_again)


def _shown(value: Any, masker: Masker) -> Any:
    match value:
        case str():
            text = masker.mask(value)
            return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text):,} characters)"
        case Mapping():
            entries = cast(Mapping[str, Any], value)
            return {name: _shown(entry, masker) for name, entry in entries.items()}
        case list() | tuple():
            return [_shown(entry, masker) for entry in cast(list[Any], value)]
        case _:
            return value


def _info(job: Job) -> RunInfo:
    return RunInfo(
        tenant=job.tenant,
        namespace=job.namespace,
        flow_id=job.flow_id,
        flow_revision=job.flow_revision,
        execution_id=job.execution_id,
        task_id=job.task_id,
        task_run_id=job.task_run_id,
        attempt=job.attempt,
    )
