"""Types that make outputs."""
