"""Settings of vendors and models: what is wrong with them is told at the start, by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import SettingsError, load
from bot.vendor_settings import check
from bot.wiring import vendor_names

ROW = """
[[models]]
id = "my-flux"
vendor = "openai"
vendor_model = "flux"
title = "Flux"
operations = ["imagine"]
credits = 1
"""


def told(folder: Path, toml: str = "", **environment: str) -> list[str]:
    (folder / "atelier.toml").write_text(toml, encoding="utf-8")
    settings = load(vendor_names(), environment, folder)
    try:
        check(settings)
    except SettingsError as error:
        return str(error).splitlines()
    return []


RIGHT = (
    "",
    ROW,
    ROW.replace("credits = 1", "credits = 1\nends = 2027-01-01\ncost_usd = 1"),
    '[[models]]\nid = "gpt-image-2"\noperations = []\ncredits = 3\n',
    '[[models]]\nid = "gpt-image-2"\ncredits = 9\n',
    '[[models]]\nid = "gpt-image-2"\ncredits = 9\nqualities = { low = 2, medium = 9 }\n',
    ROW + "qualities = {}\nsteps = true\nsteps_max = 30\n",
    '[providers]\norder = ["google"]\norders = {edit = ["xai"]}\nweights = {openai = 1, xai = 1}\n',
)


@pytest.mark.parametrize("toml", RIGHT)
def test_what_is_right_is_not_complained_of(tmp_path: Path, toml: str) -> None:
    right = {"OPENAI_API_KEY": "none", "COMFYUI_URL": "http://gpu:8188"}
    assert told(tmp_path, toml, **right) == []


WRONG = {
    '[providers]\norder = ["gogle"]\n': "providers.order: there is no vendor gogle; there are ",
    '[providers]\norders = {edit = ["gogle"]}\n': "providers.orders.edit: there is no vendor gogle",
    "[providers]\norders = {edti = []}\n": "providers.orders: there is no operation edti",
    "[providers]\nweights = {gogle = 1}\n": "providers.weights: there is no vendor gogle",
    "[providers]\nmoderate = true\n": "providers.moderate: needs OPENAI_API_KEY",
    "[providers]\nlimits = {gogle = 1}\n": "providers.limits: there is no vendor gogle",
    ROW.replace("openai", "opnai"): "models.my-flux: there is no vendor opnai; there are ",
    ROW.replace('["imagine"]', '["imagin"]'): "models.my-flux: there is no operation imagin",
    ROW.replace("credits = 1", 'credits = "1"'): "models.my-flux.credits: Input should be ",
    ROW.replace("title", "titel"): "models.my-flux: there is no column titel; there are ",
    '[[models]]\nid = "gpt-imge-2"\ncredits = 3\n': "models.gpt-imge-2.vendor: is missing",
    ROW + "count_max = 0\n": "models.my-flux.count_max: has to be 1 or more",
    ROW + "count_max = 9\n": "models.my-flux.count_max: has to be 4 or less",
    ROW + "images_min = 1\n": "models.my-flux.images_min: is more than images_max",
    ROW + "ratios = []\n": "models.my-flux.ratios: names none",
    ROW + 'ratios = ["wide"]\n': "models.my-flux.ratios: 'wide' is no width and height",
    ROW.replace("credits = 1", "credits = -3"): "models.my-flux.credits: has to be 0 or more",
    ROW + "steps_max = -1\n": "models.my-flux.steps_max: has to be 0 or more",
    ROW + "qualities = 3\n": "models.my-flux.qualities: Input should be ",
    ROW + 'qualities = { medium = "1" }\n': "models.my-flux.qualities.medium: Input should be ",
    ROW
    + "qualities = { best = 1, medium = 1 }\n": "models.my-flux.qualities: there is no quality best",
    ROW
    + "qualities = { low = -1, medium = 1 }\n": "models.my-flux.qualities.low: has to be 0 or more",
    ROW + "qualities = { low = 1 }\n": "models.my-flux.qualities: does not name medium, the usual",
    ROW
    + "qualities = { medium = 2 }\n": "models.my-flux.credits: has to be 2, what qualities says",
    '[[models]]\nid = "gpt-image-2"\nqualities = { medium = 9 }\n': "models.gpt-image-2.credits: has ",
    "[[models]]\ncredits = 3\n": "models: a row has no id",
}


@pytest.mark.parametrize("toml", WRONG)
def test_a_mistake_in_the_file_is_told(tmp_path: Path, toml: str) -> None:
    assert told(tmp_path, toml)[0].startswith(f"atelier.toml: {WRONG[toml]}")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OPENAI_API_KEY", "sk-abc def"),
        ("GEMINI_API_KEY", "“AIza”"),
        ("REPLICATE_API_TOKEN", "r8_abc\ndef"),
        ("COMFYUI_URL", "127.0.0.1:8188"),
        ("XAI_BASE_URL", "ftp://api.example"),
        ("A1111_URL", "http://host:port"),
    ],
)
def test_a_mistake_in_the_environment_is_told_and_not_repeated(
    tmp_path: Path, name: str, value: str
) -> None:
    (line,) = told(tmp_path, **{name: value})
    assert line.startswith(f"{name}: ")
    assert value not in line
