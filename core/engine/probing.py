"""The engine runs the project's probes: every query over all texts of the project, every pair, under up to three models.

It answers in slices, so that other questions get their turn, and keeps what it found with the run it was asked about.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.engine import refs
from core.engine.asking import about, cache_of, embedded, project_of
from core.engine.corpus import Corpus
from core.engine.jobs import Job
from core.engine.models import Loaded
from core.engine.suggesting import Candidates
from core.errors import ModelProblem, UsageError
from core.models.card_threshold import TEXTS
from core.models.encoder import encode as encode_texts
from core.project import Reader
from core.project.probes import Probe, threshold_of
from core.similarity.disagreement import rowwise
from core.similarity.probing import Question, block_size, rank
from core.training.run_files import read_spec
from core.training.run_probes import Found, RunProbes, as_record, judge, save_probes
from core.training.run_threshold import read_threshold
from core.training.runs import list_runs

if TYPE_CHECKING:
    from core.engine.operations import Engine

SLICE_SECONDS = 0.4


@dataclass
class Probing:
    """The probes of one request, and the models that have been asked so far."""

    probes: tuple[Probe, ...]
    corpus: Corpus
    names: list[str]  # of the models: the one in question, then the base model, then the run before
    own_threshold: float | None
    run: str = ""  # whose results these are, to be kept with it
    previous: str = ""
    token: str = field(default_factory=lambda: uuid.uuid4().hex)
    sides: list[tuple[Found, ...]] = field(default_factory=list)
    thresholds: list[float | None] = field(default_factory=list)
    missing: Candidates | None = None  # of the model that is asked now
    found: dict[int, Found] = field(default_factory=dict)  # by probe, of that model
    waiting: list[tuple[Probe, Question]] = field(default_factory=list)  # still to be ranked
    about: list[dict[str, Any]] = field(default_factory=list)

    @property
    def slice(self) -> dict[str, Any]:
        done, many = len(self.sides) * len(self.corpus.texts), len(self.names) * len(self.corpus.texts)
        if self.missing is not None:
            done += len(self.corpus.texts) - len(self.missing.texts) + self.missing.embedded
        return {"more": True, "next": {"token": self.token}, "done": done, "total": many}


def probes(engine: Engine, params: dict[str, Any], job: Job) -> dict[str, Any]:
    """{project, models: one to three references, token?} → slices, then {"result": as `run_probes.as_record`, "models": [{"name", "metric",
    "device"}, …]}: "tuned" is the first model, "base" the second, "before" the third."""
    project, names = project_of(params), params.get("models")
    if project is None or not isinstance(names, list) or not 1 <= len(names) <= 3:
        raise UsageError("Probes need a project and one to three models.")
    asked = engine.probings.by_token(params.get("token"))
    if asked is None:
        asked = _begin(engine, project, [str(name) for name in names], job)
    return _advance(engine, project, asked, job)


def run_probes(engine: Engine, params: dict[str, Any], job: Job) -> dict[str, Any]:
    """{project, run, token?} → as `probes`, for a run, its base model and the run before; the result is kept in the run's folder."""
    project, run = project_of(params), params.get("run")
    if project is None or not isinstance(run, str):
        raise UsageError("Probes need a project and a run.")
    asked = engine.probings.by_token(params.get("token"))
    if asked is None:
        folder = refs.find_run(project, run)
        if folder is None:
            raise ModelProblem(f"There is no run “{run}” in {project}.", "It may have been deleted.")
        spec, _ = read_spec(folder)
        names = [folder.name, f"base:{spec.base_model}" if spec is not None else "base"]
        before = _run_before(project, folder.name)
        asked = _begin(engine, project, [*names, *([before] if before else [])], job)
        asked.run, asked.previous = folder.name, before
    answer = _advance(engine, project, asked, job)
    if "result" in answer and (folder := refs.find_run(project, asked.run)) is not None:
        save_probes(folder, _result(asked))
    return answer


OPERATIONS = {operation.__name__: operation for operation in (probes, run_probes)}


def _begin(engine: Engine, project: Path, names: list[str], job: Job) -> Probing:
    with Reader(project) as reader, reader.snapshot():
        found, threshold = tuple(reader.probes()), threshold_of(reader)
    queries = any(probe.kind == "query" for probe in found)
    corpus = engine.corpora.get(project, None, "all", job.should_stop) if queries else Corpus([])
    asked = Probing(found, corpus, names, threshold)
    engine.probings.add(asked)
    return asked


def _run_before(project: Path, name: str) -> str:
    runs = [run for run in list_runs(project) if run.model is not None]
    number = next((run.number for run in runs if run.folder.name == name), 0)
    return next((run.folder.name for run in runs if run.number < number), "")


def _advance(engine: Engine, project: Path, asked: Probing, job: Job) -> dict[str, Any]:
    """One slice: embed some of the texts for the model whose turn it is, or ask it some of the probes."""
    job.check()
    if len(asked.sides) < len(asked.names):
        name = asked.names[len(asked.sides)]
        loaded = engine.models.get(refs.resolve(name, project))
        job.check()
        if not _embed(asked, loaded, project, job):
            return asked.slice
        threshold = _threshold(project, name, asked.own_threshold)
        if not _rank(asked, loaded, project, threshold, job):
            return asked.slice
        asked.sides.append(tuple(asked.found.get(probe.id, Found()) for probe in asked.probes))
        asked.thresholds.append(threshold)
        asked.about.append({"model": name, **about(loaded)})
        asked.missing, asked.found = None, {}
        if len(asked.sides) < len(asked.names):
            return asked.slice
    engine.probings.end(asked)
    return {"result": as_record(_result(asked)), "models": asked.about}


