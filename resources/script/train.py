"""Repeat a training run with nothing but sentence-transformers.

    python train.py                                        on this computer
    torchrun --nproc-per-node 2 train.py                   on several processes or GPUs
    accelerate launch train.py                             on what `accelerate config` describes

settings.json says what to train and how, data/ holds the rows. With --model PATH another copy of the base model is used, with
--out PATH the model goes elsewhere. With several processes each takes its share of a batch, so the batch stays as large as it was.
"""

from __future__ import annotations

import argparse
import inspect
import json
import math
import os
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from sentence_transformers import (
    SentenceTransformer,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
    util,
)
from sentence_transformers.sentence_transformer import evaluation, losses
from transformers import TrainerCallback

HERE = Path(__file__).resolve().parent
DISTANCES = {
    "TripletLoss": "TripletDistanceMetric",
    "ContrastiveLoss": "SiameseDistanceMetric",
    "OnlineContrastiveLoss": "SiameseDistanceMetric",
}


def read_rows(name: str) -> list[dict[str, Any]]:
    path = HERE / "data" / f"{name}.jsonl"
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def make_loss(settings: dict[str, Any], model: SentenceTransformer) -> torch.nn.Module:
    name = settings["loss"]
    kind = getattr(losses, name)
    accepted = inspect.signature(kind.__init__).parameters
    arguments = {
        key: loss_object(name, key, value)
        for key, value in settings["loss_parameters"].items()
        if key in accepted
    }
    if "guide" in accepted:
        guide = settings["guide"] or settings["base_model"]
        arguments["guide"] = SentenceTransformer(guide).requires_grad_(False).eval()
    loss = kind(model=model, **arguments)
    dims = settings["matryoshka_dims"]
    return losses.MatryoshkaLoss(model, loss, dims) if dims else loss


def loss_object(loss: str, key: str, value: Any) -> Any:
    """The constructor's object for a plain value."""
    if key in ("loss_fct", "cos_score_transformation"):
        return getattr(torch.nn, value)()
    if key == "similarity_fct":
        return getattr(util, value)
    if key == "distance_metric":
        return getattr(getattr(losses, DISTANCES.get(loss, "BatchHardTripletLossDistanceFunction")), value)
    if key == "directions":
        return tuple(value.split(","))
    if key == "mini_batch_num_tokens":
        return value or None
    if key == "hardness_mode":
        return None if value == "none" else value
    return value


def without_dropout(model: torch.nn.Module) -> None:
    for part in model.modules():
        for name, value in list(vars(part).items()):
            if "dropout" in name and isinstance(value, float):
                setattr(part, name, 0.0)
        if isinstance(part, torch.nn.Dropout):
            part.p = 0.0


def merge_adapters(model: torch.nn.Module) -> None:
    """Add the adapters' products to the weights, so that a plain model is left."""
    from peft.tuners.lora import LoraLayer

    for parent in list(model.modules()):
        for name, layer in list(parent.named_children()):
            if isinstance(layer, LoraLayer):
                layer.merge()
                setattr(parent, name, layer.base_layer)
        if getattr(parent, "_hf_peft_config_loaded", False):
            parent._hf_peft_config_loaded = False


def make_evaluator(settings: dict[str, Any], rows: list[dict[str, Any]]) -> Any:
    """The measure of the rows that were held out; None where there are none."""
    if not rows or settings["format"] == "categories":
        return None
    names = list(rows[0])
    columns = {name: [row[name] for row in rows] for name in names}
    if settings["format"] == "scored":
        return evaluation.EmbeddingSimilarityEvaluator(
            *(columns[name] for name in names[:3]), write_csv=False
        )
    if settings["format"] == "triplets":
        triplets = [(row[names[0]], row[names[1]], row[name]) for row in rows for name in names[2:]]
        return evaluation.TripletEvaluator(*map(list, zip(*triplets, strict=True)), write_csv=False)
    texts = {text: f"d{number}" for number, text in enumerate(dict.fromkeys(columns[names[1]]))}
    questions = {text: f"q{number}" for number, text in enumerate(dict.fromkeys(columns[names[0]]))}
    relevant: dict[str, set[str]] = {}
    for row in rows:
        relevant.setdefault(questions[row[names[0]]], set()).add(texts[row[names[1]]])
    return evaluation.InformationRetrievalEvaluator(
        {key: text for text, key in questions.items()},
        {key: text for text, key in texts.items()},
        relevant,
        write_csv=False,
    )


class Losses(TrainerCallback):
    """Remembers the loss of the last step and stops at one that is no number."""

    last: float | None = None

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
        if logs and "loss" in logs:
            self.last = logs["loss"]
            if not math.isfinite(self.last):
                raise SystemExit(f"The loss of step {state.global_step} is not a finite number.")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", help="a folder or a name on the Hub in place of the base model")
    parser.add_argument("--out", type=Path, default=HERE / "model", help="where the trained model goes")
    options = parser.parse_args()
    settings = json.loads((HERE / "settings.json").read_text(encoding="utf-8"))
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    first = int(os.environ.get("RANK", "0")) == 0
    if settings["threads"] and processes == 1:
        torch.set_num_threads(settings["threads"])

    name = options.model or settings["base_model"]
    if (HERE / name).is_dir():
        name = str(HERE / name)
    settings["base_model"] = name
    cpu = settings["cpu"] or not torch.cuda.is_available()
    model = SentenceTransformer(name, device="cpu" if cpu else None)
    if settings["dropout"] == "off":
        without_dropout(model)
    loss = make_loss(settings, model)
    if settings["lora"]:
        from peft import LoraConfig

        model.requires_grad_(False)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings["arguments"]["seed"])
            model.add_adapter(LoraConfig(**settings["lora"]))

    chosen = dict(settings["arguments"])
    chosen["per_device_train_batch_size"] = max(
        1, math.ceil(chosen["per_device_train_batch_size"] / processes)
    )
    if cpu and chosen.pop("fp16", False):
        chosen["fp16"] = False
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(options.out.parent / "checkpoints"),
        use_cpu=cpu,
        ddp_find_unused_parameters=True,
        **chosen,
    )
    rows = read_rows("train")
    losses_seen = Losses()
    trainer = SentenceTransformerTrainer(
        model=model,
        args=arguments,
        train_dataset=Dataset.from_dict({key: [row[key] for row in rows] for key in rows[0]}),
        loss=loss,
        callbacks=[losses_seen],
    )
    evaluator = make_evaluator(settings, read_rows("holdout")) if first else None
    if evaluator is not None:
        print("base model:", evaluator(model), flush=True)
    trainer.train()
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        # Together and in order: a process that ends with its connections open can be aborted on the way out.
        torch.distributed.barrier()
        torch.distributed.destroy_process_group()
    if not first:
        return
    print(f"final loss: {losses_seen.last:.6f} (the run had {settings['final_loss']})", flush=True)
    if evaluator is not None:
        print("tuned model:", evaluator(model.eval()), flush=True)
    if settings["lora"]:
        merge_adapters(model)
    model.save_pretrained(str(options.out), create_model_card=False)
    print(f"The model is in {options.out}", flush=True)
    if settings["threshold"]:
        print(f"similar from {settings['threshold']['threshold']:.4f} on, as chosen for the run's own model")


if __name__ == "__main__":
    main()
