"""One file per recipe: a deterministic change made by a well-kept program."""
