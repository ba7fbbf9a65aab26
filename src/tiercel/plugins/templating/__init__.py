"""Tasks that are written by expressions."""
