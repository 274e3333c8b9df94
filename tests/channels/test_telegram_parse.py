"""Telegram: what an update means in our own words."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from channels.base import Inbound, Kind, ParseError
from channels.telegram_parse import parse
from tests.channels.bot_api_citizen import BOT, CITIZEN, GROUP, Citizen, Json
from tests.channels.bot_api_schema import SCHEMA, WHY_ABSENT

pytestmark = pytest.mark.skipif(not SCHEMA.exists(), reason=WHY_ABSENT)


@pytest.fixture
def citizen() -> Citizen:
    return Citizen()


def understood(update: Json) -> Inbound:
    (inbound,) = parse(json.dumps(update).encode())
    return inbound


def test_a_message_carries_who_wrote_it_when_and_in_which_language(citizen: Citizen) -> None:
    update = citizen.citizen_writes("Kā reģistrēt uzņēmumu?")
    message = update["message"]

    assert understood(update) == Inbound(
        conversation="1001",
        external_id=f"1001:{message['message_id']}",
        kind=Kind.TEXT,
        text="Kā reģistrēt uzņēmumu?",
        name="Jānis Bērziņš",
        language="lv",
        at=datetime.fromtimestamp(message["date"], UTC),
    )


@pytest.mark.parametrize(
    ("text", "kind", "kept"),
    [
        ("/start", Kind.START, ""),
        ("/start dzivesvieta_12", Kind.START, "dzivesvieta_12"),
        ("/START@atbilde_bot", Kind.START, ""),
        ("/help", Kind.START, ""),
        ("/status", Kind.STATUS, ""),
        ("/palīgā", Kind.TEXT, "/palīgā"),
        ("/starts", Kind.TEXT, "/starts"),
        ("kā lietot /start?", Kind.TEXT, "kā lietot /start?"),
    ],
)
def test_commands_we_know_are_taken_and_others_are_words(citizen: Citizen, text: str, kind: Kind, kept: str) -> None:
    inbound = understood(citizen.citizen_writes(text))
    assert (inbound.kind, inbound.text) == (kind, kept)


def test_an_edit_names_the_message_it_changes(citizen: Citizen) -> None:
    first = citizen.citizen_writes("Kā?")
    edit = citizen.citizen_edits(first["message"]["message_id"], "Kā un kur?")

    inbound = understood(edit)
    assert (inbound.kind, inbound.text) == (Kind.EDIT, "Kā un kur?")
    assert inbound.external_id == understood(first).external_id
    assert inbound.at == datetime.fromtimestamp(edit["edited_message"]["edit_date"], UTC)


def test_a_live_location_that_moves_is_not_an_edit_for_us(citizen: Citizen) -> None:
    moved = citizen.message(
        {"id": CITIZEN, "type": "private"}, BOT | {"is_bot": False}, location={"latitude": 1.0, "longitude": 2.0}
    )
    assert understood(citizen.push("edited_message", moved)).kind is Kind.IGNORED


def test_a_pressed_button_is_a_choice_even_under_a_forgotten_message(citizen: Citizen) -> None:
    update = citizen.citizen_presses(404, "yes")
    query_id = update["callback_query"]["id"]

    inbound = understood(update)
    assert (inbound.kind, inbound.choice, inbound.conversation) == (Kind.CHOICE, "yes", "1001")
    assert (inbound.external_id, inbound.acknowledge) == (f"cb{query_id}", query_id)


def test_who_blocks_us_has_left_and_who_comes_back_says_so_by_writing(citizen: Citizen) -> None:
    left, back = understood(citizen.citizen_blocks()), understood(citizen.citizen_unblocks())
    assert (left.kind, left.conversation) == (Kind.LEFT, "1001")
    assert back.kind is Kind.IGNORED
    assert left.external_id != back.external_id


@pytest.mark.parametrize(
    ("kind", "fields", "name", "media_type"),
    [
        ("voice", {"duration": 3, "mime_type": "audio/ogg"}, "voice-11.ogg", "audio/ogg"),
        ("audio", {"duration": 3}, "audio-11.mp3", "audio/mpeg"),
        ("audio", {"duration": 3, "file_name": "dziesma.m4a", "mime_type": "audio/mp4"}, "dziesma.m4a", "audio/mp4"),
        ("video", {"duration": 3, "width": 9, "height": 9}, "video-11.mp4", "video/mp4"),
        ("video_note", {"duration": 3, "length": 9}, "video-note-11.mp4", "video/mp4"),
        ("document", {"file_name": "līgums.pdf", "mime_type": "application/pdf"}, "līgums.pdf", "application/pdf"),
        ("document", {}, "document-11", "application/octet-stream"),
        ("animation", {"duration": 3, "width": 9, "height": 9}, "animation-11.mp4", "video/mp4"),
    ],
)
def test_every_kind_of_file_comes_with_a_name_and_a_media_type(
    citizen: Citizen, kind: str, fields: Json, name: str, media_type: str
) -> None:
    inbound = understood(citizen.citizen_sends_file(kind, **fields))
    (file,) = inbound.files
    assert (inbound.kind, file.id, file.name, file.media_type, file.size) == (Kind.TEXT, "file1", name, media_type, 5)


@pytest.mark.parametrize(
    ("animated", "video", "name"), [(False, False, "1.webp"), (True, False, "1.tgs"), (False, True, "1.webm")]
)
def test_a_sticker_is_a_file_of_its_kind(citizen: Citizen, animated: bool, video: bool, name: str) -> None:
    kinds: Json = {"is_animated": animated, "is_video": video, "type": "regular", "width": 9, "height": 9}
    (file,) = understood(citizen.citizen_sends_file("sticker", **kinds)).files
    assert file.name.endswith(name)


def test_a_file_keeps_the_words_that_came_with_it(citizen: Citizen) -> None:
    inbound = understood(citizen.citizen_sends_document(b"x", "a.pdf", "application/pdf", "Vai šis der?"))
    assert (inbound.text, len(inbound.files)) == ("Vai šis der?", 1)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"location": {"latitude": 56.95, "longitude": 24.1}}, "[location] 56.950000 24.100000"),
        (
            {"contact": {"phone_number": "+37120000000", "first_name": "Anna", "last_name": "Ozola"}},
            "[contact] Anna, Ozola, +37120000000",
        ),
        ({"dice": {"emoji": "🎲", "value": 4}}, "[dice] 🎲, 4"),
        ({"checklist": {"title": "Darbi", "tasks": [{"id": 1, "text": "Pieteikt"}]}}, "[checklist] Darbi, Pieteikt"),
        ({"story": {"id": 1, "chat": {"id": 5, "type": "private"}}}, "[story]"),
        (
            {"venue": {"location": {"latitude": 1.0, "longitude": 2.0}, "title": "VPVKAC", "address": "Rīga"}},
            "[venue] VPVKAC, Rīga",
        ),
    ],
)
def test_what_has_no_words_is_still_a_message(citizen: Citizen, content: Json, text: str) -> None:
    inbound = understood(citizen.citizen_sends(**content))
    assert (inbound.kind, inbound.text) == (Kind.TEXT, text)


def test_a_kind_of_message_nobody_has_heard_of_is_still_a_message(citizen: Citizen) -> None:
    update = citizen.citizen_writes("x")
    del update["message"]["text"]
    update["message"]["hologram"] = {"size": 3}
    inbound = understood(update)
    assert (inbound.kind, inbound.text) == (Kind.TEXT, "[unknown]")


def test_notes_of_telegram_itself_are_not_words_of_the_citizen(citizen: Citizen) -> None:
    inbound = understood(citizen.citizen_sends(message_auto_delete_timer_changed={"message_auto_delete_time": 60}))
    assert (inbound.kind, "auto_delete" in inbound.text) == (Kind.IGNORED, True)


def test_groups_and_bots_get_no_answer(citizen: Citizen) -> None:
    group = {"id": GROUP, "type": "supergroup", "title": "Kaimiņi"}
    in_group = understood(citizen.citizen_writes("Labdien!", chat=group))
    by_bot = understood(citizen.citizen_writes("Labdien!", sender=BOT))
    for ignored in (in_group, by_bot):
        assert ignored.kind is Kind.IGNORED
        assert ignored.text


def test_nul_and_half_emoji_do_not_reach_the_database(citizen: Citizen) -> None:
    raw = json.dumps(citizen.citizen_writes("TEXT")).replace("TEXT", r"a\u0000b\ud83d").encode()
    (inbound,) = parse(raw)
    assert inbound.text == "ab\N{REPLACEMENT CHARACTER}"


def test_updates_nobody_wrote_hold_nothing(citizen: Citizen) -> None:
    poll = {"id": "1", "from": BOT, "query": "x", "offset": ""}
    assert parse(json.dumps({"update_id": 1, "inline_query": poll}).encode()) == []


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b'{"update_id": "x"}', b"\xff", b"[" * 100_000])
def test_what_is_no_update_is_refused(raw: bytes) -> None:
    with pytest.raises(ParseError):
        parse(raw)


def test_a_message_without_its_chat_is_refused(citizen: Citizen) -> None:
    update: dict[str, Any] = citizen.citizen_writes("x")
    del update["message"]["chat"]
    with pytest.raises(ParseError):
        parse(json.dumps(update).encode())


def test_the_channel_is_imported_without_aiogram() -> None:
    script = "import sys, channels.telegram as t; sys.exit('aiogram' in sys.modules or 'aiohttp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
