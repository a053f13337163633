"""Paid vendors on this machine, one for each thing that a studio does, and what people try with them."""

from __future__ import annotations

import base64
import contextlib
import io
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from PIL import Image, ImageDraw

from core.app import Rules
from providers.base import Credentials, Provider
from providers.base import discover as discover_vendors
from tests.fakes.openai_server import FakeOpenAI
from tests.fakes.pictures import encode, scene
from tests.fakes.removebg_server import FakeRemoveBg
from tests.fakes.replicate_server import FakeReplicate
from tests.fakes.vendor import FakeVendor

ORDER = ("openai", "replicate", "removebg")
RULES = Rules(signup_credits=200, vendor_order=ORDER, queued_max=40)
SIZE = (96, 64)
RED, GREEN, BLUE = (220, 20, 20), (20, 200, 20), (20, 20, 220)
Ink = tuple[int, ...]


class Workshop(FakeReplicate):
    """Replicate whose tools for pictures work on the picture that they are given."""

    def delivered(self, number: int) -> bytes:
        row = self.predictions[number]
        if "image" not in row["input"]:
            return super().delivered(number)
        source = opened(base64.b64decode(row["input"]["image"].partition(",")[2]))
        if row["model"] == "nightmareai/real-esrgan":
            scale = int(row["input"]["scale"])
            return encode(source.resize((source.width * scale, source.height * scale)))
        if row["model"] == "851-labs/background-remover":
            return encode(cut_out(source))
        return encode(source)


