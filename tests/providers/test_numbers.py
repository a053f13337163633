"""Steps, guidance and seeds: what a row says that its model takes is what its vendor is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from providers.base import Credentials, Model, discover, load_models
from tests.fakes.vendor import FakeVendor, fake_of
from tests.providers.requests import DRAWS, asking, ignore

STEPS, GUIDANCE, SEED = 17, 4.25, 1_234_567
ROWS = [
    (model, operation)
    for model in load_models().values()
    for operation in model.operations
    if operation in DRAWS and fake_of(model.vendor) is not None
]


def numbers(value: object) -> Iterator[float]:
    """Every number in a request, whatever it is called."""
    match value:
        case bool():
            return
        case int() | float():
            yield value
        case str() if value.isdecimal():
            yield int(value)
        case Mapping():
            for item in value.values():
                yield from numbers(item)
        case list() | tuple():
            for item in value:
                yield from numbers(item)


def told(server: FakeVendor) -> set[float]:
    """The numbers in all that was sent by way of a paid call."""
    sent: list[Any] = [
        part
        for seen in server.seen
        if seen.method == "POST" or "/image/" in seen.path
        for part in (seen.body, seen.query, seen.form)
    ]
    return set(numbers(sent))


@pytest.mark.parametrize(
    ("model", "operation"), ROWS, ids=[f"{model.id} {operation}" for model, operation in ROWS]
)
async def test_numbers_are_sent_where_the_row_says_so(model: Model, operation: str) -> None:
    fake = fake_of(model.vendor)
    assert fake is not None
    async with fake() as server:
        credentials = Credentials(key=server.key, base_url=server.url)
        provider = discover()[model.vendor].open(credentials)
        assert provider is not None
        asked = replace(
            asking(model, operation), count=1, steps=STEPS, guidance=GUIDANCE, seed=SEED
        )
        await provider.run(asked, partial=ignore, accepted=ignore)
        await provider.close()
        sent = told(server)
    steps = min(STEPS, model.steps_max or STEPS)
    assert model.steps == (steps in sent)
    assert model.guidance == (GUIDANCE in sent)
    assert SEED in sent or not model.seed
