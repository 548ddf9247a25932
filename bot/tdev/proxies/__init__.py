"""Doors to the outside that programs in the sandbox have: the model, and package indexes."""
