"""Blobs by the SHA-256 of their bytes, in a folder or in S3, through obstore."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

# The first two digits of a hash are the folder it is in.
FOLDERS = tuple(f"{number:02x}" for number in range(256))
_HASH = re.compile(r"[0-9a-f]{64}")


class BlobMissing(Exception):
    """No blob has this hash."""


class BlobFailed(Exception):
    """The store did not take or give a blob: disk full, no permission, no network."""


class Blobs:
    """Content-addressed bytes: putting the same bytes twice is harmless."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def put(self, data: bytes) -> str:
        """Store bytes; returns their SHA-256 in hex. The name appears only when all is written."""
        sha256 = hashlib.sha256(data).hexdigest()
        try:
            await self._store.put_async(_path(sha256), data)
        except (BaseError, OSError) as error:
            raise BlobFailed(type(error).__name__) from error
        return sha256

    async def get(self, sha256: str) -> bytes:
        """The bytes of a hash; raises BlobMissing."""
        return await self._get(_path(sha256))

    async def _get(self, path: str) -> bytes:
        try:
            answer = await self._store.get_async(path)
            return bytes(await answer.bytes_async())
        except FileNotFoundError as error:
            raise BlobMissing(path) from error
        except (BaseError, OSError) as error:
            raise BlobFailed(type(error).__name__) from error

    async def put_small(self, sha256: str, data: bytes) -> None:
        """Keep the thumbnail of a blob beside it; it goes when the blob goes."""
        try:
            await self._store.put_async(_small(sha256), data)
        except (BaseError, OSError) as error:
            raise BlobFailed(type(error).__name__) from error

    async def get_small(self, sha256: str) -> bytes:
        """The thumbnail of a blob; raises BlobMissing where none was kept."""
        return await self._get(_small(sha256))

    async def delete(self, sha256: str) -> None:
        """Forget a blob and its thumbnail; gone already is success."""
        for path in (_path(sha256), _small(sha256)):
            try:
                await self._store.delete_async(path)
            except FileNotFoundError:
                continue
            except (BaseError, OSError) as error:
                raise BlobFailed(type(error).__name__) from error

    async def older(self, folder: str, before: datetime) -> list[str]:
        """The blobs of one of FOLDERS that were put last before this."""
        try:
            # Not a stream: one that is dropped half-way aborts the whole process at its end.
            found = await self._store.list_with_delimiter_async(folder)
        except (BaseError, OSError) as error:
            raise BlobFailed(type(error).__name__) from error
        old = [item["path"] for item in found["objects"] if item["last_modified"] < before]
        hashes = [path.rpartition("/")[2] for path in old]
        # Whatever else lies there is not ours.
        return [item for item in hashes if _HASH.fullmatch(item)]

    async def put_at(self, sha256: str) -> datetime | None:
        """When a blob was put last; None where it is gone."""
        try:
            return (await self._store.head_async(_path(sha256)))["last_modified"]
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as error:
            raise BlobFailed(type(error).__name__) from error


def connect(url: str) -> Blobs:
    """Open the store that the URL names: s3://bucket/prefix, or a folder (path or file://)."""
    if urlsplit(url).scheme not in {"", "file"}:
        return Blobs(from_url(url))
    folder = Path(urlsplit(url).path)
    folder.mkdir(parents=True, exist_ok=True)
    return Blobs(LocalStore(folder))


def _path(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"


def _small(sha256: str) -> str:
    """Where the thumbnail of a blob is; no folder of blobs is called so."""
    return f"small/{_path(sha256)}"
