"""The words of the command line. Only argparse is imported, so that `--help` is instant."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

from core.errors import UsageError

FORMATS = ("pairs", "scored", "triplets", "categories")


class Parser(argparse.ArgumentParser):
    """Raises `UsageError` where argparse would print its usage and leave."""

    def error(self, message: str) -> NoReturn:
        sentence = message[:1].upper() + message[1:].rstrip(".")
        raise UsageError(f"{sentence}.", f"See {self.prog} --help.")


def build() -> Parser:
    """The parser; the chosen command's name is in `command`."""
    common = Parser(add_help=False)
    common.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON")
    parser = Parser(
        prog="anchorlab",
        description="Teach a text-embedding model what similar means to you.",
        epilog="Exit status: 0 done, 1 failed, 2 wrong use.",
        parents=[common],
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="store_true", help="print the version")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)

    def add(name: str, help: str, **extra: Any) -> Parser:
        return commands.add_parser(
            name, help=help, description=help, parents=[common], allow_abbrev=False, **extra
        )

    gui = add("gui", "Open the window.")
    gui.add_argument("dir", metavar="DIR", nargs="?", help="a project")
    add("examples", "List the example projects.")
    _add_new(add("new", "Make a project from an example or from a data file."))
    check = _project(add("check", "Check the examples and list what would spoil the training."))
    check.add_argument("--dataset", metavar="NAME", help="only this dataset")
    _add_split(
        _project(add("split", "Mark the rows train, eval and test, so that no text stands in two of them."))
    )
    recipe = _project(add("recipe", "Show the settings that a run would use, and why."))
    _add_settings(recipe)
    train = _project(add("train", "Train on a project. Ctrl+C stops and keeps the model."))
    _add_settings(train)
    train.add_argument(
        "--dry-run",
        action="store_true",
        help="only tell how long the run would take and what would spoil it; exit 1 where something blocks it",
    )
    train.add_argument(
        "--resume",
        metavar="RUN",
        help="go on with this interrupted run (number or name) from its last checkpoint, with its own settings and data",
    )
    _add_settings(
        _project(add("learning-curve", "Train on shares of the labels, to see whether more would help."))
    )
    _project(add("runs", "List the runs of a project, newest first."))
    _add_query(_project(add("query", "Show the project's texts that a model finds most similar to TEXT.")))
    probes = _project(add("probes", "Run the project's probes on a run's model, and tell what got worse."))
    probes.add_argument(
        "--run", metavar="RUN", help="number or name of the run; the newest one where left out"
    )
    report = _project(add("report", "Write a run as one page to hand to a colleague."))
    report.add_argument("run", metavar="RUN", help="number or name of the run")
    report.add_argument("--out", metavar="FILE", required=True, help="the page, an HTML file")
    _add_export(_project(add("export", "Export the model of a run for other programs.")))
    _add_export_data(
        _project(add("export-data", "Write a dataset to a file: .csv .tsv .jsonl .json .parquet .xlsx."))
    )
    model = _project(add("export-model", "Copy the model of a run to a folder of your own."))
    model.add_argument("run", metavar="RUN", help="number or name of the run")
    model.add_argument("out", metavar="OUT", help="a new folder")
    script = _project(
        add("script", "Write a run as a folder that trains anywhere with sentence-transformers alone.")
    )
    script.add_argument("run", metavar="RUN", help="number or name of the run")
    script.add_argument("out", metavar="OUT", help="a new folder")
    script.add_argument("--with-model", action="store_true", help="put a copy of the base model into it")
    _add_push(_project(add("push", "Publish the model of a run on the Hugging Face Hub, after asking.")))
    return parser


def _project(parser: Parser) -> Parser:
    parser.add_argument("dir", metavar="DIR", help="the project's folder")
    return parser


def _add_new(parser: Parser) -> None:
    parser.add_argument("dir", metavar="DIR", help="the new project's folder; must not exist or be empty")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--example", metavar="NAME", help="copy this example (see: anchorlab examples)")
    source.add_argument(
        "--from",
        metavar="FILE",
        dest="file",
        help="import this file (CSV, TSV, JSON, Parquet, XLSX, ODS, text, also in .gz or .zip), or folder of a data set",
    )
    parser.add_argument("--format", choices=FORMATS, help="what the rows are; found out where left out")
    parser.add_argument(
        "--columns",
        metavar="ROLE=COLUMN,…",
        help="which column is what: anchor, positive, negative (negative_1, …), text_a, text_b, score, split",
    )
    parser.add_argument(
        "--repair", action="store_true", help="turn garbled letters (â€™) back into what they were (’)"
    )
    parser.add_argument("--name", help="the project's name; the folder's name where left out")


