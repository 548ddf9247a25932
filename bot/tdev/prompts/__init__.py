"""What a model is told: a Markdown file per kind of task in goals/, what they share in parts/, how text is made of it.

Nothing here is read from a repository that is worked on. Text from outside never reaches a template: library.py sets
it behind the rendered text, in one block (data.py), so no template can place it elsewhere.
"""
