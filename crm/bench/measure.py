"""Clocks: one act many times, and many hands at once."""

import math
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event

WARM, TIMES = 8, 40


@dataclass(frozen=True)
class Figures:
    """Of one act: milliseconds in the middle and at 95 of 100, statements, bytes, processor ms of web and database."""

    p50: float
    p95: float
    statements: int
    size: int
    web: float = 0
    database: float = 0


def quantile(values, share):
    """The value that this share of the values does not exceed."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]


def one(act, processor, rounds, times=TIMES):
    """The best of several rounds, warm, by one client. Raises RuntimeError at an answer that was not expected."""
    best, turn = None, 0
    for _round in range(rounds):
        for _time in range(WARM):
            _checked(act, turn)
            turn += 1
        before, answers = processor(), []
        for _time in range(times):
            answers.append(_checked(act, turn))
            turn += 1
        web, database = (1000 * (now - was) / times for now, was in zip(processor(), before, strict=True))
        took = [answer.seconds * 1000 for answer in answers]
        last = answers[-1]
        # The middle one: every two seconds some answer also reads afresh what the process remembers of the office.
        asked = quantile([answer.statements for answer in answers], 0.5)
        found = Figures(quantile(took, 0.5), quantile(took, 0.95), asked, last.size, web, database)
        best = found if best is None or found.p50 < best.p50 else best
    return best


def _checked(act, turn):
    answer = act.do(turn)
    if answer.status != act.expects:
        raise RuntimeError(f"{act.name}: answered {answer.status}\n{answer.text[:2000]}")
    return answer


def together(hands, seconds):
    """All hands act as fast as they can for so long; returns how often a second, and every answer's milliseconds."""
    over = Event()

    def hold(do):
        took, turn = [], 0
        while not over.is_set():
            answer = do(turn)
            if answer.status != 200:
                raise RuntimeError(f"answered {answer.status}")
            took.append(answer.seconds * 1000)
            turn += 1
        return took

    with ThreadPoolExecutor(len(hands)) as pool:
        begun = time.perf_counter()
        holding = [pool.submit(hold, do) for do in hands]
        time.sleep(seconds)
        over.set()
        took = [ms for one in holding for ms in one.result()]
        return len(took) / (time.perf_counter() - begun), took


def beside(hands, do, times=TIMES):
    """How long one act takes, in milliseconds each time, while all hands are busy."""
    over = Event()

    def hold(busy):
        turn = 0
        while not over.is_set():
            busy(turn)
            turn += 1
        return turn

    with ThreadPoolExecutor(len(hands)) as pool:
        holding = [pool.submit(hold, busy) for busy in hands]
        try:
            time.sleep(0.3)
            begun = time.perf_counter()
            took = [do(turn).seconds * 1000 for turn in range(times)]
            lasted = time.perf_counter() - begun
        finally:
            over.set()
        return took, sum(one.result() for one in holding) / lasted
