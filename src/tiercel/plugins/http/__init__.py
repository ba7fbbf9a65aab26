"""Types that talk HTTP."""
