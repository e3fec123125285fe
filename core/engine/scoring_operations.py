"""What the engine answers about rows and labels. Long ones answer in slices: `{"more": true, "next": {…}, "done", "total"}` asks to
be asked again with the parameters of `next` added, so that a question of a person need not wait for the end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.engine import refs, suggesting
from core.engine.jobs import Job
from core.engine.models import Loaded
from core.engine.scoring import save_array
from core.engine.suggesting import Candidates
from core.errors import UsageError
from core.models import loading
from core.models.cache import EmbeddingCache
from core.models.encoder import encode
from core.project import Reader
from core.similarity.calibration import Calibration

if TYPE_CHECKING:
    from core.engine.operations import Engine

SLICE_SECONDS = 0.4
_GROUPS = 12


def score_rows(engine: Engine, params: dict[str, Any], job: Job) -> dict[str, Any]:
    """{project, dataset_id, model, changed?: ids or null for all, background?, parts?: lists of ids, token?} → a slice, or in the end
    {"file": a .npy of `scoring.ROW`s by ascending id, with `background` "background": a .npy of `labelled.RANDOM_PAIR`s, some within each of `parts`, "rows", "encoded", "large", "calibration", "name", "metric", "device"}

    The file belongs to whoever asked, who deletes it after reading. Rows that were scored before and are not in `changed` are not
    looked at again; what a cancelled request left is done by the next one.
    """
    project, dataset_id, loaded = _asked(engine, params)
    with Reader(project) as reader, reader.snapshot():
        scoring, known = engine.scorings.get(project, reader.dataset(dataset_id), loaded)
        if params.get("token") != scoring.token:
            changed = params.get("changed")
            scoring.begin(reader, changed if known and isinstance(changed, list) else None)
        scoring.advance(reader, SLICE_SECONDS, job.should_stop)
        job.check()
        if not scoring.complete:
            done, total = scoring.progress
            return {"more": True, "next": {"token": scoring.token}, "done": done, "total": total}
        judged = scoring.judged(reader, job.should_stop)
        wanted = params.get("background")
        random = scoring.background(reader, params.get("parts") or (), job.should_stop) if wanted else None
    engine.scorings.over(scoring)
    table = scoring.table(judged)
    background = {} if random is None else {"background": str(save_array(project, random))}
    return {
        "file": str(save_array(project, table)),
        **background,
        "rows": len(table),
        "encoded": scoring.encoded,
        "large": judged.large,
        "calibration": judged.calibration.record(),
        **_about(loaded),
    }


def what_next(engine: Engine, params: dict[str, Any], job: Job) -> dict[str, Any]:
    """{project, dataset_id, model, what: "rows" or "texts", count, calibration?, token?} → slices, then
    {"items": [{"id", "texts", "model", "uncertainty", "value"} or {"text", "value"}, …], "of": candidates, "name"}"""
    project, dataset_id, loaded = _asked(engine, params)

    def read(reader: Reader) -> Candidates:
        info = reader.dataset(dataset_id)
        if params.get("what") == "texts":
            unpaired = [one.text for one in reader.corpus_texts()]
            return suggesting.candidate_texts(reader, info, unpaired, job.check)
        return suggesting.candidate_rows(reader, info)

    candidates, vectors = _sliced(engine, params, project, loaded, job, read)
    if vectors is None:
        return _slice(candidates)
    count = int(params.get("count") or 20)
    if params.get("what") == "texts":
        items = suggesting.next_texts(candidates, vectors, count)
    else:
        record = params.get("calibration")
        calibration = Calibration.from_record(record) if isinstance(record, dict) else None
        items = suggesting.next_rows(candidates, loaded, vectors, calibration, count)
    return {"items": items, "of": candidates.about["of"], **_about(loaded)}


def empty_groups(engine: Engine, params: dict[str, Any], job: Job) -> dict[str, Any]:
    """{project, dataset_id, model, token?} → slices, then {"groups": [{"size", "words", "typical", "unpaired", "rows"}, …], "of": groups in
    all, "texts", "labelled", "name"}: the groups of alike texts in which no text has a label, largest first."""
    project, dataset_id, loaded = _asked(engine, params)
    candidates, vectors = _sliced(
        engine,
        params,
        project,
        loaded,
        job,
        lambda reader: suggesting.candidate_groups(reader, dataset_id, job.check),
    )
    if vectors is None:
        return _slice(candidates)
    return {**suggesting.empty_groups(candidates, vectors, _GROUPS, job.should_stop), **_about(loaded)}


OPERATIONS: dict[str, Callable[[Engine, dict[str, Any], Job], dict[str, Any]]] = {
    operation.__name__: operation for operation in (score_rows, what_next, empty_groups)
}


def _sliced(
    engine: Engine,
    params: dict[str, Any],
    project: Path,
    loaded: Loaded,
    job: Job,
    read: Callable[[Reader], Candidates],
) -> tuple[Candidates, Any]:
    """The candidates, and their embeddings once there are all of them."""
    candidates = engine.questions.by_token(params.get("token"))
    if candidates is None:
        with Reader(project) as reader, reader.snapshot():
            candidates = read(reader)
        engine.questions.add(candidates)
        job.check()
    cache = EmbeddingCache(project / "cache", loaded.fingerprint, loaded.dimension)
    if not candidates.advance(loaded, cache, SLICE_SECONDS, job.should_stop):
        return candidates, None
    engine.questions.end(candidates)
    if not candidates.texts:
        return candidates, np.empty((0, loaded.dimension), dtype=np.float32)
    return candidates, encode(loaded.model, candidates.texts, cache, should_stop=job.should_stop)


def _slice(candidates: Candidates) -> dict[str, Any]:
    next_ = {"token": candidates.token}
    return {"more": True, "next": next_, "done": candidates.embedded, "total": len(candidates.texts)}


def _asked(engine: Engine, params: dict[str, Any]) -> tuple[Path, int, Loaded]:
    project, dataset_id, model = params.get("project"), params.get("dataset_id"), params.get("model")
    if not isinstance(project, str) or not isinstance(dataset_id, int) or not isinstance(model, str):
        raise UsageError("The request has no project, no dataset or no model.")
    return Path(project), dataset_id, engine.models.get(refs.resolve(model, Path(project)))


def _about(loaded: Loaded) -> dict[str, Any]:
    return {"name": loaded.name, "metric": loaded.metric, "device": loading.device_title(loaded.device)}
