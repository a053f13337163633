"""What people ask of each vendor through a door, what its server has to receive, and what has to come."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from PIL import ImageChops

from core.app import Rules
from core.operations import blend, vary
from providers.base import Provider, Vendor
from providers.base import discover as discover_vendors
from tests.fakes.paid import (
    BLUE,
    CORNERS,
    GREEN,
    OTHER,
    PHOTO,
    RED,
    SIZE,
    Ink,
    Trial,
    opened,
    painted,
)
from tests.fakes.pictures import encode, scene
from tests.fakes.workshops import DRAWN_SIZE, INK, WORKSHOPS, Received, Workshop

CREDITS = 200
WHITE = (255, 255, 255)
# Cameras give JPEG, which no studio takes in without a trace.
SNAPSHOT = encode(scene(SIZE), "JPEG", quality=95, subsampling=0)
JPEG_OFF_MAX = 4


@dataclass(frozen=True, kw_only=True)
class VendorTrial(Trial):
    """A command, and what the vendor's server has to receive for it.

    `tells` are parts of the text, `fields` what is set there (None: is not), `shown` the pictures, all
    that people gave unless told; `sees` are points of the first where that is a picture of ours, `mask`
    points of its mask.
    """

    calls: int = 1
    tells: tuple[str, ...] = ()
    fields: Mapping[str, object] = field(default_factory=dict)
    shown: tuple[bytes, ...] | None = None
    sees: Mapping[tuple[int, int], Ink] = field(default_factory=dict)
    mask: Mapping[tuple[int, int], int] = field(default_factory=dict)

    def check(self, files: list[bytes]) -> None:
        """Look at the pictures that came; what is clear has to be a PNG."""
        super().check(files)
        if any(len(colour) == 4 for colour in self.points.values()):
            assert {opened(data).mode for data in files} == {"RGBA"}
            assert all(data.startswith(b"\x89PNG") for data in files)

    def check_received(self, calls: list[Received]) -> None:
        """Look at what came to the server."""
        assert len(calls) == self.calls, self.typed()
        for call in calls:
            for text in self.tells:
                assert text in call.text, (self.typed(), call.text)
            found = {name: call.fields.get(name) for name in self.fields}
            assert found == dict(self.fields), self.typed()
            self._check_pictures(call)
            self._check_mask(call)

    def _check_pictures(self, call: Received) -> None:
        if self.sees:
            picture = opened(call.pictures[0]).convert("RGB")
            assert {at: picture.getpixel(at) for at in self.sees} == self.sees, self.typed()
            return
        given = self.pictures if self.shown is None else self.shown
        for one, other in zip(given, call.pictures, strict=True):
            both = opened(one).convert("RGB"), opened(other).convert("RGB")
            assert both[0].size == both[1].size
            off = max(ImageChops.difference(*both).tobytes())
            assert off <= (JPEG_OFF_MAX if one == SNAPSHOT else 0), (self.typed(), off)

    def _check_mask(self, call: Received) -> None:
        assert (call.mask is None) == (not self.mask), self.typed()
        if call.mask is None:
            return
        mask = opened(call.mask)
        assert mask.size == opened(call.pictures[0]).size
        # One that is read by its red channel or its brightness must say the same in both.
        assert mask.mode in {"L", "RGB"}
        levels = mask.convert("L")
        assert {at: levels.getpixel(at) for at in self.mask} == self.mask, self.typed()
        assert set(levels.tobytes()) == {0, 255}


@dataclass(frozen=True, kw_only=True)
class Shop:
    """One vendor that the operator has set up, before all others."""

    vendor: Vendor
    server: Workshop
    provider: Provider

    @property
    def providers(self) -> dict[str, Provider]:
        """As a studio has it."""
        return {self.vendor.name: self.provider}

    @property
    def environment(self) -> dict[str, str]:
        """What the operator sets for it."""
        return self.server.environment(self.vendor)


def rules_of(name: str) -> Rules:
    """The rules of a house whose models are this vendor's."""
    return Rules(signup_credits=CREDITS, vendor_order=(name,), queued_max=40)


