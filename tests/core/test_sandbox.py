from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest

from core.errors import BadImage, Busy
from core.images import Images
from core.sandbox import ENVIRONMENT, ChildDied, Limits, Sandbox, SandboxError
from tests.fakes.child_tasks import TRIALS
from tests.fakes.pictures import encode, many_scans, scene

Make = Callable[[Limits], Sandbox]


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    made: list[Sandbox] = []

    def one(limits: Limits) -> Sandbox:
        made.append(Sandbox("tests.fakes.child_tasks", limits))
        return made[-1]

    yield one
    for sandbox in made:
        await sandbox.close()
        assert sandbox.pids == ()


async def pid_of(sandbox: Sandbox) -> int:
    pid = (await sandbox.run("look", {})).values["pid"]
    assert isinstance(pid, int)
    return pid


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - what it waits for has no event
            await asyncio.sleep(0.01)


async def test_values_and_blobs_go_both_ways(make: Make) -> None:
    blobs = (b"", b"x" * 3_000_000, b"\0\1")
    answer = await make(Limits()).run("echo", {"one": 1, "text": "é"}, blobs)
    assert answer.values == {"one": 1, "text": "é"}
    assert answer.blobs == blobs


async def test_a_child_is_started_when_needed_and_used_again(make: Make) -> None:
    sandbox = make(Limits())
    assert sandbox.pids == ()
    assert await pid_of(sandbox) == await pid_of(sandbox)
    assert len(sandbox.pids) == 1


async def test_a_refusal_keeps_the_child(make: Make) -> None:
    sandbox = make(Limits())
    pid = await pid_of(sandbox)
    with pytest.raises(BadImage) as caught:
        await sandbox.run("refuse", {"width": 9})
    assert (caught.value.key, dict(caught.value.values)) == ("image-broken", {"width": 9})
    assert await pid_of(sandbox) == pid


@pytest.mark.parametrize(
    ("task", "values", "limits", "how"),
    [
        ("crash", {}, Limits(), "error"),
        ("sleep", {"seconds": 60}, Limits(wall_s=0.2), "time"),
        ("spin", {}, Limits(cpu_s=0), "signal"),
        ("hog", {"size": 2**30}, Limits(), "memory"),
        ("large", {"size": 2**20}, Limits(answer_bytes_max=2**19), "answer"),
    ],
)
async def test_a_job_past_its_bounds_ends_its_child_only(
    make: Make, task: str, values: dict[str, int], limits: Limits, how: str
) -> None:
    sandbox = make(limits)
    pid = await pid_of(sandbox)
    with pytest.raises(ChildDied) as caught:
        await sandbox.run(task, dict(values))
    assert caught.value.how == how
    assert not psutil.pid_exists(pid)
    assert await pid_of(sandbox) != pid


async def test_cpu_is_counted_by_the_job(make: Make) -> None:
    sandbox = make(Limits(cpu_s=1))
    pid = await pid_of(sandbox)
    for _ in range(3):
        await sandbox.run("burn", {"seconds": 0.75})
    assert await pid_of(sandbox) == pid


async def test_a_child_killed_from_outside(make: Make) -> None:
    sandbox = make(Limits())
    pid = await pid_of(sandbox)
    job = asyncio.create_task(sandbox.run("sleep", {"seconds": 60}))
    await asyncio.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(ChildDied) as caught:
        await job
    assert caught.value.how == "signal"
    assert await pid_of(sandbox) != pid


async def test_a_child_that_dies_while_idle_spoils_no_job(make: Make) -> None:
    sandbox = make(Limits())
    pid = await pid_of(sandbox)
    os.kill(pid, signal.SIGKILL)
    await asyncio.sleep(0.05)
    assert await pid_of(sandbox) != pid


async def test_a_cancelled_job_takes_its_child_along(make: Make) -> None:
    sandbox = make(Limits(children_max=1))
    pid = await pid_of(sandbox)
    job = asyncio.create_task(sandbox.run("sleep", {"seconds": 60}))
    await asyncio.sleep(0.05)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert not psutil.pid_exists(pid)
    assert (await sandbox.run("echo", {"a": 1})).values == {"a": 1}


async def test_a_job_cancelled_while_its_child_starts_leaves_none(make: Make) -> None:
    sandbox = make(Limits())
    job = asyncio.create_task(sandbox.run("echo", {}))
    await until(lambda: bool(sandbox.pids))
    (pid,) = sandbox.pids
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert sandbox.pids == ()
    assert not psutil.pid_exists(pid)


