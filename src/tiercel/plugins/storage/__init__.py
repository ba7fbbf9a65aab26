"""Tasks that work on files of internal storage."""
