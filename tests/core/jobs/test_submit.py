"""Acceptance: once however often it comes, refused for good when refused, never below zero."""

from __future__ import annotations

import asyncio
import dataclasses

from core import wallets
from core.jobs.library import with_seed
from core.messenger import Say
from core.operations.imagine import Imagine
from core.options import from_json
from core.people import recognise
from storage import jobs
from tests.fakes.providers import Scripted
from tests.fakes.studio import Studio


async def person(room: Studio, name: str = "ann") -> str:
    return await recognise(room.app, "test", name, name)


async def free(room: Studio, name: str = "ann") -> tuple[int, int]:
    wallet = (await wallets.balance(room.app, await person(room, name))).wallet
    return wallet.free, wallet.pending


async def test_first_answer_says_place_and_price(room: Studio) -> None:
    first = await room.run("imagine", prompt="a fox", count="2")
    second = await room.run("imagine", "ben", prompt="a cat")
    assert first.lines == (
        Say(key="queued", values={"place": 1}),
        Say(key="held", values={"held": 2, "left": 8}),
    )
    assert second.lines[0] == Say(key="queued", values={"place": 2})
    assert await free(room) == (8, 2)
    assert room.bell.rings == 2


async def test_the_same_event_is_one_job(room: Studio) -> None:
    call = room.call(prompt="a fox")
    replies = await asyncio.gather(*(room.dispatch.run("imagine", call) for _ in range(5)))
    assert len({reply.job_id for reply in replies}) == 1
    assert await free(room) == (9, 1)
    assert await room.work() == 1


async def test_a_replay_with_other_words_is_still_the_first_job(room: Studio) -> None:
    call = room.call(prompt="a fox")
    first = await room.dispatch.run("imagine", call)
    other = dataclasses.replace(call, arguments={"prompt": "a cat", "count": "4"})
    again = await room.dispatch.run("imagine", other)
    assert again.job_id == first.job_id
    assert await free(room) == (9, 1)


async def test_too_few_credits_is_refused_and_stays_refused(room: Studio) -> None:
    for _ in range(3):
        await room.run("imagine", prompt="a fox", count="3")
        await room.work()
    call = room.call(prompt="a fox", count="4")
    refused = await room.dispatch.run("imagine", call)
    assert refused.lines == (Say(key="not-enough-credits", values={"needs": 4, "has": 1}),)
    await wallets.grant(room.app, await person(room), 100)
    again = await room.dispatch.run("imagine", call)
    assert again.lines == refused.lines
    assert again.job_id is None
    assert await room.work() == 0


async def test_last_credits_are_spent_once(room: Studio) -> None:
    calls = [room.call(user, prompt="x", count="4") for user in ["ann"] * 8]
    replies = await asyncio.gather(*(room.dispatch.run("imagine", call) for call in calls))
    accepted = [reply for reply in replies if reply.job_id]
    assert len(accepted) == 2
    assert await free(room) == (2, 8)


async def test_newcomer_twice_at_once_is_one_person(room: Studio) -> None:
    met = await asyncio.gather(*(person(room, "eve") for _ in range(8)))
    assert len(set(met)) == 1
    assert await free(room, "eve") == (10, 0)


async def test_too_many_jobs_at_once(room: Studio) -> None:
    for _ in range(5):
        assert (await room.run("imagine", prompt="x")).job_id
    refused = await room.run("imagine", prompt="x")
    assert refused.lines == (Say(key="too-many-jobs", values={"max": 5}),)
    assert await free(room) == (5, 5)


async def test_the_job_keeps_its_words_and_has_one_seed(room: Studio, vendor: Scripted) -> None:
    reply = await room.run("imagine", prompt="a fox", model="sketch", ratio="16:9")
    assert reply.job_id is not None
    row = await room.app.database.read(jobs.get, reply.job_id)
    assert row is not None
    assert '"ratio": "16:9"' in row.params
    params = from_json(Imagine, row.params)
    first, again = with_seed(params, row.id), with_seed(params, row.id)
    assert first == again != with_seed(params, "other")
    assert with_seed(dataclasses.replace(params, seed=5), row.id) == dataclasses.replace(
        params, seed=5
    )


async def test_a_wrong_name_of_a_model_is_told_what_is_like_it(room: Studio) -> None:
    names = ("fox-1", "fox-2", "bear-1", "bear-2", "owl", "hare", "wolf", "elk")
    sketch = room.app.models["sketch"]
    models = {name: dataclasses.replace(sketch, id=name) for name in names}
    models["owl"] = dataclasses.replace(models["owl"], operations=("edit",))
    models["rook"] = dataclasses.replace(models["owl"], id="rook", operations=())
    app = dataclasses.replace(room.app, models=models)
    room = dataclasses.replace(room, app=app, dispatch=dataclasses.replace(room.dispatch, app=app))
    reply = await room.run("imagine", prompt="x", model="bear")
    assert reply.lines[0].key == "model-unknown"
    known = str(reply.lines[0].values["known"]).split(", ")
    assert (sorted(known[:2]), len(known)) == (["bear-1", "bear-2"], 6)
    assert reply.lines[0].values["more"] == 1
    reply = await room.run("imagine", prompt="x", model="Owl")
    assert reply.lines[0].key == "model-not-for"
    reply = await room.run("imagine", prompt="x", model="rook")
    assert reply.lines[0].key == "model-unknown"


async def test_bad_options_cost_nothing(room: Studio) -> None:
    cases = {
        "option-missing": {"prompt": "   "},
        "option-too-long": {"prompt": "x" * 2001},
        "option-out-of-range": {"prompt": "x", "count": "5"},
        "option-not-number": {"prompt": "x", "count": "１"},
        "option-not-choice": {"prompt": "x", "ratio": "7:5"},
        "option-unknown": {"prompt": "x", "size": "big"},
        "model-unknown": {"prompt": "x", "model": "dall-e-9"},
        "image-missing": {"prompt": "x"},
    }
    for key, arguments in cases.items():
        name = "edit" if key == "image-missing" else "imagine"
        reply = await room.run(name, **arguments)
        assert reply.lines[0].key == key
        assert reply.private
    assert await free(room) == (10, 0)
    assert room.bell.rings == 0