@contextlib.asynccontextmanager
async def shop(name: str) -> AsyncIterator[Shop]:
    """Open one; at the end no request may have been one that the vendor would not take."""
    vendor = discover_vendors()[name]
    async with WORKSHOPS[name]() as server:
        provider = server.provider(vendor)
        try:
            yield Shop(vendor=vendor, server=server, provider=provider)
        finally:
            await provider.close()
    assert server.violations == []


MIRRORED = {(4, 4): GREEN, (92, 4): RED, (92, 60): BLUE, (4, 60): WHITE}
# In a picture of about a megapixel.
MIRRORED_LARGE = {(50, 50): GREEN, (1200, 50): RED, (1200, 800): BLUE, (50, 800): WHITE}
LARGE = (1256, 840)
# A quarter was painted, or the right upper one was said in numbers.
PAINTED = {(4, 4): 255, (44, 28): 255, (52, 4): 0, (4, 36): 0, (92, 60): 0}
BOXED = {(52, 4): 255, (92, 28): 255, (44, 4): 0, (92, 36): 0, (4, 60): 0}
GROWN = {(4, 32): 255, (44, 4): 255, (52, 4): 0, (140, 60): 0}
BENEATH = {(52, 4): RED, (140, 4): GREEN, (52, 60): BLUE, (140, 60): WHITE}
REPAINTED = {(20, 14): INK, (92, 4): GREEN, (4, 60): BLUE, (92, 60): WHITE}
REBOXED = {(76, 14): INK, (4, 4): RED, (4, 60): BLUE, (92, 60): WHITE}

BANANA = "gemini-nano-banana-2.1"
GOOGLE = (
    VendorTrial(
        command="imagine", words="a fox", options={"negative": "rain", "count": 2, "ratio": "16:9"},
        used=4, says=("Made by Nano Banana 2.1.",), count=2, calls=2, size=DRAWN_SIZE,
        points={(32, 32): INK}, tells=("a fox\n\nAvoid: rain",),
        fields={"model": BANANA, "aspectRatio": "16:9", "imageSize": "1K"},
    ),
    VendorTrial(
        command="imagine", words="a fox", pictures=(PHOTO, OTHER), used=2,
        says=("Made by Nano Banana 2.1.",), size=SIZE, points=MIRRORED, tells=("a fox",),
        fields={"model": BANANA, "aspectRatio": "1:1"},
    ),
    VendorTrial(
        command="edit", words="make it night", pictures=(SNAPSHOT, OTHER), used=2,
        says=("Made by Nano Banana 2.1.",), size=SIZE, points=MIRRORED, tells=("make it night",),
        fields={"model": BANANA, "aspectRatio": None, "types": ["image/jpeg", "image/png"]},
    ),
    VendorTrial(
        command="blend", words="a dream", options={"ratio": "3:2"}, pictures=(OTHER, PHOTO),
        used=2, says=("Blended into one.",), size=SIZE, points={(4, 4): (250, 180, 30)},
        tells=(blend.WORDS, "a dream"), fields={"aspectRatio": "3:2"},
    ),
    VendorTrial(
        command="vary", words="a house", options={"strength": "strong"}, pictures=(PHOTO,), used=2,
        says=("A strong variation.",), size=SIZE, points=MIRRORED,
        tells=(vary.WORDS["strong"], "a house"),
    ),
    VendorTrial(
        command="region", words="a moon", options={"where": "the sky"}, pictures=(PHOTO,), used=2,
        says=("the rest may have changed too.",), size=SIZE, points=MIRRORED,
        tells=("the sky", "a moon"),
    ),
    VendorTrial(
        command="background", options={"words": "a beach"}, pictures=(PHOTO,), used=2,
        says=("Background replaced.",), size=SIZE, points=MIRRORED, tells=("a beach",),
    ),
    VendorTrial(
        command="describe", pictures=(PHOTO,), used=1, count=0,
        says=("1. A red fox in snow", "4. A fox in low light"),
        fields={"model": "gemini-3.1-flash-lite"},
    ),
)  # fmt: skip

