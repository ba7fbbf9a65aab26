"""Types that write to the log."""
