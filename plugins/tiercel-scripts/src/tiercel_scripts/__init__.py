"""Scripts in processes. `TYPES` names where each class is; nothing is imported before a flow uses it."""

TYPES: dict[str, str] = {
    "io.kestra.plugin.scripts.python.Script": "tiercel_scripts.python.script:Script",
    "io.kestra.plugin.scripts.python.Commands": "tiercel_scripts.python.commands:Commands",
    "io.kestra.plugin.scripts.shell.Script": "tiercel_scripts.shell.script:Script",
    "io.kestra.plugin.scripts.shell.Commands": "tiercel_scripts.shell.commands:Commands",
    "io.kestra.core.tasks.scripts.Bash": "tiercel_scripts.earlier.bash:Bash",
    "io.kestra.core.tasks.scripts.Python": "tiercel_scripts.earlier.python:Python",
}
