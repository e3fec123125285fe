"""Garbled letters: what was garbled comes back, what was not stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dataset.mojibake import is_garbled, repaired


def garbled(text):
    """What programs make of UTF-8 that they take for Windows-1252."""
    return "".join(
        bytes([byte]).decode("cp1252") if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else chr(byte)
        for byte in text.encode()
    )


SENTENCES = (
    "It’s a “café” – naïve… façade", "L’été à l’œuvre : cœur, Œuvre", "Größe, Übermut, Ärger, Straße", "Złoty, łódź, źdźbło",
    "Škoda, žena, čeština, řeka", "İstanbul, ağaç, şeker, ışık", "Señor, ¿qué? ¡Sí!", "irmã, não, São João, ações",
    "Привет, мир", "Γειά σου κόσμε", "Việt Nam đẹp lắm", "日本語の文章", "한국어 문장", "אָלֶף בֵּית", "مرحبا بالعالم", "emoji 🙂 here",
    "price: 5 £ or 6 € ± 2 °C ½ ©",
)  # fmt: skip


@pytest.mark.parametrize("text", SENTENCES)
def test_sentences_of_many_languages_come_back_and_stay(text):
    assert not is_garbled(text) and repaired(text) == text
    assert is_garbled(garbled(text))
    assert repaired(garbled(text)) == text
    assert repaired(garbled(garbled(text))) == text


@pytest.mark.parametrize(
    "text",
    [
        "„Das Ä“ und „Ö“",
        "CAFÉ” – “É“",
        "irmã» irmã” irmã…",
        "SÃO PAULO",
        "Å – å",
        "É“",
        "Â",
        "Ã",
        "â€",
        "naïve – “Ä…",
        "Ñ—",
    ],
)
def test_letters_before_punctuation_are_no_accident(text):
    assert repaired(text) == text and not is_garbled(text)


def test_small_letters_and_a_lost_byte():
    assert repaired("cã©line, tã« kã¼b") == "céline, të küb"
    assert repaired("good old daysâ€\ufffd are") == "good old days” are"
    assert repaired("ø£ùˆø³ù…") == "أوسم"


LETTERS = st.characters(
    min_codepoint=0xA1, max_codepoint=0xFF, exclude_characters="×÷ÂÃâãÄÅ"
) | st.sampled_from("“”’–—…€™•")


@given(st.lists(st.text("abc ,.", min_size=1, max_size=4) | LETTERS, min_size=1, max_size=10).map("".join))
def test_any_western_text_comes_back(text):
    original = repaired(text)  # whatever happens to look garbled by itself is not asked about
    if original == text:
        assert repaired(garbled(text)) == text


@given(st.text(max_size=30))
def test_it_never_fails_and_ascii_stays(text):
    found = repaired(text)
    assert is_garbled(text) == (found != text)
    assert repaired(text.encode("ascii", "ignore").decode()) == text.encode("ascii", "ignore").decode()