BY_A1111 = "Made by Stable Diffusion (AUTOMATIC1111)."
BY_EXTRAS = "Made by Real-ESRGAN and CodeFormer (AUTOMATIC1111)."
# White is what changes; the picture is drawn around the mask alone, and keeps its size.
INPAINT = {"path": "img2img", "inpainting_mask_invert": 0, "inpaint_full_res": True}
A1111 = (
    VendorTrial(
        command="imagine", words="a fox",
        options={"negative": "rain", "steps": 30, "guidance": 5.5, "seed": 7, "ratio": "3:2"},
        used=1, says=(BY_A1111,), size=(1280, 832), points={(640, 416): INK}, tells=("a fox",),
        fields={
            "path": "txt2img", "negative_prompt": "rain", "steps": 30, "cfg_scale": 5.5, "seed": 7,
            "width": 1280, "height": 832,
        },
    ),
    VendorTrial(
        command="imagine", words="a fox", options={"ratio": "3:2"}, pictures=(PHOTO,), used=1,
        says=(BY_A1111,), size=(1280, 832), points=MIRRORED_LARGE,
        fields={"path": "img2img", "resize_mode": 1, "denoising_strength": 0.75},
    ),
    VendorTrial(
        command="edit", words="make it night", pictures=(SNAPSHOT,), used=1, says=(BY_A1111,),
        size=LARGE, points=MIRRORED_LARGE, tells=("make it night",),
        fields={"path": "img2img", "denoising_strength": 0.6},
    ),
    VendorTrial(
        command="vary", words="a house", pictures=(PHOTO,), used=1, says=("A subtle variation.",),
        size=LARGE, points=MIRRORED_LARGE, tells=("a house",),
        fields={"path": "img2img", "denoising_strength": 0.35},
    ),
    VendorTrial(
        command="vary", options={"strength": "strong", "seed": 3}, pictures=(PHOTO,), used=1,
        says=("A strong variation.",), size=LARGE, points=MIRRORED_LARGE,
        tells=(vary.WORDS["strong"],), fields={"denoising_strength": 0.75, "seed": 3},
    ),
    VendorTrial(
        command="region", words="a pond", pictures=(PHOTO, painted()), shown=(PHOTO,), used=1,
        says=("One part drawn anew, the rest as it was.",), size=SIZE, points=REPAINTED,
        tells=("a pond",), fields=INPAINT, mask=PAINTED,
    ),
    VendorTrial(
        command="region", words="a pond", options={"box": "50, 0, 100, 50"}, pictures=(PHOTO,),
        used=1, says=("One part drawn anew, the rest as it was.",), size=SIZE, points=REBOXED,
        fields=INPAINT, mask=BOXED,
    ),
    VendorTrial(
        command="expand", options={"way": "left"}, pictures=(PHOTO,), used=1,
        says=("Grown to the left.",), size=(144, 64), points={(20, 32): INK, **BENEATH},
        fields=INPAINT, sees=BENEATH, mask=GROWN,
    ),
    VendorTrial(
        command="upscale", options={"scale": "4x"}, pictures=(PHOTO,), used=4,
        says=("4 times as large.", BY_EXTRAS), size=(384, 256),
        points={(16, 16): RED, (368, 16): GREEN, (16, 240): BLUE},
        fields={"upscaling_resize": 4, "upscaler_1": "R-ESRGAN 4x+", "codeformer_visibility": 0.0},
    ),
    VendorTrial(
        command="restore", pictures=(PHOTO,), used=1, says=("Faces restored.", BY_EXTRAS),
        size=SIZE, points=CORNERS,
        fields={"upscaling_resize": 1, "upscaler_1": "None", "codeformer_visibility": 1.0},
    ),
    VendorTrial(
        command="describe", pictures=(PHOTO,), used=1, count=0,
        says=("1. a fox in the snow, oil painting",),
        fields={"path": "interrogate", "model": "clip"},
    ),
)  # fmt: skip

