"""The part of a folded word that its endings leave alone; light, as the lemma comes first where one is known."""

import re

SHORTEST_STEM = 3


def _ending(words: str) -> re.Pattern[str]:
    """Any of these at the end of a word; the leftmost match is the longest ending."""
    return re.compile(f"(?:{'|'.join(words.split())})$")


_LATVIAN = (
    # deklarēšanās, deklarēties, deklarējos
    _ending(r"(?<=\w{4})[aeiou]?san(?:a|as|ai|u|am) [aeiou]?sies [aeiou]tie?s [aeo]jos [aeo]jies [aeio]joties"),
    # deklarēju, deklarētu, maksājums; but not vadītāja
    _ending(
        r"(?:(?<!t)aj|[eo]j)(?:u|i|a|am|at|ot|um|ums|uma|umu|umi|umiem|umam)"
        r" [aeio](?:tu|ts|ta|tas|tie|to|tai|tam|tos|ti|tiem|sim|siet|su|si|s|t)"
    ),
    _ending("ums uma umu umi umam umiem umos umus"),
    _ending("ties iem ajiem ajam ajai ajos ajas am ai as os us um im em es ei is ie s a e i o u"),
)
_ENGLISH = (_ending("ies ing ed es s y e"),)
_RUSSIAN = (
    _ending("ировать ироваться аться яться иться еться ать ять ить еть уть ти ываю ает яет ают яют аю яю ишь ите ится"),
    _ending("ениями ениях ением ению ения ении ение"),
    _ending(
        "иями ями ами иях ыми ими ого его ому ему ие ия ии ию ием ях ах ам ям ов ев ои еи ыи ая яя ое ее ые ую юю ом ем"
        " ил ла ло ли ит ут ют ат ят ых их ым им ы и а я о е у ю ь л"
    ),
)
_ENDINGS = {"lv": _LATVIAN, "en": _ENGLISH, "ru": _RUSSIAN, "uk": _RUSSIAN}


def stem(folded: str, language: str) -> str:
    """Equal for the forms of one word, mostly; never shorter than three letters. Other languages stay as they are."""
    for ending in _ENDINGS.get(language, ()):
        if (found := ending.search(folded)) and found.start() >= SHORTEST_STEM:
            folded = folded[: found.start()]
            break
    return _one_consonant(folded) if language == "lv" else folded


def _one_consonant(stemmed: str) -> str:
    """iesniegt, iesniegums, iesniedz: one stem; bezdarbnieks and bezdarbniece too."""
    if len(stemmed) > 5 and stemmed[-1] == "t" and stemmed[-2] not in "aeiou":
        stemmed = stemmed[:-1]
    if stemmed.endswith("dz"):
        return stemmed[:-2] + "g"
    return stemmed[:-1] + "k" if stemmed.endswith("c") else stemmed