def _embed(asked: Probing, loaded: Loaded, project: Path, job: Job) -> bool:
    """Whether all texts have their embeddings now. Reading them is a slice of its own."""
    cache = cache_of(project, loaded)
    assert cache is not None
    if asked.missing is None:
        known = asked.corpus.knows(loaded.fingerprint)
        texts = [] if known else asked.corpus.texts
        asked.missing = Candidates([texts[place] for place in cache.lookup(texts)[1]] if texts else [])
        if not known and texts:
            return False
    if not asked.missing.advance(loaded, cache, SLICE_SECONDS, job.should_stop):
        return False
    if asked.corpus.texts and not asked.corpus.knows(loaded.fingerprint):
        _matrix(asked, loaded, project, job)
        return not asked.corpus.knows(loaded.fingerprint)  # too large to be kept: used while it is at hand
    return True


def _matrix(asked: Probing, loaded: Loaded, project: Path, job: Job) -> Any:
    return embedded(asked.corpus, loaded, project, job, (0, len(asked.corpus.texts), 0.0))


def _result(asked: Probing) -> RunProbes:
    digest = hashlib.blake2b(digest_size=10)
    for text in asked.corpus.texts:
        digest.update(text.encode("utf-8", "replace") + b"\0")
    tuned, base, before = (*asked.sides, (), ())[:3]
    own, of_base, of_before = (*asked.thresholds, None, None)[:3]
    return RunProbes(
        asked.run or asked.names[0],
        len(asked.corpus.texts),
        asked.probes,
        tuned,
        base,
        before,
        asked.previous,
        (own, of_base, of_before),
        digest.hexdigest(),
    )


def _threshold(project: Path, name: str, own: float | None) -> float | None:
    folder = None if name.startswith("base") else refs.find_run(project, name)
    chosen = read_threshold(folder) if folder is not None else None
    return chosen.threshold if chosen is not None and chosen.of == TEXTS else own


def _rank(asked: Probing, loaded: Loaded, project: Path, threshold: float | None, job: Job) -> bool:
    """Whether every probe is answered now; the queries take turns with other requests."""
    if not asked.found:
        vectors = _vectors(asked.probes, loaded, project, job)
        asked.found = _pairs(asked.probes, vectors, loaded.metric, threshold)
        queries = [
            probe for probe in asked.probes if probe.kind == "query" and (probe.expected or probe.unwanted)
        ]
        asked.waiting = [(probe, _question(probe, asked.corpus, vectors)) for probe in queries]
    if not asked.waiting:
        return True
    matrix, lengths = _matrix(asked, loaded, project, job)
    kept = asked.corpus.knows(loaded.fingerprint)
    end = time.monotonic() + SLICE_SECONDS
    many = block_size(len(matrix))
    while asked.waiting:
        some = asked.waiting[:many]
        ranked = rank([question for _, question in some], matrix, lengths, loaded.metric, job.check)
        for (probe, _), one in zip(some, ranked, strict=True):
            asked.found[probe.id] = judge(probe, one.ranks, one.scores, threshold)
        asked.waiting = asked.waiting[many:]
        if kept and asked.waiting and time.monotonic() > end:
            return False
    return True


def _vectors(probes: Sequence[Probe], loaded: Loaded, project: Path, job: Job) -> dict[str, Any]:
    texts = list(dict.fromkeys(text for probe in probes for text in probe.texts))
    made = encode_texts(loaded.model, texts, cache_of(project, loaded), None, job.should_stop)
    return dict(zip(texts, made, strict=True))


def _pairs(
    probes: Sequence[Probe], vectors: dict[str, Any], metric: str, threshold: float | None
) -> dict[int, Found]:
    """What the model says of every probe that needs no other texts, by its id; of a query nothing yet."""
    scores = _pair_scores([pair for probe in probes for pair in probe.pairs], vectors, metric)
    found, at = {}, 0
    for probe in probes:
        many = len(probe.pairs)
        found[probe.id] = judge(probe, (), scores[at : at + many], threshold) if many else Found()
        at += many
    return found


def _question(probe: Probe, corpus: Corpus, vectors: dict[str, Any]) -> Question:
    hits = (*probe.expected, *probe.unwanted)
    itself = corpus.equal_to(probe.text)
    places = [corpus.place(text) for text in hits]
    return Question(
        vectors[probe.text],
        [None if place in itself else place for place in places],
        np.stack([vectors[text] for text in hits]),
        itself,
    )


def _pair_scores(pairs: Sequence[tuple[str, str]], vectors: dict[str, Any], metric: str) -> list[float]:
    if not pairs:
        return []
    first, second = (np.stack([vectors[pair[side]] for pair in pairs]) for side in (0, 1))
    return [float(score) for score in rowwise(first, second, metric)]
