"""The Hypothesis ghostwriter: property tests drafted for pure functions, tried in a project's environment.

For the recipe `tests`, which commits what is worth it, and for the tests gate, which shows it. candidates chooses (by
module_facts, pure_functions and name_pairs), drafts asks the ghostwriter (script runs inside) and writes modules of
tests, runs tries modules of tests (recorder watches inside), passing keeps those that pass every time.
"""
