"""Types for trying things out."""
