import threading

from nlu.circuit import Circuit


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def _open(clock: Clock) -> Circuit:
    circuit = Circuit(failures=3, pause=30, clock=clock)
    for _ in range(3):
        circuit.failed()
    return circuit


def test_it_opens_at_the_third_failure_in_a_row_and_says_so_once() -> None:
    circuit = Circuit(failures=3, pause=30, clock=Clock())
    assert [circuit.failed() for _ in range(2)] == [False, False]
    assert circuit.allows()
    assert circuit.failed()
    assert not circuit.allows()
    assert not circuit.failed()  # of a call that was under way: it is open already


def test_a_success_between_starts_the_count_anew() -> None:
    circuit = Circuit(failures=2, pause=30, clock=Clock())
    for _ in range(5):
        circuit.failed()
        assert not circuit.succeeded()
    assert circuit.allows()


def test_after_the_pause_one_caller_tries_and_the_others_wait() -> None:
    clock = Clock()
    circuit = _open(clock)
    clock.now += 29.9
    assert not circuit.allows()
    clock.now += 0.1
    assert [circuit.allows() for _ in range(3)] == [True, False, False]


def test_a_trial_that_succeeds_lets_everybody_through() -> None:
    clock = Clock()
    circuit = _open(clock)
    clock.now += 30
    assert circuit.allows()
    assert circuit.succeeded()
    assert not circuit.is_open
    assert [circuit.allows() for _ in range(3)] == [True, True, True]
    assert not circuit.succeeded()


def test_a_trial_that_fails_costs_another_pause() -> None:
    clock = Clock()
    circuit = _open(clock)
    clock.now += 30
    assert circuit.allows()
    assert not circuit.failed()
    clock.now += 29
    assert not circuit.allows()
    clock.now += 1
    assert circuit.allows()


def test_a_trial_of_which_nothing_is_heard_does_not_keep_it_open_for_ever() -> None:
    clock = Clock()
    circuit = _open(clock)
    clock.now += 30
    assert circuit.allows()
    clock.now += 30
    assert circuit.allows()


def test_of_many_threads_one_tries() -> None:
    clock = Clock()
    circuit = _open(clock)
    clock.now += 30
    together, let_through = threading.Barrier(8), []

    def ask() -> None:
        together.wait()
        let_through.append(circuit.allows())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(let_through) == [False] * 7 + [True]
