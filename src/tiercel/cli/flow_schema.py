"""`tiercel flow schema`: the JSON Schema that editors complete and check flows by."""

import json
import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from tiercel.cli.flow_files import GOOD, NOT_USABLE, unreadable
from tiercel.definition.schema import schema_of
from tiercel.services.catalog import PluginCatalog
from tiercel.services.schemas import PluginSchemas

Kind = Literal["flow", "task", "trigger", "condition", "input", "output"]


def schema(
    *,
    kind: Annotated[Kind, Parameter(help="What the schema is of.")] = "flow",
    output: Annotated[
        Path | None, Parameter(name=["--output", "-o"], help="The file to write; without it, print.")
    ] = None,
) -> int:
    """Write the JSON Schema of flows, with the types that are installed here: for editors without a language server."""
    text = json.dumps(schema_of(kind, PluginSchemas(PluginCatalog.installed())), indent=2) + "\n"
    if output is None:
        sys.stdout.write(text)
        return GOOD
    try:
        output.write_text(text)
    except OSError as error:
        print(unreadable(error), file=sys.stderr)
        return NOT_USABLE
    print(f"✓ {output}")
    return GOOD
