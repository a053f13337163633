"""Questions asked in a chat: what the reply to a message will be an answer to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from core.app import App
from storage import questions
from storage.questions import QuestionRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The command to run with the answer as option `field`, beside the texts already `given`."""

    command: str
    field: str
    given: Mapping[str, str]


async def remember(app: App, platform: str, place: str, message: str, question: Question) -> None:
    """Keep a question by the message that asks it."""
    row = QuestionRow(
        command=question.command, field=question.field, given=json.dumps(dict(question.given))
    )
    await app.database.statement(questions.add, platform, place, message, row, app.clock.now())


async def recall(app: App, platform: str, place: str, message: str) -> Question | None:
    """The question that a message asked, if it asked one."""
    row = await app.database.read(questions.find, platform, place, message)
    if row is None:
        return None
    return Question(command=row.command, field=row.field, given=json.loads(row.given))
