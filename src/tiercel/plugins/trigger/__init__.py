"""Types that start executions."""
