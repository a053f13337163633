"""Seals open in the place they were made for and nowhere else."""

from __future__ import annotations

import dataclasses
import itertools
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sealing import SealBroken, Seals
from storage.keys import DataKeyRow, KeyRow

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MASTERS = tuple(f"master key number {number}, long enough" for number in range(3))
SECRET = "sk-0123456789abcdef-canary"
PEOPLE = ("ann", "ben", "eve", "an")
VENDORS = ("one", "two", "none")


def key_row(person: str, vendor: str, key_id: str, sealed: bytes) -> KeyRow:
    return KeyRow(
        id=key_id,
        person_id=person,
        vendor=vendor,
        sealed=sealed,
        last4="nary",
        state="active",
        reason=None,
        made_at=NOW,
        last_ok_at=None,
    )


def sealed_rows(seals: Seals) -> list[tuple[DataKeyRow, KeyRow]]:
    """Two rows of each person for each vendor, as if one had taken the other's place."""
    rows = []
    for person in PEOPLE:
        data_key = seals.new_data_key(person)
        for vendor, number in itertools.product(VENDORS, (1, 2)):
            key_id = f"{person}-{vendor}-{number}"
            sealed = seals.seal(data_key, vendor, key_id, SECRET)
            rows.append((data_key, key_row(person, vendor, key_id, sealed)))
    return rows


def all_masters(newest: int) -> Seals:
    """All master keys at hand, one of them the newest."""
    return Seals(MASTERS[newest], MASTERS)


def opens(seals: Seals, data_key: DataKeyRow, row: KeyRow) -> bool:
    try:
        seals.unseal(data_key, row)
    except SealBroken:
        return False
    return True


def test_what_is_sealed_opens_in_its_own_place() -> None:
    seals = all_masters(0)
    for data_key, row in sealed_rows(seals):
        assert seals.unseal(data_key, row) == SECRET
        assert SECRET.encode() not in row.sealed


def test_nothing_opens_in_the_place_of_another() -> None:
    tried = 0
    for version in range(len(MASTERS)):
        seals = all_masters(version)
        rows = sealed_rows(seals)
        for (data_a, row_a), (data_b, row_b) in itertools.permutations(rows, 2):
            swapped = dataclasses.replace(row_b, sealed=row_a.sealed)
            for data_key in (data_a, data_b):
                tried += 1
                assert not opens(seals, data_key, swapped), (row_a.id, row_b.id)
        for data_key, row in rows:
            for wrong in (
                dataclasses.replace(row, sealed=data_key.wrapped),
                dataclasses.replace(row, vendor="other"),
                dataclasses.replace(row, id="other"),
                dataclasses.replace(row, person_id="other"),
            ):
                tried += 1
                assert not opens(seals, data_key, wrong)
            tried += 1
            assert not opens(seals, dataclasses.replace(data_key, wrapped=row.sealed), row)
    assert tried >= 1000


def test_no_data_key_opens_for_another_person_or_version() -> None:
    seals = [all_masters(version) for version in range(len(MASTERS))]
    wrapped = [each.new_data_key(person) for each in seals for person in PEOPLE]
    for ours, theirs in itertools.permutations(wrapped, 2):
        swapped = dataclasses.replace(theirs, wrapped=ours.wrapped)
        for each in seals:
            with pytest.raises(SealBroken):
                each.rewrap(swapped)


def test_the_same_person_s_key_of_before_does_not_open_in_the_new_row() -> None:
    seals = all_masters(0)
    data_key = seals.new_data_key("ann")
    before = seals.seal(data_key, "one", "first", SECRET)
    assert not opens(seals, data_key, key_row("ann", "one", "second", before))


def test_a_wrapping_of_before_does_not_open_beside_the_new_version() -> None:
    old, new = Seals(MASTERS[0]), Seals(MASTERS[1], [MASTERS[0]])
    before = old.new_data_key("ann")
    row = key_row("ann", "one", "id", old.seal(before, "one", "id", SECRET))
    after = new.rewrap(before)
    assert (before.version, after.version) == (old.version, new.version)
    assert new.unseal(before, row) == new.unseal(after, row) == SECRET
    assert Seals(MASTERS[1]).unseal(after, row) == SECRET
    assert not opens(old, after, row)
    assert not opens(new, dataclasses.replace(after, wrapped=before.wrapped), row)
    assert not opens(new, dataclasses.replace(before, wrapped=after.wrapped), row)


def test_without_its_master_key_nothing_opens_and_the_error_says_which() -> None:
    data_key = Seals(MASTERS[0]).new_data_key("ann")
    with pytest.raises(SealBroken, match=f"version {data_key.version} is not at hand"):
        Seals(MASTERS[1]).rewrap(data_key)


def test_a_version_says_nothing_of_its_master_key() -> None:
    versions = [Seals(master).version for master in MASTERS]
    assert len(set(versions)) == len(MASTERS)
    assert all(len(version) == 16 for version in versions)
    assert [Seals(master).version for master in MASTERS] == versions


def test_two_seals_of_one_secret_differ() -> None:
    seals = all_masters(0)
    data_key = seals.new_data_key("ann")
    assert len({seals.seal(data_key, "one", "id", SECRET) for _ in range(100)}) == 100


@given(
    at=st.integers(min_value=0, max_value=53),
    by=st.integers(min_value=1, max_value=255),
    column=st.sampled_from(["sealed", "wrapped"]),
)
def test_a_byte_that_has_changed_is_noticed(at: int, by: int, column: str) -> None:
    seals = all_masters(0)
    data_key = seals.new_data_key("ann")
    row = key_row("ann", "one", "id", seals.seal(data_key, "one", "id", SECRET))
    changed = bytearray(row.sealed if column == "sealed" else data_key.wrapped)
    changed[at] ^= by
    if column == "sealed":
        row = dataclasses.replace(row, sealed=bytes(changed))
    else:
        data_key = dataclasses.replace(data_key, wrapped=bytes(changed))
    assert not opens(seals, data_key, row)


@given(length=st.integers(min_value=0, max_value=53))
def test_what_was_cut_short_is_noticed(length: int) -> None:
    seals = all_masters(0)
    data_key = seals.new_data_key("ann")
    row = key_row("ann", "one", "id", seals.seal(data_key, "one", "id", SECRET)[:length])
    assert not opens(seals, data_key, row)
