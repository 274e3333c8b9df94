"""What a provider tells of a message that we have sent."""

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """How far a message has come, in this order; a provider may tell them in another."""

    SENT = "sent"
    """on its way beyond the provider"""
    DELIVERED = "delivered"
    """it is on the person's device"""
    READ = "read"
    FAILED = "failed"
    """it will not arrive"""


@dataclass(frozen=True, slots=True)
class Delivery:
    """It may be told before the provider has answered the request that sent the message."""

    ids: tuple[str, ...]
    """what the provider may have called the message, or the part of it, when it took it: any one of these"""
    stage: Stage
    reason: str = ""
    """why it failed, in the provider's words"""
