"""Words for groups of texts: without function words, in several languages and scripts, with few texts too."""

from __future__ import annotations

import pytest

from core.errors import Cancelled
from core.similarity.keywords import of_groups, words


def test_words_of_several_languages() -> None:
    assert words("The coat and the <b>hat</b>, it's new") == ["coat", "hat", "new"]
    assert words("Ein schöner Straßenmantel für den Winter") == ["schöner", "straßenmantel", "winter"]
    assert words("пальто и шарф") == ["пальто", "шарф"]
    assert words("किताबें") == ["किताबें"], "signs of vowels belong to the word"
    assert words("빨간 드레스") == ["빨간", "드레스"]
    assert words("赤いドレスとコート") == ["赤", "ドレス", "コート"]
    assert words("红色连衣裙") == ["红色", "色连", "连衣", "衣裙"]
    assert words("don’t 12 x1 a b ☃") == []
    assert words("") == []


def test_few_texts_get_no_function_words() -> None:
    groups = [
        ["the red coat of the winter", "a coat for the cold", "the warm coats"],
        ["the old river of the valley", "a river and the sea", "the rivers"],
    ]
    coats, rivers = of_groups(groups)
    assert coats[0] == "coat" and rivers[0] == "river"
    for told in (coats, rivers):
        assert not {"the", "and", "for"} & set(told)
    assert not {"coats"} & set(coats) and not {"rivers"} & set(rivers), "one form of a word is enough"


def test_function_words_of_an_unknown_language_are_found_by_their_spread() -> None:
    topics = ["talo", "vene", "kivi", "lintu", "puuro", "lumi"]
    groups = [[f"oli {topic} mutta {topic} kanssa {n}" for n in range(6)] for topic in topics]
    assert of_groups(groups) == [(topic,) for topic in topics]


def test_a_group_without_words_of_its_own_takes_those_of_its_first_text() -> None:
    groups = [["green tea cup", "blue moon"], ["12", "!?"], []]
    told = of_groups(groups)
    assert len(told[0]) == 3 and told[1:] == [(), ()]
    with pytest.raises(Cancelled):
        of_groups(groups, should_stop=lambda: True)
