"""What the bot does about a delivery, step by step, resumable."""
