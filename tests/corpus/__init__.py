"""The truth corpus: small pull requests, each with the verdict that is right for it, and a runner that asks the gates.

`bases/` has the repositories, `cases/` what changes them, both as patch files to read; docs of the form are in
README.md. Nothing of it is made from our own rules.
"""
