"""Jobs: shared, stopped, and never in each other's way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from postlens.app.web import jobs as jobs_of
from postlens.app.web.jobs import Busy, Jobs, TooLong, outcome
from postlens.core.ask.outcome import Refused
from postlens.core.contract import limits
from postlens.core.contract.problems import Cancelled

DONE = Refused(kind="no data", reason="for the test")


def instantly(_report: Any, _cancelled: Any) -> Refused:
    return DONE


def until_cancelled(report: Callable[[float, str], None], cancelled: Callable[[], bool]) -> Refused:
    report(0.5, "half-way")
    while not cancelled():
        time.sleep(0.01)
    raise Cancelled


def test_two_people_asking_the_same_thing_share_one_job() -> None:
    jobs, ran = Jobs(), []

    def slowly(_report: Any, _cancelled: Any) -> Refused:
        ran.append(1)
        time.sleep(0.1)
        return DONE

    one, other = jobs.ask("key", slowly, "ann"), jobs.ask("key", slowly, "bob")
    assert one is other
    assert outcome(one, 5) is DONE
    assert len(ran) == 1


def test_progress_is_there_while_it_works_and_the_last_one_to_leave_stops_it() -> None:
    jobs = Jobs()
    job = jobs.ask("key", until_cancelled, "ann")
    jobs.ask("key", until_cancelled, "bob")
    while job.step != "half-way":
        time.sleep(0.01)
    assert outcome(job, 0) is None
    jobs.leave("key", "ann")
    assert not job.cancel.is_set()
    jobs.leave("key", "bob")
    with pytest.raises(Cancelled):
        outcome(job, 5)
    assert jobs.find("key") is None


def test_work_that_ignores_cancel_does_not_keep_its_place() -> None:
    jobs, release = Jobs(places=2), threading.Event()

    def deaf(_report: Any, _cancelled: Any) -> Refused:
        release.wait(20)
        return DONE

    for i in range(6):
        job = jobs.ask(f"deaf {i}", deaf, "ann")
        time.sleep(0.05)
        jobs.leave(f"deaf {i}", "ann")
        with pytest.raises(Cancelled):
            outcome(job, 5)
    assert outcome(jobs.ask("good", instantly, "ann"), 5) is DONE
    release.set()


def test_an_error_reaches_who_waits() -> None:
    def broken(_report: Any, _cancelled: Any) -> Refused:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        outcome(Jobs().ask("key", broken, "ann"), 5)


def test_more_questions_than_places_wait_in_line() -> None:
    jobs = Jobs(places=1)
    first = jobs.ask("a", until_cancelled, "ann")
    second = jobs.ask("b", instantly, "ann")
    assert outcome(second, 0.3) is None
    jobs.leave("a", "ann")
    assert outcome(second, 5) is DONE
    assert first.future.done()


def test_who_does_not_ask_again_gives_up_the_place_to_who_waits() -> None:
    jobs = Jobs(places=1, silent=0.3)
    hanging = jobs.ask("hanging", until_cancelled, "gone")
    found = None
    while found is None:
        found = outcome(jobs.ask("good", instantly, "ann"), 0.05)
    assert found is DONE
    assert hanging.cancel.is_set()


def test_nobody_waiting_for_a_place_leaves_silent_work_alone() -> None:
    jobs = Jobs(places=2, silent=0.1)
    quiet = jobs.ask("quiet", until_cancelled, "a tab in the background")
    time.sleep(0.3)
    assert outcome(jobs.ask("good", instantly, "ann"), 5) is DONE
    assert not quiet.cancel.is_set()
    jobs.gone("a tab in the background")
    assert quiet.cancel.is_set(), "its tab was closed"


def test_what_takes_too_long_is_stopped_and_its_place_is_free() -> None:
    jobs = Jobs(places=1, limit=0.2)
    endless = jobs.ask("endless", until_cancelled, "ann")
    assert outcome(jobs.ask("good", instantly, "bob"), 5) is DONE
    with pytest.raises(TooLong):
        outcome(endless, 5)
    assert jobs.ask("endless", until_cancelled, "ann") is endless, "it is not begun again by whoever asks next"


def test_jobs_of_one_kind_leave_a_place_to_the_others() -> None:
    jobs, release = Jobs(places=3), threading.Event()
    stuck = [jobs.ask(f"stuck {n}", lambda _say, _stop: release.wait(20), f"ann {n}", "hanging") for n in range(5)]
    try:
        assert outcome(jobs.ask("other", instantly, "bob", "explore"), 5) is DONE
        assert outcome(jobs.ask("download", instantly, "bob"), 5) is DONE
        assert sum(job.began is not None for job in stuck) == 2
    finally:
        release.set()
    assert all(outcome(job, 10) is True for job in stuck)


def test_work_that_never_listens_is_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs_of, "_DEAF_SECONDS", 0.2)
    monkeypatch.setattr(limits, "_AGAIN_SECONDS", 0.2)
    jobs = Jobs(places=1)

    def deaf(_report: Any, _cancelled: Any) -> None:
        for _ in range(2):  # Once it even catches what stops it.
            try:
                while True:
                    pass
            except BaseException:  # noqa: BLE001 - what a plugin may do
                pass

    job = jobs.ask("deaf", deaf, "ann")
    until = time.monotonic() + 5
    while job.began is None and time.monotonic() < until:
        time.sleep(0.01)
    jobs.leave("deaf", "ann")
    assert outcome(jobs.ask("next", instantly, "bob"), 5) is DONE
    assert job.worker is not None
    job.worker.join(10)
    assert not job.worker.is_alive()


def test_work_that_nobody_asks_about_any_more_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs_of, "_GONE_SECONDS", 0.2)
    jobs = Jobs()
    job = jobs.ask("alone", until_cancelled, "ann")
    time.sleep(0.4)
    assert outcome(jobs.ask("other", instantly, "bob"), 5) is DONE
    assert job.cancel.is_set()


def test_asking_for_it_again_and_again_is_one_job() -> None:
    """Run, pressed each second, left the earlier work at it, and nobody waited for that."""
    jobs, begun = Jobs(places=1), []

    def slowly(report: Callable[[float, str], None], cancelled: Callable[[], bool]) -> Refused:
        begun.append(1)
        return until_cancelled(report, cancelled)

    first = jobs.ask("key", slowly, "ann")
    for _ in range(20):
        jobs.drop("key")
        assert jobs.ask("key", slowly, "ann") is first
    jobs.leave("key", "ann")
    assert begun == [1]


def test_who_waits_has_no_thread() -> None:
    """Hundreds of waiting threads took the interpreter from the four at work."""
    jobs, before = Jobs(places=2), threading.active_count()
    waiting = [jobs.ask(f"key {n}", until_cancelled, "ann") for n in range(200)]
    assert threading.active_count() <= before + 3
    assert sum(job.began is not None for job in waiting) == 2
    jobs.gone("ann")
    assert outcome(jobs.ask("good", instantly, "bob"), 5) is DONE


def test_a_line_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs_of, "_LINE", 3)
    jobs = Jobs(places=1)
    taken = [jobs.ask(f"key {n}", until_cancelled, "ann") for n in range(4)]
    with pytest.raises(Busy):
        outcome(jobs.ask("one more", instantly, "bob"), 5)
    assert not any(job.future.done() for job in taken)
    assert jobs.find("one more") is None, "it may be asked again"
    jobs.gone("ann")
    assert outcome(jobs.ask("one more", instantly, "bob"), 5) is DONE


def test_places_are_neither_lost_nor_doubled() -> None:
    """Eight impatient people: whatever is stopped, as many are at work as there are places."""
    jobs, at_work, most, lock = Jobs(places=3), [0], [0], threading.Lock()

    def work(_report: Any, cancelled: Callable[[], bool]) -> Refused:
        with lock:
            at_work[0] += 1
            most[0] = max(most[0], at_work[0])
        until = time.monotonic() + 0.003
        while time.monotonic() < until and not cancelled():
            time.sleep(0.001)
        with lock:
            at_work[0] -= 1
        return DONE

    def person(number: int) -> None:
        for turn in range(60):
            key = f"{number} {turn % 5}"
            jobs.ask(key, work, f"{number}", kind=str(number % 2))
            if turn % 3:
                time.sleep(0.002)
            jobs.leave(key, f"{number}")
            jobs.drop(key)

    people = [threading.Thread(target=person, args=(n,)) for n in range(8)]
    for one in people:
        one.start()
    for one in people:
        one.join(30)
    found = [outcome(jobs.ask(f"last {n}", instantly, "ann"), 5) for n in range(10)]
    assert found == [DONE] * 10
    until = time.monotonic() + 5
    while jobs._at_work.total() and time.monotonic() < until:
        time.sleep(0.01)  # A result is there a moment before its place is free.
    assert jobs._at_work.total() == 0
    assert not jobs._line
    assert most[0] <= 3 + 8, "those that were stopped may still be on their way out"


def test_what_comes_late_is_kept_from_when_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error after more than two minutes was forgotten before anybody saw it, and the work began anew."""
    monkeypatch.setattr(jobs_of, "_REMEMBER_SECONDS", 0.4)
    jobs, begun = Jobs(), []

    def late(_report: Any, _cancelled: Any) -> None:
        begun.append(1)
        time.sleep(0.6)
        raise ZeroDivisionError

    found = None
    until = time.monotonic() + 10
    while found is None and time.monotonic() < until:
        try:
            outcome(jobs.ask("late", late, "ann"), 0)
        except ZeroDivisionError as error:
            found = error
        time.sleep(0.1)
    assert found is not None
    assert begun == [1]


def test_work_is_ended_though_nobody_asks_anything_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever left without a word was noticed when somebody else asked; with nobody else it went on for ever."""
    monkeypatch.setattr(jobs_of, "_LOOK_SECONDS", 0.05)
    limited = Jobs(limit=0.3)
    job = limited.ask("endless", until_cancelled, "ann")
    with pytest.raises(TooLong):
        outcome(job, 5)
    monkeypatch.setattr(jobs_of, "_GONE_SECONDS", 0.3)
    silent = Jobs().ask("alone", until_cancelled, "ann")
    with pytest.raises(Cancelled):
        outcome(silent, 5)


def test_nobody_looks_where_nothing_is_at_work() -> None:
    jobs = Jobs()
    assert outcome(jobs.ask("key", instantly, "ann"), 5) is DONE
    until = time.monotonic() + 5
    while jobs._looking and time.monotonic() < until:
        time.sleep(0.05)
    assert not jobs._looking
