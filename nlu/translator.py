"""Machine translation by a server that speaks LibreTranslate's API (https://docs.libretranslate.com).

Only masked text is sent out: personal codes, accounts, telephones and the like stay here.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from nlu.privacy import mask

LONGEST = 5_000
"""characters that are sent; servers refuse more or take minutes over it"""
PATIENCE = 15.0
"""seconds until a server is given up"""
_MASKED = re.compile(r"\[(?:e-pasts|konts|karte|personas kods|dokuments|tālrunis)\]")


class NotTranslated(Exception):
    """`key` names the words that say why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True, slots=True)
class Translator:
    url: str
    """of the server, without /translate"""
    key: str = ""
    patience: float = PATIENCE

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or self.url

    async def translate(self, text: str, source: str, target: str) -> str:
        """The text, masked, in the language `target`; `source` may be `auto`. Raises NotTranslated."""
        masked = mask(text)
        if len(masked) > LONGEST:
            raise NotTranslated("translate_too_long")
        asked = {"q": masked, "source": source, "target": target, "format": "text", "api_key": self.key}
        try:
            async with httpx.AsyncClient(timeout=self.patience, trust_env=False) as client:
                answer = await client.post(f"{self.url.rstrip('/')}/translate", json=asked)
        except httpx.TimeoutException:
            raise NotTranslated("translate_slow") from None
        except httpx.HTTPError:
            raise NotTranslated("translate_unreachable") from None
        return _said(answer)

    async def translate_own(self, text: str, source: str, target: str) -> str:
        """The same of what somebody writes here: what was masked on the way stands in the translation again.

        Raises NotTranslated, also where the server lost one of the places.
        """
        parts = _MASKED.split(mask(text))
        kept = re.fullmatch("(.+?)".join(map(re.escape, parts)), text, re.DOTALL)
        if kept is None or len(parts) == 1:
            return await self.translate(text, source, target)
        numbered = "".join(part + (f"[{n}]" if n < len(parts) else "") for n, part in enumerate(parts, 1))
        said = await self.translate(numbered, source, target)
        for n, original in enumerate(kept.groups(), 1):
            if said.count(f"[{n}]") != 1:
                raise NotTranslated("translate_lost_place")
            said = said.replace(f"[{n}]", original)
        return said


def _said(answer: httpx.Response) -> str:
    if answer.status_code in (401, 403):
        raise NotTranslated("translate_forbidden")
    if answer.status_code == 429:
        raise NotTranslated("translate_too_often")
    if answer.status_code == 400:
        raise NotTranslated("translate_unknown_language")
    try:
        said = answer.json()["translatedText"] if answer.status_code == 200 else ""
    except (ValueError, KeyError, TypeError):
        said = ""
    if not isinstance(said, str) or not said.strip():
        raise NotTranslated("translate_failed")
    return said
