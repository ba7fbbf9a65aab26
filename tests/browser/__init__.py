"""A real browser on the web UI."""
