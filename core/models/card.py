"""The model card: a README.md beside the weights that says what the model is, what it learned from and whether that helped.

It has the sections of the cards that sentence-transformers publishes, in their order, made from `CardFacts` alone: nothing
is looked up, downloaded or guessed.
"""

from __future__ import annotations

from pathlib import Path

from core import atomic
from core.models import card_about, card_front_matter, card_training
from core.models.card_facts import CardFacts
from core.models.card_threshold import RunThreshold, in_card

NAME = "README.md"


def write_card(model_dir: Path, facts: CardFacts, threshold: RunThreshold | None = None) -> None:
    """Write the card into the model's folder, with the threshold where one is chosen.

    Raises:
        DiskFull, FileProblem: an older card is left as it was.
    """
    atomic.write_text(model_dir / NAME, in_card(render(facts), threshold))


def render(facts: CardFacts) -> str:
    """The card as Markdown with its YAML front matter."""
    sections = (
        card_front_matter.front_matter(facts),
        card_about.introduction(facts),
        card_about.details(facts),
        card_about.usage(facts),
        card_training.evaluation(facts),
        card_training.RISKS,
        card_training.datasets(facts),
        card_training.hyperparameters(facts),
        card_training.logs(facts),
        card_training.run(facts),
        card_training.versions(facts),
        card_training.citation(facts),
        card_training.CLOSING,
    )
    return "\n".join(section for section in sections if section)
