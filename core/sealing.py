"""Sealing: a random data key per person seals their keys and is wrapped by the master key itself.

AES-256-GCM with a random 96-bit nonce. What a ciphertext is for, whose it is, the vendor, the row and
the version are bound to it as associated data, so it opens in the place that it was made for alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.keys import DataKeyRow, KeyRow

KEY_BYTES = 32
NONCE_BYTES = 12
VERSION_BYTES = 8
# How a secret is sealed; a new way gets a new number, which old ciphertexts do not open under.
SEALED_VERSION = "1"


class SealBroken(Exception):
    """It does not open: another master key, another place, or a byte that has changed."""


class _MasterKey:
    """What is derived from one master key; its version says which it was, and nothing else."""

    def __init__(self, secret: str) -> None:
        self.version = _derive(secret, b"version of a master key", VERSION_BYTES).hex()
        self.cipher = AESGCM(_derive(secret, b"wrapping of data keys", KEY_BYTES))


class Seals:
    """Seals and opens secrets; `old` are master keys that may still have wrapped some data keys."""

    def __init__(self, master_key: str, old: Sequence[str] = ()) -> None:
        newest = _MasterKey(master_key)
        self.version = newest.version
        self._masters = {found.version: found for found in map(_MasterKey, old)}
        self._masters[newest.version] = newest

    def knows(self, version: str) -> bool:
        """Whether the master key of this version is at hand."""
        return version in self._masters

    def new_data_key(self, person_id: str) -> DataKeyRow:
        """A fresh random data key, wrapped."""
        return self._wrap(person_id, AESGCM.generate_key(KEY_BYTES * 8))

    def rewrap(self, row: DataKeyRow) -> DataKeyRow:
        """The same data key under the newest master key; raises SealBroken."""
        return self._wrap(row.person_id, self._unwrap(row))

    def seal(self, row: DataKeyRow, vendor: str, key_id: str, secret: str) -> bytes:
        """A secret, sealed for one row of one person; raises SealBroken where the data key is."""
        bound = _bound("provider key", row.person_id, vendor, key_id, SEALED_VERSION)
        return _encrypt(AESGCM(self._unwrap(row)), secret.encode(), bound)

    def unseal(self, row: DataKeyRow, key: KeyRow) -> str:
        """The secret of a row; raises SealBroken."""
        bound = _bound("provider key", key.person_id, key.vendor, key.id, SEALED_VERSION)
        return _decrypt(AESGCM(self._unwrap(row)), key.sealed, bound).decode()

    def _wrap(self, person_id: str, plain: bytes) -> DataKeyRow:
        bound = _bound("data key", person_id, "", person_id, self.version)
        wrapped = _encrypt(self._masters[self.version].cipher, plain, bound)
        return DataKeyRow(person_id=person_id, wrapped=wrapped, version=self.version)

    def _unwrap(self, row: DataKeyRow) -> bytes:
        master = self._masters.get(row.version)
        if master is None:
            raise SealBroken(f"the master key of version {row.version} is not at hand")
        bound = _bound("data key", row.person_id, "", row.person_id, row.version)
        plain = _decrypt(master.cipher, row.wrapped, bound)
        if len(plain) != KEY_BYTES:
            raise SealBroken("what was wrapped is no data key")
        return plain


def _derive(secret: str, purpose: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=b"atelier", info=purpose).derive(secret.encode())


def _bound(purpose: str, person_id: str, vendor: str, row_id: str, version: str) -> bytes:
    # As a JSON list, so that no two lists of words become the same bytes.
    return json.dumps([purpose, person_id, vendor, row_id, version]).encode()


def _encrypt(cipher: AESGCM, plain: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, bound)


def _decrypt(cipher: AESGCM, sealed: bytes, bound: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound)
    except (InvalidTag, ValueError) as error:
        # A nonce that was cut short is a ValueError.
        raise SealBroken("the ciphertext does not belong here, or has changed") from error
