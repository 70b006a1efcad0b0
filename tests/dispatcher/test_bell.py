"""Answers from another thread reach the loop, all of them, with few wake-ups; requests leave it
together.
"""

import asyncio
import threading
import time
from concurrent.futures import Future

import pytest

from dispatcher.bell import Arrivals, answer_of, answers_together


async def test_every_answer_of_many_threads_arrives() -> None:
    futures: list[Future[int]] = [Future() for _ in range(4000)]

    def fulfil(part: int) -> None:
        for number in range(part, len(futures), 4):
            futures[number].set_result(number)

    waiting = [asyncio.ensure_future(answer_of(future)) for future in futures]
    await asyncio.sleep(0)
    threads = [threading.Thread(target=fulfil, args=(part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    async with asyncio.timeout(30):
        assert await asyncio.gather(*waiting) == list(range(len(futures)))


async def test_answers_given_together_wake_the_loop_once(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    wakes: list[object] = []
    wake = loop.call_soon_threadsafe
    monkeypatch.setattr(
        loop, "call_soon_threadsafe", lambda call, *args: (wakes.append(call), wake(call, *args))
    )
    futures: list[Future[int]] = [Future() for _ in range(50)]
    waiting = [asyncio.ensure_future(answer_of(future)) for future in futures]
    await asyncio.sleep(0)
    for future in futures:
        future.set_result(1)
    assert sum(await asyncio.gather(*waiting)) == 50
    assert len(wakes) == 1


async def test_an_error_and_an_answer_that_was_there_before() -> None:
    failed: Future[int] = Future()
    failed.set_exception(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        await answer_of(failed)
    there: Future[int] = Future()
    there.set_result(3)
    assert await answer_of(there) == 3


async def test_who_goes_away_takes_the_question_back() -> None:
    future: Future[int] = Future()
    task = asyncio.create_task(answer_of(future))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert future.cancelled()


def test_an_answer_for_a_loop_that_is_gone_is_dropped() -> None:
    future: Future[int] = Future()

    async def ask() -> None:
        task = asyncio.ensure_future(answer_of(future))
        await asyncio.sleep(0)
        assert not task.done()
        future.set_running_or_notify_cancel()

    asyncio.run(ask())
    future.set_result(1)


async def test_what_a_turn_brings_is_handed_on_together_and_in_order() -> None:
    handed: list[list[int]] = []
    arrivals: Arrivals[int] = Arrivals(handed.append)

    async def bring(number: int) -> None:
        arrivals.bring(number)

    first = [asyncio.ensure_future(bring(number)) for number in range(16)]
    await asyncio.wait(first)
    await asyncio.sleep(0)
    await bring(16)
    assert arrivals.waiting == 1
    await asyncio.sleep(0)
    assert handed == [list(range(16)), [16]]
    assert arrivals.waiting == 0


def test_each_loop_has_its_own_turns() -> None:
    handed: list[list[int]] = []
    arrivals: Arrivals[int] = Arrivals(handed.append)

    async def bring(number: int) -> None:
        arrivals.bring(number)
        await asyncio.sleep(0)

    asyncio.run(bring(1))
    asyncio.run(bring(2))
    assert handed == [[1], [2]]


async def test_answers_of_a_block_come_in_one_turn_of_the_loop() -> None:
    futures: list[Future[int]] = [Future() for _ in range(16)]
    turns: list[int] = []
    turn = 0

    async def wait(future: Future[int]) -> None:
        await answer_of(future)
        turns.append(turn)

    waiting = [asyncio.ensure_future(wait(future)) for future in futures]
    await asyncio.sleep(0)

    def answer() -> None:
        with answers_together():
            for future in futures:
                future.set_result(1)
                time.sleep(0.002)  # the loop has every chance to come too early

    thread = threading.Thread(target=answer)
    thread.start()
    async with asyncio.timeout(10):
        while not all(one.done() for one in waiting):
            turn += 1
            await asyncio.sleep(0)
    thread.join()
    assert len(turns) == len(futures)
    assert len(set(turns)) == 1
