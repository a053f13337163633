"""One message into a chat: in its topic as a reply, or as near to there as the chat still allows."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Sequence

from telegram import Bot, InputFile, InputMediaDocument, InputMediaPhoto, Message, ReplyParameters
from telegram.error import BadRequest, ChatMigrated, TelegramError

from bot.telegram.connection import NO_PREVIEW
from bot.telegram.render import Shown
from core.messenger import Address, Attached
from core.picture_header import can_be_clear

_TOPIC_GONE = ("thread not found", "topic_closed", "topic_deleted", "topic closed")
_NO_RIGHTS = ("not enough rights", "have no rights", "chat_write_forbidden", "need administrator")
_NOT_A_PHOTO = ("photo_", "image_process", "too big for a photo", "wrong type of the web page")
_NOT_MODIFIED = "message is not modified"
_NOT_MEDIA = ("no text in the message", "no caption in the message")


def says(error: TelegramError, *phrases: str) -> bool:
    """Whether an error's words contain one of these (in small letters)."""
    text = error.message.lower()
    return any(phrase in text for phrase in phrases)


async def post(bot: Bot, address: Address, shown: Shown) -> Address:
    """Send a new message; where it stands now. Raises TelegramError where nothing is left."""
    places = [address]
    if address.thread is not None:
        places.append(dataclasses.replace(address, thread=None))
    if address.place != address.user:
        places.append(
            dataclasses.replace(
                address, place=address.user, thread=None, reply_to=None, private=True
            )
        )
    while True:
        place = places.pop(0)
        try:
            return await _post_at(bot, place, shown)
        except ChatMigrated as error:
            # Ids of messages and topics do not come along.
            moved = dataclasses.replace(
                place, place=str(error.new_chat_id), thread=None, reply_to=None, message=None
            )
            return await _post_at(bot, moved, shown)
        except BadRequest as error:
            closed = says(error, *_TOPIC_GONE, *_NO_RIGHTS)
            if not closed or not places:
                raise


async def _post_at(bot: Bot, place: Address, shown: Shown) -> Address:
    as_photo = shown.picture is None or not can_be_clear(shown.picture.data)
    try:
        message = await _send(bot, place, shown, as_photo=as_photo)
    except BadRequest as error:
        if shown.picture is None or not as_photo or not says(error, *_NOT_A_PHOTO):
            raise
        message = await _send(bot, place, shown, as_photo=False)
    return dataclasses.replace(place, message=str(message.message_id))


async def _send(bot: Bot, place: Address, shown: Shown, *, as_photo: bool) -> Message:
    thread = int(place.thread) if place.thread is not None else None
    if shown.picture is None:
        return await bot.send_message(
            chat_id=int(place.place),
            text=shown.text.text,
            entities=shown.text.entities,
            link_preview_options=NO_PREVIEW,
            reply_parameters=reply_to(place),
            message_thread_id=thread,
            reply_markup=shown.keyboard,
        )
    if as_photo:
        return await bot.send_photo(
            chat_id=int(place.place),
            photo=shown.picture.data,
            filename=shown.picture.name,
            caption=shown.caption.text,
            caption_entities=shown.caption.entities,
            reply_parameters=reply_to(place),
            message_thread_id=thread,
            reply_markup=shown.keyboard,
        )
    return await bot.send_document(
        chat_id=int(place.place),
        document=shown.picture.data,
        filename=shown.picture.name,
        caption=shown.caption.text,
        caption_entities=shown.caption.entities,
        reply_parameters=reply_to(place),
        message_thread_id=thread,
        reply_markup=shown.keyboard,
    )


async def edit(bot: Bot, address: Address, shown: Shown) -> None:
    """Edit the message at `address`; the same content already there is success."""
    assert address.message is not None
    try:
        await _edit(bot, address, shown)
    except BadRequest as error:
        if not says(error, _NOT_MODIFIED):
            raise


