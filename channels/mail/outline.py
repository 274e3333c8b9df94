"""A mail as the standard library has it, for whoever asks it for headers and kinds of parts: long parts cut short."""

from email import message_from_bytes
from email.message import Message

from channels.mail.content import content
from channels.mail.structure import Node

LEAF = 64_000
WHOLE = 1_000_000
"""bytes of one part and of all that are kept"""


def outline(raw: bytes, root: Node) -> Message:
    return _Outline(raw).message(root)


class _Outline:
    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._left = WHOLE

    def message(self, node: Node) -> Message:
        """The part with those in it; a report's fields and an enclosed mail are read as such."""
        message = node.headers.message()
        if node.children:
            message.set_payload([self.message(child) for child in node.children])
        elif node.type.startswith("message/"):
            message.set_payload(self._enclosed(node))
        else:
            message.set_payload(self._body(node).decode("ascii", "surrogateescape"))
        return message

    def _body(self, node: Node) -> bytes:
        if not node.type.startswith("text/"):
            return b""
        end = min(node.end, node.start + min(LEAF, self._left))
        self._left -= end - node.start
        return self._raw[node.start : end]

    def _enclosed(self, node: Node) -> list[Message]:
        """Read by the standard library, unless it nests so deep that this would not come back."""
        size = min(LEAF, self._left)
        body = content(self._raw, node)[:size] if node.end - node.start < 4 * LEAF else self._raw[node.start :][:size]
        self._left -= len(body)
        lower = body.lower()
        if lower.count(b"message/") + lower.count(b"multipart/") > 40:
            body = b""
        kind = node.type.encode("ascii", "replace")
        read = message_from_bytes(b"Content-Type: " + kind + b"\n\n" + body)
        payload = read.get_payload()
        return payload if isinstance(payload, list) else [read]
