"""The tables of atelier.toml: what each may hold, and its defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Credits(BaseModel):
    """[credits] of atelier.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    signup: int = Field(default=100, ge=0, le=1_000_000)
    signup_pool: int = Field(default=100_000, ge=0, le=1_000_000_000)


class JobLimits(BaseModel):
    """[jobs] of atelier.toml: how many at once of one person and of one worker, and time limits.

    A job whose worker died is taken up by another `lease_s` later.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    running_max: int = Field(default=4, ge=1, le=100)
    queued_max: int = Field(default=10, ge=0, le=1000)
    slots: int = Field(default=10, ge=1, le=200)
    drain_s: float = Field(default=20.0, ge=0, le=600)
    lease_s: float = Field(default=20.0, ge=1, le=600)


Identity = Annotated[str, Field(pattern=r"^[a-z]+:-?[0-9]+$")]
Snowflake = Annotated[str, Field(pattern=r"^[0-9]{1,20}$")]


class Grants(BaseModel):
    """[grants] of atelier.toml: what moderators may grant in a day, and who else moderates in Discord.

    `operators` may grant to themselves.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    per_moderator: int = Field(default=1000, ge=0, le=1_000_000)
    per_recipient: int = Field(default=500, ge=0, le=1_000_000)
    approve_above: int = Field(default=200, ge=0, le=1_000_000)
    discord_roles: tuple[Snowflake, ...] = ()
    operators: tuple[Identity, ...] = ()


class ProviderRules(BaseModel):
    """[providers] of atelier.toml: whose model is taken first, and whether others stand in for it.

    `orders` are those of operations that differ; `own_key_fee` is what a picture costs in credits
    that somebody's own key has paid for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    order: tuple[str, ...] = (
        "openai",
        "google",
        "removebg",
        "replicate",
        "xai",
        "huggingface",
        "a1111",
        "comfyui",
        "pollinations",
        "sketch",
    )
    orders: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    fall_back: bool = True
    own_key_fee: int = Field(default=0, ge=0, le=1000)
    weights: Mapping[str, Annotated[int, Field(ge=0, le=1000)]] = Field(default_factory=dict)
    limits: Mapping[str, Annotated[int, Field(ge=1, le=100_000)]] = Field(default_factory=dict)
    cache_s: float = Field(default=0.0, ge=0, le=2_592_000)
    moderate: bool = False


class PaymentRules(BaseModel):
    """[payments] of atelier.toml: how is sold, and what people who pay are told in the operator's words.

    Telegram wants digital goods sold there for Stars alone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    stripe_in_telegram: bool = False
    support: str = Field(default="", max_length=1000)
    terms: str = Field(default="", max_length=1000)


class PackOffer(BaseModel):
    """A row of [[packs]] in atelier.toml: credits to buy; `amount` in the currency's smallest unit."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str = Field(pattern=r"[a-z][a-z0-9-]{0,30}")
    title: str = Field(min_length=1, max_length=32)
    credits: int = Field(ge=1, le=1_000_000_000)
    amount: int = Field(ge=1, le=99_999_999)
    currency: str = Field(default="eur", pattern=r"[a-z]{3}")
    stars: int | None = Field(default=None, ge=1, le=100_000)
    sku: str | None = Field(default=None, pattern=r"[0-9]{5,25}")


class PlanOffer(BaseModel):
    """A row of [[plans]] in atelier.toml: limits, and credits for each month of a person's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str = Field(pattern=r"[a-z][a-z0-9-]{0,30}")
    title: str = Field(min_length=1, max_length=32)
    amount: int = Field(default=0, ge=0, le=99_999_999)
    currency: str = Field(default="eur", pattern=r"[a-z]{3}")
    credits: int = Field(default=0, ge=0, le=1_000_000_000)
    priority: int = Field(default=0, ge=0, le=100)
    running_max: int | None = Field(default=None, ge=1, le=100)
    queued_max: int | None = Field(default=None, ge=0, le=1000)
    keys: int = Field(default=1, ge=0, le=100)
    own_key_jobs: int | None = Field(default=None, ge=0)
    hourly: Mapping[str, int] = Field(default_factory=dict)
    on_request: bool = False


PACKS = (
    PackOffer(id="small", title="100 credits", credits=100, amount=500, stars=350),
    PackOffer(id="medium", title="500 credits", credits=500, amount=2000, stars=1400),
    PackOffer(id="large", title="1200 credits", credits=1200, amount=4000, stars=2800),
)
PLANS = (
    PlanOffer(id="free", title="Free", own_key_jobs=50),
    PlanOffer(id="premium", title="Premium", amount=500, priority=1, keys=10),
    PlanOffer(id="creator", title="Creator", amount=2900, credits=50, priority=2, keys=10),
    PlanOffer(id="pro", title="Pro", priority=3, queued_max=50, keys=50, on_request=True),
)
