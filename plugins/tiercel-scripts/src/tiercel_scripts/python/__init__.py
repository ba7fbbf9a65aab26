"""Python scripts, and the environments they run in."""
