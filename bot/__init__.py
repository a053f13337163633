"""The edge: people, platforms, processes."""
