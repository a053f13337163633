"""How addresses and sentences are kept in a job's row: as JSON, read back as what they were."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from datetime import datetime

from core.images import Encoded
from core.messenger import Address, Picture, Say
from storage.pictures import PictureRow


def write_address(address: Address) -> str:
    """An address as JSON, without what is unset."""
    found = ((item.name, getattr(address, item.name)) for item in dataclasses.fields(address))
    values = {
        key: value.isoformat() if isinstance(value, datetime) else value
        for key, value in found
        if value is not None
    }
    return json.dumps(values)


def read_address(text: str) -> Address:
    """An address of a job's row."""
    values = json.loads(text)
    if "token_until" in values:
        values["token_until"] = datetime.fromisoformat(values["token_until"])
    return Address(**values)


def write_lines(lines: Sequence[Say]) -> str:
    """Sentences as JSON."""
    return json.dumps([[line.key, dict(line.values)] for line in lines], ensure_ascii=False)


def read_lines(text: str) -> tuple[Say, ...]:
    """Sentences of a job's row."""
    return tuple(Say(key=key, values=values) for key, values in json.loads(text))


def picture_of(encoded: Encoded, sha256: str) -> Picture:
    """What is kept of a stored picture."""
    return Picture(
        sha256=sha256,
        media_type=encoded.media_type,
        width=encoded.width,
        height=encoded.height,
        size_bytes=len(encoded.data),
    )


def row_of(picture: Picture, role: str, position: int) -> PictureRow:
    """A picture's row in one role of a job."""
    return PictureRow(role=role, position=position, **dataclasses.asdict(picture))


def picture_of_row(row: PictureRow) -> Picture:
    """The picture of a row."""
    return Picture(
        sha256=row.sha256,
        media_type=row.media_type,
        width=row.width,
        height=row.height,
        size_bytes=row.size_bytes,
    )
