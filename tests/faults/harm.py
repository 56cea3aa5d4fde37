"""Faults for the proxy: what can go wrong with a request or its answer."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace

from faults.proxy import Answer, Call, Cut, Fault, Forward


def fail(status: int, code: str) -> Fault:
    body = f"<Error><Code>{code}</Code><Message>on purpose</Message></Error>".encode()
    return lambda _call, _forward: Answer(status, (("Content-Type", "application/xml"),), body)


def cut(_call: Call, _forward: Forward) -> Answer:
    raise Cut


def lose_answer(call: Call, forward: Forward) -> Answer:
    """The server handles the request, and the answer is lost."""
    forward(call)
    raise Cut


def delay(seconds: float) -> Fault:
    def fault(call: Call, forward: Forward) -> Answer:
        time.sleep(seconds)
        return forward(call)

    return fault


def cut_answer(octets: int) -> Fault:
    """Answers announce their length, and end before it."""
    return lambda call, forward: replace(forward(call), sent=octets)


def flip_answer(call: Call, forward: Forward) -> Answer:
    answer = forward(call)
    damaged = bytearray(answer.body)
    if damaged:
        damaged[len(damaged) // 2] ^= 1
    return replace(answer, body=bytes(damaged))


def flip_upload(call: Call, forward: Forward) -> Answer:
    damaged = bytearray(call.body)
    if damaged:
        damaged[len(damaged) // 2] ^= 1
    return forward(replace(call, body=bytes(damaged)))


def only(fault: Fault, chosen: Callable[[Call], bool]) -> Fault:
    return lambda call, forward: fault(call, forward) if chosen(call) else forward(call)


def sometimes(fault: Fault, share: float, seed: int) -> Fault:
    chance = random.Random(seed)
    return only(fault, lambda _call: chance.random() < share)


def times(fault: Fault, count: int) -> Fault:
    """Return the fault, limited to its first `count` calls."""
    left = iter(range(count))
    return only(fault, lambda _call: next(left, None) is not None)
