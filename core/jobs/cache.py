"""The cache: who asks for the very same picture again, seed included, is given it free of charge."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

from core.app import App
from core.jobs import library
from core.messenger import Picture
from core.options import BY_DEFAULT
from providers.base import Model
from storage import results
from storage.blobs import BlobFailed, BlobMissing
from storage.jobs import JobRow


def key_of(app: App, job: JobRow, model: Model, params: object) -> str | None:
    """What stands for a request, None where the same need not come of it, or nothing is kept.

    The seed must be the person's own choice: else they want another picture.
    """
    if app.rules.cache_s <= 0 or not model.seed or getattr(params, "seed", None) is None:
        return None
    asked = json.loads(job.params)
    for name in ("model", BY_DEFAULT):
        asked.pop(name, None)
    told = [job.operation, model.vendor, model.vendor_model, asked]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


async def find(app: App, key: str) -> tuple[Picture, ...]:
    """The pictures that were made of the same request; none where it is to be made."""
    since = app.clock.now() - timedelta(seconds=app.rules.cache_s)
    job_id = await app.database.read(results.find, key, since)
    if job_id is None:
        return ()
    found = await library.pictures(app, job_id)
    try:
        for picture in found:
            # Stored again: the one who had it first may be throwing it away.
            await app.blobs.put(await app.blobs.get(picture.sha256))
    except (BlobMissing, BlobFailed):
        return ()
    return found
