"""`atelier models check`: what it prints, and how it ends, with vendors that really listen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.__main__ import cli
from core.clock import SystemClock
from providers.base import load_models
from tests.fakes.comfyui_server import FakeComfyUI
from tests.fakes.onnx_model import luminance
from tests.fakes.openai_server import FakeOpenAI
from tests.servers import Background

RUNNER = CliRunner()
OURS = ("comfyui", "openai", "replicate", "sketch")
# Of the shipped rows, none that a test does not name.
OFF = "\n".join(f'[[models]]\nid = "{row.id}"\noperations = []\n' for row in load_models().values())


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings of nobody's, and a data folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ATELIER_DATA_DIR", str(tmp_path))
    monkeypatch.setattr("bot.processes._configure_log", lambda _: None)
    return tmp_path


@pytest.fixture
def openai(background: Background, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeOpenAI]:
    server = FakeOpenAI()
    background.run(server.__aenter__())
    monkeypatch.setenv("OPENAI_API_KEY", server.key)
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    yield server
    background.run(server.__aexit__(None, None, None))


@pytest.fixture
def comfyui(background: Background, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeComfyUI]:
    server = FakeComfyUI()
    background.run(server.__aenter__())
    monkeypatch.setenv("COMFYUI_URL", server.url)
    yield server
    background.run(server.__aexit__(None, None, None))


def offered(folder: Path, *rows: dict[str, str]) -> None:
    """The operator's table of models: these, and no other."""
    texts = [OFF]
    for row in rows:
        values = {"title": f'"{row["id"]}"', "operations": '["imagine"]', "credits": "1", **row}
        quoted = {**values, "id": f'"{row["id"]}"'}
        texts.append("[[models]]\n" + "\n".join(f"{key} = {quoted[key]}" for key in quoted))
    (folder / "atelier.toml").write_text("\n".join(texts), encoding="utf-8")


def told(status: int = 0) -> list[str]:
    """The lines that it prints, ending like this."""
    result = RUNNER.invoke(cli, ("models", "check"))
    assert result.exit_code == status, result.output
    return result.output.strip().splitlines()


def of(vendor: str, name: str, **more: str) -> dict[str, str]:
    return {"id": name, "vendor": f'"{vendor}"', "vendor_model": f'"{name}"', **more}


def test_all_that_is_offered_can_be_used(
    folder: Path, openai: FakeOpenAI, comfyui: FakeComfyUI
) -> None:
    soon = SystemClock().now() + timedelta(days=20)
    openai.models = {"gpt-image-2": None, "gpt-image-3": int(soon.timestamp())}
    template = {**of("comfyui", "own"), "vendor_model": '"workflows/own.json"'}
    off = of("openai", "long-gone", operations="[]")
    unset = of("replicate", "black-forest-labs/flux-1.1-pro")
    rows = (of("openai", "gpt-image-2"), of("openai", "gpt-image-3"), template, off, unset)
    offered(folder, *rows, of("sketch", "pencil"))
    assert told()[-4:] == [
        "gpt-image-2 (openai): there",
        f"gpt-image-3 (openai): WARNING: ends on {soon.date()}",
        "own (comfyui): set up; its vendor has no list to look it up in",
        "pencil (sketch): set up; its vendor has no list to look it up in",
    ]


def test_what_cannot_be_used_is_an_error(
    folder: Path, openai: FakeOpenAI, comfyui: FakeComfyUI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPLICATE_API_TOKEN", "r8_0123456789abcdef0123456789")
    monkeypatch.setenv("REPLICATE_BASE_URL", "http://127.0.0.1:1")
    openai.models = {"gpt-image-2": None}
    lost = {**of("comfyui", "lost"), "vendor_model": '"upscale:lost.pth"'}
    ended = of("openai", "gpt-image-2", ends="2026-01-31")
    offered(folder, ended, of("openai", "gpt-image-9"), lost, of("replicate", "flux"))
    *lines, replicate, count = told(status=1)[-5:]
    assert lines == [
        "gpt-image-2 (openai): GONE: ended on 2026-01-31",
        "gpt-image-9 (openai): GONE: openai has no gpt-image-9",
        "lost (comfyui): GONE: comfyui has no upscale:lost.pth",
    ]
    assert replicate.startswith("flux (replicate): NOT ASKED: ")
    assert "r8_" not in replicate
    assert count == "3 of 4 models are gone, 1 could not be asked for."


def test_a_model_in_a_file_is_set_up_by_its_path(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered(folder, of("rembg", "cutter", operations='["background"]'))
    assert told()[-1] == "No model is offered."
    (folder / "cutter.onnx").write_bytes(luminance())
    monkeypatch.setenv("REMBG_MODEL", str(folder / "cutter.onnx"))
    assert told()[-1] == "cutter (rembg): set up; its vendor has no list to look it up in"


def test_a_key_that_is_refused_is_said(
    folder: Path, openai: FakeOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-wrong-0123456789abcdef")
    offered(folder, of("openai", "gpt-image-2"), of("sketch", "pencil"))
    refused, pencil, count = told(status=1)[-3:]
    assert refused.startswith("gpt-image-2 (openai): NOT ASKED: ")
    assert "sk-wrong" not in refused
    assert pencil == "pencil (sketch): set up; its vendor has no list to look it up in"
    assert count == "0 of 2 models are gone, 1 could not be asked for."


def test_nothing_is_offered(folder: Path) -> None:
    offered(folder)
    assert told()[-1] == "No model is offered."


def test_the_shipped_rows_are_asked_for_where_nothing_is_changed(openai: FakeOpenAI) -> None:
    rows = [row for row in load_models().values() if row.vendor in {"openai", "sketch"}]
    openai.models = {row.vendor_model: None for row in rows}
    assert len(told()) >= len(rows)
