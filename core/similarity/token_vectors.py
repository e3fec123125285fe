"""What each token gives to the embedding of its text. Only child processes call this: torch is imported inside.

A sentence embedding is e = D(Σᵢ wᵢ·hᵢ), where hᵢ is the transformer's output for token i, wᵢ its weight in the pooling (1/n for the mean, 1/√n for
"mean_sqrt_len_tokens", i/Σi for "weightedmean") and D the layers after the pooling. Where all of D are linear, D(x) = M·x + c, the embedding is the
sum of one vector per token,

    e = Σᵢ vᵢ   with   vᵢ = M·(wᵢ·hᵢ) + c/n,

so that every product with it (a dot product, and divided by the lengths the cosine) is a sum over tokens too. A last layer that only brings
the embedding to length 1 changes nothing about a cosine. Where the pooling is "cls", "max" or "lasttoken", or a layer bends (tanh), there is
no such sum, and `decompose` says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Span = tuple[int, int]

_LINEAR_POOLING = ("mean", "mean_sqrt_len_tokens", "weightedmean")
SPECIAL = -1  # the word of a token that no letter of the text stands for


class NotASum(Exception):
    """The model's embedding is no sum over tokens; the message says why in plain words."""


@dataclass(frozen=True)
class TokenVectors:
    """One text taken apart.

    Args:
        pieces: n strings: what of the text each token stands for, special tokens by their own name.
        words: n numbers: tokens of one word have the same, special tokens have `SPECIAL`.
        vectors: shape (n, d); their sum is the embedding before it is brought to length 1.
        truncated: the model read the beginning only.
        spans: where in the text each token stands, as (start, end); None for special tokens and those of a prompt. Empty where the
            tokenizer does not tell.
        own: shape (d,): the embedding as the model's layers give it, from the same reading; for comparing.
    """

    pieces: tuple[str, ...]
    words: tuple[int, ...]
    vectors: Floats
    truncated: bool = False
    spans: tuple[Span | None, ...] = ()
    own: Floats | None = None

    @property
    def embedding(self) -> Floats:
        """Shape (d,)."""
        found: Floats = self.vectors.sum(axis=0)
        return found

    def by_word(self) -> TokenVectors:
        """The tokens of each word together; special tokens stay by themselves."""
        starts = [
            index
            for index, word in enumerate(self.words)
            if index == 0 or word == SPECIAL or word != self.words[index - 1]
        ]
        ends = [*starts[1:], len(self.words)]
        pieces = tuple("".join(self.pieces[start:end]) for start, end in zip(starts, ends, strict=True))
        vectors = np.stack(
            [self.vectors[start:end].sum(axis=0) for start, end in zip(starts, ends, strict=True)]
        )
        words = tuple(self.words[start] for start in starts)
        return TokenVectors(pieces, words, vectors, self.truncated, self._joined(starts, ends), self.own)

    def _joined(self, starts: Sequence[int], ends: Sequence[int]) -> tuple[Span | None, ...]:
        if not self.spans:
            return ()
        found: list[Span | None] = []
        for start, end in zip(starts, ends, strict=True):
            known = [span for span in self.spans[start:end] if span is not None]
            found.append((known[0][0], known[-1][1]) if known else None)
        return tuple(found)


def why_not(model: Any) -> str:
    """Why the embeddings of `model` are no sum over tokens, in plain words; "" when they are."""
    try:
        _parts(model)
    except NotASum as reason:
        return str(reason)
    return ""


def decompose(model: Any, texts: Sequence[str]) -> list[TokenVectors]:
    """Each text as a sum over its tokens, as `model` reads it: truncated, with its default prompt.

    Raises:
        NotASum: the model's pooling or a layer after it is not linear.
    """
    import torch

    from core.models.tokens import Tokens, Unpackable

    mode, include_prompt, head = _parts(model)
    name = model.default_prompt_name
    prompt = str(model.prompts[name]) if name else ""
    try:
        tokens = Tokens(model, prompt or None)
    except Unpackable as reason:
        raise NotASum(f"{str(reason)[:1].upper()}{str(reason)[1:]}") from reason
    found = []
    was_training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            for text in texts:
                ids = tokens.of([text])[0]
                features = tokens.features([ids], model.device)
                read = model[0](features)
                hidden = read["token_embeddings"][0].double()
                left_out = 0 if include_prompt else int(features.get("prompt_length", 0))
                weights = _weights(mode, len(hidden), left_out)
                vectors = _through(hidden * weights.to(hidden)[:, None], head, left_out)
                for part in list(model)[1:]:
                    read = part(read)
                own = read["sentence_embedding"][0, : model.truncate_dim].double().cpu().numpy()
                vectors = vectors[:, : model.truncate_dim]
                pieces, words, truncated, spans = _named(model, prompt, text, ids[0])
                found.append(TokenVectors(pieces, words, vectors.cpu().numpy(), truncated, spans, own))
    finally:
        model.train(was_training)
    return found


