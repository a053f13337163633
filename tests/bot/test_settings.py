"""Settings: what is read from where, what wins, and how a fault is told."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from bot.settings import Settings, SettingsError, load, with_master_key
from bot.wiring import vendor_names
from providers.base import load_models

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "atelier.example.toml"
SECRET = "correct-horse-battery-staple-and-more"


def _told(folder: Path, **environment: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load(vendor_names(), environment, folder)
    return str(caught.value)


def test_nothing_set_is_a_working_system_for_the_operator_alone(tmp_path: Path) -> None:
    settings = load(vendor_names(), {}, tmp_path)
    assert settings == Settings()
    assert settings.database.startswith("sqlite:///")
    assert not settings.page_is_open
    assert settings.page_url is None


def test_the_example_file_is_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "atelier.toml").write_bytes(EXAMPLE.read_bytes())
    assert load((), {}, tmp_path) == Settings()


def test_the_example_file_has_every_key() -> None:
    table = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    sections = {
        name: field.annotation
        for name, field in Settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
    }
    assert {name: set(keys) for name, keys in table.items()} == {
        name: set(section.model_fields) for name, section in sections.items()
    }


def test_the_examples_models_are_models() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    rows = text[text.index("# [[models]]") :]
    uncommented = "\n".join(line.removeprefix("# ") for line in rows.splitlines())
    models = load_models(tomllib.loads(uncommented)["models"])
    assert models["gpt-image-2.5-flare"].credits == 2
    assert models["my-flux"].vendor_model == "flux"


def test_the_examples_packs_and_plans_are_the_defaults(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    rows = text[text.index("# [[packs]]") :]
    uncommented = "\n".join(line.removeprefix("# ") for line in rows.splitlines())
    (tmp_path / "atelier.toml").write_text(uncommented, encoding="utf-8")
    assert load((), {}, tmp_path) == Settings()


def test_stripes_key_says_whether_money_is_real(tmp_path: Path) -> None:
    live = load((), {"STRIPE_SECRET_KEY": "rk_live_x"}, tmp_path)
    assert live.stripe_is_live
    test = load(
        (), {"STRIPE_SECRET_KEY": "sk_test_x", "STRIPE_WEBHOOK_SECRET": "whsec_x"}, tmp_path
    )
    assert not test.stripe_is_live
    assert {"sk_test_x", "whsec_x"} <= set(test.secrets())
    assert "STRIPE_SECRET_KEY: must begin with" in _told(tmp_path, STRIPE_SECRET_KEY="pk_live_x")
    assert "without STRIPE_SECRET_KEY" in _told(tmp_path, STRIPE_WEBHOOK_SECRET="whsec_x")


def test_every_fault_is_told_at_once_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "atelier.toml").write_text(
        "[credits]\nsignup = -1\n[jobs]\nslots = 0\nspeed = 9\n", encoding="utf-8"
    )
    told = _told(
        tmp_path,
        PORT="eighty",
        LOG_LEVEL="loud",
        LOG_FORMAT="xml",
        PUBLIC_URL="atelier.example",
        DISCORD_API_URL="discord.example",
        TELEGRAM_API_URL="ftp://telegram.example",
        REDIS_URL="http://redis.example",
        MASTER_KEY="short",
        MASTER_KEY_OLD=f"{SECRET * 4},short",
    )
    names = [line.partition(": ")[0] for line in told.splitlines()]
    assert sorted(names) == [
        "DISCORD_API_URL",
        "LOG_FORMAT",
        "LOG_LEVEL",
        "MASTER_KEY",
        "MASTER_KEY_OLD",
        "PORT",
        "PUBLIC_URL",
        "REDIS_URL",
        "TELEGRAM_API_URL",
        "atelier.toml",
        "atelier.toml",
        "atelier.toml",
    ]
    for key in ("credits.signup", "jobs.slots", "jobs.speed"):
        assert f"atelier.toml: {key}: " in told


def test_an_unknown_section_is_told(tmp_path: Path) -> None:
    (tmp_path / "atelier.toml").write_text("[colours]\nred = 1\n", encoding="utf-8")
    assert _told(tmp_path) == "atelier.toml: there is no section colours"


def test_a_broken_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "atelier.toml").write_text("[credits\n", encoding="utf-8")
    assert _told(tmp_path).startswith("atelier.toml: ")


def test_an_empty_value_is_an_unset_one(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DISCORD_TOKEN=\nPORT=\n", encoding="utf-8")
    settings = load(vendor_names(), {"HOST": "", "OPENAI_API_KEY": ""}, tmp_path)
    assert settings == Settings()


def test_the_empty_example_environment_sets_nothing(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes((ROOT / ".env.example").read_bytes())
    assert load(vendor_names(), {}, tmp_path) == Settings()


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=8001\nLOG_LEVEL=DEBUG\n", encoding="utf-8")
    settings = load((), {"PORT": "8002"}, tmp_path)
    assert settings.port == 8002
    assert settings.log_level == "debug"


def test_an_empty_value_of_the_environment_unsets_that_of_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=8001\n", encoding="utf-8")
    assert load((), {"PORT": ""}, tmp_path).port == 8080


def test_vendors_read_the_names_they_ask_for(tmp_path: Path) -> None:
    assert set(vendor_names()) == {
        *("A1111_URL", "COMFYUI_URL", "GEMINI_API_KEY", "GOOGLE_GEMINI_BASE_URL"),
        *("HF_BASE_URL", "HF_TOKEN", "OPENAI_API_KEY", "OPENAI_BASE_URL"),
        *("POLLINATIONS_API_KEY", "POLLINATIONS_BASE_URL", "REMOVEBG_API_KEY", "REMOVEBG_BASE_URL"),
        *(
            "REMBG_MODEL",
            "REPLICATE_API_TOKEN",
            "REPLICATE_BASE_URL",
            "XAI_API_KEY",
            "XAI_BASE_URL",
        ),
    }
    told = {"OPENAI_API_KEY": SECRET, "OTHER_API_KEY": "other"}
    settings = load(vendor_names(), told, tmp_path)
    assert {name: value.get_secret_value() for name, value in settings.vendors.items()} == {
        "OPENAI_API_KEY": SECRET
    }
    assert SECRET in settings.secrets()


def test_secrets_are_in_no_error_and_no_print(tmp_path: Path) -> None:
    told = _told(
        tmp_path,
        DISCORD_TOKEN=SECRET,
        TELEGRAM_TOKEN=SECRET,
        OPENAI_API_KEY=SECRET,
        MASTER_KEY=SECRET,
        DATABASE_URL=f"postgresql://user:{SECRET}@host/name",
        PUBLIC_URL=f"user:{SECRET}@host",
    )
    assert told.startswith("PUBLIC_URL: ")
    assert SECRET not in told
    settings = load(vendor_names(), {"DISCORD_TOKEN": SECRET, "OPENAI_API_KEY": SECRET}, tmp_path)
    assert SECRET not in repr(settings)


def test_earlier_master_keys_are_a_list_of_secrets(tmp_path: Path) -> None:
    first, second = "1" * 64, "2" * 64
    settings = load((), {"MASTER_KEY_OLD": f" {first}, {second},"}, tmp_path)
    assert settings.old_master_keys == (first, second)
    assert {first, second} <= set(settings.secrets())
    assert load((), {}, tmp_path).old_master_keys == ()


@pytest.mark.parametrize(
    ("host", "name"),
    [("0.0.0.0", "localhost"), ("192.168.0.7", "192.168.0.7"), ("fd00::7", "[fd00::7]")],
)
def test_a_host_beyond_loopback_opens_the_page(tmp_path: Path, host: str, name: str) -> None:
    settings = load((), {"HOST": host}, tmp_path)
    assert settings.page_is_open
    assert settings.page_url == f"http://{name}:8080"


def test_a_public_address_opens_the_page(tmp_path: Path) -> None:
    settings = load((), {"PUBLIC_URL": "https://atelier.example/"}, tmp_path)
    assert settings.page_is_open
    assert settings.page_url == "https://atelier.example"


def test_the_master_key_is_made_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    settings = Settings(atelier_data_dir=tmp_path / "data")
    first = with_master_key(settings).master_key
    second = with_master_key(settings).master_key
    path = tmp_path / "data" / "master.key"
    assert first is not None
    assert first == second
    assert len(bytes.fromhex(first.get_secret_value())) == 32
    assert path.read_text(encoding="ascii").strip() == first.get_secret_value()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_given_master_key_is_used_and_none_is_made(tmp_path: Path) -> None:
    given = load((), {"MASTER_KEY": SECRET, "ATELIER_DATA_DIR": str(tmp_path / "data")}, tmp_path)
    assert with_master_key(given) is given
    assert not (tmp_path / "data").exists()


def test_a_damaged_master_key_is_told_and_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "master.key").write_text("\n", encoding="ascii")
    with pytest.raises(SettingsError, match=r"MASTER_KEY: .* is damaged"):
        with_master_key(Settings(atelier_data_dir=tmp_path))
    assert (tmp_path / "master.key").read_text(encoding="ascii") == "\n"


def test_a_data_folder_that_cannot_be_is_told_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(SettingsError, match="ATELIER_DATA_DIR: "):
        with_master_key(Settings(atelier_data_dir=tmp_path / "file" / "data"))
