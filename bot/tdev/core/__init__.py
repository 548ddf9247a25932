"""Facts and decisions: pure, no input or output.

artifacts/ holds the run directory's models; scan/, manifests/ and insight/ are research; requirement/ and the crud and
service modules turn a requirement into a service; decompose and plan make the tasks; score and metrics the figures.
Whatever ends in _markdown or _page writes for people. import-linter keeps os, sockets and processes out, so all of it
can be tested with plain values.
"""
