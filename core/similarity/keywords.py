"""Words that say what a group of texts is about, in any language: what is frequent in the group and rare in the others."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from core.errors import Cancelled

_LETTERS = 2_000  # of each text
_COMMON = 0.4  # share of the groups from which a word says nothing about any of them
_LEAST_LIFT = 2.0  # how much more frequent than elsewhere
_ALIKE = 4  # letters that "coat" and "coats" share

# Function words of some languages that people label in. Few: where there are many groups, what is in most of them is left out anyway.
# Function words of some languages that people label in (English, German, French, Spanish, Portuguese, Italian, Dutch, Scandinavian, Polish,
# Russian), without those that mean something in another one. Where there are many groups, what is in most of them is left out anyway.
_FUNCTION_WORDS = """
den the and for are but not you all any can had her was one our out has him his how its now way who did she too use that with have this will your from
they been were said each which their them then these some would make like into than what when where more most only over such very just about after
also because before being between both could does doing down during few further here hers himself itself myself off once other ours same should so
those through under until while whom why yours again against there is it in of on to a an as at be by he if me my no nor or up us we do am i it's
don't i'm can't isn't doesn't that's you're der das dem des ein eine einer eines einem einen und oder aber nicht mit von vom zum zur für auf aus bei
nach über unter ist sind waren wird werden haben wie wenn dass auch noch nur sich sie wir ihr ich als bis im zu es er mich dich mein dein sein le la
les un une du de et ou mais ne pas que qui dans sur avec sans est sont était ce cette ces il elle nous vous ils elles je tu sa ses ma mes leur leurs
au aux en y se comme même el los las una unos unas o pero con por para del al fue ser muy más como su sus mi mis te lo nos esta este esto os um uma e
mas não com sem da na nas é são foi muito seu sua meu minha gli ed non che di della dei delle nel nella per senza è sono essere più suo mio mia si ci
anche het een van voor niet met zijn haar naar ook maar dat dit wordt worden och att det som på är av för inte ett jag og ikke med nie jest się że jak
co ale dla czy и в на не что с по как это к у из за от для но а о же бы он она они мы вы я его её их так все
"""
_EMPTY = frozenset(_FUNCTION_WORDS.split())

_MARKS = "".join(
    sign for sign in map(chr, range(0x0300, 0x3100)) if unicodedata.category(sign).startswith("M")
)
_WORD = re.compile(
    rf"[\u4e00-\u9fff\u3400-\u4dbf]+|[\u30a0-\u30ff]{{2,}}|[^\W\d_\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]"
    rf"(?:[^\W\d_\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]|[{re.escape(_MARKS)}]|['’](?=[^\W\d_]))+"
)


def words(text: str) -> list[str]:
    """The words of a text that may say something about a group: without function words and words of one or two Latin letters; of runs of
    Chinese characters, which no space parts, every two neighbours."""
    found = []
    for word in _WORD.findall(unicodedata.normalize("NFC", text[:_LETTERS]).lower().replace("’", "'")):
        if "\u3400" <= word[0] <= "\u9fff":
            found += [word[at : at + 2] for at in range(max(1, len(word) - 1))]
        elif word not in _EMPTY and (len(word) > 2 or word[0] > "\u036f"):
            found.append(word)
    return found


def of_groups(
    groups: Sequence[Sequence[str]], most: int = 3, should_stop: Callable[[], bool] | None = None
) -> list[tuple[str, ...]]:
    """For each group of texts, the most typical first, the words that set it apart from the other groups.

    A word counts once in a text, as in c-TF-IDF (Grootendorst 2022); its value is p · log(p / q), p and q being the shares of texts with it
    in the group and, with half a text added, elsewhere. Words of more than two in five groups, and those not twice as frequent as
    elsewhere, say nothing. A group without any other words takes those of its first text.

    Raises:
        Cancelled
    """
    counts: list[Counter[str]] = []
    for texts in groups:
        if should_stop and should_stop():
            raise Cancelled
        own = Counter[str]()
        for text in texts:
            own.update(set(words(text)))
        counts.append(own)
    total, spread = Counter[str](), Counter[str]()
    for own in counts:
        total.update(own)
        spread.update(own.keys())
    whole = sum(len(texts) for texts in groups)
    common = max(2.0, _COMMON * len(groups))
    found = []
    for texts, own in zip(groups, counts, strict=True):
        told = {word: count for word, count in own.items() if spread[word] <= common}
        ranked = _ranked(told, total, len(texts), whole)
        if not ranked and texts:
            ranked = sorted(set(words(texts[0])), key=lambda word: (spread[word], -len(word), word))
        found.append(_unlike(ranked, most))
    return found


def _ranked(own: dict[str, int], total: Counter[str], size: int, whole: int) -> list[str]:
    least = 2 if size > 3 else 1
    scored = []
    for word, count in own.items():
        p = count / max(size, 1)
        q = (total[word] - count + 0.5) / (whole - size + 1)
        if count >= least and p > _LEAST_LIFT * q:
            scored.append((-p * float(np.log(p / q)), word))
    return [word for _, word in sorted(scored)]


def _unlike(ranked: Sequence[str], most: int) -> tuple[str, ...]:
    """The first words, without other forms of the same one ("coat", "coats")."""
    found: list[str] = []
    for word in ranked:
        if not any(_same(word, other) for other in found):
            found.append(word)
        if len(found) == most:
            break
    return tuple(found)


def _same(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return (
        len(short) >= _ALIKE - 1
        and len(long) - len(short) <= 2
        and long.startswith(short[: max(3, len(short) - 1)])
    )
