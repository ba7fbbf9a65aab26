"""Built-in types `io.kestra.plugin.core.*`, one file a type.

`TYPES` names where each type's class is, and what old names are called now; nothing is imported before a flow uses it.
Flowables and the tasks that change their own execution are not here: the engine decides them (model.flowable).
"""

_CORE = "io.kestra.plugin.core."

_OLD_NAMES = {
    "io.kestra.core.models.triggers.types": ("trigger", "Flow Schedule Webhook"),
    "io.kestra.core.tasks.debugs": ("debug", "Echo Return"),
    "io.kestra.core.tasks.executions": ("execution", "Fail Labels"),
    "io.kestra.core.tasks.log": ("log", "Fetch Log"),
    "io.kestra.core.tasks.states": ("state", "Delete Get Set"),
    "io.kestra.core.tasks.storages": (
        "storage",
        "Concat DeduplicateItems Delete FilterItems LocalFiles Reverse Size Split",
    ),
    "io.kestra.core.tasks.templating": ("templating", "TemplatedTask"),
    "io.kestra.core.tasks.trigger": ("trigger", "Toggle"),
    "io.kestra.plugin.fs.http": ("http", "Download Request Trigger"),
}
"""Old package → package now, and the types that kept their last word."""

_RENAMED = {
    "io.kestra.core.tasks.executions.Counts": "execution.Count",
    "io.kestra.core.tasks.storages.Purge": "execution.PurgeExecutions",
    "io.kestra.core.tasks.storages.PurgeExecution": "storage.PurgeCurrentExecutionFiles",
    "io.kestra.plugin.core.storage.Purge": "execution.PurgeExecutions",
    "io.kestra.plugin.core.storage.PurgeExecution": "storage.PurgeCurrentExecutionFiles",
}

TYPES: dict[str, str] = {
    _CORE + "debug.Echo": "tiercel.plugins.debug.echo:Echo",
    _CORE + "debug.Return": "tiercel.plugins.debug.return_:Return",
    _CORE + "execution.Assert": "tiercel.plugins.execution.assert_:Assert",
    _CORE + "execution.Fail": "tiercel.plugins.execution.fail:Fail",
    _CORE + "http.Download": "tiercel.plugins.http.download:Download",
    _CORE + "http.Request": "tiercel.plugins.http.request:Request",
    _CORE + "log.Log": "tiercel.plugins.log.log:Log",
    _CORE + "output.OutputValues": "tiercel.plugins.output.output_values:OutputValues",
    _CORE + "trigger.Schedule": "tiercel.plugins.trigger.schedule:Schedule",
    _CORE + "trigger.Webhook": "tiercel.plugins.trigger.webhook:Webhook",
    **{f"{old}.{word}": f"{_CORE}{now}.{word}" for old, (now, words) in _OLD_NAMES.items() for word in words.split()},
    **{old: _CORE + now for old, now in _RENAMED.items()},
}
