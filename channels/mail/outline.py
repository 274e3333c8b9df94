"""A mail as the standard library has it, for whoever asks it for headers and kinds of parts: long parts cut short."""

from email import message_from_bytes
from email.message import Message
from email.utils import collapse_rfc2231_value

from channels.mail.content import content
from channels.mail.structure import Node

LEAF = 64_000
WHOLE = 1_000_000
"""bytes of one part and of all that are kept"""


def outline(raw: bytes, root: Node) -> Message:
    """The same parts in the same order, which can be asked for their text without an error."""
    message = _Outline(raw).message(root)
    for part in message.walk():
        _mend_charset(part)
    return message


def _mend_charset(part: Message) -> None:
    """The standard library passes over a charset that it does not know, and breaks over one that decodes no text."""
    charset = collapse_rfc2231_value(part.get_param("charset", "us-ascii"))
    try:
        b"\xff".decode(charset, "replace")
    except LookupError:
        pass
    except ValueError:
        part.replace_header("Content-Type", part.get_content_type())


class _Outline:
    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._left = WHOLE

    def message(self, node: Node) -> Message:
        """The part with those in it; a report's fields and an enclosed mail are read as such."""
        message = node.headers.message()
        if node.children:
            message.set_payload(list[Message | str](self.message(child) for child in node.children))
        elif node.type.startswith("message/"):
            message.set_payload(list[Message | str](self._enclosed(node)))
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
        return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else [read]
