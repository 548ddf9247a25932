"""Repositories: git over HTTP, commits and differences, the rules of branches, what follows from a push."""
