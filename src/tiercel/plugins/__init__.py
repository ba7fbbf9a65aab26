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
    _CORE + "execution.Count": "tiercel.plugins.execution.count:Count",
    _CORE + "execution.Fail": "tiercel.plugins.execution.fail:Fail",
    _CORE + "execution.PurgeExecutions": "tiercel.plugins.execution.purge_executions:PurgeExecutions",
    _CORE + "execution.Resume": "tiercel.plugins.execution.resume:Resume",
    _CORE + "flow.ForEachItem$ForEachItemSplit": "tiercel.plugins.flow.split_items:SplitItems",
    _CORE + "flow.PurgeFlows": "tiercel.plugins.flow.purge_flows:PurgeFlows",
    _CORE + "http.Download": "tiercel.plugins.http.download:Download",
    _CORE + "http.Request": "tiercel.plugins.http.request:Request",
    _CORE + "http.SseRequest": "tiercel.plugins.http.sse_request:SseRequest",
    _CORE + "http.Trigger": "tiercel.plugins.http.trigger:Trigger",
    _CORE + "kv.Delete": "tiercel.plugins.kv.delete:Delete",
    _CORE + "kv.Get": "tiercel.plugins.kv.get:Get",
    _CORE + "kv.GetKeys": "tiercel.plugins.kv.get_keys:GetKeys",
    _CORE + "kv.PurgeKV": "tiercel.plugins.kv.purge_kv:PurgeKV",
    _CORE + "kv.Put": "tiercel.plugins.kv.put:Put",
    _CORE + "kv.Set": "tiercel.plugins.kv.set:Set",
    _CORE + "log.Fetch": "tiercel.plugins.log.fetch:Fetch",
    _CORE + "log.Log": "tiercel.plugins.log.log:Log",
    _CORE + "log.PurgeLogs": "tiercel.plugins.log.purge_logs:PurgeLogs",
    _CORE + "metric.Publish": "tiercel.plugins.metric.publish:Publish",
    _CORE + "metric.PurgeMetrics": "tiercel.plugins.metric.purge_metrics:PurgeMetrics",
    _CORE + "namespace.DeleteFiles": "tiercel.plugins.namespace.delete_files:DeleteFiles",
    _CORE + "namespace.DownloadFiles": "tiercel.plugins.namespace.download_files:DownloadFiles",
    _CORE + "namespace.PurgeFiles": "tiercel.plugins.namespace.purge_files:PurgeFiles",
    _CORE + "namespace.UploadFiles": "tiercel.plugins.namespace.upload_files:UploadFiles",
    _CORE + "output.OutputValues": "tiercel.plugins.output.output_values:OutputValues",
    _CORE + "state.Delete": "tiercel.plugins.state.delete:Delete",
    _CORE + "state.Get": "tiercel.plugins.state.get:Get",
    _CORE + "state.Set": "tiercel.plugins.state.set:Set",
    _CORE + "storage.Concat": "tiercel.plugins.storage.concat:Concat",
    _CORE + "storage.DeduplicateItems": "tiercel.plugins.storage.deduplicate_items:DeduplicateItems",
    _CORE + "storage.Delete": "tiercel.plugins.storage.delete:Delete",
    _CORE + "storage.FilterItems": "tiercel.plugins.storage.filter_items:FilterItems",
    _CORE + "storage.LocalFiles": "tiercel.plugins.storage.local_files:LocalFiles",
    _CORE
    + "storage.PurgeCurrentExecutionFiles": "tiercel.plugins.storage.purge_current_execution_files:PurgeCurrentExecutionFiles",
    _CORE + "storage.PurgeStorage": "tiercel.plugins.storage.purge_storage:PurgeStorage",
    _CORE + "storage.Reverse": "tiercel.plugins.storage.reverse:Reverse",
    _CORE + "storage.Size": "tiercel.plugins.storage.size:Size",
    _CORE + "storage.Split": "tiercel.plugins.storage.split:Split",
    _CORE + "storage.Write": "tiercel.plugins.storage.write:Write",
    _CORE + "templating.TemplatedTask": "tiercel.plugins.templating.templated_task:TemplatedTask",
    _CORE + "trigger.Flow": "tiercel.plugins.trigger.flow:Flow",
    _CORE + "trigger.Schedule": "tiercel.plugins.trigger.schedule:Schedule",
    _CORE + "trigger.ScheduleOnDates": "tiercel.plugins.trigger.schedule_on_dates:ScheduleOnDates",
    _CORE + "trigger.Toggle": "tiercel.plugins.trigger.toggle:Toggle",
    _CORE + "trigger.Webhook": "tiercel.plugins.trigger.webhook:Webhook",
    **{f"{old}.{word}": f"{_CORE}{now}.{word}" for old, (now, words) in _OLD_NAMES.items() for word in words.split()},
    **{old: _CORE + now for old, now in _RENAMED.items()},
}
