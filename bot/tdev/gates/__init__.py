"""One file per gate: evidence -> Verdict, pure; GATES lists them in the order they are asked."""
