"""Rasa's wire against a small real server, the engine that falls back, and one real Rasa."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import structlog

from nlu import rasa_server
from nlu.circuit import Circuit
from nlu.decide import Limits
from nlu.evaluate import Row
from nlu.meaning import Band, Candidate, Entry, Intent, Understanding
from nlu.rasa import RasaEngine, evaluate_rasa
from nlu.rasa_export import write_project
from nlu.rasa_wire import LONGEST_ANSWER, Guess, NoAnswer, RasaServer

Answer = Callable[[BaseHTTPRequestHandler], None]
LIMITS = Limits(answer=0.8, clarify=0.3)


class Stand:
    """A server that answers as it is told, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.answer: Answer = _json({"intent_ranking": []})
        self.released = threading.Event()
        stand = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                stand.asked.append((self.path, json.loads(self.rfile.read(length))))
                stand.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_: object) -> None:
                pass  # the client has gone

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def ranks(self, **confidences: float) -> None:
        ranking = [{"name": name.replace("_", "-"), "confidence": sure} for name, sure in confidences.items()]
        self.answer = _json({"text": "", "intent": ranking[0], "intent_ranking": ranking})

    def hangs(self) -> None:
        self.answer = lambda _: _wait(self.released)

    def drips(self) -> None:
        """A byte now and then: no time-out of a socket ever runs out."""

        def drip(request: BaseHTTPRequestHandler) -> None:
            _head(request, 200, 1_000_000)
            while not self.released.wait(0.02):
                request.wfile.write(b" ")

        self.answer = drip

    def stop(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _wait(event: threading.Event) -> None:
    event.wait(30)


def _head(request: BaseHTTPRequestHandler, status: int, length: int) -> None:
    request.send_response(status)
    request.send_header("Content-Length", str(length))
    request.end_headers()


def _bytes(body: bytes, status: int = 200, length: int | None = None) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        _head(request, status, len(body) if length is None else length)
        request.wfile.write(body)

    return answer


def _json(body: object, status: int = 200) -> Answer:
    return _bytes(json.dumps(body).encode(), status)


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


@pytest.fixture
def stand() -> Iterator[Stand]:
    made = Stand()
    yield made
    made.stop()


def test_the_guesses_come_best_first_under_the_intents_own_names(stand: Stand) -> None:
    stand.ranks(a=0.2, Find_20=0.1, **{"a%2Fb%20c": 0.7})
    assert RasaServer(stand.url, 5).rank("kā?") == [Guess("a/b c", 0.7), Guess("a", 0.2), Guess("Find-20", 0.1)]
    assert stand.asked == [("/model/parse", {"text": "kā?"})]


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("/vecuma-pensija", "vecuma-pensija"),
        ('  /vecuma-pensija{"a": "b"}', 'vecuma-pensija{"a": "b"}'),
        ("mans kods 161175-19997, kad pensija?", "mans kods [personas kods], kad pensija?"),
        ("\ud800\x00 pensija\n", "pensija"),
        ("x" * 20_000, "x" * 1_000),
    ],
)
def test_rasa_is_never_given_a_command_or_what_tells_who_a_person_is(stand: Stand, text: str, sent: str) -> None:
    RasaServer(stand.url, 5).rank(text)
    assert stand.asked == [("/model/parse", {"text": sent})]


def test_a_path_in_the_address_is_kept(stand: Stand) -> None:
    RasaServer(f"{stand.url}/rasa/", 5).rank("kā?")
    assert stand.asked[0][0] == "/rasa/model/parse"


RANKED: list[object] = [
    [],
    "text",
    None,
    {},
    {"intent_ranking": None},
    {"intent_ranking": ["a"]},
    {"intent_ranking": [{"name": None, "confidence": 0.5}]},
    {"intent_ranking": [{"name": "a"}]},
    {"intent_ranking": [{"name": "a", "confidence": "0.9"}]},
    {"intent_ranking": [{"name": "a", "confidence": True}]},
    {"intent_ranking": [{"name": "a", "confidence": float("nan")}]},
    {"intent_ranking": [{"name": "a", "confidence": 7}]},
    {"intent_ranking": [{"name": "%ff", "confidence": 0.5}]},
]


