"""Whom to cite: BibTeX entries and the losses they belong to, as sentence-transformers publishes them."""

from __future__ import annotations

from core.models.card_facts import LossFacts

BIBTEX = {
    "reimers-2019-sentence-bert": """@inproceedings{reimers-2019-sentence-bert,
    title = "Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks",
    author = "Reimers, Nils and Gurevych, Iryna",
    booktitle = "Proceedings of the 2019 Conference on Empirical Methods in Natural Language Processing",
    month = "11",
    year = "2019",
    publisher = "Association for Computational Linguistics",
    url = "https://arxiv.org/abs/1908.10084",
}""",
    "oord2018": """@misc{oord2019representationlearningcontrastivepredictive,
    title={Representation Learning with Contrastive Predictive Coding},
    author={Aaron van den Oord and Yazhe Li and Oriol Vinyals},
    year={2019},
    eprint={1807.03748},
    archivePrefix={arXiv},
    primaryClass={cs.LG},
    url={https://arxiv.org/abs/1807.03748},
}""",
    "henderson2017": """@misc{henderson2017efficient,
    title={Efficient Natural Language Response Suggestion for Smart Reply},
    author={Matthew Henderson and Rami Al-Rfou and Brian Strope and Yun-hsuan Sung and Laszlo Lukacs and Ruiqi Guo and Sanjiv Kumar and Balint Miklos and Ray Kurzweil},
    year={2017},
    eprint={1705.00652},
    archivePrefix={arXiv},
    primaryClass={cs.CL}
}""",
    "cosent2024": """@article{10531646,
    author={Huang, Xiang and Peng, Hao and Zou, Dongcheng and Liu, Zhiwei and Li, Jianxin and Liu, Kay and Wu, Jia and Su, Jianlin and Yu, Philip S.},
    journal={IEEE/ACM Transactions on Audio, Speech, and Language Processing},
    title={CoSENT: Consistent Sentence Embedding via Similarity Ranking},
    year={2024},
    doi={10.1109/TASLP.2024.3402087}
}""",
    "hermans2017": """@misc{hermans2017defense,
    title={In Defense of the Triplet Loss for Person Re-Identification},
    author={Alexander Hermans and Lucas Beyer and Bastian Leibe},
    year={2017},
    eprint={1703.07737},
    archivePrefix={arXiv},
    primaryClass={cs.CV}
}""",
    "li-li-2024-aoe": """@inproceedings{li-li-2024-aoe,
    title = "{A}o{E}: Angle-optimized Embeddings for Semantic Textual Similarity",
    author = "Li, Xianming and Li, Jing",
    year = "2024",
    publisher = "Association for Computational Linguistics",
    url = "https://aclanthology.org/2024.acl-long.101/",
    doi = "10.18653/v1/2024.acl-long.101"
}""",
    "kusupati2024": """@misc{kusupati2024matryoshka,
    title={Matryoshka Representation Learning},
    author={Aditya Kusupati and Gantavya Bhatt and Aniket Rege and Matthew Wallingford and Aditya Sinha and Vivek Ramanujan and William Howard-Snyder and Kaifeng Chen and Sham Kakade and Prateek Jain and Ali Farhadi},
    year={2024},
    eprint={2205.13147},
    archivePrefix={arXiv},
    primaryClass={cs.LG}
}""",
    "hadsell2006": """@inproceedings{hadsell2006dimensionality,
    author={Hadsell, R. and Chopra, S. and LeCun, Y.},
    booktitle={2006 IEEE Computer Society Conference on Computer Vision and Pattern Recognition (CVPR'06)},
    title={Dimensionality Reduction by Learning an Invariant Mapping},
    year={2006},
    volume={2},
    number={},
    pages={1735-1742},
    doi={10.1109/CVPR.2006.100}
}""",
    "gao2021": """@misc{gao2021scaling,
    title={Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup},
    author={Luyu Gao and Yunyi Zhang and Jiawei Han and Jamie Callan},
    year={2021},
    eprint={2101.06983},
    archivePrefix={arXiv},
    primaryClass={cs.LG}
}""",
    "solatorio2024": """@misc{solatorio2024gistembed,
    title={GISTEmbed: Guided In-sample Selection of Training Negatives for Text Embedding Fine-tuning},
    author={Aivin V. Solatorio},
    year={2024},
    eprint={2402.16829},
    archivePrefix={arXiv},
    primaryClass={cs.LG}
}""",
}

# The library names nothing for OnlineContrastiveLoss. CosineSimilarityLoss is Sentence-BERT's own, so it has no further entry.
LOSS_KEYS = {
    "MultipleNegativesRankingLoss": ("oord2018", "henderson2017"),
    "CachedMultipleNegativesRankingLoss": ("gao2021",),
    "GISTEmbedLoss": ("solatorio2024",),
    "CachedGISTEmbedLoss": ("solatorio2024", "gao2021"),
    "CoSENTLoss": ("cosent2024",),
    "AnglELoss": ("li-li-2024-aoe",),
    "ContrastiveLoss": ("hadsell2006",),
    "TripletLoss": ("hermans2017",),
    "MatryoshkaLoss": ("kusupati2024",),
    "BatchAllTripletLoss": ("hermans2017",),
    "BatchHardTripletLoss": ("hermans2017",),
    "BatchSemiHardTripletLoss": ("hermans2017",),
    "BatchHardSoftMarginTripletLoss": ("hermans2017",),
}


def citations(loss: LossFacts) -> list[tuple[str, list[str]]]:
    """(heading, BibTeX entries) in card order: the library first, then the loss."""
    found = [("Sentence Transformers", [BIBTEX["reimers-2019-sentence-bert"]])]
    inner = str(loss.parameters.get("loss", ""))  # of a loss around another
    keys = (loss.citation,) if loss.citation else (*LOSS_KEYS.get(loss.name, ()), *LOSS_KEYS.get(inner, ()))
    entries = [BIBTEX[key] for key in keys if key in BIBTEX]
    if entries:
        found.append((loss.name, entries))
    return found
