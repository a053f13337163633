"""Telegram Stars at a local server: invoices, the question before a payment, payments and refunds."""

from __future__ import annotations

import re
import time
from typing import Any

from tests.fakes.telegram_methods import Methods, Uploaded
from tests.fakes.telegram_people import People
from tests.fakes.telegram_world import DATE, JSON, User, bad

CHECKOUT_S_MAX = 10.0
PAGE_MAX = 100


class NotPaid(Exception):
    """The bot refused, or did not answer in time (no text)."""


class StarMethods(Methods):
    """The methods that have to do with money."""

    def send_invoice(self, params: JSON, files: dict[str, Uploaded]) -> object:
        chat, thread, reply = self._target(params)
        prices = params["prices"]
        if params["currency"] != "XTR" or params.get("provider_token"):
            raise bad("PAYMENT_PROVIDER_INVALID")
        if len(prices) != 1 or prices[0]["amount"] < 1:
            raise bad("STARS_INVOICE_INVALID")
        if not 1 <= len(params["payload"].encode()) <= 128:
            raise bad("INVOICE_PAYLOAD_INVALID")
        if not 1 <= len(params["title"]) <= 32 or not 1 <= len(params["description"]) <= 255:
            raise bad("INVOICE_TEXT_INVALID")
        start = params.get("start_parameter", "")
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,64}", start):
            raise bad("START_PARAM_INVALID")
        invoice = {
            "title": params["title"],
            "description": params["description"],
            "start_parameter": start,
            "currency": params["currency"],
            "total_amount": prices[0]["amount"],
        }
        posted = self._post(chat, thread, reply, params, {"invoice": invoice})
        self.world.invoices[chat.id, posted["message_id"]] = params["payload"]
        return posted

    def answer_pre_checkout_query(self, params: JSON, files: dict[str, Uploaded]) -> object:
        wanted = params["pre_checkout_query_id"]
        asked_s = self.world.asked_s.get(wanted)
        if asked_s is None or time.monotonic() - asked_s > CHECKOUT_S_MAX:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        if not params["ok"] and not params.get("error_message"):
            raise bad("error message is required")
        if self.world.checkouts[wanted] is None:
            self.world.checkouts[wanted] = params
        return True

    def get_star_transactions(self, params: JSON, files: dict[str, Uploaded]) -> object:
        limit = int(params.get("limit", PAGE_MAX))
        if not 1 <= limit <= PAGE_MAX:
            raise bad("LIMIT_INVALID")
        start = int(params.get("offset", 0))
        return {"transactions": self.world.transactions[start : start + limit]}

    def refund_star_payment(self, params: JSON, files: dict[str, Uploaded]) -> object:
        charge = params["telegram_payment_charge_id"]
        found = [item for item in self.world.transactions if item["id"] == charge]
        if not found or found[0]["source"]["user"]["id"] != params["user_id"]:
            raise bad("CHARGE_NOT_FOUND")
        if len(found) > 1:
            raise bad("CHARGE_ALREADY_REFUNDED")
        paid = found[0]
        partner = {key: value for key, value in paid["source"].items() if key != "invoice_payload"}
        self.world.transactions.append(
            {
                "id": charge,
                "amount": paid["amount"],
                "date": DATE + self.world.serial(),
                "receiver": partner,
            }
        )
        chat = self.world.chats[params["user_id"]]
        told = {
            "currency": "XTR",
            "total_amount": paid["amount"],
            "invoice_payload": paid["source"]["invoice_payload"],
            "telegram_payment_charge_id": charge,
        }
        posted = self.world.post(chat, partner["user"], {"refunded_payment": told})
        self.world.push("message", posted)
        return True


class Buyers(People):
    """People who pay."""

    async def check_out(
        self, invoice: JSON, user: User, *, amount: int | None = None, payload: str | None = None
    ) -> str:
        """Press "Pay": the bot is asked; the question's id."""
        chat_id = invoice["chat"]["id"]
        query_id = str(77_000_000_000_000_000 + self.world.serial())
        self.world.checkouts[query_id] = None
        self.world.asked_s[query_id] = time.monotonic()
        known = self.world.invoices[chat_id, invoice["message_id"]]
        self.world.push(
            "pre_checkout_query",
            {
                "id": query_id,
                "from": user.view(),
                "currency": "XTR",
                "total_amount": amount or invoice["invoice"]["total_amount"],
                "invoice_payload": payload or known,
            },
        )
        await self.changed()
        return query_id

    async def verdict(self, query_id: str) -> JSON:
        """Wait for the bot's answer, as long as Telegram does."""
        try:
            await self.until(
                lambda: self.world.checkouts[query_id] is not None, timeout_s=CHECKOUT_S_MAX
            )
        except TimeoutError:
            raise NotPaid("") from None
        answer = self.world.checkouts[query_id]
        assert answer is not None
        return answer

    async def pay(self, invoice: JSON, user: User, **changed: Any) -> JSON:  # noqa: ANN401
        """Pay an invoice if the bot lets it; the message that tells of it. Raises NotPaid."""
        answer = await self.verdict(await self.check_out(invoice, user, **changed))
        if not answer["ok"]:
            raise NotPaid(answer["error_message"])
        return await self.paid(invoice, user, **changed)

    async def paid(
        self, invoice: JSON, user: User, *, amount: int | None = None, payload: str | None = None
    ) -> JSON:
        """The Stars are gone: the bot's list of transactions and the chat say so."""
        chat_id = invoice["chat"]["id"]
        known = payload or self.world.invoices[chat_id, invoice["message_id"]]
        stars = amount or invoice["invoice"]["total_amount"]
        charge = f"stx{self.world.serial():04d}" + "Tr_uP-z" * 14
        self.world.transactions.append(
            {
                "id": charge,
                "amount": stars,
                "date": DATE + self.world.serial(),
                "source": {
                    "type": "user",
                    "transaction_type": "invoice_payment",
                    "user": user.view(),
                    "invoice_payload": known,
                },
            }
        )
        told = {
            "currency": "XTR",
            "total_amount": stars,
            "invoice_payload": known,
            "telegram_payment_charge_id": charge,
            "provider_payment_charge_id": f"{user.id}_{self.world.serial()}",
        }
        chat = self.private(user)
        posted = self.world.post(chat, user.view(), {"successful_payment": told})
        pushed = self.world.push("message", dict(posted))
        self.world.update_of[chat.id, posted["message_id"]] = pushed
        await self.changed()
        return posted

    def charge_of(self, paid: JSON) -> str:
        """Telegram's id of a payment."""
        return str(paid["successful_payment"]["telegram_payment_charge_id"])
