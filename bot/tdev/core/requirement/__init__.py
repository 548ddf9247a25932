"""The requirement grammar: Markdown text in, a specification and numbered questions out; docs/requirements.md."""
