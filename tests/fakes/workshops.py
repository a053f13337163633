"""Local servers of vendors that work on the pictures they are given, and tell what they were asked for."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from aiohttp import web
from PIL import Image, ImageOps

from providers.base import Credentials, Provider, Vendor
from tests.fakes.a1111_server import FakeA1111
from tests.fakes.comfyui_server import FakeComfyUI, Job
from tests.fakes.google_server import MODELS, FakeGoogle
from tests.fakes.paid import cut_out, opened
from tests.fakes.pictures import encode
from tests.fakes.removebg_server import FakeRemoveBg
from tests.fakes.vendor import JSON, FakeVendor, Seen, Trouble

# What they draw where there is nothing to go by: a colour that no photo of the trials has.
INK = (250, 120, 200)
DRAWN_SIZE = (64, 64)
# What a call to the web UI holds besides settings: told on its own, or different every time.
NO_FIELDS = frozenset({"init_images", "image", "mask", "prompt", "force_task_id"})


@dataclass(frozen=True, kw_only=True)
class Received:
    """One paid call as a server understood it; `mask` is of the first picture."""

    text: str = ""
    fields: Mapping[str, object] = field(default_factory=dict)
    pictures: tuple[bytes, ...] = ()
    mask: bytes | None = None


class Workshop(FakeVendor):
    """A vendor's server that tells what it was asked for."""

    def received(self) -> list[Received]:
        """The paid calls so far."""
        raise NotImplementedError

    def address(self, vendor: Vendor) -> str:
        """What the operator writes as its address."""
        if vendor.key_setting is not None or ":" not in self.key:
            return self.url
        # The web UI's user and password have no setting but the address.
        login, _, password = self.key.partition(":")
        return self.url.replace("://", f"://{quote(login, safe='')}:{quote(password, safe='')}@")

    def environment(self, vendor: Vendor) -> dict[str, str]:
        """What the operator sets for it."""
        assert vendor.url_setting is not None
        keys = {} if vendor.key_setting is None else {vendor.key_setting: self.key}
        return {vendor.url_setting: self.address(vendor), **keys}

    def provider(self, vendor: Vendor) -> Provider:
        """What speaks to it, opened with what the operator sets."""
        told = self.environment(vendor)
        assert vendor.url_setting is not None
        key = None if vendor.key_setting is None else told[vendor.key_setting]
        provider = vendor.open(Credentials(key=key, base_url=told[vendor.url_setting]))
        assert provider is not None
        return provider


def blank(size: tuple[int, int] = DRAWN_SIZE) -> bytes:
    """A picture of ink alone."""
    return encode(Image.new("RGB", size, INK))


def mirrored(data: bytes, size: tuple[int, int] | None = None) -> bytes:
    """Left is right: what comes back shows what went in, and that somebody worked on it."""
    picture = opened(data).convert("RGB")
    return encode(ImageOps.mirror(picture.resize(size or picture.size, Image.Resampling.NEAREST)))


class GoogleWorkshop(Workshop, FakeGoogle):
    """Gemini, which gives the first picture back mirrored, or ink."""

    def received(self) -> list[Received]:
        """The calls of generateContent."""
        return [_of_google(seen.path, seen.body) for seen in self.seen if seen.method == "POST"]

    async def answer(
        self, request: web.Request, how: Trouble, response: web.StreamResponse, *, made: int = 1
    ) -> web.StreamResponse:
        """Draw by what came; words stay as they are."""
        asked = _of_google(request.path, await request.json())
        if asked.fields["model"] != MODELS[3]:
            data = mirrored(asked.pictures[0]) if asked.pictures else blank()
            part = {"inlineData": {"mimeType": "image/png", "data": _text(data)}}
            content = {"role": "model", "parts": [part]}
            candidate = {"content": content, "finishReason": "STOP"}
            response = web.json_response({"candidates": [candidate], "usageMetadata": {}})
        return await super().answer(request, how, response, made=made)


def _of_google(path: str, body: JSON) -> Received:
    parts = [part for content in body["contents"] for part in content["parts"]]
    settings = body.get("generationConfig", {})
    model = path.rpartition("/")[2].partition(":")[0]
    inlined = [part["inlineData"] for part in parts if "inlineData" in part]
    types = [item["mimeType"] for item in inlined]
    return Received(
        text="\n".join(part["text"] for part in parts if "text" in part),
        fields={"model": model, "types": types, **settings.get("imageConfig", {})},
        pictures=tuple(base64.b64decode(item["data"]) for item in inlined),
    )


