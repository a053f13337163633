from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from PIL import Image

from providers.base import (
    OPERATIONS,
    QUALITIES,
    USUAL_QUALITY,
    Credentials,
    Model,
    Provider,
    Vendor,
    discover,
    load_models,
)
from tests.providers.requests import TAKES_A_PICTURE, asking, ignore

VENDORS = discover()
MODELS = load_models()


def _is_offline(vendor: Vendor) -> bool:
    return not vendor.settings


OFFLINE = [model for model in MODELS.values() if _is_offline(VENDORS[model.vendor])]


async def works(vendor: Provider, model: Model) -> None:
    for operation in model.operations:
        request = asking(model, operation)
        result = await vendor.run(request, partial=ignore, accepted=ignore)
        assert len(result.images) == request.count
        for data in result.images:
            with Image.open(io.BytesIO(data)) as image:
                assert image.format in {"PNG", "JPEG", "WEBP"}
                image.load()


def test_the_vendors_are_these() -> None:
    named = "a1111 comfyui google huggingface openai pollinations rembg removebg replicate"
    named += " sketch xai"
    assert sorted(VENDORS) == named.split()


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=lambda vendor: vendor.name)
def test_a_vendor_opens_without_credentials_or_says_that_it_needs_them(vendor: Vendor) -> None:
    opened = vendor.open(Credentials())
    assert (opened is None) == bool(vendor.settings)
    assert vendor.title


def test_settings_have_one_owner_each() -> None:
    named = [setting for vendor in VENDORS.values() for setting in vendor.settings]
    assert len(named) == len(set(named))


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.id)
def test_a_model_s_row_is_right(model: Model) -> None:
    assert model.vendor in VENDORS
    assert set(model.operations) <= set(OPERATIONS)
    assert len(set(model.operations)) == len(model.operations) > 0
    # A better prompt is shown for consent before anything is drawn and paid.
    assert model.credits >= (model.operations != ("enhance",))
    assert model.cost_usd >= 0
    assert 1 <= model.count_max <= 4
    assert not TAKES_A_PICTURE & set(model.operations) or model.images_max >= 1
    assert model.images_min <= model.images_max
    assert "region" not in model.operations or model.mask
    assert model.ratios
    assert model.steps or not model.steps_max
    assert set(model.qualities) <= set(QUALITIES)
    assert model.credits == model.qualities.get(USUAL_QUALITY, model.credits)
    assert list(model.qualities.values()) == sorted(model.qualities.values())
    assert not model.qualities or list(model.qualities) == list(QUALITIES)[: len(model.qualities)]
    assert model.title
    assert model.as_of is not None
    assert model.ends is None or model.ends > model.as_of


@pytest.mark.parametrize("model", OFFLINE, ids=lambda model: model.id)
async def test_an_offline_model_does_what_it_declares(model: Model) -> None:
    vendor = VENDORS[model.vendor].open(Credentials())
    assert vendor is not None
    await works(vendor, model)
    await vendor.close()


ROWS: list[tuple[Mapping[str, object], str]] = [
    ({"id": "new", "vendor": "sketch"}, "new"),
    ({"id": "sketch", "colour": "red"}, "sketch"),
    ({"id": "sketch", "qualities": ["low"]}, "sketch.*no table"),
    ({"id": "sketch", "qualities": {"low": True}}, "sketch.*whole numbers"),
    ({"id": "sketch", "qualities": {"low": 0.5}}, "sketch.*whole numbers"),
]


@pytest.mark.parametrize(("row", "named"), ROWS)
def test_a_wrong_row_is_named(row: Mapping[str, object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        load_models([row])


def test_the_operator_s_rows_lie_over_the_shipped_ones() -> None:
    models = load_models([{"id": "sketch", "credits": 9}])
    assert models["sketch"].credits == 9
    assert models["sketch"].title == MODELS["sketch"].title
    assert list(models) == list(MODELS)


def test_a_picture_has_the_price_of_its_quality() -> None:
    model = MODELS["gpt-image-2"]
    assert [model.price(name) for name in (*QUALITIES, None, "max")] == [1, 4, 12, 4, 4]
    assert MODELS["sketch"].price("high") == MODELS["sketch"].credits
    assert len({model, MODELS["sketch"]}) == 2


def test_a_new_price_is_that_of_the_usual_quality() -> None:
    told = {"id": "gpt-image-2", "credits": 7}
    assert load_models([told])["gpt-image-2"].qualities == {"low": 1, "medium": 7, "high": 12}
    own = {"qualities": {"medium": 7}}
    assert load_models([told | own])["gpt-image-2"].qualities == {"medium": 7}
    assert load_models([{"id": "sketch", "credits": 7}])["sketch"].qualities == {}


def test_opening_every_vendor_imports_no_heavy_sdk() -> None:
    code = (
        "import sys; from providers.base import Credentials, discover\n"
        "for vendor in discover().values(): vendor.open(Credentials(key='k'))\n"
        "sys.exit(', '.join({'openai', 'httpx2', 'onnxruntime', 'PIL'} & set(sys.modules)) or None)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
