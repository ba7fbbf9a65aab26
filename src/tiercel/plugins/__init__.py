"""Built-in types `io.kestra.plugin.core.*`, one file a type.

`TYPES` names where each type's class is; nothing is imported before a flow uses it.
"""

TYPES: dict[str, str] = {
    "io.kestra.plugin.core.log.Log": "tiercel.plugins.log:Log",
}
