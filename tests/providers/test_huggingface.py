"""Hugging Face: what is sent, models that load, several pictures, endpoints, and the token's rights."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import replace

import jsonschema_rs
import pytest

from providers import huggingface
from providers.base import (
    Credentials,
    Fault,
    ImageRequest,
    OutcomeUnknown,
    ProviderError,
    SourceImage,
    Step,
)
from providers.huggingface import HuggingFace
from tests.fakes import contract
from tests.fakes.huggingface_server import FakeHuggingFace, account, fine_grained
from tests.fakes.vendor import Trouble, picture
from tests.providers.requests import ignore

IMAGINE = ImageRequest(
    operation="imagine", model="black-forest-labs/FLUX.1-schnell", prompt="a fox", seed=7
)
EDIT = ImageRequest(
    operation="edit",
    model="black-forest-labs/FLUX.1-Kontext-dev",
    prompt="make it night",
    images=(SourceImage(data=picture(3), media_type="image/png"),),
)


@pytest.fixture
async def server() -> AsyncIterator[FakeHuggingFace]:
    async with FakeHuggingFace() as server:
        yield server
        assert server.violations == []


@pytest.fixture
async def vendor(server: FakeHuggingFace) -> AsyncIterator[HuggingFace]:
    opened = HuggingFace(Credentials(key=server.key, base_url=server.url))
    yield opened
    await opened.close()


async def run(vendor: HuggingFace, request: ImageRequest) -> tuple[bytes, ...]:
    result = await vendor.run(request, partial=ignore, accepted=ignore)
    assert result.cost_usd is None
    return result.images


async def refused(vendor: HuggingFace, request: ImageRequest) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await run(vendor, request)
    return caught.value


@pytest.fixture
async def asked_hosts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names that were looked up; none is found."""
    hosts: list[str] = []

    async def look_up(host: str, *_: object, **__: object) -> None:
        hosts.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", look_up)
    return hosts


async def test_every_parameter_is_sent(vendor: HuggingFace, server: FakeHuggingFace) -> None:
    full = replace(IMAGINE, negative="rain", steps=4, guidance=3.5, ratio="16:9")
    await run(vendor, full)
    assert server.seen[0].path == "/hf-inference/models/black-forest-labs/FLUX.1-schnell"
    assert server.seen[0].body == {
        "inputs": "a fox",
        "parameters": {
            "negative_prompt": "rain",
            "num_inference_steps": 4,
            "guidance_scale": 3.5,
            "width": 1344,
            "height": 768,
            "seed": 7,
        },
    }
    assert "X-Use-Cache" not in server.seen[0].headers


async def test_an_edit_sends_the_picture_and_wants_a_new_answer(
    vendor: HuggingFace, server: FakeHuggingFace
) -> None:
    await run(vendor, replace(EDIT, negative="rain", steps=20, guidance=2.5, seed=9))
    assert server.seen[0].body == {
        "inputs": base64.b64encode(picture(3)).decode(),
        "parameters": {
            "negative_prompt": "rain",
            "num_inference_steps": 20,
            "guidance_scale": 2.5,
            "prompt": "make it night",
        },
    }
    assert server.seen[0].headers["X-Use-Cache"] == "false"


@pytest.mark.parametrize(
    ("seed", "sent"), [(5, {5, 6, 7, 8}), (2**31 - 2, {2**31 - 2, 2**31 - 1, 0, 1})]
)
async def test_four_pictures_are_four_calls_with_a_seed_each(
    vendor: HuggingFace, server: FakeHuggingFace, seed: int, sent: set[int]
) -> None:
    images = await run(vendor, replace(IMAGINE, count=4, seed=seed))
    assert len(set(images)) == 4
    assert {seen.body["parameters"]["seed"] for seen in server.seen} == sent


async def test_without_a_seed_each_picture_has_another(
    vendor: HuggingFace, server: FakeHuggingFace
) -> None:
    await run(vendor, replace(IMAGINE, count=4, seed=None))
    assert len({seen.body["parameters"]["seed"] for seen in server.seen}) == 4


async def test_of_several_calls_those_that_made_a_picture_count(
    vendor: HuggingFace, server: FakeHuggingFace
) -> None:
    server.script.extend([Trouble(error="overloaded"), Trouble(), Trouble(lose=True), Trouble()])
    assert len(await run(vendor, replace(IMAGINE, count=4))) == 2


@pytest.mark.parametrize(
    ("troubles", "fault"),
    [
        ([Trouble(error="too_many"), Trouble(lose=True)], Fault.UNKNOWN),
        ([Trouble(lose=True), Trouble(error="too_many")], Fault.UNKNOWN),
        ([Trouble(error="too_many"), Trouble(error="too_many")], Fault.RATE_LIMITED),
    ],
)
async def test_where_no_call_made_one_the_gravest_error_is_told(
    vendor: HuggingFace, server: FakeHuggingFace, troubles: list[Trouble], fault: Fault
) -> None:
    server.script.extend(troubles)
    assert (await refused(vendor, replace(IMAGINE, count=2))).fault is fault


