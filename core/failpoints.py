"""Named places at which a test ends the process at once, to prove that nothing is lost there."""

from __future__ import annotations

import os
import signal

NAMES = (
    "album-quiet",
    "submit-before",
    "submit-committed",
    "answer-shown",
    "claim-committed",
    "attempt-committed",
    "provider-answered",
    "blob-stored",
    "finish-before",
    "finish-committed",
    "deliver-before",
    "deliver-sent",
    "deliver-recorded",
    "payment-committed",
)

_armed: list[str] = []


def arm(name: str) -> None:
    """Die at this point the next time it is reached."""
    if name not in NAMES:
        raise ValueError(f"no failpoint is called {name!r}; there are {', '.join(NAMES)}")
    _armed[:] = [name]


def failpoint(name: str) -> None:
    """Does nothing, unless it is armed: then the process is gone as if the power had failed."""
    if _armed and _armed[0] == name:
        os.kill(os.getpid(), signal.SIGKILL)