def _parts(model: Any) -> tuple[str, bool, list[Any]]:
    """The pooling's mode, whether the prompt counts, and the linear layers after it.

    Raises: NotASum
    """
    from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling
    from torch import nn

    modules = list(model)
    if len(modules) < 2 or not isinstance(modules[1], Pooling):
        raise NotASum("The model does not pool the vectors of its tokens.")
    mode = modules[1].pooling_mode
    if mode not in _LINEAR_POOLING:
        words = mode if isinstance(mode, str) else " and ".join(mode)
        raise NotASum(f"The model's pooling ({words}) is no mean over tokens.")
    head: list[Any] = []
    for place, part in enumerate(modules[2:], 2):
        if isinstance(part, Normalize) and place == len(modules) - 1:
            continue
        plain = isinstance(part, Dense) and isinstance(part.activation_function, nn.Identity)
        if (
            not plain
            or part.module_input_name != "sentence_embedding"
            or part.module_output_name != "sentence_embedding"
        ):
            raise NotASum("A layer after the model's pooling is not linear.")
        head.append(part)
    return mode, bool(modules[1].include_prompt), head


def _weights(mode: str, count: int, left_out: int) -> Any:
    import torch

    counted = torch.ones(count, dtype=torch.float64)
    counted[:left_out] = 0
    total = counted.sum().clamp_min(1e-9)
    if mode == "mean":
        return counted / total
    if mode == "mean_sqrt_len_tokens":
        return counted / total.sqrt()
    weighted = counted * torch.arange(1, count + 1, dtype=torch.float64)
    return weighted / weighted.sum().clamp_min(1e-9)


def _through(vectors: Any, head: Sequence[Any], left_out: int) -> Any:
    """The linear layers applied to each token's share, their constant part in equal shares to the tokens that count."""
    for layer in head:
        made = vectors @ layer.linear.weight.double().T
        if layer.use_residual:
            made = made + (
                vectors
                if layer.in_features == layer.out_features
                else vectors @ layer.residual.weight.double().T
            )
        if layer.linear.bias is not None:
            made[left_out:] += layer.linear.bias.double() / max(1, len(made) - left_out)
        vectors = made
    return vectors


def read_to(model: Any, text: str) -> int:
    """Where in `text` the reading of `model` ends; at its end, too, where the tokenizer does not tell."""
    tokenizer = getattr(model, "tokenizer", None)
    if tokenizer is None or not getattr(tokenizer, "is_fast", False):
        return len(text)
    name = model.default_prompt_name
    prompt = str(model.prompts[name]) if name else ""
    read = tokenizer(
        prompt + text, return_offsets_mapping=True, truncation=True, max_length=model.max_seq_length
    )
    end = max(0, max((end for _, end in read["offset_mapping"]), default=0) - len(prompt))
    return end if _cut(model, len(read["input_ids"]), text[end:]) else len(text)


def _cut(model: Any, tokens: int, rest: str) -> bool:
    """Whether the model stopped before `rest`: not where its tokenizer only drops signs that it has no token for."""
    return bool(rest.strip()) and tokens >= (model.max_seq_length or tokens)


def _named(
    model: Any, prompt: str, text: str, ids: Any
) -> tuple[tuple[str, ...], tuple[int, ...], bool, tuple[Span | None, ...]]:
    """(pieces, words, truncated, spans) of a text whose token ids are `ids`."""
    tokenizer = model.tokenizer
    whole = prompt + text
    if getattr(tokenizer, "is_fast", False):
        read = tokenizer(whole, return_offsets_mapping=True, truncation=True, max_length=model.max_seq_length)
        if list(read["input_ids"]) == [int(id) for id in ids]:
            numbers = read.word_ids()
            pieces = [
                whole[start:end]
                if number is not None and end > start
                else tokenizer.convert_ids_to_tokens(int(id))
                for id, number, (start, end) in zip(ids, numbers, read["offset_mapping"], strict=True)
            ]
            ends = [end for _, end in read["offset_mapping"]]
            truncated = _cut(model, len(ids), whole[max(ends, default=0) :])
            before = len(prompt)
            spans = tuple(
                (max(start, before) - before, end - before) if number is not None and end > before else None
                for number, (start, end) in zip(numbers, read["offset_mapping"], strict=True)
            )
            return (
                tuple(pieces),
                tuple(SPECIAL if number is None else number for number in numbers),
                truncated,
                spans,
            )
    special = set(tokenizer.all_special_ids)
    pieces = [str(piece) for piece in tokenizer.convert_ids_to_tokens([int(id) for id in ids])]
    words = tuple(SPECIAL if int(id) in special else place for place, id in enumerate(ids))
    return tuple(pieces), words, len(ids) >= (model.max_seq_length or len(ids) + 1), ()
