"""What Rasa would read: its reader takes the texts of nlu.yml as YAML gives them, and looks for entities in each."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from nlu.rasa_export import (
    LONGEST_TEXT,
    NotExportable,
    epochs_for,
    from_entries,
    from_rows,
    intent_of,
    plain,
    rasa_name,
    write_project,
)
from tests.nlu.starting_catalogue import entry, services

# as in rasa/shared/nlu/training_data/entities_parser.py of 3.6.21
RASAS_ENTITY = re.compile(
    r"\[(?P<entity_text>[^\]]+?)\](\((?P<entity>[^:)]+?)(?:\:(?P<value>[^)]+))?\)|\{(?P<entity_dict>[^}]+?)\}|"
    r"\[(?P<list_entity_dicts>.*?)\])"
)
OTHER = {"otrs": ["cits jautājums"]}


def _read(folder: Path, name: str) -> Any:
    return yaml.safe_load((folder / name).read_text("utf-8"))


def _examples(folder: Path) -> dict[str, list[str]]:
    read = _read(folder, "data/nlu.yml")["nlu"]
    return {intent_of(item["intent"]): [each["text"] for each in item["examples"]] for item in read}


def test_the_catalogue_becomes_a_project_with_every_question_in_every_language(tmp_path: Path) -> None:
    examples, replies = from_entries(map(entry, services()))
    assert write_project(tmp_path, examples, replies) > 5 * len(services())
    found = _examples(tmp_path)
    assert found.keys() == {service["code"] for service in services()}
    for service in services():
        questions = [question for asked in service["questions"].values() for question in asked]
        assert set(map(plain, questions)) <= set(found[service["code"]])


def test_domain_rules_and_examples_speak_of_the_same_intents(tmp_path: Path) -> None:
    write_project(tmp_path, {"Find Alternative": ["a"], "a/b+c": ["b"], "None": ["c"], "ķēde": ["d"]})
    names = [item["intent"] for item in _read(tmp_path, "data/nlu.yml")["nlu"]]
    domain, rules = _read(tmp_path, "domain.yml"), _read(tmp_path, "data/rules.yml")["rules"]
    assert domain["intents"] == names == [rule["steps"][0]["intent"] for rule in rules]
    assert list(domain["responses"]) == [rule["steps"][1]["action"] for rule in rules]
    assert all(re.fullmatch(r"[\w.~%-]+", name, re.ASCII) for name in names)
    assert {_read(tmp_path, file)["version"] for file in ("domain.yml", "data/nlu.yml", "data/rules.yml")} == {"3.1"}


def test_the_configuration_has_diet_and_every_file_that_rasa_wants(tmp_path: Path) -> None:
    write_project(tmp_path, {"viens": ["x"], **OTHER}, epochs=7)
    config = _read(tmp_path, "config.yml")
    assert (config["recipe"], config["assistant_id"], config["language"]) == ("default.v1", "atbilde", "lv")
    diet = next(step for step in config["pipeline"] if step["name"] == "DIETClassifier")
    assert (diet["epochs"], diet["entity_recognition"]) == (7, False)
    assert _read(tmp_path, "credentials.yml") == {"rest": None}
    assert _read(tmp_path, "endpoints.yml") is None
    assert not list(tmp_path.rglob("*.new"))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("kā [suns](dzīvnieks) dzīvo", "kā [suns] (dzīvnieks) dzīvo"),
        ('[suns]{"entity": "x"} un [a][{"entity": "y"}]', '[suns] {"entity": "x"} un [a] [{"entity": "y"}]'),
        ("rinda\n- intent: cits\r\n\texamples: |", "rinda - intent: cits examples: |"),
        ('"pēdiņas" un \\ un \\" un \\u0022 un \\n', '"pēdiņas" un \\ un \\" un \\u0022 un \\n'),
        ("- svītra: tā # nav piezīme", "- svītra: tā # nav piezīme"),
        ("${HOME} un {slot} un %TAG", "${HOME} un {slot} un %TAG"),
        ("/vecuma-pensija{}", "vecuma-pensija{}"),
        (" / / //restart", "restart"),
        ("pen\u200bsija\u2028rinda\x00\x85\ud800beigas", "pensija rinda beigas"),
        ("a\u0304", "ā"),
        ("mans kods 161175-19997", "mans kods [personas kods]"),
    ],
)
def test_no_text_means_anything_but_itself_to_rasa(tmp_path: Path, text: str, written: str) -> None:
    write_project(tmp_path, {"viens": [text], **OTHER})
    assert _examples(tmp_path)["viens"] == [written]


@given(st.text(st.characters(codec=None), max_size=80), st.text(st.characters(codec=None), min_size=1, max_size=20))
@example("](", "/")
@example("[x](y:z)", "nlu_fallback")
@example('" \n\n: - {} [] & * ! | > % @ `', " ")
def test_any_text_and_any_intent_come_back_from_the_file(tmp_path_factory: Any, text: str, intent: str) -> None:
    folder = tmp_path_factory.getbasetemp() / "any"
    write_project(folder, {intent: [text, "vārds"], **({} if intent in OTHER else OTHER)})
    found = _examples(folder)[intent]
    assert found == list(dict.fromkeys(filter(None, [plain(text), "vārds"])))
    assert not any(RASAS_ENTITY.search(each) or each.startswith("/") or "\n" in each for each in found)
    assert plain(plain(text)) == plain(text)


@given(st.text(st.characters(codec=None), max_size=40))
def test_an_intent_comes_back_from_its_name_in_rasa(intent: str) -> None:
    assert intent_of(rasa_name(intent)) == intent


def test_a_file_is_never_ascii_alone_for_rasa_would_read_escapes_into_it(tmp_path: Path) -> None:
    write_project(tmp_path, {"one": ["\\u0022"], "two": ["plain"]})
    for file in tmp_path.rglob("*.yml"):
        assert not file.read_text("utf-8").isascii()


def test_a_text_is_cut_at_its_bound() -> None:
    assert len(plain("vārds " * 5_000)) <= LONGEST_TEXT


@pytest.mark.parametrize("examples", [{}, {"viens": ["x"]}, {"viens": ["x"], "otrs": ["", " \u200b", "/"]}])
def test_what_rasa_cannot_learn_is_refused(tmp_path: Path, examples: dict[str, list[str]]) -> None:
    with pytest.raises(NotExportable, match="two intents"):
        write_project(tmp_path / "new", examples)
    assert not (tmp_path / "new").exists()


def test_rows_are_gathered_by_intent() -> None:
    assert from_rows([("a", "x"), ("b", "y"), ("c", "x")]) == {"x": ["a", "c"], "y": ["b"]}


@pytest.mark.parametrize(("examples", "epochs"), [(2, 100), (1_000, 100), (2_000, 50), (9_000, 15), (90_000, 15)])
def test_many_examples_are_gone_through_less_often(examples: int, epochs: int) -> None:
    assert epochs_for(examples) == epochs
