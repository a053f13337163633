"""The rules: people, credits, jobs. No platform, no vendor, no sentences."""
