"""A complete Rasa 3.6 project from the questions that the built-in engine learns from."""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote, unquote

from nlu.meaning import Entry
from nlu.privacy import mask

LONGEST_TEXT = 1_000
"""Characters that Rasa gets of a text; it has no bound of its own, and its time grows with the text."""
EPOCHS = 100
"""as in Rasa's own default configuration, which is meant for few examples"""
FEWEST_EPOCHS = 15
SEEN = 100_000
"""Examples that the training goes through at most, each time counted, where that leaves enough epochs: the starting
catalogue takes minutes so, and hours with 100 epochs, after the fourth of which 93 % were learnt."""
LANGUAGES = ("lv", "en", "ru")
HEADER = "# Atbilde → Rasa Open Source 3.6: `atbilde nlu export-rasa`; changes by hand are lost with the next export.\n"
"""The arrow is needed: Rasa reads a file of ASCII alone as if it held escapes, and would lose backslashes."""

_INSTEAD = {"Cc": " ", "Cs": " ", "Cn": " ", "Co": " ", "Zl": " ", "Zp": " ", "Cf": ""}
_ENTITY = re.compile(r"\](?=[(\[{])")
_CONFIG = """\
recipe: default.v1
assistant_id: atbilde
language: lv
# Rasa's default pipeline without what finds entities and chooses replies. No FallbackClassifier: the desk that asks
# decides by the confidence whether it answers, asks back or gives the question to people.
pipeline:
  - name: WhitespaceTokenizer
  - name: RegexFeaturizer
  - name: LexicalSyntacticFeaturizer
  - name: CountVectorsFeaturizer
  - name: CountVectorsFeaturizer
    analyzer: char_wb
    min_ngram: 1
    max_ngram: 4
  - name: DIETClassifier
    epochs: {epochs}
    constrain_similarities: true
    entity_recognition: false
    random_seed: 1
policies:
  - name: RulePolicy
"""
_CREDENTIALS = "rest:  # the desk uses only the HTTP API, `rasa run --enable-api`\n"
_ENDPOINTS = "# Nothing: no action server, and conversations stay in memory.\n"


class NotExportable(ValueError):
    """Rasa cannot learn from this."""


def from_entries(entries: Iterable[Entry]) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Of each service the texts a citizen might write, in every language; and what a bot would reply."""
    known = list(entries)
    return (
        {entry.code: [*_all(entry.questions), *entry.titles.values()] for entry in known},
        {entry.code: ". ".join(filter(None, (_first(entry.titles), _first(entry.summaries)))) for entry in known},
    )


def from_rows(rows: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """(text, intent) rows by intent."""
    examples: dict[str, list[str]] = {}
    for text, intent in rows:
        examples.setdefault(intent, []).append(text)
    return examples


def write_project(
    folder: Path,
    examples: Mapping[str, Iterable[str]],
    replies: Mapping[str, str] | None = None,
    epochs: int | None = None,
) -> int:
    """Writes the project, each file whole or not at all, and gives back the number of examples.

    Where no `epochs` are asked for, their number follows from that of the examples. Raises NotExportable where Rasa
    could not train, and OSError.
    """
    cleaned = {intent: list(dict.fromkeys(filter(None, map(plain, texts)))) for intent, texts in examples.items()}
    cleaned = {intent: texts for intent, texts in cleaned.items() if texts and intent}
    if len(cleaned) < 2:
        raise NotExportable("Rasa needs at least two intents with examples")
    number = sum(map(len, cleaned.values()))
    files = {
        "data/nlu.yml": _nlu(cleaned),
        "data/rules.yml": _rules(cleaned),
        "domain.yml": _domain(cleaned, replies or {}),
        "config.yml": _CONFIG.format(epochs=epochs or epochs_for(number)),
        "credentials.yml": _CREDENTIALS,
        "endpoints.yml": _ENDPOINTS,
    }
    (folder / "data").mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        _write(folder / name, HEADER + text)
    return number


def epochs_for(examples: int) -> int:
    """How often DIET goes through that many examples."""
    return max(FEWEST_EPOCHS, min(EPOCHS, SEEN // examples))


def plain(text: str) -> str:
    """A text, to be learnt or asked about, that means to Rasa what it says: masked, bounded, and no command.

    Rasa takes "/name" for the very name of an intent, sure to 1.0: the stroke is cut off.
    """
    return _line(mask(text[: 4 * LONGEST_TEXT])).lstrip("/ ")[:LONGEST_TEXT].rstrip()


def _line(text: str) -> str:
    """One line without control characters and entity syntax.

    There is no escape for `[word](entity)` in Rasa: a space between the brackets takes the meaning from it, and the
    tokenizer drops it. What YAML may not hold becomes a space, what nobody sees is dropped.
    """
    seen = "".join(_INSTEAD.get(unicodedata.category(letter), letter) for letter in unicodedata.normalize("NFC", text))
    return _ENTITY.sub("] ", " ".join(seen.split()))


def rasa_name(intent: str) -> str:
    """An intent as Rasa may call it: "/" and "+" have a meaning there, as has "{" in a reply's name."""
    return quote(intent, safe="", errors="surrogatepass")


def intent_of(name: str) -> str:
    """What `rasa_name` was made from. Raises ValueError where it cannot have been."""
    return unquote(name, errors="surrogatepass")


def _nlu(examples: Mapping[str, list[str]]) -> str:
    lines = ['version: "3.1"', "nlu:"]
    for intent, texts in examples.items():
        lines += [f"  - intent: {_quoted(rasa_name(intent))}", "    examples:"]
        lines += [f"      - text: {_quoted(text)}" for text in texts]
    return "\n".join(lines) + "\n"


def _rules(examples: Iterable[str]) -> str:
    lines = ['version: "3.1"', "rules:"]
    for intent in examples:
        name = rasa_name(intent)
        lines += [f"  - rule: {_quoted(name)}", "    steps:"]
        lines += [f"      - intent: {_quoted(name)}", f"      - action: {_quoted(f'utter_{name}')}"]
    return "\n".join(lines) + "\n"


def _domain(examples: Iterable[str], replies: Mapping[str, str]) -> str:
    names = {intent: rasa_name(intent) for intent in examples}
    lines = ['version: "3.1"', "intents:", *(f"  - {_quoted(name)}" for name in names.values()), "responses:"]
    for intent, name in names.items():
        # braces would be a slot's place
        reply = _line(replies.get(intent) or intent).replace("{", "(").replace("}", ")")
        lines += [f"  {_quoted(f'utter_{name}')}:", f"    - text: {_quoted(reply or name)}"]
    lines += ["session_config:", "  session_expiration_time: 60", "  carry_over_slots_to_new_session: true"]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """In double quotes, which also keeps Rasa from putting in environment variables for `${NAME}`."""
    return json.dumps(text, ensure_ascii=False)


def _all(by_language: Mapping[str, tuple[str, ...]]) -> list[str]:
    return [text for texts in by_language.values() for text in texts]


def _first(by_language: Mapping[str, str]) -> str:
    """In the first language that is there."""
    return next((by_language[language] for language in LANGUAGES if by_language.get(language)), "")


def _write(path: Path, text: str) -> None:
    new = path.with_suffix(".new")
    new.write_text(text, "utf-8")
    new.replace(path)
