"""The operator's command line: pools, coupons, and a person's wallet."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from bot import processes
from bot.__main__ import cli
from bot.settings import load
from core.sealing import Seals
from storage.database import connect
from tests.fakes.keyholders import fill

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of nobody's, and a data folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ATELIER_DATA_DIR", str(tmp_path))
    # The log would go on writing into the runner's own stderr, which is closed after each command.
    monkeypatch.setattr("bot.processes._configure_log", lambda _: None)


def told(*arguments: str, status: int = 0) -> str:
    """What a command prints, which must end like this."""
    result = RUNNER.invoke(cli, arguments)
    assert result.exit_code == status, result.output
    return result.output.strip()


def test_pools() -> None:
    first = told("credits", "fund", "discord:1", "500")
    assert first.endswith(
        "The pool discord:1 has 500 credits now. "
        "It is funded; what is granted out of it is good there only."
    )
    second = told("credits", "fund", "discord:1", "0", "--open", "--anywhere")
    assert second.endswith("It is open; what is granted out of it is good everywhere.")
    third = told("credits", "fund", "discord:1", "1")
    assert third.endswith(
        "has 501 credits now. It is open; what is granted out of it is good everywhere."
    )
    assert told("credits", "fund", "promotion", "70").endswith(
        "The pool promotion has 70 credits now."
    )
    assert told("credits", "fund", "telegram:-100", "7", "--here").count("funded") == 1
    assert "pool can be" in told("credits", "fund", "elsewhere", "5", status=1)
    assert "not -5" in told("credits", "fund", "discord:1", "--", "-5", status=1)


def test_coupons() -> None:
    codes = told("coupons", "make", "10", "--uses", "3", "--days", "2", "--count", "4").splitlines()
    assert len({code for code in codes[-4:] if len(code) == 23}) == 4
    assert "credits must be from 1" in told("coupons", "make", "0", status=1)


def test_people_are_of_platforms_that_exist() -> None:
    for words in (("credits", "grant", "discrod", "7", "40"), ("plans", "set", "x", "7", "free")):
        assert "platform can be telegram, discord, web" in told(*words, status=1)


def test_a_wallet() -> None:
    told("credits", "grant", "discord", "7", "40")
    shown = told("credits", "show", "discord", "7")
    assert "140 credits good everywhere, 0 of them held" in shown
    assert "operator: 40 of 40, for good" in shown
    assert "+100 signup  (signup:" in shown
    assert "have not seen discord:8" in told("credits", "show", "discord", "8", status=1)


OLD, NEW = "1" * 64, "2" * 64


def people_with_keys(folder: Path, master_key: str, count: int) -> None:
    """So many, whose keys this master key seals."""

    async def add() -> None:
        opened = connect(f"sqlite:///{folder / 'atelier.db'}")
        await opened.transaction(fill, Seals(master_key), count)
        await opened.close()

    asyncio.run(add())


def test_rotation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASTER_KEY", NEW)
    assert "0 data keys" in told("keys", "rotate")
    people_with_keys(tmp_path, OLD, 201)
    lines = told("keys", "rotate", status=1).splitlines()
    assert lines[-2].endswith("; 201 are left under others:")
    assert lines[-1].startswith(
        f"  201 under the master key {Seals(OLD).version}, which is neither"
    )
    monkeypatch.setenv("MASTER_KEY_OLD", OLD)
    lines = told("keys", "rotate").splitlines()
    assert lines[:-1] == ["200 wrapped anew, 1 to go", "201 wrapped anew, 0 to go"]
    assert lines[-1] == (
        f"201 data keys were wrapped anew by the master key {Seals(NEW).version}, "
        "and none is left under another. MASTER_KEY_OLD may be emptied."
    )


def test_a_start_without_the_master_key_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MASTER_KEY", NEW)
    told("keys", "rotate")
    people_with_keys(tmp_path, OLD, 3)

    async def start() -> None:
        async with processes.at_hand(load()) as parts:
            await processes.look_for_master_keys(parts)

    with structlog.testing.capture_logs() as logs:
        asyncio.run(start())
    (line,) = [item for item in logs if item["log_level"] == "error"]
    assert "neither MASTER_KEY nor in MASTER_KEY_OLD" in line["event"]
    assert (line["people"], line["versions"]) == (3, [Seals(OLD).version])
    assert OLD not in str(logs)
