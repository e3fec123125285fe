"""One question to one or two models at once: what each finds most similar, where the other has it, and what is known of it."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.dataset.normalise import normalise
from core.engine import refs
from core.engine.asking import about, project_of, share, text_of, whole
from core.engine.corpus import Corpus, Floats
from core.engine.indexing import EXACT_BELOW
from core.engine.jobs import Job
from core.engine.known import Known, known_texts, same_category
from core.engine.models import Loaded
from core.engine.vectors import Stored, Vectors, vectors_of
from core.errors import UsageError
from core.models.encoder import encode as encode_texts
from core.project import Reader
from core.project.text_filter import TextFilter
from core.similarity import approximate
from core.similarity.ranking import Exact, Found, Ranking

if TYPE_CHECKING:
    from core.engine.operations import Engine

RELATIONS = ("", "positive", "negative", "open")
MOST_KNOWN = 500  # texts known to belong to the query that an answer lists

_QUERIES = 64
_MOST_BEHIND = 20_000  # texts that an index does not have yet, and that are scored beside it


@dataclass(frozen=True)
class Asked:
    project: Path
    text: str
    models: tuple[str, ...]
    k: int
    dataset_id: int | None
    role: str
    filter: TextFilter
    relation: str
    exact_below: int

    @classmethod
    def of(cls, params: dict[str, Any]) -> Asked:
        """Raises: UsageError."""
        project, text, k = project_of(params), text_of(params, "text"), params.get("k", 10)
        names, relation = params.get("models"), str(params.get("relation") or "")
        if project is None or not isinstance(names, list) or not names or not isinstance(k, int) or k < 1:
            raise UsageError("A search needs a project, at least one model and a number of results above 0.")
        if not text.strip():
            raise UsageError("There is nothing to search for.", "Type a text.")
        if relation not in RELATIONS:
            raise UsageError(f"There is no relation “{relation}”.", f"Use one of {', '.join(RELATIONS[1:])}.")
        return cls(
            project,
            whole(text),
            tuple(str(name) for name in names),
            k,
            params.get("dataset_id"),
            str(params.get("role") or "all"),
            TextFilter.from_record(params.get("filter") or {}),
            relation,
            int(params.get("exact_below") or EXACT_BELOW),
        )


class QueryVectors:
    """The embeddings of the questions of late: changing a filter does not encode them again."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], Floats] = OrderedDict()

    def get(self, loaded: Loaded, corpus: Corpus, at_hand: Vectors, text: str, job: Job) -> Floats:
        key = loaded.fingerprint, text
        if key not in self._kept:
            place = corpus.place(text)
            found = at_hand.take(np.array([place]))[0] if place is not None else None
            if found is None:
                found = encode_texts(loaded.model, [text], should_stop=job.should_stop)[0]
            self._kept[key] = np.array(found, dtype=np.float32)
        self._kept.move_to_end(key)
        while len(self._kept) > _QUERIES:
            self._kept.popitem(last=False)
        return self._kept[key]


def search(engine: Engine, params: dict[str, Any], job: Job) -> dict[str, Any]:
    """{project, text, models, k, dataset_id?, role?, filter?, relation?, exact_below?} →
    {"results": one per model, in their order, "known": [{"text", "role", "label", "row", "dataset", "ranks", "scores"}, …], "of_known"}

    Looks through the texts of a dataset or (null) of the project, in columns of `role` or only the unpaired ones; of these through
    those that `filter` (see `TextFilter`) lets through and that rows call a "positive" or a "negative" of the text, or say nothing of
    ("open"). Each result is {"model", "name", "metric", "device", "count", "exact", "index", "hits": [{"rank", "text", "score", "role", "label",
    "row", "dataset"}, …]}, best first. Above `exact_below` texts it is what an index finds (`exact` false), once `index_texts` has made one:
    see `_index_record`. `count` is how many texts were compared; those equal to the query after normalising are not
    among them. With two models a hit also has "other_rank", its rank under the other model, however far down; null where only the
    nearest are known. "known" are the texts that rows say something about beside this one and that were compared, at most MOST_KNOWN,
    with their ranks and scores under each model; "of_known" is how many there are.
    """
    asked = Asked.of(params)
    corpus = engine.corpora.get(asked.project, asked.dataset_id, asked.role, job.should_stop)
    job.check()
    loaded = [engine.models.get(refs.resolve(name, asked.project)) for name in asked.models]
    job.check()
    own = corpus.equal_to(asked.text)
    spellings = list(dict.fromkeys([asked.text, *(corpus.texts[place] for place in own)]))
    with ThreadPoolExecutor(1) as beside:  # SQLite and the products of matrices take turns on two cores
        waiting = beside.submit(_labels, asked, spellings)
        vectors = _vectors(engine, asked, corpus, loaded, job)
        labels = waiting.result()
    allowed = _allowed(engine, asked, corpus, own, labels, job)
    known = _known_here(corpus, labels, allowed)
    rankings = _rankings(engine, asked, loaded, vectors, allowed, [place for place, _ in known[0]])
    job.check()
    answer = _answer(asked, corpus, loaded, rankings, labels, known, spellings, int(allowed.sum()))
    for result, one, (at_hand, _) in zip(answer["results"], loaded, vectors, strict=True):
        result["index"] = _index_record(engine, asked, one, at_hand)
    return answer