async def test_a_model_that_loads_is_waited_for(
    vendor: HuggingFace, server: FakeHuggingFace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(huggingface, "LOADING_POLL_S", 0.01)
    server.loading = [0.05, 0, -3, 0.02]
    steps: list[bytes | Step] = []

    async def partial(news: bytes | Step) -> None:
        steps.append(news)

    result = await vendor.run(IMAGINE, partial=partial, accepted=ignore)
    assert len(result.images) == 1
    assert steps[::2] == [Step(loading_s=wait_s) for wait_s in (0.05, 0.01, 0.01, 0.02)]
    assert set(steps[1::2]) == {Step()}
    assert len(server.seen) == 5
    assert server.made == 1


@pytest.mark.parametrize(("loading_s", "timeout_s"), [(170.0, 180.0), (0.01, 5.0)])
async def test_a_model_that_loads_for_too_long_made_nothing(
    vendor: HuggingFace,
    server: FakeHuggingFace,
    monkeypatch: pytest.MonkeyPatch,
    loading_s: float,
    timeout_s: float,
) -> None:
    monkeypatch.setattr(huggingface, "CALL_TIMEOUT_S", timeout_s)
    server.loading = [loading_s]
    error = await refused(vendor, IMAGINE)
    assert (error.fault, error.retry_after_s) == (Fault.UNAVAILABLE, loading_s)
    assert (len(server.seen), server.made) == (1, 0)


@pytest.mark.parametrize("seconds", ["20", None, True, float("nan"), float("inf"), [], {}])
async def test_a_wait_that_is_no_number_is_not_waited_for(
    vendor: HuggingFace, server: FakeHuggingFace, seconds: object
) -> None:
    server.loading = [seconds]
    assert (await refused(vendor, IMAGINE)).fault is Fault.UNAVAILABLE
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("body", "kind", "fault"),
    [
        (b"", "image/png", Fault.UNKNOWN),
        (b"GIF89a no", "image/png", Fault.UNKNOWN),
        (b"<svg/>", "image/svg+xml", Fault.UNKNOWN),
        (b"<html>", "text/html", Fault.UNKNOWN),
        (b"{", "application/json", Fault.UNKNOWN),
        (b"[]", "application/json", Fault.UNKNOWN),
        (b"[" * 100_000, "application/json", Fault.UNKNOWN),
        (b'[{"generated_text": 1}]', "application/json", Fault.UNKNOWN),
        (b'{"error": {"deep": []}}', "application/json", Fault.UNAVAILABLE),
    ],
)
async def test_an_answer_that_is_no_picture_is_no_result(
    vendor: HuggingFace, server: FakeHuggingFace, body: bytes, kind: str, fault: Fault
) -> None:
    server.answers = [(body, kind)]
    error = await refused(vendor, IMAGINE)
    assert error.fault is fault
    assert isinstance(error, OutcomeUnknown) == (fault is Fault.UNKNOWN)


