"""Properties of the original's core types that it renders before it reads them: it shows whatever stands there as text.

Facts of the original, by type; a dot leads into a property that is a mapping. Others are shown as they are written.
"""

from collections.abc import Mapping

_CORE = "io.kestra.plugin.core."
_MAXIMA = ("failOnMaxReached", "checkFrequency.maxIterations")
_NAMESPACE_FILES = tuple(
    f"namespaceFiles.{name}"
    for name in ("enabled", "namespaces", "include", "exclude", "ifExists", "folderPerNamespace")
)

RENDERED: Mapping[str, tuple[str, ...]] = {
    _CORE + name: properties
    for name, properties in {
        "debug.Return": ("format",),
        "execution.PurgeExecutions": (
            "batchSize",
            "purgeExecution",
            "purgeLog",
            "purgeMetric",
            "purgeStorage",
        ),
        "execution.SetVariables": ("variables", "overwrite"),
        "execution.UnsetVariables": ("variables", "ignoreMissing"),
        "flow.Dag": ("concurrent",),
        "flow.LoopUntil": _MAXIMA,
        "flow.Parallel": ("concurrent",),
        "flow.Subflow": ("inheritLabels",),
        "flow.WorkingDirectory": _NAMESPACE_FILES,
        "http.Download": ("failOnEmptyResponse",),
        "http.Request": ("encryptBody",),
        "http.SseRequest": ("failedOnMissingJq",),
        "http.Trigger": ("encryptBody",),
        "kv.Delete": ("errorOnMissing",),
        "kv.Get": ("errorOnMissing",),
        "kv.PurgeKV": ("namespaces", "behavior", "includeChildNamespaces"),
        "kv.Set": ("overwrite", "ttl"),
        "log.PurgeLogs": ("batchSize", "purgeExecutionLogs", "purgeNonExecutionLogs"),
        "metric.Publish": ("metrics",),
        "namespace.DeleteFiles": ("deleteParentFolder",),
        "namespace.PurgeFiles": ("namespaces", "behavior", "includeChildNamespaces"),
        "output.OutputValues": ("values",),
        "storage.Delete": ("errorOnMissing",),
        "storage.PurgeStorage": ("dryRun",),
        "storage.Split": ("partitions", "rows"),
        "trigger.Webhook": ("responseCode",),
    }.items()
}
