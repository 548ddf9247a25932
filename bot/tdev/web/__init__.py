"""HTTP in: the webhook and health."""