async def test_a_picture_that_is_too_large_is_no_result(
    vendor: HuggingFace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(huggingface, "IMAGE_BYTES_MAX", 20)
    assert (await refused(vendor, IMAGINE)).fault is Fault.UNKNOWN


@pytest.mark.parametrize(
    "request_",
    [
        replace(IMAGINE, prompt="  "),
        replace(EDIT, prompt=""),
        replace(EDIT, images=()),
        replace(IMAGINE, ratio="7:5"),
        replace(IMAGINE, operation="upscale"),
    ],
)
async def test_what_cannot_be_asked_is_not_sent(
    vendor: HuggingFace, server: FakeHuggingFace, request_: ImageRequest
) -> None:
    assert (await refused(vendor, request_)).fault is Fault.BAD_INPUT
    assert server.seen == []


@pytest.mark.parametrize(
    "address",
    [
        "http://mine.eu-west-1.aws.endpoints.huggingface.cloud",
        "https://endpoints.huggingface.cloud.example.com",
        "https://example.com/.endpoints.huggingface.cloud",
        "https://notendpoints.huggingface.cloud",
        "https://endpoints.huggingface.cloud",
        "https://me@x.endpoints.huggingface.cloud",
        "https://example.com#.endpoints.huggingface.cloud",
        "https://example.com\\.endpoints.huggingface.cloud",
        "https://x.endpoints.huggingface.cloud:8443",
        "https://x.endpoints.huggingface.cloud?to=1",
        "https://[.endpoints.huggingface.cloud",
        "ftp://x.endpoints.huggingface.cloud",
    ],
)
async def test_the_token_goes_to_no_other_host(
    vendor: HuggingFace, server: FakeHuggingFace, asked_hosts: list[str], address: str
) -> None:
    assert (await refused(vendor, replace(IMAGINE, model=address))).fault is Fault.BAD_INPUT
    assert server.seen == []
    assert asked_hosts == []


async def test_an_endpoint_of_the_operator_is_asked_directly(
    vendor: HuggingFace, server: FakeHuggingFace, asked_hosts: list[str]
) -> None:
    address = "https://mine.eu-west-1.aws.endpoints.huggingface.cloud"
    for _ in range(2):
        error = await refused(vendor, replace(IMAGINE, model=address))
        assert error.fault is Fault.UNAVAILABLE
    assert asked_hosts == ["mine.eu-west-1.aws.endpoints.huggingface.cloud"] * 2
    assert server.seen == []


@pytest.mark.parametrize("base_url", [None, "https://router.huggingface.co/hf-inference/"])
async def test_the_real_router_s_account_is_at_the_hub(
    asked_hosts: list[str], base_url: str | None
) -> None:
    vendor = HuggingFace(Credentials(key="hf_" + "x" * 30, base_url=base_url))
    with pytest.raises(ProviderError, match="not reached"):
        await vendor.check()
    await refused(vendor, IMAGINE)
    await vendor.close()
    assert asked_hosts == ["huggingface.co", "router.huggingface.co"]


SCOPE = "inference.serverless.write"


@pytest.mark.parametrize(
    ("token", "fault"),
    [
        (fine_grained([SCOPE]), None),
        (fine_grained(["inference.endpoints.infer.write"]), None),
        (account({"role": "fineGrained", "fineGrained": {"global": [SCOPE], "scoped": []}}), None),
        (account({"role": "read"}), None),
        (account({"role": "write"}), None),
        ({"auth": {"type": "oauth"}}, None),
        (fine_grained(["repo.content.read"]), Fault.BAD_KEY),
        (fine_grained([]), Fault.BAD_KEY),
        (account({"role": "fineGrained", "fineGrained": {"scoped": 5}}), Fault.BAD_KEY),
        (account({"role": "fineGrained", "fineGrained": {"scoped": [[], 1]}}), Fault.BAD_KEY),
        ({"auth": []}, Fault.UNAVAILABLE),
        ([], Fault.UNAVAILABLE),
        ("x", Fault.UNAVAILABLE),
    ],
)
async def test_a_token_without_the_right_to_call_is_told(
    vendor: HuggingFace, server: FakeHuggingFace, token: object, fault: Fault | None
) -> None:
    server.token = token
    if fault is None:
        assert (await vendor.check()).models is None
        return
    with pytest.raises(ProviderError) as caught:
        await vendor.check()
    assert caught.value.fault is fault
    if fault is Fault.BAD_KEY:
        assert "permission to make calls" in caught.value.detail


async def test_the_catalogue_is_what_is_served(vendor: HuggingFace) -> None:
    served = await vendor.catalogue()
    assert {IMAGINE.model, EDIT.model} < set(served)
    assert set(served.values()) == {None}
    assert all(vendor.lists(name) for name in served)
    assert not vendor.lists("https://x.endpoints.huggingface.cloud")


async def test_a_server_without_the_hub_s_paths_is_no_bad_key(server: FakeHuggingFace) -> None:
    vendor = HuggingFace(Credentials(key="k" * 20, base_url=f"{server.root}/other"))
    vendor._hub = vendor._wire
    for look in (vendor.check, vendor.catalogue):
        with pytest.raises(ProviderError) as caught:
            await look()
        assert caught.value.fault is Fault.UNAVAILABLE
    await vendor.close()


async def test_a_server_without_a_key_gets_none(server: FakeHuggingFace) -> None:
    vendor = huggingface.PROVIDER.open(Credentials(base_url=server.url))
    assert isinstance(vendor, HuggingFace)
    assert (await refused(vendor, IMAGINE)).fault is Fault.BAD_KEY
    await vendor.close()
    assert "Authorization" not in server.seen[0].headers


@pytest.mark.specs
def test_the_account_is_as_the_hub_describes_it() -> None:
    folder = contract.specs_folder()
    if folder is None:
        pytest.skip("the descriptions are not at hand")
    hub = json.loads((folder / "huggingface" / "hub-openapi.json").read_text(encoding="utf-8"))
    told = hub["paths"]["/api/whoami-v2"]["get"]["responses"]["200"]["content"]
    schema = told["application/json"]["schema"]
    assert jsonschema_rs.is_valid(schema, fine_grained([SCOPE]))