def _labels(asked: Asked, spellings: list[str]) -> dict[str, tuple[str, Known]]:
    with Reader(asked.project) as reader:
        found = known_texts(reader, spellings)
        if asked.relation:
            mates = reader.in_categories_of(spellings)
            found.update((normalise(text), (text, Known("positive"))) for text in mates)
    found.pop(normalise(asked.text), None)
    return found


def _vectors(
    engine: Engine, asked: Asked, corpus: Corpus, loaded: list[Loaded], job: Job
) -> list[tuple[Vectors, Floats]]:
    """Of each model the embeddings of the corpus, and of the query."""
    found = []
    for number, one in enumerate(loaded):
        portion = share(corpus, loaded, number)
        at_hand = vectors_of(corpus, one, asked.project, job, portion, asked.exact_below)
        found.append((at_hand, engine.queries.get(one, corpus, at_hand, asked.text, job)))
    return found


def _allowed(
    engine: Engine,
    asked: Asked,
    corpus: Corpus,
    own: list[int],
    labels: dict[str, tuple[str, Known]],
    job: Job,
) -> NDArray[np.bool_]:
    """Which texts take part."""
    allowed = np.ones(len(corpus.texts), dtype=bool)
    if asked.filter:
        allowed &= engine.corpora.mask(asked.project, corpus, asked.filter, asked.dataset_id)
    if asked.relation:
        roles = ("positive", "negative") if asked.relation == "open" else (asked.relation,)
        names = {name for name, (_, known) in labels.items() if known.role in roles}
        named = np.zeros(len(corpus.texts), dtype=bool)
        named[[place for places in corpus.places_of(names).values() for place in places]] = True
        allowed &= ~named if asked.relation == "open" else named
    allowed[own] = False
    job.check()
    return allowed


def _rankings(
    engine: Engine,
    asked: Asked,
    loaded: list[Loaded],
    vectors: list[tuple[Vectors, Floats]],
    allowed: NDArray[np.bool_],
    others: list[int],
) -> list[Ranking]:
    """Every model's, each with all the texts that take part scored."""
    few = np.flatnonzero(allowed) if allowed.sum() * 4 < len(allowed) else None

    def exact(number: int) -> Ranking:
        (at_hand, query), metric = vectors[number], loaded[number].metric
        if few is None:
            return Exact(at_hand.scores(query, metric), allowed)
        values = np.full(len(allowed), -np.inf, dtype=np.float32)
        values[few] = at_hand.scores(query, metric, few)
        return Exact(values, allowed)

    return [
        _by_index(engine, asked, one, *vectors[number], allowed, others) or exact(number)
        for number, one in enumerate(loaded)
    ]


