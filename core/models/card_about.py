"""The upper half of a card: what the model is and how to use it."""

from __future__ import annotations

import re

from core.models import card_front_matter, card_text
from core.models.card_facts import CardFacts, UsageExample

SIMILARITIES = {
    "cosine": "Cosine Similarity",
    "dot": "Dot Product",
    "euclidean": "Euclidean Distance",
    "manhattan": "Manhattan Distance",
}
_PLACEHOLDERS = ("The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium.")
_TASKS = "semantic textual similarity, semantic search, paraphrase mining, text classification, clustering, and more"

_SOURCES = """### Model Sources

- **Documentation:** [Sentence Transformers Documentation](https://sbert.net)
- **Repository:** [Sentence Transformers on GitHub](https://github.com/huggingface/sentence-transformers)
- **Hugging Face:** [Sentence Transformers on Hugging Face](https://huggingface.co/models?library=sentence-transformers)
"""

_OTHER_USES = """<!--
### Direct Usage (Transformers)

<details><summary>Click to see the direct usage in Transformers</summary>

</details>
-->

<!--
### Downstream Usage (Sentence Transformers)

You can finetune this model on your own dataset.

<details><summary>Click to expand</summary>

</details>
-->

<!--
### Out-of-Scope Use

*List how the model may foreseeably be misused and address what users ought not to do with the model.*
-->
"""


def introduction(facts: CardFacts) -> str:
    origin = f" finetuned from {_base_link(facts)}" if facts.base_model else " trained from random weights"
    name = card_text.line(facts.train.name)
    data = f" on the {name} dataset" if name else ""
    verdict = f"\n**Verdict:** {card_text.line(facts.run.verdict)}\n" if facts.run.verdict else ""
    return (
        f"# {card_text.line(card_front_matter.title(facts))}\n\n"
        f"This is a [sentence-transformers](https://www.SBERT.net) model{origin}{data}. It maps sentences & paragraphs to a "
        f"{facts.output_dimension}-dimensional dense vector space and can be used for {_TASKS}.\n{verdict}"
    )


def details(facts: CardFacts) -> str:
    length = "no limit" if facts.max_sequence_length is None else f"{facts.max_sequence_length} tokens"
    lines = [
        "## Model Details\n",
        "### Model Description",
        "- **Model Type:** Sentence Transformer",
        f"- **Base model:** {_base_link(facts)}{_revision(facts)}"
        if facts.base_model
        else "<!-- - **Base model:** none, trained from random weights -->",
        f"- **Maximum Sequence Length:** {length}",
        f"- **Output Dimensionality:** {facts.output_dimension} dimensions",
        f"- **Similarity Function:** {SIMILARITIES.get(facts.similarity, card_text.line(facts.similarity))}",
        f"- **Training Dataset:** {card_text.line(facts.train.name)}"
        if card_text.line(facts.train.name)
        else "<!-- - **Training Dataset:** Unknown -->",
        f"- **Language:** {', '.join(map(card_text.line, facts.language))}"
        if facts.language
        else "<!-- - **Language:** Unknown -->",
        f"- **License:** {card_text.line(facts.license)}"
        if facts.license
        else "<!-- - **License:** Unknown -->",
    ]
    architecture = f"### Full Model Architecture\n\n{fenced(facts.architecture)}\n"
    return "\n".join(["\n".join(lines) + "\n", _SOURCES, architecture])


def usage(facts: CardFacts) -> str:
    example = facts.usage if facts.include_texts else None
    texts = example.texts if example else _PLACEHOLDERS
    sentences = "\n".join(f"    {card_text.literal(text)}," for text in texts)
    shown = (
        f"print(similarities)\n{_matrix(example)}"
        if example
        else (f"print(similarities.shape)\n# [{len(texts)}, {len(texts)}]")
    )
    snippet = f"""from sentence_transformers import SentenceTransformer

# The folder of this model, or its name once it is on the 🤗 Hub
model = SentenceTransformer("path/to/this/folder")
# Run inference
sentences = [
{sentences}
]
embeddings = model.encode(sentences)
print(embeddings.shape)
# [{len(texts)}, {facts.output_dimension}]

# Get the similarity scores for the embeddings
similarities = model.similarity(embeddings, embeddings)
{shown}"""
    return f"""## Usage

### Direct Usage (Sentence Transformers)

First install the Sentence Transformers library:

```bash
pip install -U sentence-transformers
```

Then you can load this model and run inference.
{fenced(snippet, "python")}

{_OTHER_USES}"""


def fenced(text: str, language: str = "") -> str:
    """A code block whose fence is longer than any run of backticks in the text."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{card_text.clean(text)}\n{fence}"


def _base_link(facts: CardFacts) -> str:
    name = card_text.name_of(facts.base_model)
    if facts.base_model_on_hub and card_text.is_hub_name(name):
        return f"[{name}](https://huggingface.co/{name})"
    return card_text.line(name)


def _revision(facts: CardFacts) -> str:
    if revision := re.sub(r"[^0-9A-Za-z.]", "", facts.base_model_revision):
        return f" <!-- at revision {revision} -->"
    if fingerprint := re.sub(r"[^0-9A-Za-z:.]", "", facts.base_model_fingerprint):
        return f" <!-- weights with fingerprint {fingerprint} -->"
    return ""


def _matrix(example: UsageExample) -> str:
    """The similarity matrix as PyTorch prints it, commented out."""
    cells = [[f"{value:.4f}" for value in row] for row in example.similarities]
    width = max((len(cell) for row in cells for cell in row), default=0)
    rows = ["[" + ", ".join(cell.rjust(width) for cell in row) + "]" for row in cells]
    return "# tensor([" + ",\n#         ".join(rows) + "])"
