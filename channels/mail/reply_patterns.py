"""What mail programs write above the text that they quote, by language; the programs' words, not ours."""

import re
from functools import lru_cache

_WROTE_WORDS = (
    "wrote|writes|sent|said|rakstīja|raksta|rakstījis|uzrakstīja|написал|написала|пишет|писал|писала|сообщил"
    "|сообщила|schrieb|schreibt|geschrieben|rašė|parašė|rašo|kirjutas|kirjutab|écrit|ecrit|écrivait|escribió"
    "|escribio|escribiu|escreveu|scritto|scrisse|scriveva|schreef|geschreven|skrev|skriver|napisał|napisała|pisze"
    "|napsal|napsala|píše|napísal|kirjoitti|написав|пише|írta|scris|yazdı|έγραψε|написа|napisao|viết"
)
_WROTE = frozenset(_WROTE_WORDS.split("|"))
_WROTE_UNSPACED = ("写道", "寫道", "작성", "のメール", "のメッセージ")
_WORD = re.compile(r"[^\W\d_]+")
MAILBOX = re.compile(r"(?<![\w.+=-])[\w.+=-]{1,80}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
TIME = re.compile(r"(?<![\d.])(?:[01]?\d|2[0-3])[:.h][0-5]\d(?!\.?\d)")
_DAY = (
    r"(?<!\d)(?:\d{4}[./-]\s?\d{1,2}[./-]\s?\d{1,2}|\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4}|"
    r"\d{1,2}[- ][^\W\d]{3,9}\.?[- ]\d{4}|"
    r"(?:19|20)\d\d)(?!\d)|\d年"
)
_STARTS = (
    r"on|at|am|um|le|op|den|el|em|il|w dniu|dnia|dne|dňa|på|on|în|pe|kl|quoting|citējot|citēju|цитирую|цитата|"
    r"zitat von|"
    r"el dia|kontakt|kuupäeval|от|в|у"
)
DAY = re.compile(_DAY)
DASHED = re.compile(r"^[-–—]{2,}+\s*[^-–—\s][^\n]{2,200}?\s*:?\s*[-–—]{2,}$")
"""sure with a verb before the last dashes"""
OLD_GMAIL = re.compile(r"^\d{4}-\d\d-\d\d \d{1,2}:\d\d GMT[+-]\d\d:\d\d \S")
QUOTING = re.compile(r"^(?:quoting|citējot|citēju|цитирую|zitat von|citando a)\s", re.IGNORECASE)
BEGINS_INTRO = re.compile(
    rf"^[-–—*\s]*+(?:(?:{_STARTS})\s|(?:[^\W\d]{{1,14}}\.?,?\s)?(?:{_DAY}|\d{{1,2}}\.?\s[^\W\d]{{3,9}}))",
    re.IGNORECASE,
)
SHARED_LINE = re.compile(
    r"(?<=[\w.!?)])\s?(?:-{2,}\s?)?(?=(?:On|Am|Le|Op|El|Den)\s(?:[^\W\d]{2,12}\.?,?\s)?[^\n]{0,20}\d[^\n]{5,240}[:]$)"
)
"""where an intro begins behind words of the person, in one line"""

_ORIGINAL = (
    r"original(?: e-?mail)? message|original appointment|message d'origine|reply message|reply to message|"
    r"sākotnējais ziņojums|sākotnējā ziņa|sākotnējā vēstule|oriģinālais ziņojums|oriģinālā vēstule|oriģinālziņa|"
    r"исходное сообщение|исходное письмо|оригинальное сообщение|первоначальное сообщение|original-?nachricht|"
    r"ursprüngliche (?:nachricht|e-?mail)|antwort nachricht|pirminis (?:pranešimas|laiškas)|originalus (?:laiškas|"
    r"pranešimas)|"
    r"algne (?:kiri|sõnum|teade)|algkiri|originaalkiri|originaalsõnum|оригінальне повідомлення|вихідне повідомлення|"
    r"wiadomość oryginalna|oryginalna wiadomość|ursprungligt meddelande|originalmeddelande|opprinnelig melding|"
    r"oprindelig (?:meddelelse|besked)|oorspronkelijk bericht|mensaje original|messaggio originale|mensagem original|"
    r"alkuperäinen viesti|původní (?:zpráva|e-?mail)|pôvodná správa|mesaj original|eredeti üzenet|原始邮件|原始郵件"
)
_FORWARDED = (
    r"forwarded (?:message|by [^\n]{1,80})|begin forwarded message|start of forwarded message|"
    r"pārsūtītais ziņojums|pārsūtīta (?:ziņa|vēstule)|pārsūtīts ziņojums|pārsūtītā ziņojuma sākums|"
    r"пересланное сообщение|пересылаемое сообщение|перенаправленное сообщение|начало пересылаемого сообщения|"
    r"начало переадресованного сообщения|weitergeleitete nachricht|anfang der weitergeleiteten nachricht|"
    r"persiųstas (?:laiškas|pranešimas)|persiunčiamas laiškas|pradėti persiųstą pranešimą|edastatud (?:kiri|sõnum)|"
    r"переслане повідомлення|пересланий лист|wiadomość przekazana|przekazana wiadomość|početok preposlanej správy|"
    r"vidarebefordrat (?:meddelande|brev)|videresendt (?:melding|meddelelse)|doorgestuurd bericht|message transféré|"
    r"début du message (?:réexpédié|transféré)|mensaje reenviado|inicio del mensaje reenviado|messaggio inoltrato|"
    r"inizio messaggio inoltrato|mensagem encaminhada|mensagem reencaminhada|välitetty viesti|přeposlaná zpráva|"
    r"továbbított üzenet|mesaj redirecționat"
)
_RULE = r"[-–—_=*#‐>\s]"
ORIGINAL = re.compile(rf"^{_RULE}{{2,}}+(?:{_ORIGINAL})[-–—_=*#‐\s:]*$", re.IGNORECASE)
FORWARDED = re.compile(rf"^(?:{_RULE}{{2,}}+(?:{_FORWARDED})[-–—_=*#‐\s:]*|(?:{_FORWARDED})\s?:)$", re.IGNORECASE)
TITLED_RULE = re.compile(r"^[-–—=‐]{3,}+\s*[^\W\d_][\w .']{2,40}[-–—=‐]{3,}$")
"""as the two above in a language that we do not know; sure only with a header below"""
BARE_RULE = re.compile(r"^[-–—_=*#‐~+]{5,}$")

_LABELS = {
    "from": "from|no|sūtītājs|von|absender|от|от кого|відправник|від|nuo|siuntėjas|saatja|kellelt|de|da|van|från|fra|"
    "lähettäjä|od|expéditeur|remitente|mittente|feladó|发件人|寄件者|差出人|sender|de la|von wem",
    "date": "sent|date|nosūtīts|nosūtīšanas datums|sūtīts|datums|gesendet|gesendet am|datum|отправлено|дата|"
    "дата отправки|"
    "надіслано|відправлено|išsiųsta|data|saadetud|kuupäev|saatmisaeg|envoyé|envoyé le|enviado|enviado el|enviada em|"
    "enviada|"
    "fecha|inviato|verzonden|skickat|sendt|dato|lähetetty|päiväys|päivämäärä|wysłano|wysłane|odesláno|odoslané|trimis|"
    "elküldve|dátum|发送时间|日期|送信日時|sent on|sent at|received",
    "to": "to|kam|uz|adresāts|saņēmējs|an|empfänger|кому|получатель|gavėjas|kellele|saaja|à|a|para|pour|aan|till|til|"
    "vastaanottaja|do|komu|către|címzett|收件人|宛先|destinatario",
    "subject": "subject|tēma|temats|betreff|тема|tema|dalykas|teema|pealkiri|objet|sujet|asunto|assunto|oggetto|"
    "onderwerp|ämne|"
    "emne|aihe|temat|předmět|predmet|subiect|tárgy|主题|主旨|件名",
    "cc": "cc|bcc|kopija|kopie|копия|копія|koopia|kopia|copie|reply-to|atbildēt uz|antwort an|risposta|répondre à|"
    "importance|svarīgums|attachments|pielikumi|вложения|organization|mailed-by",
}
_KIND = {word: kind for kind, words in _LABELS.items() for word in words.split("|")}
_LABEL = "|".join(re.escape(word) for word in sorted(_KIND, key=len, reverse=True))
HEADER = re.compile(rf"^[*_]*({_LABEL})[*_]*\s?[:：][*_]*(?:\s|$|(?=\S))", re.IGNORECASE)
_IN_LINE = re.compile(rf"(?:^|\s)[*_]*({_LABEL})[*_]*\s?:[*_]*\s", re.IGNORECASE)


def says_wrote(text: str) -> bool:
    return not _WROTE.isdisjoint(_WORD.findall(text.lower())) or any(word in text for word in _WROTE_UNSPACED)


def ends_in_wrote(text: str) -> bool:
    """As in "wrote:", "wrote ----" and "написал(а):"."""
    end = text[-40:].rstrip(" :：-–—.")
    words = _WORD.findall(end.lower())[-2 if end.endswith(")") else -1 :]
    return not _WROTE.isdisjoint(words) or end.endswith(_WROTE_UNSPACED)


def header_kind(line: str) -> str:
    """from, date, to, subject, cc; empty for a line that is no header."""
    found = HEADER.match(line) if ":" in line[:40] or "：" in line[:40] else None
    return _KIND[found[1].lower()] if found else ""


def label_alone(line: str) -> str:
    """The same of a line that is nothing but the label."""
    return _KIND.get(line.strip("*_: \t").lower(), "") if len(line) < 40 else ""


@lru_cache(maxsize=64)
def header_kinds(line: str) -> frozenset[str]:
    """Of a line that may hold several headers, as where line ends were lost. Each line is looked at in many blocks."""
    kind = header_kind(line)
    if kind and line.count(":") > 2:
        return frozenset(_KIND[word.lower()] for word in _IN_LINE.findall(line[:600])) | {kind}
    return frozenset({kind} - {""})
