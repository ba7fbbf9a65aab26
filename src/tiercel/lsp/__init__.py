"""The language server: what editors ask over the Language Server Protocol, answered by definition.editing and the checks."""
