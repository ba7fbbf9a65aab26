"""What a plugin may use, and nothing else: the only package of ours that plugins import."""

from tiercel.expression import ExpressionError, is_true
from tiercel.model.durations import parse_duration
from tiercel.model.flow_trigger import FlowTrigger
from tiercel.model.kv import KvEntry, KvType, KvValue, typed_value, value_of
from tiercel.model.namespace_file import NamespaceFile
from tiercel.model.states import State
from tiercel.sdk.context import (
    Files,
    FlowName,
    KeyValues,
    Logs,
    NamespaceFiles,
    Purged,
    PurgedFiles,
    RunContext,
    RunInfo,
    Server,
    TaskLog,
    Which,
)
from tiercel.sdk.errors import InvalidProperty, TaskFailed, TaskKilled
from tiercel.sdk.fields import Duration, LogLevel, NotRendered, Raw, RenderedToText, Secret, Texts
from tiercel.sdk.output import AnyOutput, NoOutput, Output
from tiercel.sdk.properties import Properties
from tiercel.sdk.task import OutputT, Plugin, Task
from tiercel.sdk.trigger import PollingTrigger, RealtimeTrigger, SchedulableTrigger, Trigger, WebhookTrigger
from tiercel.sdk.trigger_context import TriggerContext
from tiercel.sdk.webhook_signature import WebhookSignature

__all__ = [
    "AnyOutput",
    "Duration",
    "ExpressionError",
    "Files",
    "FlowName",
    "FlowTrigger",
    "InvalidProperty",
    "KeyValues",
    "KvEntry",
    "KvType",
    "KvValue",
    "LogLevel",
    "Logs",
    "NamespaceFile",
    "NamespaceFiles",
    "NoOutput",
    "NotRendered",
    "Output",
    "OutputT",
    "Plugin",
    "PollingTrigger",
    "Properties",
    "Purged",
    "PurgedFiles",
    "Raw",
    "RealtimeTrigger",
    "RenderedToText",
    "RunContext",
    "RunInfo",
    "SchedulableTrigger",
    "Secret",
    "Server",
    "State",
    "Task",
    "TaskFailed",
    "TaskKilled",
    "TaskLog",
    "Texts",
    "Trigger",
    "TriggerContext",
    "WebhookSignature",
    "WebhookTrigger",
    "Which",
    "is_true",
    "parse_duration",
    "typed_value",
    "value_of",
]