async def _edit(bot: Bot, address: Address, shown: Shown) -> None:
    chat, message = int(address.place), int(address.message or 0)
    if shown.picture is not None:
        await _edit_media(bot, chat, message, shown, shown.picture)
        return
    try:
        await bot.edit_message_text(
            chat_id=chat,
            message_id=message,
            text=shown.text.text,
            entities=shown.text.entities,
            link_preview_options=NO_PREVIEW,
            reply_markup=shown.keyboard,
        )
    except BadRequest as error:
        if not says(error, *_NOT_MEDIA):
            raise
        # A preview stands there already: a message with a picture stays one.
        await bot.edit_message_caption(
            chat_id=chat,
            message_id=message,
            caption=shown.caption.text,
            caption_entities=shown.caption.entities,
            reply_markup=shown.keyboard,
        )


async def _edit_media(bot: Bot, chat: int, message: int, shown: Shown, picture: Attached) -> None:
    if not can_be_clear(picture.data):
        try:
            await _replace(bot, chat, message, shown, InputMediaPhoto, picture)
        except BadRequest as error:
            if not says(error, *_NOT_A_PHOTO):
                raise
        else:
            return
    # Telegram makes a JPEG of each photo: what is transparent stays so in a document alone.
    await _replace(bot, chat, message, shown, InputMediaDocument, picture)


async def _replace(
    bot: Bot,
    chat: int,
    message: int,
    shown: Shown,
    kind: type[InputMediaPhoto | InputMediaDocument],
    picture: Attached,
) -> None:
    media = kind(
        picture.data,
        caption=shown.caption.text,
        caption_entities=shown.caption.entities,
        filename=picture.name,
    )
    await bot.edit_message_media(
        media, chat_id=chat, message_id=message, reply_markup=shown.keyboard
    )


async def post_files(bot: Bot, address: Address, shown: Shown, files: tuple[Attached, ...]) -> None:
    """Send files as documents, unchanged, at most ten in one album, under one caption."""
    thread = int(address.thread) if address.thread is not None else None
    if len(files) == 1:
        await bot.send_document(
            chat_id=int(address.place),
            document=InputFile(files[0].data, files[0].name),
            caption=shown.caption.text,
            caption_entities=shown.caption.entities,
            reply_parameters=reply_to(address),
            message_thread_id=thread,
            disable_content_type_detection=True,
        )
        return
    media = [
        InputMediaDocument(
            InputFile(item.data, item.name, attach=True),
            caption=shown.caption.text if place == 0 else None,
            caption_entities=shown.caption.entities if place == 0 else None,
            disable_content_type_detection=True,
        )
        for place, item in enumerate(files)
    ]
    await bot.send_media_group(
        chat_id=int(address.place),
        media=media,
        reply_parameters=reply_to(address),
        message_thread_id=thread,
    )


async def post_album(bot: Bot, address: Address, pictures: Sequence[Attached]) -> None:
    """Send two to ten pictures to look at, each with the number that it is named by."""
    media = [
        InputMediaPhoto(
            InputFile(item.data, item.name, attach=True), caption=item.name.partition(".")[0]
        )
        for item in pictures
    ]
    await bot.send_media_group(
        chat_id=int(address.place),
        media=media,
        reply_parameters=reply_to(address),
        message_thread_id=int(address.thread) if address.thread is not None else None,
    )


async def without_topic(address: Address, send: Callable[[Address], Awaitable[None]]) -> None:
    """Send to an address, and once more outside its topic where that is gone or closed."""
    try:
        await send(address)
    except BadRequest as error:
        if address.thread is None or not says(error, *_TOPIC_GONE):
            raise
        await send(dataclasses.replace(address, thread=None))


def reply_to(address: Address) -> ReplyParameters | None:
    """The message that a new one answers, if it is still there."""
    if address.reply_to is None:
        return None
    return ReplyParameters(int(address.reply_to), allow_sending_without_reply=True)