class A1111Workshop(Workshop, FakeA1111):
    """The web UI, which draws over a picture in the size asked for."""

    def received(self) -> list[Received]:
        """The calls that make something."""
        return [_of_a1111(seen.path, seen.body) for seen in self.seen if seen.method == "POST"]

    def _made(self, name: str, body: JSON) -> web.Response:
        if name == "interrogate":
            return super()._made(name, body)
        asked = _of_a1111(name, body)
        if name == "extra-single-image":
            data = _enlarged(asked.pictures[0], int(body["upscaling_resize"]))
            return web.json_response({"html_info": "", "image": _text(data)})
        data = _painted(asked, (body["width"], body["height"]))
        images = [_text(data)] * (body["n_iter"] * body["batch_size"])
        return web.json_response({"images": images, "parameters": body, "info": "{}"})


def _of_a1111(path: str, body: JSON) -> Received:
    fields = {name: value for name, value in body.items() if name not in NO_FIELDS}
    given = body.get("init_images") or ([body["image"]] if "image" in body else [])
    return Received(
        text=body.get("prompt", ""),
        fields={"path": path.rpartition("/")[2], **fields},
        pictures=tuple(map(base64.b64decode, given)),
        mask=base64.b64decode(body["mask"]) if "mask" in body else None,
    )


def _painted(asked: Received, size: tuple[int, int]) -> bytes:
    """Ink, or the picture mirrored; where there is a mask, ink beyond it too.

    What lies around a mask may come back changed from any model: the studio itself has to keep it.
    """
    if not asked.pictures:
        return blank(size)
    if asked.mask is not None:
        return blank(opened(asked.pictures[0]).size)
    return mirrored(asked.pictures[0], size)


def _enlarged(data: bytes, scale: int) -> bytes:
    picture = opened(data)
    size = (picture.width * scale, picture.height * scale)
    return encode(picture.resize(size, Image.Resampling.NEAREST))


class ComfyUIWorkshop(Workshop, FakeComfyUI):
    """ComfyUI, whose pictures are what a graph makes of its uploads."""

    def received(self) -> list[Received]:
        """The graphs that were queued, with the files that they name."""
        return [self._asked(job.graph) for job in self.jobs.values()]

    def _asked(self, graph: JSON) -> Received:
        inputs: dict[str, JSON] = {name: node["inputs"] for name, node in graph.items()}
        of = {node["class_type"]: node["inputs"] for node in graph.values()}
        loaded = [self.uploads[of["LoadImage"]["image"]]] if "LoadImage" in of else []
        masked = of.get("LoadImageMask")
        negative = inputs.get("negative", {}).get("text")
        fields = {**of.get("KSampler", {}), **_sides(of), "negative": negative, **_loaders(of)}
        return Received(
            text=inputs.get("positive", {}).get("text", ""),
            fields=fields | ({} if masked is None else {"channel": masked["channel"]}),
            pictures=tuple(loaded),
            mask=None if masked is None else self.uploads[masked["image"]],
        )

    def _file(self, job: Job, node: str, index: int, folder: str) -> JSON:
        told = super()._file(job, node, index, folder)
        asked = self._asked(job.graph)
        width, height = asked.fields["width"], asked.fields["height"]
        assert isinstance(width, int)
        assert isinstance(height, int)
        size = (width, height)
        if "model_name" in asked.fields:
            data = encode(opened(asked.pictures[0]).resize(size, Image.Resampling.NEAREST))
        else:
            data = _painted(asked, size)
        self.results[told["filename"]] = data
        return told


def _sides(of: Mapping[str, JSON]) -> JSON:
    """The sides that a graph draws in."""
    sized = of.get("EmptyLatentImage") or of["ImageScale"]
    return {"width": sized["width"], "height": sized["height"]}


def _loaders(of: Mapping[str, JSON]) -> JSON:
    """The models that a graph loads."""
    return {**of.get("CheckpointLoaderSimple", {}), **of.get("UpscaleModelLoader", {})}


class RemoveBgWorkshop(Workshop, FakeRemoveBg):
    """remove.bg, which cuts the middle out of the picture that it is sent."""

    def received(self) -> list[Received]:
        """The pictures that were to be cut out, and how."""
        return [
            Received(
                fields={
                    "types": [kind for _, kind, _ in seen.files],
                    **{name: values[0] for name, values in seen.form.items()},
                },
                pictures=tuple(data for _, _, data in seen.files),
            )
            for seen in self.seen
            if seen.method == "POST"
        ]

    async def _cut_out(self, request: web.Request, how: Trouble, seen: Seen) -> web.StreamResponse:
        self.body = encode(cut_out(opened(seen.files[0][2])))
        return await super()._cut_out(request, how, seen)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


WORKSHOPS: Mapping[str, type[Workshop]] = {
    "google": GoogleWorkshop,
    "a1111": A1111Workshop,
    "comfyui": ComfyUIWorkshop,
    "removebg": RemoveBgWorkshop,
}
