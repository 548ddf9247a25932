"""The guard's rules, one per file, each with one function from a change to the places it objects to."""
