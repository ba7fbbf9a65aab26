"""Fuzzing of all that reads what people write: `make fuzz`. What it throws, and at what, stands in `targets`."""
