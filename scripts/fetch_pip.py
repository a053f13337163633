"""Fetch pip from PyPI where Python came without it: prints the wheel's path, which Python can run."""

from __future__ import annotations

import hashlib
import json
import sys
import urllib.request
from pathlib import Path

index = "https://pypi.org/simple/pip/"
timeout_s = 60


def fetch(url: str) -> bytes:
    """The bytes at an https address."""
    request = urllib.request.Request(  # noqa: S310 - https only, below
        url, headers={"Accept": "application/vnd.pypi.simple.v1+json"}
    )
    with urllib.request.urlopen(request, timeout=timeout_s) as answer:  # noqa: S310
        content: bytes = answer.read()
    return content


def main(folder: Path) -> None:
    """Put the newest final pip wheel into `folder`, checked against the index's SHA-256."""
    files = [
        file
        for file in json.loads(fetch(index))["files"]
        if file["filename"].endswith("-py3-none-any.whl")
        and not file.get("yanked")
        and file["filename"].split("-")[1].replace(".", "").isdigit()
    ]
    newest = max(
        files, key=lambda file: [int(n) for n in file["filename"].split("-")[1].split(".")]
    )
    wheel = fetch(newest["url"])
    if hashlib.sha256(wheel).hexdigest() != newest["hashes"]["sha256"]:
        sys.exit("pip's wheel is not the one that PyPI announces")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / newest["filename"]
    path.write_bytes(wheel)
    sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
