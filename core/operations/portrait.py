"""portrait: somebody, drawn by the photos of a persona; who it is stays who it is, the rest is free."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from core.messenger import Picture, Say
from core.operations.base import Operation, wishes
from core.operations.imagine import PROMPT_LENGTH_MAX, RATIOS, SEED_MAX
from core.options import option, pictures_of
from core.sitter import NAME_LENGTH_MAX, PHOTOS_MAX, Sitter
from providers.base import ImageRequest, Model, SourceImage

COUNT_MAX = 4
WORDS_LENGTH_MAX = 100
BACKGROUND_LENGTH_MAX = 300
USUAL_RATIOS = ("3:4", "4:5", "2:3")
STYLES = {
    "business": "a business portrait: smart formal clothes, soft even studio light, a plain blurred "
    "background, a friendly and confident look",
    "casual": "a casual portrait: everyday clothes, natural daylight, a relaxed moment outdoors",
    "studio": "a studio portrait: a seamless grey backdrop, a large soft light from the side, fine "
    "detail, an 85 mm lens",
    "cinematic": "a still from a film: anamorphic lens, moody coloured light, shallow focus, film grain",
    "fashion": "a fashion editorial: striking designer clothes, a strong pose, hard light, glossy",
    "vintage": "a photograph of the 1970s: faded warm colours, soft focus, grain, clothes of the time",
    "noir": "film noir in black and white: hard light through blinds, deep shadows, smoke",
    "painting": "an oil painting in the manner of the old masters: visible brushwork, warm chiaroscuro",
    "watercolour": "a loose watercolour on rough paper: wet edges, few strokes, much white",
    "pencil": "a pencil drawing: fine hatching on white paper, no colour",
    "comic": "a comic book drawing: bold ink outlines, flat colours, halftone dots",
    "anime": "an anime drawing: clean lines, large expressive eyes, cel shading",
    "fantasy": "a fantasy portrait: ornate costume, magical light, a world of legends behind",
}
GLASSES = {"with": "The person wears glasses.", "without": "The person wears no glasses."}


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """The options of portrait; `persona_id` and `photos` are settled when it is ordered."""

    persona: str = option("Which of your personas", suggest="personas", length_max=NAME_LENGTH_MAX)
    prompt: str | None = option(
        "Anything to add: a place, a pose, clothes", default=None, main=True,
        length_max=PROMPT_LENGTH_MAX,
    )  # fmt: skip
    style: str | None = option("In which style", default=None, choices=tuple(STYLES))
    style_2: str | None = option(
        "A second style, with pictures of its own", default=None, choices=tuple(STYLES)
    )
    style_3: str | None = option("A third style", default=None, choices=tuple(STYLES))
    style_4: str | None = option("A fourth style", default=None, choices=tuple(STYLES))
    count: int | None = option(
        "How many pictures of each style; 4 where you choose one",
        default=None, min=1, max=COUNT_MAX,
    )  # fmt: skip
    ratio: str | None = option("Width to height", default=None, choices=RATIOS)
    glasses: str = option(
        "Glasses, as in the photos or not", default="as-in-photos",
        choices=("as-in-photos", *GLASSES),
    )  # fmt: skip
    hair_colour: str | None = option(
        "Another colour of the hair", default=None, length_max=WORDS_LENGTH_MAX
    )
    hair_style: str | None = option(
        "Another way to wear the hair", default=None, length_max=WORDS_LENGTH_MAX
    )
    background: str | None = option(
        "What is behind", default=None, length_max=BACKGROUND_LENGTH_MAX
    )
    example: Picture | None = option("A picture whose style to take", default=None)
    example_2: Picture | None = option("A second picture whose style to take", default=None)
    model: str | None = option("Which model draws", default=None, suggest="models", length_max=100)
    negative: str | None = option("What to leave out", default=None, length_max=PROMPT_LENGTH_MAX)
    seed: int | None = option(
        "The same seed gives the same picture, where the model can",
        default=None,
        min=0,
        max=SEED_MAX,
    )
    persona_id: str | None = option(
        "The persona that was found", default=None, length_max=32, hidden=True
    )
    photos: int = option(
        "How many of its photos are used", default=1, min=1, max=PHOTOS_MAX, hidden=True
    )


def _several(params: Portrait) -> tuple[Portrait, ...]:
    """For each style that was chosen, all of it once."""
    chosen = dict.fromkeys((params.style, params.style_2, params.style_3, params.style_4))
    styles = tuple(style for style in chosen if style is not None)
    return tuple(
        replace(params, style=style, style_2=None, style_3=None, style_4=None)
        for style in styles or (None,)
    )


def _sitting(params: Portrait, who: Sitter) -> Iterable[Portrait]:
    """As many of the photos as a model takes, then as many pictures as it makes at a time."""
    usual = (4, 2, 1) if params.style is not None else (1,)
    for photos in range(who.photos, 0, -1):
        for count in (params.count,) if params.count is not None else usual:
            yield replace(params, persona=who.name, persona_id=who.id, photos=photos, count=count)


def _words(params: Portrait) -> str:
    """All that the model is told; the persona's name is nobody's business."""
    examples = len(pictures_of(params))
    shown = "picture" if params.photos == 1 else f"{params.photos} pictures"
    told = [
        f"A portrait of the person in the first {shown}. Keep this very person recognisable: face, "
        "features, age and skin as they are there."
    ]
    if params.style is not None:
        told.append(f"Make it {STYLES[params.style]}.")
    if examples:
        last = "picture" if examples == 1 else f"{examples} pictures"
        told.append(
            f"Take light, colours, setting and technique from the last {last}, and nobody who is in "
            "there."
        )
    told += [
        sentence
        for sentence in (
            GLASSES.get(params.glasses),
            params.hair_colour and f"The colour of the hair: {params.hair_colour}.",
            params.hair_style and f"The hair is worn like this: {params.hair_style}.",
            params.background and f"The background: {params.background}.",
            params.prompt,
        )
        if sentence
    ]
    return " ".join(told)


def _shown(params: Portrait) -> str | None:
    """The person's words and the style, by which they tell one message from the other."""
    return ", ".join(word for word in (params.prompt, params.style) if word) or None


def _request(params: Portrait, model: Model, images: tuple[SourceImage, ...]) -> ImageRequest:
    return ImageRequest(
        operation="imagine",
        model=model.vendor_model,
        prompt=_words(params),
        count=params.count or 1,
        ratio=params.ratio or _ratio(model),
        images=images,
        **wishes(params, model),
    )


def _ratio(model: Model) -> str:
    return next((ratio for ratio in USUAL_RATIOS if ratio in model.ratios), model.ratios[0])


OPERATION = Operation(
    name="portrait",
    summary="Draw a portrait of one of your personas",
    params=Portrait,
    request=_request,
    capability="imagine",
    # With one picture, many models change it instead of drawing by it.
    images_min=2,
    sitting=_sitting,
    several=_several,
    pictures=lambda params: params.photos + len(pictures_of(params)),
    count=lambda params: params.count or 1,
    shown=_shown,
    said=lambda params: Say(key="did-portrait", values={"photos": params.photos}),
)
