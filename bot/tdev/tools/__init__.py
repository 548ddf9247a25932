"""One file per outside program: run it, parse it; an empty or partial answer is an error."""
