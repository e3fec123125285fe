"""Writes train.csv and eval.csv of this example: `python generate.py [FOLDER]` (standard library only).

The rule is described in README.md. Only `Random.random()` is drawn from: it is the one method whose sequence Python promises to
keep, so every Python version writes the same bytes.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

SEED = 2120531
TRAIN_ROWS = 2120
EVAL_ROWS = 531

# Category -> how often the column holds it, relative to the others.
CATEGORIES = {
    "Anoraks": 3,
    "Cardigans": 6,
    "Coats": 8,
    "Dresses": 14,
    "Dungarees": 2,
    "Hoodies": 9,
    "Jeans": 12,
    "Leggings": 5,
    "Pyjamas": 4,
    "Raincoats": 3,
    "Scarves": 5,
    "Skirts": 10,
    "Sweaters": 13,
    "Waistcoats": 2,
}

# Values that belong to another column. The first ten of each line are for training, the last four only for the evaluation.
DOMAINS = {
    "kitchen": "Egg Timer, Bread Knife, Pepper Mill, Salad Spinner, Cast Iron Pan, Tea Strainer, Soup Ladle, Pizza Stone, "
    "Milk Frother, Cookie Cutter, Garlic Press, Waffle Maker, Butter Dish, Kitchen Scale",
    "office": "Desk Lamp, Paper Shredder, Wall Planner, Swivel Chair, Stapler, Label Printer, Filing Cabinet, Envelope, "
    "Whiteboard, Hole Punch, Ink Cartridge, Letter Opener, Meeting Room, Ballpoint Pen",
    "vehicle": "Spark Plug, Roof Rack, Brake Disc, Oil Filter, Hub Cap, Tow Rope, Fuel Tank, Exhaust Pipe, Tyre Gauge, "
    "Steering Wheel, Rear Mirror, Gear Stick, Child Seat, Jump Cable",
    "garden": "Watering Can, Lawn Mower, Bird Bath, Compost Bin, Hedge Trimmer, Flower Pot, Garden Gnome, Leaf Rake, "
    "Wheelbarrow, Seed Tray, Pond Pump, Bee Hotel, Sun Lounger, Tree House",
    "abstract": "Curiosity, Patience, Tuesday, Gravity, Courage, Algebra, Silence, Luck, Inflation, Friendship, Nostalgia, "
    "Honesty, Midnight, Weather",
}
EVAL_ONLY_PER_DOMAIN = 4

Rule = Callable[[str, Random], str]
Row = tuple[str, str, str]


def below(rng: Random, n: int) -> int:
    """A whole number from 0 to n - 1."""
    return int(rng.random() * n)


def pick(rng: Random, items: Sequence[str]) -> str:
    return items[below(rng, len(items))]


def pick_category(rng: Random, without: str = "") -> str:
    """A category, drawn by its weight; never `without`."""
    choices = {name: weight for name, weight in CATEGORIES.items() if name != without}
    left = rng.random() * sum(choices.values())
    for name, weight in choices.items():
        left -= weight
        if left < 0:
            return name
    return name


def hash_sign(value: str, rng: Random) -> str:
    return "#" + value


def html_tag(value: str, rng: Random) -> str:
    tag = pick(rng, ("b", "i", "p", "span"))
    return f"<{tag}>{value}</{tag}>"


def stray_ending(value: str, rng: Random) -> str:
    """The last letter is lost to a neighbouring key: "Sweater]"."""
    return value[:-1] + pick(rng, "]})>;,")


def dropped_letter(value: str, rng: Random) -> str:
    at = 1 + below(rng, len(value) - 2)
    return value[:at] + value[at + 1 :]


def doubled_letter(value: str, rng: Random) -> str:
    at = 1 + below(rng, len(value) - 1)
    return value[:at] + value[at] + value[at:]


def swapped_letters(value: str, rng: Random) -> str:
    at = 1 + below(rng, len(value) - 2)
    return value[:at] + value[at + 1] + value[at] + value[at + 2 :]


def wrong_case(value: str, rng: Random) -> str:
    """Swapped case alone would still be the same value, so a full stop, "!" or "?" is left behind too."""
    return value.swapcase() + pick(rng, ".!?")


def quote_inside(value: str, rng: Random) -> str:
    at = 1 + below(rng, len(value) - 1)
    return value[:at] + '"' + value[at:]


ERRORS: tuple[Rule, ...] = (
    hash_sign,
    html_tag,
    stray_ending,
    dropped_letter,
    doubled_letter,
    swapped_letters,
    wrong_case,
    quote_inside,
)


def domain_values(domain: str, evaluation: bool) -> list[str]:
    values = DOMAINS[domain].split(", ")
    return values[-EVAL_ONLY_PER_DOMAIN:] if evaluation else values[:-EVAL_ONLY_PER_DOMAIN]


def make_negative(anchor: str, evaluation: bool, rng: Random) -> str:
    """One of the 13 rules, each as likely as the others. An error spoils the anchor itself every second time."""
    kind = below(rng, len(ERRORS) + len(DOMAINS))
    if kind >= len(ERRORS):
        return pick(rng, domain_values(list(DOMAINS)[kind - len(ERRORS)], evaluation))
    value = anchor if rng.random() < 0.5 else pick_category(rng, without=anchor)
    return ERRORS[kind](value, rng)


def make_rows(count: int, evaluation: bool, taken: set[Row], rng: Random) -> list[Row]:
    """`count` rows that are not in `taken`, which they join."""
    valid = {name.casefold() for name in CATEGORIES}
    rows: list[Row] = []
    while len(rows) < count:
        anchor = pick_category(rng)
        row = (anchor, pick_category(rng, without=anchor), make_negative(anchor, evaluation, rng))
        # swapping two equal letters changes nothing: such a value would still be valid
        if row[2].casefold() in valid or row in taken:
            continue
        taken.add(row)
        rows.append(row)
    return rows


def generate() -> tuple[list[Row], list[Row]]:
    """The rows of train.csv and of eval.csv."""
    rng = Random(SEED)
    taken: set[Row] = set()
    train = make_rows(TRAIN_ROWS, False, taken, rng)
    return train, make_rows(EVAL_ROWS, True, taken, rng)


def write(path: Path, rows: list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("anchor", "positive", "negative"))
        writer.writerows(rows)


def main(arguments: list[str]) -> int:
    folder = Path(arguments[0]) if arguments else Path(__file__).resolve().parent
    train, evaluation = generate()
    write(folder / "train.csv", train)
    write(folder / "eval.csv", evaluation)
    print(f"{len(train)} rows in train.csv, {len(evaluation)} rows in eval.csv")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
