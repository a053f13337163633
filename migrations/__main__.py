"""Bring a database up to date: reads its URL from standard input, so that no process list shows it."""

from __future__ import annotations

import sys

from migrations.upgrade import upgrade

if __name__ == "__main__":
    upgrade(sys.stdin.read().strip())