@pytest.mark.parametrize("body", RANKED)
def test_an_answer_of_another_form_is_no_answer(stand: Stand, body: object) -> None:
    stand.answer = _json(body)
    with pytest.raises(NoAnswer):
        RasaServer(stand.url, 5).rank("kā?")


@pytest.mark.parametrize(
    "answer",
    [
        _json({"version": "3.6.21", "status": "failure", "message": "An unexpected error occurred."}, 500),
        _json({"status": "failure", "reason": "Conflict"}, 409),  # no model is loaded
        _json({"intent_ranking": []}, 302),
        _bytes(b""),
        _bytes(b'{"intent_ranking": ['),
        _bytes(b"\xff\xfe not json"),
        _bytes(b"[" * 200_000),
        _bytes(b'{"intent_ranking": [', length=1_000),  # ends before its end
        _bytes(b'{"intent_ranking": []}' + b" " * LONGEST_ANSWER),
        lambda request: None,  # hangs up
        lambda request: request.wfile.write(b"SSH-2.0-other\r\n\r\n") and None,
    ],
)
def test_an_error_and_broken_json_are_no_answer(stand: Stand, answer: Answer) -> None:
    stand.answer = answer
    with pytest.raises(NoAnswer):
        RasaServer(stand.url, 5).rank("kā?")


def test_a_server_that_hangs_is_left_when_its_time_is_over(stand: Stand) -> None:
    stand.hangs()
    with _within(2), pytest.raises(NoAnswer):
        RasaServer(stand.url, 0.1).rank("kā?")


def test_a_server_that_drips_is_left_when_its_time_is_over(stand: Stand) -> None:
    stand.drips()
    with _within(2), pytest.raises(NoAnswer):
        RasaServer(stand.url, 0.1).rank("kā?")


def test_no_server_is_no_answer() -> None:
    with pytest.raises(NoAnswer):
        RasaServer("http://127.0.0.1:9", 1).rank("kā?")


def test_the_reason_never_holds_the_citizens_words(stand: Stand) -> None:
    stand.answer = _json({"message": "could not parse 'slepens'"}, 500)
    with pytest.raises(NoAnswer, match=r"^status 500$"):
        RasaServer(stand.url, 5).rank("slepens")


