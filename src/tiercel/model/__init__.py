"""What things are: values without I/O, clock or randomness. Everything else is built on these."""
