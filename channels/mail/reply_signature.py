"""What stands below a person's words without being them: signatures, programs' footers, legal notes."""

import re
from functools import lru_cache

from channels.mail.reply_patterns import MAILBOX

_DEVICE = (
    r"i-?phone|i-?pad|i-?pod|ios|android|samsung|galaxy|huawei|honor|xiaomi|redmi|miui|nokia|htc|sony|motorola|pixel|"
    r"oneplus|"
    r"alcatel|blackberry|outlook|e?mail\b|gmail|yahoo|aol|hotmail|proton|yandex|яндекс|почт|thunderbird|airmail|"
    r"mailbox|aqua|"
    r"blue|k-9|windows|mobil|mob\b|phone|tele|tālru|телефон|смартфон|мобильн|планшет|planšet|tablet|device|ierīc|"
    r"устройств|"
    r"inbox|cell|smart|nutitele|zoho|hcl|notes"
)
_SENT = (
    r"sent|отправлен[оа]|nosūtīt[sa]|sūtīt[sa]|надіслано|відправлено|išsiųsta|siųsta|saadetud|envoyé|enviad[oa]|"
    r"inviato|verzonden|"
    r"verstuurd|gesendet|versendet|skickat|skickades|sendt|lähetetty|wysłan[oe]|odesláno|odoslané"
)
_FROM = (
    r"from|via|with|using|by|through|с|со|из|от|через|no|ar|caur|з|із|iš|su|minu|depuis|de|à partir|desde|do|da|dal|"
    r"con|vanaf|"
    r"met|von|mit|aus|från|fra|med|z|ze|na|tramite"
)
_GET = (
    r"get|hanki(?:ge)?|gauti|iegūt|iegūstiet|lejupielādē\w*|получить|получите|скачать|скачайте|laden sie|"
    r"holen sie sich|hämta|"
    r"télécharge[rz]|obtenez|obtén|scarica|download|pobierz|завантажити|отримати"
)
_PROGRAM = re.compile(
    rf"^(?:(?:{_SENT})\s+(?:{_FROM})\s(?=[^\n]{{0,40}}?(?<!\w)(?:{_DEVICE}))\S+(?:\s+\S+){{0,6}}?"
    r"(?:[\s.,]+(?:please |kindly )?(?:excuse|forgive)[^\n]{0,40})?"
    r"|sent from my \S+(?: \S+)?(?<![.,])"
    rf"|von (?:meine[mr] )?(?:{_DEVICE})\S*(?: \S+){{0,3}} (?:gesendet|versendet)"
    rf"|diese nachricht wurde von [^\n]{{0,30}}(?:{_DEVICE})[^\n]{{0,50}} (?:gesendet|versendet)"
    r"|(?:\w+ )?from (?:my )?(?:mobile|i-?phone|phone|ipad|android)[\w ]{0,12}"
    rf"|(?:{_GET})\s[^\n]{{0,20}}(?:outlook|bluemail|spark|aquamail)[^\n]{{0,60}}"
    r"|outlook (?:für|for|для|para|pour|voor|per|til|för|dla|pro) (?:ios|android)[^\n]{0,40}"
    r"|(?:从我的|發自我的|发自我的|從我的)[^\n]{1,20}"
    r"|minu (?:iphone|ipad|android)\S* saadetud"
    r"|(?:please |kindly )?excuse (?:any |my )?(?:typos|typoze|brevity|spelling)[^\n]{0,40}"
    r")[.!]?$",
    re.IGNORECASE,
)
_AROUND = " \t-–—_*=#~<>()[]|\"'“”„«»‐ᐧ"
_FOOTER = re.compile(
    r"^(?:virus-?free|virenfrei|без вирусов|bez vīrusiem)\W[^\n]{0,60}|^no virus found in this|information from eset|"
    r"(?:checked|scanned|pārbaudīts|проверено|geprüft|patikrint\w+|kontrollitud)[^\n]{0,40}(?:virus|vīrus|вирус|viiru|"
    r"avast|avg|"
    r"kaspersky|eset|drweb|mailscanner)|"
    r"^(?:(?:please|kindly) (?:consider|think)[^\n]{0,40}(?:environment|print)|(?:lūdzu[, ]*)?pirms (?:\S+ ){0,3}"
    r"(?:drukā|izdrukā)\S*[^\n]{0,60}(?:vid[ie]|dab[ua])|(?:пожалуйста[, ]*)?(?:прежде чем|перед тем)[^\n]{0,40}печат"
    r"[^\n]{0,60}(?:природ|сред|эколог)|(?:bitte )?(?:denken|prüfen) sie[^\n]{0,60}(?:umwelt|druck))|"
    r"^(?:\S+ )?\S+ mailing list$|^\S+@lists?\.\S+$|^https?://\S+/listinfo/|^unsubscribe\W*(?:https?:\S+)?$|"
    r"^(?:to unsubscribe|lai atrakstītos|чтобы отписаться|zum abmelden)[^\n]{0,80}(?:https?:|@|click|šeit|здесь|hier)",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"^\W*(?:disclaimer|confidentiality|confidential|legal notice|atruna|konfidencialitāt|important notice|"
    r"(?:this|the information (?:contained )?in this) (?:e-?mail|message|communication|transmission)|"
    r"(?:šis|šī|šajā) (?:e-?past|elektronisk|ziņojum|vēstul|sūtījum|e-vēstul)|informācija, kas (?:ir )?(?:ietverta|"
    r"iekļauta)|"
    r"(?:это|данное|настоящее|эта|информация,? содержащ\w*)\s(?:\S+ ){0,3}(?:сообщени|письм|переписк)|"
    r"внимание!? (?:это|данное)|"
    r"diese (?:e-?mail|nachricht)|der inhalt dieser|šis (?:el\.|elektronini|laišk|pranešim)|šiame (?:el|laišk)|"
    r"(?:see|käesolev|antud) (?:e-?kiri|e-?mail|kiri|sõnum|teade))",
    re.IGNORECASE,
)
_SECRET = re.compile(
    r"confiden|privileged|intended|konfidenci|paredzē|adresē|ierobežot|конфиденц|предназнач|адресован|vertraulich|"
    r"bestimmt|"
    r"konfidentsiaal|mõeldud|skirta|skirtas",
    re.IGNORECASE,
)
_RECEIVER = re.compile(
    r"recipient|addressee|adresāt|saņēmēj|personai|получател|адресат|лиц[уа]|empfänger|adressat|gavėj|adresat|saaja",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"^[-–—*\s]*(?:(?:best|cheers|thanks|paldies|спасибо)(?=[\s,.!–-]*$)|ar (?:patiesu |dziļu |lielu )?cieņu|cieņā|"
    r"ar sveicien\w+|(?:visu |ar )?lab(?:u|iem) vēl\w+|jauku dienu|"
    r"paldies un ar cieņu|с (?:глубоким |искренним )?уважением|с наилучшими пожеланиями|всего доброго|"
    r"(?:(?:with )?(?:best|kind|kindest|warm|many thanks and) )?regards|best wishes|(?:yours )?sincerely|"
    r"yours (?:truly|faithfully)|"
    r"mit freundlich\w+ gr(?:ü|ue)(?:ß|ss)\w*|(?:viele|beste|freundliche|liebe) gr(?:ü|ue)(?:ß|ss)\w*|mfg|"
    r"hochachtungsvoll|(?:su )?pagarb(?:a|iai)|geros dienos|lugupidamisega|parimate soovidega|tervitades|tervitustega|"
    r"з повагою|z poważaniem|pozdrawiam|med (?:vänliga?|venlig|vennlig) häls\w+|med (?:venlig|vennlig) hils\w+|mvh|"
    r"cordialement|(?:bien )?(?:cordialement|à vous)|saludos(?: cordiales)?|atentamente|cordiali saluti|"
    r"distinti saluti|"
    r"met vriendelijke groet\w*|ystävällisin terveisin|terveisin|atenciosamente|cumprimentos|s pozdravem)(?!\w)",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    rf"{MAILBOX.pattern}|(?<!\w)(?:www\.|https?://)|(?<!\w)(?:tālr|tel|тел|моб|mob|phone|fakss|fax|tlf|t|m|"
    rf"тел\.)[.:]?\s?\+?[\d(]|"
    r"^\W*(?:\+\d{1,3}|00371)[\d ()-]{6,}$|(?<!\w)LV-?\d{4}(?!\d)",
    re.IGNORECASE,
)
_TOLD = re.compile(
    r"p\.?\s?s\.|p\.?\s?k\.|pielik|personas kod|прилож|вложен|персональн|attach|anlage|anhang|pried|lisa\w* (?:fail|"
    r"dok)|"
    r"(?<!\d)\d{6}-?\d{5}(?!\d)|(?<!\w)[a-z]{2}\d\d[a-z]{4}\d",
    re.IGNORECASE,
)
"""things that people tell below their names: attachments, codes, accounts, postscripts"""
_DELIMITER = re.compile(r"^[-–—_=*#‐~+ᐧ]+$")
_SIGNATURE_LINES = 15


