"""One file per recipe: a deterministic change made by a well-kept program.

What each recipe is for is said in core/recipes.py and docs/recipes.md; table.py joins names to
functions. A recipe takes a Job and edits the project's files: source_files says which it may touch,
snapshot what it changed, feedback what to leave out at the next attempt, summary how it is told.

A new recipe is a file with `perform(job) -> Work`, a row in table.py and one in core/recipes.py.
"""
