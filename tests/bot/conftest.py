"""What the tests of all frontends share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.canary import Canary


@pytest.fixture
def canary(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> Canary:
    """Looks for a secret in the test's folder and in its logs."""
    return Canary(tmp_path, caplog, capfd)
