"""A sentence-transformers model folder of a few kilobytes with random weights: loads and encodes in milliseconds."""

from __future__ import annotations

import string
from pathlib import Path


def build(
    folder: Path,
    seed: int = 0,
    *,
    similarity: str = "cosine",
    hidden: int = 32,
    max_length: int = 64,
    dropout: float = 0.1,
    dense: int = 0,
) -> Path:
    """Write a one-layer BERT (about 30,000 weights, mean pooling, `hidden` dimensions) to `folder` and return it.

    The vocabulary is single letters, digits, signs and their continuations; `seed` decides the weights. With `dense` a layer
    to so many dimensions follows the pooling.
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense, Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    characters = string.ascii_lowercase + string.digits + string.punctuation
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters, *(f"##{item}" for item in characters)]
    plain = folder.with_name(folder.name + "-transformer")
    plain.mkdir(parents=True, exist_ok=True)
    (plain / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=hidden,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=2 * hidden,
        max_position_embeddings=max_length,
        initializer_range=0.5,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
    )
    BertModel(config).save_pretrained(plain)
    BertTokenizerFast(
        vocab={word: index for index, word in enumerate(words)}, model_max_length=max_length
    ).save_pretrained(plain)
    model = SentenceTransformer(
        modules=[
            Transformer(str(plain)),
            Pooling(hidden, pooling_mode="mean"),
            *([Dense(hidden, dense)] if dense else []),
        ],
        similarity_fn_name=similarity,
        device="cpu",
    )
    model.save(str(folder), create_model_card=False)
    return folder
