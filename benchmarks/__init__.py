"""Benchmarks: each prints ratios of two sides that were run in turns in one run."""
