"""The ways in, side by side: a mailbox by IMAP, our mail server by LMTP; with neither, SMTP on this machine alone."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from functools import partial

from channels.base import Receive
from channels.mail.imap import visit
from channels.mail.lmtp import serve
from channels.mail.oauth import AccessToken
from channels.mail.settings import EmailSettings

log = logging.getLogger(__name__)
LONGEST_BACKOFF = 300.0
Well = Callable[[], None]


async def listen(settings: EmailSettings, receive: Receive) -> None:
    """Until cancelled, or at once where nothing is set. One way that fails is tried again and stops no other."""
    ways: list[Awaitable[None]] = []
    if settings.imap:
        token = AccessToken(settings)
        ways.append(_lasting("imap", partial(visit, settings.imap, settings, token, receive)))
    if settings.lmtp:
        ways.append(_lasting("lmtp", partial(_handed_in, settings.lmtp, settings, receive)))
    if settings.newcomers:
        ways.append(_for_newcomers(settings.newcomers, settings, receive))
    await asyncio.gather(*ways)


async def _lasting(name: str, way: Callable[[Well], Awaitable[None]]) -> None:
    """Again and again, and slower while it always fails."""
    failures = 0

    def well() -> None:
        nonlocal failures
        failures = 0

    while True:
        try:
            await way(well)
        except Exception as error:
            failures += 1
            wait = min(LONGEST_BACKOFF, 0.25 * 2.0 ** min(failures, 12)) * random.uniform(0.5, 1)  # noqa: S311 - jitter
            log.warning("%s: %s; again in %.0f s", name, _told(error), wait)
            await asyncio.sleep(wait)


async def _handed_in(at: tuple[str, int], settings: EmailSettings, receive: Receive, _well: Well) -> None:
    await serve(at, settings, receive, lmtp=True)


async def _for_newcomers(at: tuple[str, int], settings: EmailSettings, receive: Receive) -> None:
    try:
        await serve(at, settings, receive, lmtp=False)
    except OSError as error:
        log.warning("letters cannot be handed in at %s:%d (EMAIL_SMTP_LISTEN): %s", *at, error.strerror or error)


def _told(error: BaseException) -> str:
    causes = error.exceptions if isinstance(error, BaseExceptionGroup) else (error,)
    return "; ".join(f"{type(cause).__name__}: {cause}" for cause in causes[:3])
