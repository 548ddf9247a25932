"""How an attack is carried out: through the model, through a test run, or by a program inside. One way per file."""