def _add_settings(parser: Parser) -> None:
    parser.add_argument("--dataset", metavar="NAME", help="which one, where the project has several")
    parser.add_argument("--model", metavar="PATH", help="the base model: a folder or a name")
    parser.add_argument(
        "--preset",
        metavar="NAME",
        help="how the recipe is filled in: automatic, card, quick, thorough (see: anchorlab recipe DIR)",
    )
    parser.add_argument(
        "--set",
        metavar="KEY=VALUE",
        dest="settings",
        action="append",
        default=[],
        help="change a setting of the recipe, e.g. --set batch_size=8 --set loss.scale=10; may be repeated",
    )


def _add_query(parser: Parser) -> None:
    parser.add_argument("text", metavar="TEXT")
    parser.add_argument(
        "--model",
        metavar="base|RUN",
        help="base, or a run's number or name; the latest finished run where left out",
    )
    parser.add_argument("-k", type=_count, default=10, metavar="N", help="how many results (10)")
    parser.add_argument("--dataset", metavar="NAME", help="only this dataset's texts")


def _add_export(parser: Parser) -> None:
    parser.add_argument("run", metavar="RUN", help="number or name of the run")
    parser.add_argument("out", metavar="OUT", help="a new folder")
    parser.add_argument(
        "--format",
        choices=("safetensors", "onnx", "openvino"),
        default="safetensors",
        help="safetensors (where left out): a copy for sentence-transformers; onnx, openvino: one graph from tokens to embedding",
    )
    parser.add_argument(
        "--int8", action="store_true", help="weights in 8 bits: a quarter of the size, a little less exact"
    )


def _add_export_data(parser: Parser) -> None:
    parser.add_argument(
        "out", metavar="OUT", help="the file; its ending decides the format. A folder with --folder"
    )
    parser.add_argument("--dataset", metavar="NAME", help="which one, where the project has several")
    parser.add_argument(
        "--folder", action="store_true", help="write a Hugging Face dataset folder with its card"
    )
    parser.add_argument(
        "--training",
        action="store_true",
        help="leave out rows that cannot train or were rejected, and number categories: what SentenceTransformerTrainer takes as it is",
    )
    parser.add_argument(
        "--metadata",
        choices=("none", "columns", "file"),
        default="none",
        help="split, status, flag, note and source of the rows: left out, as columns, or as a file beside the data",
    )
    parser.add_argument(
        "--by-split", action="store_true", help="one file for train, validation and test each"
    )
    parser.add_argument(
        "--bom", action="store_true", help="begin CSV and TSV with the mark by which Excel knows UTF-8"
    )
    parser.add_argument(
        "--filter", metavar="NAME", default="all", help="only these rows: unlabelled, flagged, train, …"
    )
    parser.add_argument("--search", metavar="TEXT", default="", help="only rows that contain TEXT")


def _add_push(parser: Parser) -> None:
    parser.add_argument("run", metavar="RUN", help="number or name of the run")
    parser.add_argument("repo", metavar="OWNER/NAME", help="the model's name on the Hub")
    parser.add_argument("--private", action="store_true", help="only you can read it; public where left out")
    parser.add_argument("--yes", action="store_true", help="upload without asking")


def _add_split(parser: Parser) -> None:
    parser.add_argument("--dataset", metavar="NAME", help="which one, where the project has several")
    for name, share in (("train", 80), ("eval", 10), ("test", 10)):
        parser.add_argument(
            f"--{name}", type=_share, default=share, metavar="N", help=f"its share of the rows ({share})"
        )
    parser.add_argument("--seed", type=int, default=42, metavar="N", help="the same seed, the same rows (42)")
    parser.add_argument(
        "--together",
        choices=("text", "anchor", "none"),
        default="text",
        help="rows that stay in one split: with any common text (where left out), with the same anchor, none",
    )
    parser.add_argument("--clear", action="store_true", help="take the splits away instead")


def _share(text: str) -> float:
    if not text.isascii() or not text.replace(".", "", 1).isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 up")
    return float(text)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 up")
    return int(text)
