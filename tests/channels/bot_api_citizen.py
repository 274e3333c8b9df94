"""What a citizen does in Telegram, as the updates Telegram makes of it."""

import time
from itertools import count
from typing import Any

from tests.channels.bot_api_schema import schema

Json = dict[str, Any]

CITIZEN = 1001
GROUP = -100200300
BOT: Json = {"id": 1234567, "is_bot": True, "first_name": "Atbilde", "username": "atbilde_bot"}
PERSON: Json = {
    "id": CITIZEN,
    "is_bot": False,
    "first_name": "Jānis",
    "last_name": "Bērziņš",
    "username": "janis",
    "language_code": "lv",
}
PRIVATE: Json = {"id": CITIZEN, "type": "private", "first_name": "Jānis", "last_name": "Bērziņš", "username": "janis"}


class Citizen:
    """Every `citizen_…` queues one update and returns it."""

    def __init__(self) -> None:
        self.updates: list[Json] = []
        self.pending: list[Json] = []
        self.allowed: list[str] = []
        """Kinds of updates the bot asked for; empty for all."""
        self.sent: list[Json] = []
        self.files: dict[str, tuple[str, bytes]] = {}
        self.open_queries: set[str] = set()
        self.blocked: set[int] = set()
        self.violations: list[str] = []
        self._update_ids = count(900_001)
        self._message_ids = count(11)
        self._numbers = count(1)

    def citizen_writes(self, text: str, **more: Any) -> Json:
        return self.citizen_sends(text=text, **more)

    def citizen_sends(self, *, chat: Json = PRIVATE, sender: Json = PERSON, **content: Any) -> Json:
        """Any content the schema knows: `location={…}`, `contact={…}`, …"""
        return self.push("message", self.message(chat, sender, **content))

    def citizen_edits(self, message_id: int, text: str, **more: Any) -> Json:
        edited = self.message(PRIVATE, PERSON, text=text, edit_date=int(time.time()), **more)
        return self.push("edited_message", {**edited, "message_id": message_id})

    def citizen_presses(self, message_id: int, data: str) -> Json:
        """A message we did not send (or that Telegram has forgotten) comes as an inaccessible one."""
        forgotten = {"chat": PRIVATE, "message_id": message_id, "date": 0}
        message = next((sent for sent in self.sent if sent["message_id"] == message_id), forgotten)
        query_id = f"77{next(self._numbers)}"
        self.open_queries.add(query_id)
        query = {"id": query_id, "from": PERSON, "message": message, "chat_instance": "-42", "data": data}
        return self.push("callback_query", query)

    def citizen_sends_photo(self, content: bytes, caption: str = "", declared: int | None = None) -> Json:
        """Two sizes, the larger first: whoever takes the last or the first by habit takes the wrong one."""
        size = len(content) if declared is None else declared
        large = self._file(content, "photos", ".jpg", size) | {"width": 1280, "height": 960}
        small = self._file(b"small", "photos", ".jpg", 5) | {"width": 90, "height": 67}
        return self.citizen_sends(photo=[large, small], **_caption(caption))

    def citizen_sends_document(self, content: bytes, name: str, media_type: str, caption: str = "") -> Json:
        document = self._file(content, "documents", name, len(content)) | {"file_name": name, "mime_type": media_type}
        return self.citizen_sends(document=document, **_caption(caption))

    def citizen_sends_file(self, kind: str, content: bytes = b"bytes", **fields: Any) -> Json:
        return self.citizen_sends(**{kind: self._file(content, kind, "", len(content)) | fields})

    def citizen_blocks(self) -> Json:
        self.blocked.add(CITIZEN)
        return self._membership({"status": "member"}, {"status": "kicked", "until_date": 0})

    def citizen_unblocks(self) -> Json:
        self.blocked.discard(CITIZEN)
        return self._membership({"status": "kicked", "until_date": 0}, {"status": "member"})

    def message(self, chat: Json, sender: Json, **content: Any) -> Json:
        date = int(time.time())
        return {"message_id": next(self._message_ids), "from": sender, "chat": chat, "date": date, **content}

    def push(self, kind: str, payload: Json) -> Json:
        update = {"update_id": next(self._update_ids), kind: payload}
        self.violations += schema().faults("Update", update, "update")
        self.updates.append(update)
        if not self.allowed or kind in self.allowed:
            self.pending.append(update)
        self.changed()
        return update

    def changed(self) -> None:
        """Wakes whoever waits for news."""

    def _membership(self, old: Json, new: Json) -> Json:
        change = {"chat": PRIVATE, "from": PERSON, "date": int(time.time())}
        members = {"old_chat_member": {"user": BOT, **old}, "new_chat_member": {"user": BOT, **new}}
        return self.push("my_chat_member", change | members)

    def _file(self, content: bytes, folder: str, name: str, declared: int) -> Json:
        number = next(self._numbers)
        file_id = f"file{number}"
        self.files[file_id] = (f"{folder}/{number}{name}", content)
        return {"file_id": file_id, "file_unique_id": f"unique{number}", "file_size": declared}


def _caption(caption: str) -> Json:
    return {"caption": caption} if caption else {}


def everything_a_citizen_does() -> Citizen:
    citizen = Citizen()
    first = citizen.citizen_writes("Labdien! 🏠")["message"]["message_id"]
    citizen.citizen_edits(first, "Labdien, labots")
    citizen.citizen_writes("/start abc")
    citizen.citizen_presses(5, "yes")
    citizen.citizen_sends_photo(b"photo", "mana māja")
    citizen.citizen_sends_document(b"pdf", "līgums.pdf", "application/pdf")
    citizen.citizen_sends_file("voice", duration=3)
    citizen.citizen_sends(location={"latitude": 56.95, "longitude": 24.1})
    citizen.citizen_sends(contact={"phone_number": "+37120000000", "first_name": "Anna"})
    citizen.citizen_blocks()
    citizen.citizen_unblocks()
    return citizen
