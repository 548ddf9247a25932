"""Who asks and what they may: tokens, permissions, signing in, Apps from a manifest, rate limits."""
