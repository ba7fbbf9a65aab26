"""The types that flows may use: lists of them, the page and the schema of each, the schemas for editors."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import msgspec
from starlette.responses import Response

from tiercel.api.answers import Page, Paging, json_answer
from tiercel.api.call import Call
from tiercel.api.plugin_pages import Pages
from tiercel.api.problems import not_found
from tiercel.api.routing import route
from tiercel.definition.schema import DIALECT, KINDS, schema_of
from tiercel.model.flow import InputType
from tiercel.services.schemas import PluginSchemas

PREFIX = "io.kestra.plugin."
_CLASS = "io.kestra.core.models.flows.input."


class Listed(msgspec.Struct, frozen=True, omit_defaults=True):
    """A type in a list."""

    cls: str
    title: str = ""
    description: str = ""


class Group(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """The types of one family."""

    name: str
    title: str
    group: str
    manifest: dict[str, str]
    guides: list[str] = []
    aliases: list[str] = []
    tasks: list[Listed] = []
    triggers: list[Listed] = []
    conditions: list[Listed] = []
    categories: list[str] = []


class TriggerType(msgspec.Struct, frozen=True, omit_defaults=True):
    """A type of trigger, for a menu."""

    type: str
    name: str
    group: str
    icon: str
    description: str = ""
    ee: bool = msgspec.field(default_factory=lambda: False)


class InputTypeShown(msgspec.Struct, frozen=True):
    type: str
    cls: str


class Documented(msgspec.Struct, frozen=True):
    """The page of a type, and its schema."""

    markdown: str
    schema: dict[str, Any]


class Versions(msgspec.Struct, frozen=True):
    """The versions of a type: there is the one that is installed, which has no number here."""

    type: str
    versions: list[str] = []


class SchemaQuery(msgspec.Struct, frozen=True, rename="camel"):
    array_of: bool = False


class Plugins:
    """The routes of types. What has to import classes does so in a thread, once."""

    def __init__(self, schemas: PluginSchemas) -> None:
        self._schemas = schemas
        self._pages = Pages(schemas)
        self._groups: list[Group] | None = None
        self._made: dict[tuple[str, bool], dict[str, Any]] = {}

    @route("GET", "/plugins", operation="listPlugins", query=Paging, answers=Page[Group])
    async def listed(self, call: Call) -> Response:
        """List the types that are installed, by family"""
        groups = await self._all()
        return json_answer(Page(groups, len(groups)))

    @route("GET", "/plugins/groups/subgroups", operation="getPluginBySubgroups", answers=list[Group])
    async def subgroups(self, call: Call) -> Response:
        """List the types that are installed, by family"""
        return json_answer(await self._all())

    @route("GET", "/plugins/triggers", operation="listTriggerPlugins", answers=Page[TriggerType])
    async def triggers(self, call: Call) -> Response:
        """List the types of triggers"""
        names = await asyncio.to_thread(self._schemas.names, "trigger")
        found = [self._trigger(name) for name in names]
        return json_answer(Page(found, len(found)))

    @route("GET", "/plugins/inputs", operation="getAllInputTypes", answers=list[InputTypeShown])
    async def inputs(self, call: Call) -> Response:
        """List the types of inputs"""
        return json_answer([InputTypeShown(kind.value, _class_of(kind)) for kind in InputType])

    @route("GET", "/plugins/inputs/{type}", operation="getSchemaFromInputType", answers=Documented)
    async def input(self, call: Call) -> Response:
        """Get the page and the schema of a type of input"""
        kind = InputType.__members__.get(call.path["type"].upper())
        if kind is None:
            raise not_found(f"there is no type of input {call.path['type']}")
        return json_answer(Documented(*self._pages.of_input(kind)))

    @route("GET", "/plugins/schemas/{type}", operation="getSchemasFromType", query=SchemaQuery, answers=dict[str, Any])
    async def schema(self, call: Call) -> Response:
        """Get the JSON Schema of a kind of thing: flow, task, trigger, condition, input or output"""
        kind, is_list = self._kind(call), call.query(SchemaQuery).array_of
        if (kind, is_list) not in self._made:
            self._made[kind, is_list] = await asyncio.to_thread(self._schema, kind, is_list=is_list)
        return json_answer(self._made[kind, is_list])

    @route("GET", "/plugins/properties/{type}", operation="getPropertiesFromType", answers=dict[str, Any])
    async def properties(self, call: Call) -> Response:
        """Get the properties that all things of a kind have"""
        return json_answer(self._pages.base(self._kind(call)))

    @route("GET", "/plugins/{cls}", operation="getPluginDocumentation", answers=Documented)
    async def get(self, call: Call) -> Response:
        """Get the page and the schema of a type"""
        return json_answer(Documented(*await asyncio.to_thread(self._pages.of_type, self._known(call))))

    @route("GET", "/plugins/{cls}/versions", operation="getPluginVersions", answers=Versions)
    async def versions(self, call: Call) -> Response:
        """List the versions of a type"""
        return json_answer(Versions(self._known(call)))

    @route(
        "GET",
        "/plugins/{cls}/versions/{version}",
        operation="getPluginDocumentationFromVersion",
        answers=Documented,
    )
    async def version(self, call: Call) -> Response:
        """Get the page and the schema of a type, whatever the version"""
        return await self.get(call)

    async def _all(self) -> list[Group]:
        if self._groups is None:
            self._groups = await asyncio.to_thread(self._grouped)
        return self._groups

    def _grouped(self) -> list[Group]:
        by_group: defaultdict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for kind in ("task", "trigger", "condition"):
            for name in self._schemas.names(kind):
                by_group[_group(name)][kind].append(name)
        return [self._group(group, kinds) for group, kinds in sorted(by_group.items())]

    def _group(self, group: str, kinds: dict[str, list[str]]) -> Group:
        name = group.removeprefix(PREFIX)
        here = [each for names in kinds.values() for each in names]
        return Group(
            name=name,
            title=name,
            group=group,
            manifest={"X-Kestra-Title": name, "X-Kestra-Group": group, "Manifest-Version": "1.0"},
            aliases=sorted({alias for each in here for alias in self._schemas.spellings(each)[1:]}),
            tasks=self._listed(kinds.get("task", ())),
            triggers=self._listed(kinds.get("trigger", ())),
            conditions=self._listed(kinds.get("condition", ())),
            categories=["CORE"] if name == "core" else [],
        )

    def _listed(self, names: Iterable[str]) -> list[Listed]:
        return [Listed(name, *self._pages.title_and_rest(name)) for name in names]

    def _trigger(self, name: str) -> TriggerType:
        title, rest = self._pages.title_and_rest(name)
        return TriggerType(name, name.rpartition(".")[2], _group(name).removeprefix(PREFIX), name, rest or title)

    def _schema(self, kind: str, *, is_list: bool) -> dict[str, Any]:
        made = schema_of(kind, self._schemas)
        if not is_list:
            return made
        definitions = made.pop("$defs")
        made.pop("$schema")
        inner = made if "$ref" in made else {"$ref": f"#/$defs/{KINDS[kind].name}"}
        definitions |= {} if "$ref" in made else {KINDS[kind].name: made}
        return {"$schema": DIALECT, "type": "array", "items": inner, "$defs": definitions}

    def _kind(self, call: Call) -> str:
        kind = call.path["type"].lower()
        if kind not in KINDS:
            raise not_found(f"there is no schema of {call.path['type']}; there are {', '.join(KINDS)}")
        return kind

    def _known(self, call: Call) -> str:
        name = call.path["cls"]
        current = self._schemas.resolve(name)
        if current is None or not self._schemas.is_installed(current):
            raise not_found(f"Class '{name}' doesn't exists ")
        return current


def _group(name: str) -> str:
    """`io.kestra.plugin.core` for `io.kestra.plugin.core.log.Log`."""
    return PREFIX + name.removeprefix(PREFIX).partition(".")[0]


def _class_of(kind: InputType) -> str:
    """The name by which clients know a type of input."""
    words = {"DATETIME": "DateTime", "URI": "URI", "BOOLEAN": "Boolean", "REUSABLE_INPUTS": "ReusableInputs"}
    return f"{_CLASS}{words.get(kind.value, kind.value.title())}Input"