def _by_index(
    engine: Engine,
    asked: Asked,
    loaded: Loaded,
    at_hand: Vectors,
    query: Floats,
    allowed: NDArray[np.bool_],
    others: list[int],
) -> Ranking | None:
    """What an index finds, scored exactly; None where all texts that take part are to be scored."""
    if not isinstance(at_hand, Stored) or allowed.sum() < asked.exact_below:
        return None
    ready = engine.indexes.get(asked.project, loaded, at_hand)
    if ready is None:
        return None
    behind = engine.indexes.behind(at_hand, ready)
    places = ready.near(at_hand, query, allowed, behind, asked.k) if len(behind) <= _MOST_BEHIND else None
    if places is None:
        return None
    also = np.array(others, dtype=np.int64)
    known = dict(zip(others, at_hand.scores(query, loaded.metric, also).tolist(), strict=True))
    return Found(places, at_hand.scores(query, loaded.metric, places), known)


def _index_record(engine: Engine, asked: Asked, loaded: Loaded, at_hand: Vectors) -> dict[str, Any]:
    """{"state": "none" (not needed, or there is none for the metric), "missing" or "ready", "recall": of a list of this length}"""
    if (
        not isinstance(at_hand, Stored)
        or len(at_hand.rows) <= asked.exact_below
        or not approximate.fits(loaded.metric)
    ):
        return {"state": "none", "recall": None}
    ready = engine.indexes.get(asked.project, loaded, at_hand)
    if ready is None or len(engine.indexes.behind(at_hand, ready)) > _MOST_BEHIND:
        return {"state": "missing", "recall": None}
    return {"state": "ready", "recall": ready.recall.get(asked.k)}


def _known_here(
    corpus: Corpus, labels: dict[str, tuple[str, Known]], allowed: NDArray[np.bool_]
) -> tuple[list[tuple[int, Known]], int]:
    """The places of texts that a row says something about, one spelling of each, and how many there are."""
    places = corpus.places_of({name for name, (_, known) in labels.items() if known.role})
    found = []
    for name, spellings in places.items():
        inside = [place for place in spellings if allowed[place]]
        if inside:
            found.append((inside[0], labels[name][1]))
    found.sort(key=lambda entry: (entry[1].role != "positive", entry[0]))
    return found[:MOST_KNOWN], len(found)


def _answer(
    asked: Asked,
    corpus: Corpus,
    loaded: list[Loaded],
    rankings: list[Ranking],
    labels: dict[str, tuple[str, Known]],
    known: tuple[list[tuple[int, Known]], int],
    spellings: list[str],
    count: int,
) -> dict[str, Any]:
    found = [ranking.best(min(asked.k, count)) for ranking in rankings]
    of_hits = _known_of_hits(asked, corpus, labels, spellings, {place for some in found for place in some})
    results = []
    for number, (one, ranking) in enumerate(zip(loaded, rankings, strict=True)):
        places = found[number]
        hits = [
            {"rank": rank, "text": corpus.texts[place], "score": score, **of_hits[place]._asdict()}
            for rank, (place, score) in enumerate(zip(places, ranking.scores(places), strict=True), start=1)
        ]
        if len(loaded) == 2:
            for hit, other in zip(hits, rankings[1 - number].ranks(places), strict=True):
                hit["other_rank"] = other
        result = {"model": asked.models[number], "count": count, "exact": ranking.exact, "hits": hits}
        results.append({**result, **about(one)})
    return {"results": results, "known": _known_records(corpus, rankings, known[0]), "of_known": known[1]}


def _known_of_hits(
    asked: Asked,
    corpus: Corpus,
    labels: dict[str, tuple[str, Known]],
    spellings: list[str],
    places: set[int],
) -> dict[int, Known]:
    with Reader(asked.project) as reader:
        mates = same_category(reader, spellings, [corpus.texts[place] for place in places])
    found = {}
    for place in places:
        name = normalise(corpus.texts[place])
        found[place] = labels[name][1] if name in labels else mates.get(name, Known())
    return found


def _known_records(
    corpus: Corpus, rankings: list[Ranking], known: Sequence[tuple[int, Known]]
) -> list[dict[str, Any]]:
    places = [place for place, _ in known]
    ranks = [ranking.ranks(places) for ranking in rankings]
    scores = [ranking.scores(places) for ranking in rankings]
    return [
        {
            "text": corpus.texts[place],
            **entry._asdict(),
            "ranks": [some[number] for some in ranks],
            "scores": [None if math.isnan(some[number]) else some[number] for some in scores],
        }
        for number, (place, entry) in enumerate(known)
    ]


OPERATIONS = {"search": search}
