"""Looks for a secret wherever it must not have come to: files with all they hold, and what was logged."""

from __future__ import annotations

from pathlib import Path

import pytest


class Canary:
    """Watches a folder and the logs of one test."""

    def __init__(
        self,
        folder: Path,
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        self._folder = folder
        self._caplog = caplog
        self._capfd = capfd
        caplog.set_level("INFO")

    def seen(self, secret: str) -> list[str]:
        """Where it is, deleted rows and the write-ahead log included."""
        files = [path for path in sorted(self._folder.rglob("*")) if path.is_file()]
        assert any(path.suffix == ".db" for path in files), "there is no database to look into"
        found = [path.name for path in files if secret.encode() in path.read_bytes()]
        told = self._capfd.readouterr()
        for name, text in (
            ("log", self._caplog.text),
            ("stdout", told.out),
            ("stderr", told.err),
        ):
            if secret in text:
                found.append(name)
        return found
