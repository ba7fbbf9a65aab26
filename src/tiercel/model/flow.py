"""A flow as people write it: inputs, tasks, outputs, triggers. The source text stays the truth beside it."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BeforeValidator, ConfigDict, Field

from tiercel.model.bounds import Behavior
from tiercel.model.flowable import SomeTasks, Tasks
from tiercel.model.labels import Labels, Text, as_text
from tiercel.model.suites import UnitTest
from tiercel.model.task import Authored, Duration, Retry, WorkerGroup, WorkerSelector


class InputType(StrEnum):
    STRING = "STRING"
    INT = "INT"
    FLOAT = "FLOAT"
    BOOL = "BOOL"
    BOOLEAN = "BOOLEAN"
    SELECT = "SELECT"
    ENUM = "ENUM"
    MULTISELECT = "MULTISELECT"
    DATETIME = "DATETIME"
    DATE = "DATE"
    TIME = "TIME"
    DURATION = "DURATION"
    FILE = "FILE"
    JSON = "JSON"
    YAML = "YAML"
    URI = "URI"
    EMAIL = "EMAIL"
    SECRET = "SECRET"
    ARRAY = "ARRAY"
    FORM = "FORM"
    REUSABLE_INPUTS = "REUSABLE_INPUTS"


class DependsOn(Authored):
    """What switches an input on."""

    inputs: tuple[str, ...] = ()
    """The inputs that its expressions may name. It is asked for when all of these are switched on."""
    condition: Text | None = None
    """Switches it on where it renders to `true`; an input that is off has no value and is not missing."""


class Input(Authored):
    """A value an execution is started with. Which properties a type takes is checked by definition.checks."""

    id: Annotated[
        str,
        Field(min_length=1, pattern=r"^[a-zA-Z0-9][.a-zA-Z0-9_-]*$", validation_alias=AliasChoices("id", "name")),
    ]
    """The name by which expressions call it; a dot makes a group: `db.user` is `inputs.db.user`. Once `name`."""
    type: InputType
    """What values it takes."""
    description: Text | None = None
    """For people, in Markdown."""
    display_name: Annotated[str, Field(max_length=64), BeforeValidator(as_text)] | None = None
    """What forms call it, at most 64 characters."""
    required: bool = True
    """Whether an execution needs a value. Without one an optional input is null."""
    defaults: Any = None
    """The value where none is given, or an expression for it."""
    prefill: Any = None
    """What forms suggest for an optional input; people may clear it."""
    depends_on: DependsOn | None = None
    """Which inputs it sees, and what switches it on."""
    validator: str | None = None
    """A regular expression that the whole value must match; it has a second to do so."""
    min: Any = None
    """The least value, itself allowed."""
    max: Any = None
    """The greatest value, itself allowed."""
    after: str | None = None
    """The earliest value, itself allowed."""
    before: str | None = None
    """The latest value, itself allowed."""
    values: Annotated[tuple[Any, ...] | None, Field(validation_alias=AliasChoices("values", "options"))] = None
    """What one may choose from: values, or mappings of `label` (shown) and `value` (received). Once `options`."""
    expression: str | None = None
    """An expression that gives the list to choose from, instead of `values`."""
    allow_custom_value: bool = False
    """Whether values beside the list are taken too."""
    is_radio: bool = False
    """Whether forms show the list as buttons."""
    auto_select_first: bool = False
    """Whether the first of the list is the default."""
    item_type: InputType | None = None
    """The type of each entry."""
    extension: str | None = None
    """The ending of files that older clients send."""
    accept: Annotated[tuple[str, ...], Field(validation_alias=AliasChoices("accept", "allowedFileExtensions"))] = ()
    """The endings that a file may have. Also `allowedFileExtensions`."""
    inputs: "tuple[Input, ...]" = ()
    """The inputs that it groups."""
    ref: str | None = None
    """The set of inputs meant."""
    namespace: str | None = None
    """Where the set is; the flow's where nothing is said."""
    revision: int | None = None
    """Which revision of the set."""


