"""What reference material says, run against this tree."""