CHECKPOINT = {"ckpt_name": "sd_xl_base_1.0.safetensors"}
COMFYUI = (
    VendorTrial(
        command="imagine", words="a fox",
        options={
            "negative": "rain", "steps": 30, "guidance": 5.5, "seed": 7, "ratio": "3:2", "count": 2,
        },
        used=2, says=("Made by SDXL (ComfyUI).",), size=(1280, 832), points={(640, 416): INK},
        count=2, tells=("a fox",),
        fields={
            "negative": "rain", "steps": 30, "cfg": 5.5, "seed": 7, "width": 1280, "height": 832,
            "denoise": 1.0, **CHECKPOINT,
        },
    ),
    VendorTrial(
        command="edit", words="make it night", pictures=(SNAPSHOT,), used=1,
        says=("Made by SDXL image to image (ComfyUI).",), size=LARGE, points=MIRRORED_LARGE,
        tells=("make it night",), fields={"denoise": 0.6, **CHECKPOINT},
    ),
    VendorTrial(
        command="vary", words="a house", pictures=(PHOTO,), used=1, says=("A subtle variation.",),
        size=LARGE, points=MIRRORED_LARGE, tells=("a house",), fields={"denoise": 0.35},
    ),
    VendorTrial(
        command="vary", options={"strength": "strong", "seed": 3}, pictures=(PHOTO,), used=1,
        says=("A strong variation.",), size=LARGE, points=MIRRORED_LARGE,
        tells=(vary.WORDS["strong"],), fields={"denoise": 0.75, "seed": 3},
    ),
    VendorTrial(
        command="region", words="a pond", pictures=(PHOTO, painted()), shown=(PHOTO,), used=1,
        says=("One part drawn anew, the rest as it was.",), size=SIZE, points=REPAINTED,
        tells=("a pond",), fields={"channel": "red", "denoise": 0.9, **CHECKPOINT}, mask=PAINTED,
    ),
    VendorTrial(
        command="expand", options={"way": "left"}, pictures=(PHOTO,), used=1,
        says=("Grown to the left.",), size=(144, 64), points={(20, 32): INK, **BENEATH},
        fields={"channel": "red"}, sees=BENEATH, mask=GROWN,
    ),
    VendorTrial(
        command="upscale", pictures=(PHOTO,), used=2,
        says=("2 times as large.", "Made by Real-ESRGAN (ComfyUI)."), size=(192, 128),
        points={(8, 8): RED, (184, 8): GREEN, (8, 120): BLUE},
        fields={"model_name": "RealESRGAN_x4plus.pth", "width": 192, "height": 128},
    ),
)  # fmt: skip

CUT_OUT = {(4, 4): (0, 0, 0, 0), (92, 60): (0, 0, 0, 0), (36, 20): (*RED, 255)}
REMOVEBG = (
    VendorTrial(
        command="background", options={"subject": "product"}, pictures=(SNAPSHOT,), used=3,
        says=("Background removed.", "Made by remove.bg."), size=SIZE, points=CUT_OUT,
        fields={"type": "product", "format": "png", "size": "auto", "types": ["image/jpeg"]},
    ),
    VendorTrial(
        command="background", options={"subject": "person"}, pictures=(PHOTO,), used=3,
        says=("Background removed.", "Made by remove.bg."), size=SIZE, points=CUT_OUT,
        fields={"type": "person", "format": "png", "types": ["image/png"]},
    ),
    VendorTrial(
        command="background", options={"subject": "person", "colour": "blue"}, pictures=(PHOTO,),
        used=3, says=("Background replaced.",), size=SIZE,
        points={(4, 4): (0, 0, 255), (36, 20): RED}, fields={"type": "person"},
    ),
    VendorTrial(
        command="background", pictures=(PHOTO, OTHER), shown=(PHOTO,), used=3,
        says=("Background replaced.",), size=SIZE, points={(4, 4): (250, 180, 30), (36, 20): RED},
        fields={"type": "auto"},
    ),
)  # fmt: skip

TRIALS: Mapping[str, tuple[VendorTrial, ...]] = {
    "google": GOOGLE,
    "a1111": A1111,
    "comfyui": COMFYUI,
    "removebg": REMOVEBG,
}


def one_of(name: str) -> VendorTrial:
    """The trial that shows most of a vendor: two pictures, a painted mask, or a cut-out."""
    able = [trial for trial in TRIALS[name] if trial.mask or not trial.fields.get("aspectRatio", 1)]
    return (able or list(TRIALS[name]))[0]