def is_footer(line: str) -> bool:
    """A line that a mail program, a virus scanner or a list wrote."""
    plain = line.strip(_AROUND)
    return bool(plain) and len(plain) <= 200 and _is_footer(plain)


@lru_cache(maxsize=4096)
def _is_footer(line: str) -> bool:
    return bool(_PROGRAM.match(line) or (_FOOTER.search(line) and not line.endswith("?")))


def is_closing(line: str) -> bool:
    found = _CLOSING.match(line[:80])
    return found is not None and len(line[found.end() :].split()) < 6 and not line.endswith("?")


def without_signature(lines: list[str]) -> list[str]:
    """The words, and by whom where a greeting ends them; nothing where there are none."""
    return _without_contacts(_without_footers(_before_dashes(_without_footers(lines))))


def _without_footers(lines: list[str]) -> list[str]:
    end = len(lines)
    while end:
        line = lines[end - 1].strip()
        if not line or is_footer(line) or _DELIMITER.match(line):
            end -= 1
            continue
        start = _paragraph(lines, end)
        if not start or not _is_note(" ".join(lines[start:end])):
            break
        end = start
    return lines[:end]


def _paragraph(lines: list[str], end: int) -> int:
    """Where the paragraph begins that ends there; at most 40 lines above."""
    start = end
    while start and end - start < 40 and lines[start - 1].strip():
        start -= 1
    return start


