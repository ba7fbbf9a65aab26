"""Dates within expressions: reading any value as a moment, writing moments by name or pattern. Reads no clock."""
