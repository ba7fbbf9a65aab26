"""Tasks of the state store of 1.x: legacy, kept in the key-value store."""
