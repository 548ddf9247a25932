"""Pull requests: whether one can be merged, which checks are required, which issues it closes."""
