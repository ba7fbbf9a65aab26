"""What a plugin may use, and nothing else: the only package of ours that plugins import."""

from tiercel.expression import is_true
from tiercel.sdk.context import Files, RunContext, RunInfo, TaskLog
from tiercel.sdk.errors import InvalidProperty, TaskFailed, TaskKilled
from tiercel.sdk.fields import Duration, LogLevel, NotRendered, Raw, Secret
from tiercel.sdk.output import NoOutput, Output
from tiercel.sdk.properties import Properties
from tiercel.sdk.task import Plugin, Task
from tiercel.sdk.trigger import SchedulableTrigger, Trigger, WebhookTrigger

__all__ = [
    "Duration",
    "Files",
    "InvalidProperty",
    "LogLevel",
    "NoOutput",
    "NotRendered",
    "Output",
    "Plugin",
    "Properties",
    "Raw",
    "RunContext",
    "RunInfo",
    "SchedulableTrigger",
    "Secret",
    "Task",
    "TaskFailed",
    "TaskKilled",
    "TaskLog",
    "Trigger",
    "WebhookTrigger",
    "is_true",
]
