"""A local Discord's shop: what people buy of the application, and what the bot does with it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tests.fakes.discord_rest import Files, Handler, Rest
from tests.fakes.discord_world import JSON, WHEN, Refused, User

PAGE_MAX = 100
QUERIES = {
    "user_id",
    "sku_ids",
    "guild_id",
    "before",
    "after",
    "limit",
    "exclude_ended",
    "exclude_deleted",
    "only_active",
}


class Store(Rest):
    """Entitlements of consumables."""

    def own(self, user: User, sku: str) -> JSON:
        """Somebody has bought something; nobody is told."""
        item: JSON = {
            "id": self.snowflake(),
            "sku_id": sku,
            "application_id": self.application_id,
            "user_id": user.id,
            "type": 1,
            "deleted": False,
            "consumed": False,
            "starts_at": WHEN,
            "ends_at": None,
        }
        self.entitlements[item["id"]] = item
        return item

    def buy(self, user: User, sku: str) -> JSON:
        """Press a premium button and pay."""
        item = self.own(user, sku)
        self.send_event("ENTITLEMENT_CREATE", dict(item))
        return item

    def give_back(self, item: JSON, *, event: str = "ENTITLEMENT_DELETE") -> None:
        """Discord refunds a purchase."""
        item["deleted"] = True
        self.send_event(event, dict(item))

    def _entitlements(
        self, match: re.Match[str], _: JSON, __: Files, query: Mapping[str, str]
    ) -> list[JSON]:
        if match["app"] != self.application_id:
            raise Refused(404, 10002, "Unknown Application")
        limit = int(query.get("limit", PAGE_MAX))
        if set(query) - QUERIES or not 1 <= limit <= PAGE_MAX:
            raise Refused(400, 50035, "Invalid Form Body")
        skus = query.get("sku_ids", "")
        hidden = query.get("exclude_deleted", "true") == "true"
        found = [
            item
            for item in self.entitlements.values()
            if int(item["id"]) > int(query.get("after", 0))
            and (not skus or item["sku_id"] in skus.split(","))
            and not (hidden and item["deleted"])
        ]
        return sorted(found, key=lambda item: int(item["id"]))[:limit]

    def _consume(self, match: re.Match[str], *_: object) -> None:
        item = self.entitlements.get(match["entitlement"])
        if item is None or item["deleted"]:
            raise Refused(404, 10029, "Unknown Entitlement")
        if item["consumed"]:
            raise Refused(400, 50035, "Entitlement is already consumed")
        item["consumed"] = True
        self.send_event("ENTITLEMENT_UPDATE", dict(item))


_OWNED = r"/applications/(?P<app>\d+)/entitlements"

STORE_ROUTES: tuple[tuple[str, str, Handler, bool], ...] = (
    ("GET", _OWNED, Store._entitlements, False),
    ("POST", _OWNED + r"/(?P<entitlement>\d+)/consume", Store._consume, False),
)