class Output(Authored):
    """A value that an execution gives to whoever started it."""

    id: Annotated[str, Field(min_length=1, pattern=r"^[a-zA-Z0-9][.a-zA-Z0-9_-]*$")]
    """The name by which whoever called the flow finds it."""
    type: InputType
    """One of the types of inputs: the value must be one it takes. SECRET keeps it encrypted."""
    value: Any
    """An expression, rendered when the tasks are done; or a literal."""
    description: Text | None = None
    """For people, in Markdown."""
    display_name: Text | None = None
    """What people see as its name."""
    required: bool = True
    """Whether null is an error that fails the execution."""
    item_type: InputType | None = None
    """ARRAY, MULTISELECT: the type of each entry; without it entries stay what they are."""


class Trigger(Authored):
    """What every trigger has; properties of its own type are raw in `properties`."""

    model_config = ConfigDict(extra="allow")

    id: Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_-]*$")]
    """Its name within the flow."""
    type: Annotated[str, Field(min_length=1)]
    """What starts the flow. The beginning `io.kestra.plugin.` may be left out."""
    version: str | None = None
    """Accepted; the version that is installed is used."""
    description: Text | None = None
    """For people, in Markdown."""
    disabled: bool | str = False
    """Whether it starts nothing."""
    conditions: tuple[dict[str, Any], ...] = ()
    """1.x: what must hold, all of it; write `when`."""
    when: str | bool | None = None
    """An expression that must render to true."""
    labels: Labels = ()
    """Put on the executions that it starts."""
    inputs: dict[str, Any] | None = None
    """What the executions are started with."""
    stop_after: tuple[str, ...] = ()
    """States of an execution after which it is switched off."""
    log_level: Annotated[str | None, Field(validation_alias=AliasChoices("logLevel", "minLogLevel"))] = None
    """The least level of its lines that is kept."""
    log_to_file: bool = False
    """Whether its lines go to a file of internal storage."""
    fail_on_trigger_error: bool = False
    """Whether an error of its own makes a failed execution."""
    allow_concurrent: bool = False
    """Whether it may start one while the last that it started still runs."""
    worker_group: WorkerGroup | None = None
    """1.x: the workers that look, by their `key`; every worker does so far."""
    worker_selector: WorkerSelector | None = None
    """The workers that look, by their tags. It is read and kept; so far every worker looks."""
    assets: dict[str, Any] | None = None
    """Of the commercial edition of the original: read and kept."""
    policy_refs: tuple[str, ...] = ()
    """Of the commercial edition of the original: read and kept."""

    @property
    def properties(self) -> dict[str, Any]:
        return self.model_extra or {}


class Concurrency(Authored):
    """How many executions of the flow may run at once."""

    limit: Annotated[int, Field(ge=1)]
    """How many."""
    behavior: Behavior = "QUEUE"
    """What becomes of one more: it waits (QUEUE), is cancelled, or fails."""
    key: Annotated[Text | None, Field(min_length=1)] = None
    """An expression, rendered when an execution begins: so many may run for each value of it. Tiercel's own."""


class Sla(Authored):
    """What executions of the flow must keep to."""

    id: Annotated[str, Field(min_length=1)]
    """Its name."""
    type: Literal["MAX_DURATION", "EXECUTION_ASSERTION"]
    """What is watched: how long an execution takes, or a condition."""
    duration: Duration | None = None
    """MAX_DURATION: how long it may take."""
    assert_: Annotated[Text | None, Field(alias="assert")] = None
    """EXECUTION_ASSERTION: an expression that must stay true."""
    behavior: Literal["FAIL", "CANCEL", "NONE"]
    """What a violation does to the execution."""
    labels: Labels = ()
    """Labels that a violation puts on the execution."""


class Check(Authored):
    """A condition that must hold for an execution to begin."""

    when: Annotated[
        str,
        Field(min_length=1, validation_alias=AliasChoices("when", "condition")),
        BeforeValidator(as_text),
    ]
    """An expression that must render to `true`; it may name inputs, secrets in clear. Once `condition`."""
    message: Annotated[str, Field(min_length=1), BeforeValidator(as_text)]
    """What is told where it does not; may be an expression."""
    style: Literal["ERROR", "SUCCESS", "WARNING", "INFO"] = "INFO"
    """How forms show the message; also the level of its line in the log."""
    behavior: Literal["BLOCK_EXECUTION", "FAIL_EXECUTION", "CREATE_EXECUTION"] = "BLOCK_EXECUTION"
    """What follows: nothing is created, or the execution fails at once, or it runs all the same. The strictest failed check decides."""


