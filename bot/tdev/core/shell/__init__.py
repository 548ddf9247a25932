"""Shell command lines as data: what a text for bash would run, as far as that can be said before it runs. Pure.

parse.py reads a text into the Script of script.py. Judging it is the business of policy/tool_shell.py.
"""