@pytest.mark.parametrize("url", ["", "127.0.0.1:5005", "ftp://127.0.0.1", "http://", "http://host:port"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"address|port"):
        RasaServer(url, 1)


OWN = Understanding(
    "lv", Intent.QUESTION, Band.CLARIFY, (Candidate("own", 0.5),), (Candidate("OWN", 0.5),), 0.5, ("OWN",)
)


class Builtin:
    """The engine behind, which always says the same."""

    def __init__(self, says: Understanding = OWN) -> None:
        self.says = says

    def understand(self, text: str, hint: str = "", audience: str = "", place: str = "") -> Understanding:
        return self.says


def _entry(code: str, institution: str, municipality: str = "") -> Entry:
    return Entry(code, institution, ("ALSO",), municipality, "both", {"lv": code}, {}, {}, {})


ENTRIES = [
    _entry("vecuma-pensija", "VSAA"),
    _entry("suns", "PVD"),
    _entry("rinda-ropazi", "ROPAŽI", "Ropažu novads"),
    _entry("rinda-jurmala", "JŪRMALA", "Jūrmala"),
]


def _engine(stand: Stand, says: Understanding = OWN, circuit: Circuit | None = None) -> RasaEngine:
    return RasaEngine(Builtin(says), ENTRIES, LIMITS, RasaServer(stand.url, 5), circuit or Circuit())


def test_a_sure_guess_is_answered_and_names_the_services_institution_first(stand: Stand) -> None:
    stand.ranks(vecuma_pensija=0.91, suns=0.05)
    assert _engine(stand).understand("kad pensija?") == Understanding(
        "lv",
        Intent.QUESTION,
        Band.ANSWER,
        (Candidate("vecuma-pensija", 0.91), Candidate("suns", 0.05)),
        (Candidate("VSAA", 0.91), Candidate("OWN", 0.5)),
        0.91,
        ("VSAA", "ALSO"),
    )


@pytest.mark.parametrize(
    ("confidences", "band"),
    [
        ({"suns": 0.8, "vecuma_pensija": 0.1}, Band.ANSWER),
        ({"suns": 0.79, "vecuma_pensija": 0.1}, Band.CLARIFY),
        ({"suns": 0.3, "vecuma_pensija": 0.29}, Band.CLARIFY),
        ({"suns": 0.29, "vecuma_pensija": 0.1}, Band.ROUTE),
    ],
)
def test_rasas_confidence_passes_through_the_same_bands(
    stand: Stand, confidences: dict[str, float], band: Band
) -> None:
    stand.ranks(**confidences)
    found = _engine(stand).understand("suns?")
    assert (found.band, found.service) == (band, "suns")
    assert (found.institutions[0].code == "PVD") is (band is Band.ANSWER)


@pytest.mark.parametrize(
    ("service", "band", "answered"),
    [
        ("suns", Band.ANSWER, Band.ANSWER),
        ("suns", Band.CLARIFY, Band.CLARIFY),
        ("vecuma-pensija", Band.ANSWER, Band.CLARIFY),
    ],
)
def test_what_both_engines_mean_and_ours_is_sure_of_is_answered(
    stand: Stand, service: str, band: Band, answered: Band
) -> None:
    stand.ranks(suns=0.31, vecuma_pensija=0.1)
    own = Understanding("lv", Intent.QUESTION, band, (Candidate(service, 0.9),), (), 0.9)
    assert _engine(stand, own).understand("suns?").band is answered


def test_what_the_builtin_engine_gives_to_people_is_asked_back_at_most(stand: Stand) -> None:
    stand.ranks(suns=0.999)
    outside = Understanding("lv", Intent.QUESTION, Band.ROUTE, (), (), 0.01)
    assert _engine(stand, outside).understand("kā cept pankūkas?").band is Band.CLARIFY


@pytest.mark.parametrize("intent", [intent for intent in Intent if intent is not Intent.QUESTION])
def test_whatever_is_no_question_is_none_of_rasas_business(stand: Stand, intent: Intent) -> None:
    stand.ranks(suns=0.999)
    own = Understanding("lv", intent, Band.ROUTE, (), (), 0.0)
    assert _engine(stand, own).understand("/suns") == own
    assert not stand.asked


def test_a_municipalitys_own_entry_is_answered_only_where_it_is_named(stand: Stand) -> None:
    stand.ranks(rinda_jurmala=0.95, suns=0.01)
    engine = _engine(stand)
    assert engine.understand("bērnudārza rinda").band is Band.CLARIFY
    assert engine.understand("bērnudārza rinda Jūrmalā").band is Band.ANSWER


def test_the_entry_of_another_place_is_not_meant_and_makes_the_next_doubtful(stand: Stand) -> None:
    stand.ranks(rinda_ropazi=0.9, suns=0.85)
    found = _engine(stand).understand("bērnudārza rinda Jūrmalā")
    assert (found.service, found.band) == ("suns", Band.CLARIFY)
    stand.ranks(rinda_ropazi=0.9)
    assert _engine(stand).understand("bērnudārza rinda Jūrmalā") == OWN


def test_services_that_the_catalogue_no_longer_has_are_not_named(stand: Stand) -> None:
    stand.ranks(gone=0.9, suns=0.4)
    assert _engine(stand).understand("suns?").service == "suns"
    stand.ranks(gone=0.9)
    assert _engine(stand).understand("suns?") == OWN


def test_while_rasa_fails_the_builtin_engine_answers_and_rasa_is_left_alone_for_a_while(stand: Stand) -> None:
    now = [0.0]
    engine = _engine(stand, circuit=Circuit(failures=3, pause=30, clock=lambda: now[0]))
    stand.answer = _json({}, 500)
    with structlog.testing.capture_logs() as logs:
        assert [engine.understand("suns?") for _ in range(10)] == [OWN] * 10
    assert len(stand.asked) == 3
    assert [(log["log_level"], log["reason"]) for log in logs] == [("warning", "status 500")]
    stand.ranks(suns=0.9)
    now[0] = 29.9
    assert engine.understand("suns?") == OWN
    now[0] = 30.0
    assert engine.understand("suns?").service == "suns"
    assert engine.understand("suns?").service == "suns"
    assert len(stand.asked) == 5


def test_a_hanging_rasa_costs_its_time_out_only_until_the_circuit_opens(stand: Stand) -> None:
    stand.hangs()
    engine = RasaEngine(Builtin(), ENTRIES, LIMITS, RasaServer(stand.url, 0.05), Circuit(failures=3))
    with _within(5):
        assert [engine.understand("suns?") for _ in range(200)] == [OWN] * 200
    assert len(stand.asked) == 3


needs_rasa = pytest.mark.skipif(bool(rasa_server.missing()), reason=rasa_server.missing() or "it is here")
EXAMPLES = {
    "vecuma-pensija": ["Kā saņemt vecuma pensiju?", "Kad varu iet pensijā?", "Pensijas iesniegums", "vecuma pensija"],
    "suns": ["Kur reģistrēt suni?", "Suņa čipēšana", 'Suņa "pase" \\ [suns](dzīvnieks)', "reģistrēt suni ${HOME}"],
    "rinda-jurmala": ["Bērnudārza rinda", "Vieta bērnudārzā", "pieteikt bērnu dārziņā", "- bērnudārzs: kā?"],
}


@needs_rasa
def test_a_real_rasa_learns_the_project_and_the_engine_uses_its_answers(tmp_path: Path) -> None:
    write_project(tmp_path, EXAMPLES, epochs=30)
    rasa_server.train(tmp_path, within=600)
    with rasa_server.serving(tmp_path) as running:
        server = RasaServer(running.url, 30)
        ranked = server.rank("Kur lai reģistrē suni?")
        assert ranked[0].intent == "suns"
        assert {guess.intent for guess in ranked} == EXAMPLES.keys()
        assert sum(guess.confidence for guess in ranked) == pytest.approx(1, abs=0.01)
        engine = RasaEngine(Builtin(), ENTRIES, LIMITS, server, Circuit())
        assert engine.understand("Kā saņemt vecuma pensiju?").service == "vecuma-pensija"
        # "/suns" alone would be the intent itself, sure to 1.0, whatever follows it
        told = server.rank('/suns{"a": "b"} Kā saņemt vecuma pensiju? Kad varu iet pensijā? vecuma pensija')
        assert told[0].intent == "vecuma-pensija"
        for text in ("", "🙂", "x" * 20_000, "\ud800\x00", "[a](b)", "شكرا"):
            assert len(server.rank(text)) == len(EXAMPLES)
        assert running.most_memory_mb() > 100
    with pytest.raises(NoAnswer):
        server.rank("suns")


@needs_rasa
def test_a_project_that_rasa_cannot_learn_says_why(tmp_path: Path) -> None:
    write_project(tmp_path, EXAMPLES, epochs=1)
    (tmp_path / "config.yml").write_text("recipe: default.v1\nlanguage: lv\npipeline:\n  - name: NoSuchPart\n", "utf-8")
    with pytest.raises(rasa_server.RasaFailed, match="NoSuchPart"):
        rasa_server.train(tmp_path, within=600)


def test_without_its_environment_rasa_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(rasa_server, "PROGRAM", tmp_path / "none")
    rows = [Row("a", "x"), Row("b", "y")]
    with pytest.raises(rasa_server.RasaFailed, match="make rasa-setup"):
        evaluate_rasa(rows, rows)
    with pytest.raises(ValueError, match="two intents"):
        evaluate_rasa(rows[:1], rows)
