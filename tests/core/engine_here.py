"""The engine's operations in this process."""

from __future__ import annotations

from core.engine.jobs import Job
from core.engine.models import ModelStore
from core.engine.operations import OPERATIONS, Engine


class Here:
    """`told` is what it says on the way."""

    def __init__(self):
        self.engine = Engine(ModelStore("cpu"))
        self.told = []

    def send(self, message):
        self.told.append(message)

    def request(self, op, params, job=None):
        return OPERATIONS[op](self.engine, params, job or self.job(op))

    def job(self, op="search"):
        return Job({"op": op}, self)

    def in_slices(self, op, params):
        """Ask until the last slice; the states on the way, and the last answer."""
        states = []
        while True:
            answer = self.request(op, params)
            if not answer.get("more"):
                return states, answer
            states.append(answer["state"])
            params = {**params, **answer["next"]}