async def test_twenty_jobs_share_two_children(make: Make) -> None:
    sandbox = make(Limits(children_max=2))
    answers = await asyncio.gather(
        *(sandbox.run("echo", {"n": n}, [b"%d" % n * 1000]) for n in range(20))
    )
    assert [answer.values["n"] for answer in answers] == list(range(20))
    assert [answer.blobs for answer in answers] == [(b"%d" % n * 1000,) for n in range(20)]
    assert len(sandbox.pids) == 2


async def test_more_jobs_than_may_wait_are_told_so(make: Make) -> None:
    sandbox = make(Limits(children_max=1, waiting_max=2))
    jobs = [asyncio.create_task(sandbox.run("echo", {})) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await sandbox.run("echo", {})
    await asyncio.gather(*jobs)
    await sandbox.run("echo", {})


async def test_a_child_ends_when_idle_and_when_worn(make: Make) -> None:
    sandbox = make(Limits(idle_s=0.05))
    await sandbox.run("echo", {})
    await until(lambda: sandbox.pids == ())
    worn = make(Limits(jobs_max=2))
    pids = [await pid_of(worn) for _ in range(4)]
    assert pids[0] == pids[1] != pids[2] == pids[3]


async def test_nothing_is_inherited(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "secret")
    read_end, write_end = os.pipe()
    os.set_inheritable(write_end, True)
    sandbox = make(Limits())
    found = (await sandbox.run("look", {})).values
    child = psutil.Process(sandbox.pids[0])
    os.close(read_end)
    os.close(write_end)
    assert found["environment"] == sorted(ENVIRONMENT)
    assert "secret" not in str(child.environ())
    assert child.num_fds() == 3
    assert child.nice() == psutil.Process().nice() + 10
    assert os.getpgid(child.pid) == child.pid


@pytest.mark.skipif(sys.platform != "linux", reason="seccomp and pdeathsig are Linux's")
@pytest.mark.parametrize("what", sorted(TRIALS))
async def test_a_child_can_do_nothing_but_compute(make: Make, what: str) -> None:
    found = await make(Limits()).run("try", {"what": what})
    assert found.values == {"error": "PermissionError"}


async def test_a_child_that_cannot_start_is_not_the_pictures_fault() -> None:
    sandbox = Sandbox("tests.fakes.absent")
    with pytest.raises(SandboxError):
        await sandbox.run("echo", {})
    assert sandbox.pids == ()
    await sandbox.close()
    with pytest.raises(SandboxError):
        await sandbox.run("echo", {})


async def test_closing_ends_running_jobs(make: Make) -> None:
    sandbox = make(Limits())
    pid = await pid_of(sandbox)
    job = asyncio.create_task(sandbox.run("sleep", {"seconds": 60}))
    await asyncio.sleep(0.05)
    await sandbox.close()
    with pytest.raises(ChildDied):
        await job
    assert not psutil.pid_exists(pid)


PARENT = """
import asyncio
from core.sandbox import Sandbox
async def main():
    sandbox = Sandbox("tests.fakes.child_tasks")
    await sandbox.run("echo", {})
    print(sandbox.pids[0], flush=True)
    await sandbox.run("sleep", {"seconds": 60})
asyncio.run(main())
"""


def test_children_die_with_their_parent_even_at_work() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], cwd=Path(__file__).parents[2], stdout=subprocess.PIPE
    )
    with parent:
        assert parent.stdout
        child = psutil.Process(int(parent.stdout.readline()))
        time.sleep(0.1)
        parent.kill()
    end = time.monotonic() + 5
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE and time.monotonic() < end:
        time.sleep(0.01)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_the_parent_loads_neither_pillow_nor_numpy() -> None:
    code = "import sys, core.images; print({'PIL', 'numpy'} & set(sys.modules))"
    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == "set()"


async def test_a_picture_that_takes_too_long() -> None:
    images = Images(Sandbox("core.pixels", Limits(cpu_s=0)))
    with pytest.raises(BadImage) as caught:
        await images.admit(many_scans(4000))
    assert caught.value.key == "image-too-heavy"
    await images.close()


async def test_a_picture_too_heavy_and_the_next_one() -> None:
    images = Images(Sandbox("core.pixels", Limits(memory_bytes_max=160 * 2**20)))
    with pytest.raises(BadImage) as caught:
        await images.admit(encode(scene((5000, 5000))))
    assert caught.value.key == "image-too-heavy"
    assert (await images.admit(encode(scene()))).width == 48
    await images.close()
