"""Built-in types `io.kestra.plugin.core.*`, one file a type.

`TYPES` names where each type's class is, and what old names are called now; nothing is imported before a flow uses it.
Flowables and the tasks that change their own execution are not here: the engine decides them (model.flowable).
"""

_CORE = "io.kestra.plugin.core."

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
    # old names
    "io.kestra.core.models.triggers.types.Schedule": _CORE + "trigger.Schedule",
    "io.kestra.core.models.triggers.types.Webhook": _CORE + "trigger.Webhook",
    "io.kestra.core.tasks.debugs.Echo": _CORE + "debug.Echo",
    "io.kestra.core.tasks.debugs.Return": _CORE + "debug.Return",
    "io.kestra.core.tasks.executions.Fail": _CORE + "execution.Fail",
    "io.kestra.core.tasks.log.Log": _CORE + "log.Log",
    "io.kestra.plugin.fs.http.Download": _CORE + "http.Download",
    "io.kestra.plugin.fs.http.Request": _CORE + "http.Request",
}
