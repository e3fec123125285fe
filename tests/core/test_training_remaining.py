"""The time left of a run, with a clock that only steps and measurements move."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from core.dataset.formats import Format
from core.training import beginning, finishing, trainer, watching
from core.training.evaluation import Evaluator
from core.training.events import StepEvent
from core.training.remaining import AFTER, Remaining, measurements_left
from core.training.saving import Saver
from core.training.stepwise import StepwiseTrainer
from tests.core.training_support import Told, examples, spec


@pytest.mark.parametrize("more", [{}, {"eval_steps": 7}, {"blend": "auto", "keep": "best"}])
def test_after_a_tenth_of_the_steps_it_is_within_a_quarter(tmp_path, tiny_model, monkeypatch, more):
    """The first step lasts 8 seconds, others 1, a measurement 12, a checkpoint 2, and the finished model `AFTER`."""
    now = [0.0]
    clock = SimpleNamespace(perf_counter=lambda: now[0])
    for module in (watching, trainer, beginning, finishing):
        monkeypatch.setattr(module, "time", clock)
    lasts(monkeypatch, now, StepwiseTrainer, "training_step", iter([8.0, *[1.0] * 1000]))
    lasts(monkeypatch, now, Evaluator, "measure", iter([12.0] * 1000))
    lasts(monkeypatch, now, Saver, "save", iter([2.0] * 1000))
    seen = []
    told = Told(watch=lambda event: seen.append(now[0]))
    rows, held = examples(Format.PAIRS, 40), examples(Format.PAIRS, 6, start=300)
    made = spec(tmp_path / "run", tiny_model, Format.PAIRS, rows, held, batch_size=4, epochs=4, **more)
    trainer.run(made, told, told.should_stop)
    steps = [(event, at) for event, at in zip(told.events, seen, strict=True) if isinstance(event, StepEvent)]
    assert len(steps) == 40
    truth = now[0] + AFTER
    for event, at in steps[3:38]:
        assert event.seconds_left == pytest.approx(truth - at, rel=0.25), event.step


def lasts(monkeypatch, now, kind, name, seconds):
    real = getattr(kind, name)

    def slow(*arguments, **named):
        now[0] += next(seconds)
        return real(*arguments, **named)

    monkeypatch.setattr(kind, name, slow)


def test_measurements_to_come():
    assert [measurements_left(step, 20, step / 10, 0) for step in (1, 9, 10, 11, 20)] == [2, 2, 2, 1, 1]
    assert [measurements_left(step, 20, step / 10, 7) for step in (1, 7, 8, 14, 15, 20)] == [3, 3, 2, 2, 1, 1]


def test_a_run_that_goes_on_knows_what_a_measurement_takes():
    before, after = Remaining(), Remaining()
    before.measured(30.0)
    after.resume(before.record())
    after.step(1.0)
    assert after.seconds(4, 2) == 4 + 60 + AFTER
