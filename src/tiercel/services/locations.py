"""Where the files of executions lie in internal storage, and which of them an execution may read."""

import re
import unicodedata
from urllib.parse import quote, unquote

SCHEME = "kestra://"
NAMESPACE_SCHEME = "nsfile:"
_PLAIN = "-_.+~=/"


def namespace_folder(namespace: str) -> str:
    """The URI of all that a namespace and those below it store; ends with a slash, as all folders here."""
    return f"{SCHEME}/{namespace.replace('.', '/')}/"


def flow_folder(namespace: str, flow_id: str) -> str:
    """The URI of all that a flow's executions store."""
    return f"{namespace_folder(namespace)}{slug(flow_id)}/"


def execution_folder(namespace: str, flow_id: str, execution_id: str) -> str:
    return f"{flow_folder(namespace, flow_id)}executions/{execution_id}/"


def task_run_folder(namespace: str, flow_id: str, execution_id: str, *, task_id: str, task_run_id: str) -> str:
    return f"{execution_folder(namespace, flow_id, execution_id)}tasks/{slug(task_id)}/{task_run_id}/"


def trigger_folder(namespace: str, flow_id: str, execution_id: str, *, trigger_id: str) -> str:
    return f"{execution_folder(namespace, flow_id, execution_id)}trigger/{slug(trigger_id)}/"


def namespace_files(namespace: str) -> str:
    return f"{namespace_folder(namespace)}_files/"


def internal_uri(uri: str, namespace: str) -> str:
    """Where a file lies that is named by `nsfile:///path`, or `nsfile://namespace/path`; any other URI as it is."""
    if not uri.startswith(NAMESPACE_SCHEME):
        return uri
    place, _, path = uri.removeprefix(NAMESPACE_SCHEME).removeprefix("//").partition("/")
    return namespace_files(place or namespace) + stored_name(unquote(path))


def stored_name(name: str) -> str:
    """A file name as it stands in a URI: letters of any script stay, blanks and quotes do not."""
    return "".join(character if character.isalnum() else quote(character, safe=_PLAIN) for character in name)


def slug(text: str) -> str:
    """An id as a folder: `etl_pipeline` → `etl-pipeline`, `inputFiles` → `inputfiles`."""
    letters = unicodedata.normalize("NFD", re.sub(r"\s", "-", text))
    kept = re.sub(r"[^\w-]", "", letters, flags=re.ASCII).replace("_", "-")
    return re.sub(r"-{2,}", "-", kept).strip("-").lower()