class Listener(Authored):
    """1.x: tasks that run after the end."""

    description: Text | None = None
    """For people."""
    conditions: tuple[dict[str, Any], ...] = ()
    """What must hold, all of it."""
    tasks: SomeTasks
    """What is done then."""


class PluginDefault(Authored):
    """Properties for all tasks and triggers of a type."""

    type: Annotated[str, Field(min_length=1)]
    """A type by any of its names, or the beginning of several."""
    values: dict[str, Any]
    """Properties and their values. Mappings are merged, lists put together."""
    forced: bool = False
    """Whether it wins over what a task says itself."""


class Flow(Authored):
    """The whole definition. `revision` is given by the server."""

    id: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[a-zA-Z0-9][a-zA-Z0-9._-]*$")]
    """Its name within the namespace. It cannot be changed."""
    namespace: Annotated[str, Field(min_length=1, max_length=150, pattern=r"^[a-z0-9][a-z0-9._-]*$")]
    """Where it lives; dots make levels. It cannot be changed."""
    tenant_id: str | None = None
    """Given by the server."""
    revision: int | None = None
    """Given by the server, counted from 1; what stands in the text is not kept."""
    updated: str | None = None
    """Given by the server."""
    description: Text | None = None
    """For people, in Markdown."""
    labels: Labels = ()
    """Put on every execution: a mapping, or a list of `key` and `value`. Keys begin with a small letter; `system.` is the server's, but `system.readOnly`."""
    inputs: tuple[Input, ...] = ()
    """What an execution is started with: [inputs](inputs.md)."""
    variables: dict[str, Any] = {}
    """Values that expressions name as `vars.…`. They are not rendered by themselves: `{{ render(vars.x) }}`."""
    tasks: SomeTasks
    """What is done, one after the other."""
    errors: Tasks = ()
    """Tasks that run when one of `tasks` failed."""
    finally_: Annotated[Tasks, Field(alias="finally")] = ()
    """Tasks that run after `tasks`, and after `errors`, however they ended."""
    after_execution: Tasks = ()
    """Tasks that run when the execution is over: they see its state and outputs, and change neither."""
    triggers: tuple[Trigger, ...] = ()
    """What starts executions by itself."""
    outputs: tuple[Output, ...] = ()
    """What an execution gives back when it ends."""
    concurrency: Concurrency | None = None
    """How many executions may run at once."""
    retry: Retry | None = None
    """How tasks that have no retry of their own are tried again."""
    sla: tuple[Sla, ...] = ()
    """What executions must keep to."""
    checks: tuple[Check, ...] = ()
    """Conditions that must hold for an execution to begin."""
    quotas: tuple[dict[str, Any], ...] = ()
    """Of the commercial edition of the original: read and kept."""
    plugin_defaults: Annotated[
        tuple[PluginDefault, ...],
        Field(validation_alias=AliasChoices("pluginDefaults", "taskDefaults", "plugin_defaults")),
    ] = ()
    """Properties for all tasks and triggers of a type. Once `taskDefaults`."""
    policy_refs: tuple[str, ...] = ()
    """Of the commercial edition of the original: read and kept."""
    worker_group: WorkerGroup | None = None
    """1.x: the tag of the workers that take its tasks, as `key`; every worker does so far."""
    worker_selector: WorkerSelector | None = None
    """The tags of the workers that take its tasks. They are read and kept; so far every worker takes every task."""
    listeners: tuple[Listener, ...] = ()
    """1.x: run after the end, where their conditions hold."""
    tests: tuple[UnitTest, ...] = ()
    """Its unit tests, for `tiercel test`; a server keeps them and does nothing with them."""
    disabled: bool = False
    """Whether nothing starts it: no trigger, no call."""
    draft: bool = False
    """Whether this revision runs only where it is asked for by its number."""
    deleted: bool = False
    """Given by the server."""
    extend: dict[str, Any] | None = None
    """Whatever other tools keep in a flow."""
