"""The packed forward of a run: batches carry the numbers of their texts, each distinct text is embedded once. Child processes only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from sentence_transformers.sentence_transformer.data_collator import SentenceTransformerDataCollator

from core.models.packed_forward import PackedForward, autocast
from core.models.tokens import Unpackable

ROWS = "packed_rows"  # the batch's texts by number, shape (rows, columns)

# Losses whose forward is: embed the columns, then `compute_loss_from_embeddings(embeddings, labels)`. The cached losses, GISTEmbed and
# the wrappers run the model in their own way.
_FROM_EMBEDDINGS = {
    "AnglELoss",
    "BatchAllTripletLoss",
    "BatchHardSoftMarginTripletLoss",
    "BatchHardTripletLoss",
    "BatchSemiHardTripletLoss",
    "ContrastiveLoss",
    "CoSENTLoss",
    "CosineSimilarityLoss",
    "MarginMSELoss",
    "MultipleNegativesRankingLoss",
    "OnlineContrastiveLoss",
    "TripletLoss",
}
_BY_ROW = {"CosineSimilarityLoss", "ContrastiveLoss"}  # the loss of a batch is the mean of its rows'
HIGH, LOW = "score 0.5 and above", "score below 0.5"
_FEW_CHARACTERS = (
    8_000_000  # texts up to so many characters are tokenised before the first step: a few seconds
)


class PackedBatches(SentenceTransformerDataCollator):
    """Turns rows into the numbers of their texts and the label; nothing is tokenised here."""

    def __init__(self) -> None:
        super().__init__(preprocess_fn=_none)
        self.texts: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        found = self._numbers.get(text)
        if found is None:
            found = self._numbers[text] = len(self.texts)
            self.texts.append(text)
        return found

    def __call__(self, features: list[dict[str, Any]]) -> dict[str, Any]:
        batch: dict[str, Any] = {}
        names = list(features[0])
        label = next((name for name in self.valid_label_columns if name in names), None)
        if label:
            batch["label"] = torch.tensor([row[label] for row in features])
            names.remove(label)
        batch[ROWS] = torch.tensor([[self.number(row[name]) for name in names] for row in features])
        return batch


def _none(*arguments: Any, **named: Any) -> dict[str, Any]:
    raise AssertionError("packed batches are not tokenised by the collator")


def refusal(loss: Any) -> str:
    """Why the loss cannot take embeddings that are computed elsewhere; "" when it can."""
    name = type(loss).__name__
    if getattr(loss, "of_embeddings", False):
        return ""
    if name not in _FROM_EMBEDDINGS or not hasattr(loss, "compute_loss_from_embeddings"):
        return f"{name} runs the model in its own way"
    return ""


class PackedLoss:
    """Loss of a batch of `PackedBatches`.

    Raises:
        Unpackable: the loss does not fit; the message says why.
    """

    def __init__(self, forward: PackedForward, loss: Any, precision: str = "fp32") -> None:
        reason = refusal(loss)
        if reason:
            raise Unpackable(reason)
        self.forward = forward
        self.loss = loss
        self.precision = precision
        self.batches = PackedBatches()
        self.by_label: dict[
            str, torch.Tensor
        ] = {}  # the last batch's loss over the rows of one kind of score

    def prepare(self, columns: Sequence[Sequence[str]]) -> np.ndarray | None:
        """Tokenise the texts of a run, each once. Returns the token ids in use, or None where there is too much text to do it now;
        then each batch tokenises what it is the first to bring.

        The texts get their numbers here: numbers in the order of the batches would be others in a run that goes on from its middle,
        and with them the order within a batch and what dropout draws.
        """
        texts = list(dict.fromkeys(text for column in columns for text in column))
        for text in texts:
            self.batches.number(text)
        if sum(map(len, texts)) > _FEW_CHARACTERS:
            return None
        return self.forward.tokens.vocabulary(texts)

    def distinct(self, inputs: dict[str, Any]) -> tuple[list[str], torch.Tensor]:
        """The texts of a batch, each once, and the place of each cell among them, shape (rows, columns)."""
        numbers, places = torch.unique(inputs[ROWS].cpu(), return_inverse=True)
        return [self.batches.texts[number] for number in numbers.tolist()], places

    def embed(self, texts: Sequence[str]) -> torch.Tensor:
        """The embeddings of distinct texts, float32, shape (n, d), computed in the precision of the run."""
        with autocast(self.forward.model.device, self.precision):
            return self.forward(texts)

    def loss_of(
        self, vectors: torch.Tensor, places: torch.Tensor, labels: torch.Tensor | None, texts: Sequence[str]
    ) -> torch.Tensor:
        """The loss in float32 of the columns that `places` picks from `vectors`, which belong to `texts`."""
        count, columns = places.shape
        picked = vectors.index_select(0, places.t().reshape(-1).to(vectors.device))
        embeddings = list(picked.reshape(columns, count, -1).unbind(0))
        more = []
        if getattr(self.loss, "reads_texts", False):
            more.append([[texts[place] for place in column] for column in places.t().tolist()])
        with torch.autocast(vectors.device.type, enabled=False):
            loss: torch.Tensor = self.loss.compute_loss_from_embeddings(embeddings, labels, *more)
            self.by_label = self._apart(embeddings, labels)
        return loss

    def _apart(
        self, embeddings: Sequence[torch.Tensor], labels: torch.Tensor | None
    ) -> dict[str, torch.Tensor]:
        """The loss of the rows with a high score and of those with a low one, where it is a mean over rows."""
        if labels is None or type(self.loss).__name__ not in _BY_ROW:
            return {}
        found = {}
        with torch.no_grad():
            high = labels >= 0.5
            for title, inside in ((HIGH, high), (LOW, ~high)):
                if bool(inside.any()):
                    part = [vectors.detach()[inside] for vectors in embeddings]
                    found[title] = self.loss.compute_loss_from_embeddings(part, labels[inside])
        return found

    def __call__(self, inputs: dict[str, Any]) -> torch.Tensor:
        texts, places = self.distinct(inputs)
        return self.loss_of(self.embed(texts), places, inputs.get("label"), texts)