def cut_out(source: Image.Image) -> Image.Image:
    """The middle of a picture, on nothing."""
    shape = Image.new("L", source.size, 0)
    box = (source.width // 4, source.height // 4, source.width * 3 // 4, source.height * 3 // 4)
    ImageDraw.Draw(shape).rectangle(box, fill=255)
    clear = source.convert("RGBA")
    clear.putalpha(shape)
    return clear


@dataclass(frozen=True, kw_only=True)
class Paid:
    """The servers, and the providers that speak to them."""

    openai: FakeOpenAI
    replicate: Workshop
    removebg: FakeRemoveBg
    providers: dict[str, Provider]

    @property
    def environment(self) -> dict[str, str]:
        """What the operator sets for them."""
        return {
            "OPENAI_API_KEY": self.openai.key,
            "OPENAI_BASE_URL": self.openai.url,
            "REPLICATE_API_TOKEN": self.replicate.key,
            "REPLICATE_BASE_URL": self.replicate.url,
            "REMOVEBG_API_KEY": self.removebg.key,
            "REMOVEBG_BASE_URL": self.removebg.url,
        }

    @property
    def servers(self) -> dict[str, FakeVendor]:
        return {"openai": self.openai, "replicate": self.replicate, "removebg": self.removebg}

    async def gone(self, name: str) -> None:
        """Stop a vendor's server: its address answers nothing."""
        await self.servers[name].__aexit__(None, None, None)

    async def back(self, name: str) -> None:
        """Start it again where it was."""
        await self.servers[name].__aenter__()


@contextlib.asynccontextmanager
async def paid() -> AsyncIterator[Paid]:
    """Open them; at the end no request may have been one that the vendor would not take."""
    vendors = discover_vendors()
    async with FakeOpenAI() as openai, Workshop() as replicate, FakeRemoveBg() as removebg:
        servers: dict[str, FakeVendor] = {
            "openai": openai,
            "replicate": replicate,
            "removebg": removebg,
        }
        providers = {}
        for name, server in servers.items():
            provider = vendors[name].open(Credentials(key=server.key, base_url=server.url))
            assert provider is not None
            providers[name] = provider
        try:
            yield Paid(openai=openai, replicate=replicate, removebg=removebg, providers=providers)
        finally:
            for provider in providers.values():
                await provider.close()
        for server in servers.values():
            assert server.violations == []


def opened(data: bytes) -> Image.Image:
    """A file's picture."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def painted() -> bytes:
    """The photo with its upper left corner painted over, as people mark a place."""
    picture = scene(SIZE)
    picture.paste((255, 0, 255), (0, 0, 48, 32))
    return encode(picture)


PHOTO = encode(scene(SIZE))
OTHER = encode(Image.new("RGB", SIZE, (250, 180, 30)))


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A command with its pictures, and what has to come of it.

    `words` is what is said without naming an option, `used` what it costs. Of the picture that comes:
    its `size`, and points with their colours, which may be off by a little (four numbers: with alpha).
    """

    command: str
    words: str = ""
    options: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    pictures: tuple[bytes, ...] = ()
    used: int
    says: tuple[str, ...]
    size: tuple[int, int] | None = None
    points: Mapping[tuple[int, int], Ink] = field(default_factory=dict)
    count: int = 1

    def typed(self) -> str:
        """As one line."""
        options = [
            f"--{name} {text}" if " " not in (text := str(value)) else f'--{name} "{text}"'
            for name, value in self.options.items()
        ]
        return " ".join([f"/{self.command}", *filter(None, [self.words]), *options])

    def receipt(self) -> str:
        """What the message says of the price."""
        return (
            f"Used {self.used} credit{'s' * (self.used > 1)}, " if self.used else "Free of charge."
        )

    def check(self, files: list[bytes]) -> None:
        """Look at the pictures that came."""
        assert len(files) == self.count, self.command
        for data in files:
            picture = opened(data)
            assert self.size is None or picture.size == self.size, (self.command, picture.size)
            for at, colour in self.points.items():
                seen = picture.convert("RGBA" if len(colour) == 4 else "RGB").getpixel(at)
                assert isinstance(seen, tuple)
                near = max(abs(a - b) for a, b in zip(seen, colour, strict=True)) <= 12
                assert near or seen[3:] == colour[3:] == (0,), (self.command, at, seen)


CORNERS = {(4, 4): RED, (92, 4): GREEN, (4, 60): BLUE}

TRIALS = (
    Trial(
        command="imagine", words="a fox", options={"count": 2, "ratio": "16:9"},
        used=2, says=("Made by GPT Image 2.5 Flare.",), count=2,
    ),
    Trial(
        command="edit", words="make it night", pictures=(PHOTO, OTHER),
        used=2, says=("Made by GPT Image 2.5 Sunburst.",),
    ),
    Trial(
        command="vary", options={"strength": "strong"}, pictures=(PHOTO,),
        used=2, says=("A strong variation.",),
    ),
    Trial(
        command="blend", words="a dream", options={"ratio": "3:2"}, pictures=(PHOTO, OTHER),
        used=1, says=("Blended into one.",),
    ),
    Trial(
        command="region", words="a pond", pictures=(PHOTO, painted()), used=2,
        says=("One part drawn anew, the rest as it was.",), size=SIZE,
        points={(92, 4): GREEN, (4, 60): BLUE},
    ),
    Trial(
        command="region", words="a pond", options={"box": "50, 0, 100, 50"}, pictures=(PHOTO,),
        used=2, says=("One part drawn anew, the rest as it was.",), size=SIZE,
        points={(4, 4): RED, (4, 60): BLUE},
    ),
    Trial(
        command="expand", options={"way": "left"}, pictures=(PHOTO,), used=2,
        says=("Grown to the left.",), size=(144, 64),
        points={(64, 4): RED, (140, 4): GREEN, (64, 60): BLUE},
    ),
    Trial(
        command="upscale", options={"scale": "4x", "details": "light"}, pictures=(PHOTO,), used=4,
        says=("4 times as large.", "Made by Real-ESRGAN."), size=(384, 256),
        points={(16, 16): RED, (368, 16): GREEN, (16, 240): BLUE},
    ),
    Trial(
        command="restore", pictures=(PHOTO,), used=1,
        says=("Faces restored.", "Made by CodeFormer."), size=SIZE, points=CORNERS,
    ),
    Trial(
        command="background", pictures=(PHOTO,), used=1,
        says=("Background removed.", "Made by 851 Labs Background Remover."), size=SIZE,
        points={(4, 4): (0, 0, 0, 0), (36, 20): (*RED, 255)},
    ),
    Trial(
        command="background", options={"colour": "blue", "subject": "product"}, pictures=(PHOTO,),
        used=1, says=("Background replaced.",), size=SIZE,
        points={(4, 4): (0, 0, 255), (36, 20): RED},
    ),
    Trial(
        command="crop", options={"ratio": "1:1"}, pictures=(PHOTO,), used=1, says=(),
        size=(64, 64),
    ),
    Trial(
        command="palette", options={"colours": 4}, pictures=(PHOTO,), used=0,
        says=("#dc1414", "rgb(20, 200, 20)"),
    ),
    Trial(
        command="describe", pictures=(PHOTO,), used=1,
        says=("What could have made this picture.", "1. a fox in snow", "4. fox, oil painting"),
        count=0,
    ),
    Trial(
        command="enhance", words="a fox", used=0,
        says=("A better prompt.", "1. a red fox in deep snow, low sun, oil on canvas"), count=0,
    ),
    Trial(
        command="design", words="a bakery", options={"style": "vintage"}, used=5,
        says=("Made by GPT Image 2.5 Flare.",), size=(64, 64),
    ),
    Trial(
        command="illustrate", words="Bread", options={"kind": "post", "count": 3}, used=3, says=(),
        count=3,
    ),
)  # fmt: skip
