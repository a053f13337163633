"""Which texts hold a key of a real vendor: keys wherever they stand, and never plain words."""

from __future__ import annotations

from core import keys
from tests.fakes.studio import Studio

# What people call files and things, with something in it that keys begin with.
WORDS = (
    "task-management-for-all-teams-today",
    "risk-assessment-and-mitigation-strategies.png",
    "https://example.org/sk-learn-tutorial-introduction-to-clustering",
    "xai-explainable-artificial-intelligence",
    "task_abcdefghijklmnopqrst",
    "DISK_sk_ABCDEFGHIJ",
    "use remove.bg for internationalizationtests",
    "/keys test removebg",
)
KEYS = {
    "openai": "sk-proj-T3BlbkFJ0a1b2c3d4e5f6g7h8i9j",
    "google": "AIzaSyA0123456789abcdefghijklmnopqrstuv",
    "huggingface": "hf_abcdefghijKLMNOPQRSTuvwxyzABCDefgh",
    "pollinations": "sk_abcdefghijklmnopqrst",
    "removebg": "/keys add removebg AbCdEfGhIjKlMnOpQrStUvW9",
    "replicate": "r8_0123456789abcdefghijABCDEFGHIJ0123456",
    "xai": "xai-0123456789abcdefghijABCDEFGHIJ0123456789",
}
AROUND = ("{}", "my key: {}.", "?key={}&x=1", "`{}`", "密钥{}", "OPENAI_API_KEY={}")


async def test_words_are_not_taken_for_keys(room: Studio) -> None:
    for words in WORDS:
        assert keys.recognise(room.app, words) is None, words


async def test_a_key_is_recognised_wherever_it_stands(room: Studio) -> None:
    for vendor, key in KEYS.items():
        for around in AROUND:
            found = keys.recognise(room.app, around.format(key))
            assert found is not None, around
            assert found.name == vendor
