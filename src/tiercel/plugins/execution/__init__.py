"""Types that judge an execution."""
