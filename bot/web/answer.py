"""What stands below a person's words on the page, and how it is kept in the message's row: JSON."""

from __future__ import annotations

import base64
import dataclasses
import json
from dataclasses import dataclass
from typing import Any

from bot.command import Button, Reply, Sample, buttons_of
from core.messenger import Delivery, Picture, Say, Stage

STATEMENTS = "/statements/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Sentences, pictures (with a name each where they are files to keep), buttons.

    `stage` is set for a job's message. `preview` is a small picture of an unfinished job: it lives
    in the row alone and goes with the next answer.
    """

    lines: tuple[Say, ...] = ()
    stage: Stage | None = None
    prompt: str | None = None
    pictures: tuple[Picture, ...] = ()
    names: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()
    error: bool = False
    preview: bytes | None = None
    preview_type: str = ""
    samples: tuple[Sample, ...] = ()


def of_reply(reply: Reply) -> Answer:
    """The first answer to a command, or all of it where no job follows."""
    return Answer(
        lines=reply.lines,
        stage=Stage.QUEUED if reply.job_id is not None else None,
        prompt=reply.prompt,
        pictures=reply.pictures,
        names=_kept(reply),
        buttons=(*reply.buttons, *_files(reply)),
        error=reply.error,
        samples=reply.samples,
    )


def _kept(reply: Reply) -> tuple[str, ...]:
    """Names of files to keep; what buttons of a job stand under is a result, and is looked at."""
    if any(button.job_id for button in reply.buttons):
        return ()
    return tuple(item.name for item in reply.attached if item.picture is not None)


def _files(reply: Reply) -> tuple[Button, ...]:
    """Files that are no pictures are made anew when they are fetched."""
    return tuple(
        Button(command="file", url=f"{STATEMENTS}{item.name}")
        for item in reply.attached
        if item.picture is None
    )


def of_delivery(delivery: Delivery, preview: bytes | None = None, preview_type: str = "") -> Answer:
    """What a job's message shows."""
    return Answer(
        lines=delivery.lines,
        stage=delivery.stage,
        prompt=delivery.prompt,
        pictures=delivery.pictures,
        buttons=buttons_of(delivery),
        error=delivery.stage is Stage.FAILED,
        preview=preview,
        preview_type=preview_type,
    )


def write(answer: Answer) -> str:
    """An answer as JSON."""
    preview = None if answer.preview is None else base64.b64encode(answer.preview).decode()
    values = {
        "lines": [[line.key, dict(line.values)] for line in answer.lines],
        "stage": answer.stage,
        "prompt": answer.prompt,
        "pictures": [dataclasses.asdict(item) for item in answer.pictures],
        "names": answer.names,
        "buttons": [dataclasses.asdict(item) for item in answer.buttons],
        "error": answer.error,
        "preview": preview,
        "preview_type": answer.preview_type,
        "samples": [dataclasses.asdict(item) for item in answer.samples],
    }
    return json.dumps(values, ensure_ascii=False)


def read(text: str) -> Answer:
    """An answer of a row; an empty one where nothing has been shown yet."""
    values = json.loads(text)
    if not values:
        return Answer()
    stage, preview = values["stage"], values["preview"]
    return Answer(
        lines=tuple(Say(key=key, values=given) for key, given in values["lines"]),
        stage=Stage(stage) if stage is not None else None,
        prompt=values["prompt"],
        pictures=tuple(Picture(**item) for item in values["pictures"]),
        names=tuple(values["names"]),
        buttons=tuple(_button(item) for item in values["buttons"]),
        error=values["error"],
        preview=base64.b64decode(preview) if preview is not None else None,
        preview_type=values["preview_type"],
        samples=tuple(Sample(**item) for item in values.get("samples", ())),
    )


def _button(values: dict[str, Any]) -> Button:
    given = values.get("given")
    return Button(**{**values, "given": (given[0], given[1]) if given else None})
