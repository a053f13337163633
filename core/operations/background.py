"""background: taken away, or replaced by a colour, a picture, or what is said in words."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import ImageColor

from core.errors import BadOption
from core.images import Encoded, Images
from core.messenger import Picture, Say
from core.operations.base import Action, Operation, Prepared
from core.operations.imagine import PROMPT_LENGTH_MAX
from core.options import option
from providers.base import ImageRequest, Model, SourceImage

COLOUR_LENGTH_MAX = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """The options of background; without any of colour, picture and words it is taken away."""

    image: Picture = option("The picture whose background is meant")
    subject: str = option(
        "What is in front", default="auto", choices=("auto", "person", "product", "animal")
    )
    colour: str | None = option(
        "Put this colour behind it: white, #ffcc00", default=None, length_max=COLOUR_LENGTH_MAX
    )
    picture: Picture | None = option("Put this picture behind it", default=None)
    words: str | None = option(
        "Draw this behind it", default=None, main=True, length_max=PROMPT_LENGTH_MAX
    )
    model: str | None = option(
        "Which model does it", default=None, suggest="models", length_max=100
    )
    prompt: str | None = option("Its words", default=None, hidden=True)


def _check(params: Background) -> None:
    told = [bool(params.colour), params.picture is not None, bool(params.words)]
    if sum(told) > 1:
        raise BadOption("background-one")
    if params.colour:
        _colour(params.colour)


def _colour(text: str) -> tuple[int, int, int]:
    """Red, green, blue of a colour's name or number; raises BadOption."""
    try:
        red, green, blue, *_ = ImageColor.getrgb(text.strip())
    except ValueError as error:
        raise BadOption("option-not-colour", option="colour", value=text) from error
    return red, green, blue


def _asks(params: Background) -> str:
    """What is drawn behind something takes a model that edits."""
    return "edit" if params.words else "background"


def _request(params: Background, model: Model, images: tuple[SourceImage, ...]) -> ImageRequest:
    prompt = ""
    if params.words:
        prompt = (
            f"Replace the background of this picture with: {params.words}. Keep what is in front "
            "exactly as it is, in the same place and size, with light and shadows that fit."
        )
    return ImageRequest(
        operation=_asks(params),
        model=model.vendor_model,
        prompt=prompt,
        images=images,
        subject=params.subject,
        transparent=not params.words,
    )


async def _prepare(_: Images, __: Background, sent: tuple[SourceImage, ...]) -> Prepared:
    """A picture to be laid behind stays here."""
    return Prepared(images=sent[:1])


async def _finish(
    images: Images, params: Background, sent: tuple[bytes, ...], _: Prepared, made: Encoded
) -> Encoded:
    if params.colour:
        return await images.backdrop(made.data, colour=_colour(params.colour), picture=None)
    if params.picture is not None:
        return await images.backdrop(made.data, colour=None, picture=sent[1])
    return made


def _said(params: Background) -> Say:
    replaced = params.colour or params.picture is not None or params.words
    return Say(key="did-background-replace" if replaced else "did-background-remove")


OPERATION = Operation(
    name="background",
    summary="Take a picture's background away, or put another behind",
    params=Background,
    request=_request,
    asks=_asks,
    pictures=lambda _: 1,
    prepare=_prepare,
    finish=_finish,
    credits=lambda _: 1,
    check=_check,
    said=_said,
    actions=(Action(name="background-remove", place=30),),
    once=lambda params: not params.words,
    menu="Remove background",
)