def _is_note(text: str) -> bool:
    return bool(_NOTE.match(text) and _SECRET.search(text) and (_RECEIVER.search(text) or text.count(" ") > 20))


def _before_dashes(lines: list[str]) -> list[str]:
    """Cuts at the line `-- ` of the standard, or `--` with lines below that are no sentences."""
    for at in range(len(lines) - 1, max(-1, len(lines) - 2 - 2 * _SIGNATURE_LINES), -1):
        if lines[at].strip() not in ("--", "—", "---", "__"):
            continue
        below = [line.strip() for line in lines[at + 1 :] if line.strip()]
        if len(below) <= _SIGNATURE_LINES and not any(map(_TOLD.search, below)):
            sentences = sum(map(_is_sentence, below))
            most = {"-- ": 2, "--": 1}.get(lines[at], 0 if any(map(_CONTACT.search, below)) else -1)
            if sentences <= most:
                return lines[:at]
        return lines
    return lines


def _is_sentence(line: str) -> bool:
    words = len(line.split())
    return words > 12 or (line.endswith(("?", "!")) and words > 1) or (line.endswith((".", "…", ";")) and words > 3)


def _without_contacts(lines: list[str]) -> list[str]:
    """Below "Ar cieņu" the name stays; titles, firms, addresses and phones go where at least one of them is plain."""
    below: list[int] = []
    for at in range(len(lines) - 1, -1, -1):
        line = lines[at].strip()
        if is_closing(line):
            named = len(_CLOSING.sub("", line).strip(" ,.!-–—*")) > 2
            tail = below[::-1][0 if named else 1 :]
            if len(tail) > 1 and any(_CONTACT.search(lines[number]) for number in tail):
                return lines[: tail[0]]
            return lines
        if line and (len(below) >= _SIGNATURE_LINES or _is_sentence(line) or _TOLD.search(line)):
            return lines
        if line:
            below.append(at)
    return lines
