"""Letters for the benches, made from a seed: Latvian mostly, some HTML, some attachments, some that quote."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

import yaml

from config.settings import CONFIG, ROOT

DESK = "atbilde@desk.example"
NAMES = ("Anna", "Jānis", "Ilze", "Kārlis", "Līga", "Pēteris", "Dzintra", "Māris", "Žanete", "Ģirts", "Ieva", "Ņina")
FAMILIES = ("Bērziņa", "Kalniņš", "Ozola", "Liepiņš", "Krūmiņa", "Šmits", "Zariņa", "Ķēniņš", "Jansone", "Āboliņš")
GREETINGS = ("Labdien!", "Labrīt!", "Sveicināti!", "Cien. darbinieki,", "Labvakar!")
ENDS = ("Ar cieņu,", "Paldies jau iepriekš!\n\n--", "Ar sveicieniem", "Jauku dienu vēlot,")
MORE = (
    "Esmu mēģinājusi atrast atbildi portālā, bet neizdevās.",
    "Zvanīju vairākas reizes, bet neviens nepaceļ klausuli.",
    "Lūdzu atbildēt uz šo pašu e-pasta adresi, jo tālrunis man nestrādā.",
    "Mans vīrs jau pagājušajā mēnesī iesniedza dokumentus, taču atbildes nav.",
    "Pielikumā nosūtu to, kas man ir.",
    "Dzīvoju ārzemēs un klātienē ierasties nevaru.",
)
QUOTED = (
    "\n\nPirmd., 2026. g. 9. nov., plkst. 10:15 lietotājs Portāls <info@portals.example> rakstīja:\n\n> {0}\n> {0}\n"
)
BEGAN = datetime(2026, 11, 9, 8, 0, tzinfo=UTC)
ONE_OF_A_SENDER = 3
"""letters that one person sends, roughly"""


def letters(number: int, seed: int = 5) -> Iterator[bytes]:
    """As they stand in a mailbox; the same for the same seed, and the first of many are those of few."""
    questions, dice = _questions(), random.Random(seed)
    for count in range(number):
        yield _letter(count, dice, questions).as_bytes()


def large(size: int) -> bytes:
    """One of about so many bytes, most of it in one attachment."""
    letter = _head(0, random.Random(1), "Liels pielikums")
    letter.set_content("Labdien! Kur iesniegt šo plānu?\n\nAr cieņu,\nAnna\n")
    scan = b"%PDF-1.7\n" + random.Random(2).randbytes(int(size * 0.73))
    letter.add_attachment(scan, maintype="application", subtype="pdf", filename="būvplāns.pdf")
    return letter.as_bytes()


def _letter(count: int, dice: random.Random, questions: list[str]) -> EmailMessage:
    question = dice.choice(questions)
    letter = _head(count, dice, question[: dice.randrange(10, 60)])
    further = " ".join(dice.sample(MORE, dice.randrange(4)))
    text = f"{dice.choice(GREETINGS)}\n\n{question}\n\n{further}\n\n{dice.choice(ENDS)}\n{dice.choice(NAMES)}\n"
    if dice.random() < 0.2:
        text += QUOTED.format(dice.choice(MORE))
    letter.set_content(text)
    if dice.random() < 0.45:
        lines = "".join(f"<p style='margin:0'>{line}</p>\n" for line in text.split("\n"))
        letter.add_alternative(f"<html><body><div dir='ltr'>{lines}</div></body></html>", subtype="html")
    if dice.random() < 0.15:
        scan = b"%PDF-1.7\n" + dice.randbytes(dice.randrange(20_000, 200_000))
        letter.add_attachment(scan, maintype="application", subtype="pdf", filename="iesniegums.pdf")
    return letter


def _head(count: int, dice: random.Random, subject: str) -> EmailMessage:
    letter, person = EmailMessage(), dice.randrange(1 + count // ONE_OF_A_SENDER * ONE_OF_A_SENDER or 1)
    letter["From"] = f"{dice.choice(NAMES)} {dice.choice(FAMILIES)} <person{person}@mail.example>"
    letter["To"], letter["Subject"] = DESK, " ".join(subject.split())
    letter["Date"] = format_datetime(BEGAN + timedelta(seconds=17 * count))
    letter["Message-ID"] = f"<{count}.{dice.getrandbits(48):x}@mail.example>"
    letter["Received"] = f"from mx{dice.randrange(9)}.mail.example by desk.example with ESMTPS; {letter['Date']}"
    return letter


def _questions() -> list[str]:
    """Questions in and outside the catalogue, in all its languages, mostly Latvian."""
    texts = [line for line in (CONFIG / "demo-questions.txt").read_text("utf-8").splitlines() if line] * 5
    for path in sorted((ROOT / "catalogue" / "start").glob("services-*.yaml")):
        for service in yaml.safe_load(path.read_text("utf-8"))["services"]:
            texts += service["questions"]["lv"][:4]
            texts += [
                service["questions"][language][0] for language in ("ru", "en") if language in service["questions"]
            ]
    return texts
