"""`anchorlab query DIR TEXT`: the project's own texts by similarity, as one model sees it."""

from __future__ import annotations

import argparse
import contextlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cli.output import Output, plain
from core.cli.reading import chosen, project_folder, reading
from core.errors import DataProblem, ModelProblem, UsageError

if TYPE_CHECKING:
    from core.project import Reader


@dataclass(frozen=True)
class Chosen:
    """The model to ask: what `core.models.loading.load` takes, and its name for people."""

    model: str
    title: str


def run(args: argparse.Namespace, out: Output) -> int:
    if not args.text.strip():
        raise UsageError("The text to look for is empty.", "Give a word or a sentence.")
    folder = project_folder(args.dir)
    with reading(args.dir) as reader:
        texts = _texts(reader, args.dataset)
    model = choose_model(folder, args.model)
    hits = search(folder, model, args.text, texts, args.k, out)
    if out.json:
        out.result(hits)
        return 0
    out.line(f"{plain(args.text)}, by {plain(model.title)}, among {len(texts):,} texts")
    out.line()
    rows = [[str(hit["rank"]), f"{hit['score']:.4f}", plain(hit["text"])] for hit in hits]
    out.table(rows, right=frozenset({0, 1}), indent="  ")
    return 0


def choose_model(folder: Path, word: str | None) -> Chosen:
    """ "base", a run's number or name, or (None) the latest run that left a model, else the base model.

    Raises:
        FileProblem: no such run.
        ModelProblem: the run left no model.
    """
    from core.engine import refs
    from core.models import catalogue
    from core.training.runs import find_run, list_runs

    if word is None:
        found = next(
            (run for run in list_runs(folder) if run.status in ("finished", "stopped") and run.model), None
        )
    else:
        found = None if word == "base" else find_run(folder, word)
    if found is None:
        base = refs.resolve("base", folder)
        return Chosen(base, f"base model {catalogue.title(base)}")
    if found.model is None:
        raise ModelProblem(f"Run {found.name} ({found.status}) has no model.", "Choose a run that finished.")
    return Chosen(str(found.model), found.name)


def _texts(reader: Reader, dataset: str | None) -> list[str]:
    """The distinct texts, first seen first.

    Raises:
        DataProblem: there is none.
    """
    found = chosen(reader, dataset)
    texts = reader.texts(found[0].id) if dataset else reader.texts()
    if not texts:
        raise DataProblem("The project has no texts to search in.", "Add examples first.")
    return texts


def search(
    folder: Path, model: Chosen, text: str, texts: list[str], k: int, out: Output
) -> list[dict[str, Any]]:
    """The `k` most similar texts, best first; the text itself (after normalising) is left out.

    Raises:
        ModelProblem: the model cannot be loaded.
    """
    from core.dataset.normalise import normalise

    identity = normalise(text)
    others = [other for other in texts if normalise(other) != identity]
    out.progress(f"Loading {model.title} …")
    # libraries print while they load; the standard output belongs to the answer
    with contextlib.redirect_stdout(sys.stderr):
        vectors, metric = _encoded(folder, model, [text, *others], out)
    from core.similarity.search import top_k

    indices, scores = top_k(vectors[0], vectors[1:], min(k, len(others)), metric)
    return [
        {"rank": rank, "text": others[int(index)], "score": round(float(score), 6)}
        for rank, (index, score) in enumerate(zip(indices, scores), start=1)
    ]


def _encoded(folder: Path, model: Chosen, texts: list[str], out: Output) -> tuple[Any, str]:
    """The embeddings of `texts`, shape (n, d), through the project's cache, and the model's own similarity."""
    from core.engine.models import ModelStore
    from core.models.cache import EmbeddingCache
    from core.models.encoder import encode

    loaded = ModelStore().get(model.model)
    cache = EmbeddingCache(folder / "cache", loaded.fingerprint, loaded.dimension)

    def progress(done: int, total: int, seconds: float | None) -> None:
        left = "" if seconds is None else f", {seconds:.0f} s left"
        out.progress(f"Encoding {done:,} of {total:,} texts{left}")

    return encode(loaded.model, texts, cache, progress), loaded.metric
