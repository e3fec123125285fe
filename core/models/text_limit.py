"""How much of a text a base model reads. No torch: the tokenizer's own library is enough."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from core.dataset.row_checks import EstimatedLimit, TextLimit
from core.errors import AnchorLabError
from core.models import catalogue

_AT_ONCE = 1_000
_MOST = 50_000  # texts that are really tokenised; from then on their length in characters decides
_CHARACTERS = 50  # for each token of the limit: hardly any text needs more of its start to be found too long
_WORD = 100  # tokens that a cut through the last word can change at most
_ENOUGH = 1_000_000  # characters; a text with more is not looked at to its end
_USUAL = 256  # tokens, where a model's files do not say: the limit of the model that comes with the program


class TokenLimit:
    """The limit of a model whose tokenizer is at hand. `estimated` once there were more texts than it is worth to tokenise."""

    def __init__(self, limit: int, tokenizer: Any) -> None:
        self.limit = limit
        self.estimated = False
        self._tokenizer = tokenizer
        self._left = _MOST
        self._characters = self._tokens = 0

    def too_long(self, texts: Iterable[str]) -> set[str]:
        """Those of `texts` that have more tokens than the model reads."""
        found: set[str] = set()
        wanted = sorted(texts)
        for start in range(0, len(wanted), _AT_ONCE):
            found |= self._of(wanted[start : start + _AT_ONCE])
        return found

    def _of(self, texts: list[str]) -> set[str]:
        if self._left <= 0:
            self.estimated = True
            longest = self.limit * self._characters / max(self._tokens, 1)
            return {text for text in texts if len(text) > longest}
        self._left -= len(texts)
        starts = [self._start(text) for text in texts]
        counts = [len(one.ids) for one in self._tokenizer.encode_batch([_clean(start) for start in starts])]
        self._characters += sum(map(len, starts))
        self._tokens += sum(counts)
        return {
            text
            for text, start, count in zip(texts, starts, counts, strict=True)
            if (count > self.limit if len(start) == len(text) else self._goes_on(text, count))
        }

    def _start(self, text: str) -> str:
        """Megabytes need not be tokenised to know that they are too long."""
        return text[: self.limit * _CHARACTERS]

    def _goes_on(self, text: str, count: int) -> bool:
        """Whether a text whose start has `count` tokens is too long."""
        if count > self.limit + _WORD or len(text) > _ENOUGH:
            return True
        return len(self._tokenizer.encode(_clean(text)).ids) > self.limit

    def cut(self, text: str) -> str:
        """The part of the text that the model reads."""
        start = self._start(text)
        encoded = self._tokenizer.encode(_clean(start))
        if len(start) < len(text) and len(encoded.ids) <= self.limit + _WORD:
            encoded = self._tokenizer.encode(_clean(text[:_ENOUGH]))
        if len(encoded.ids) <= self.limit:
            return text
        added = sum(encoded.special_tokens_mask)
        ends = [
            end
            for (_, end), special in zip(encoded.offsets, encoded.special_tokens_mask, strict=True)
            if not special
        ]
        return text[: ends[max(self.limit - added, 1) - 1]].rstrip()


def _clean(text: str) -> str:
    """A lone surrogate is no character: tokenizers refuse it."""
    return text.encode("utf-8", "replace").decode()


def limit_of(base_model: str) -> TextLimit:
    """The limit of a model by name or folder; an estimate where its files cannot tell."""
    try:
        path = Path(catalogue.resolve(base_model))
    except AnchorLabError:
        return EstimatedLimit(_USUAL)
    inner = next(
        (part for part in (path, path / "0_Transformer") if (part / "tokenizer.json").is_file()), None
    )
    if inner is None:
        return EstimatedLimit(_USUAL)
    from tokenizers import Tokenizer

    try:
        config = json.loads((inner / "sentence_bert_config.json").read_text(encoding="utf-8"))
        limit = int(config.get("max_seq_length") or 0)
        tokenizer = Tokenizer.from_file(str(inner / "tokenizer.json"))
    except Exception:  # noqa: BLE001 - the tokenizers library raises plain Exception; a model we cannot read is estimated
        return EstimatedLimit(_USUAL)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return TokenLimit(limit, tokenizer) if limit > 2 else EstimatedLimit(_USUAL)
