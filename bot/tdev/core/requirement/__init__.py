"""The requirement grammar: Markdown text in, a specification and numbered questions out.

docs/requirements.md describes it for users. No model takes part: the same text always gives the same specification,
and what is not certain becomes a question instead of a guess. A way through the folder: source.py cuts the text into
sections, resources.py, stories.py and criteria.py read one section each, grammar.py puts them together, check.py asks
what is still missing, documents.py writes the result down. words.py holds every word that is understood.
The text is untrusted and may be megabytes long: each step reads a line once, and lists of questions are capped.
"""
