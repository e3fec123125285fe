"""Data as it really lies about: stray quotation marks, scores first, most of them missing, a cell too many."""

from __future__ import annotations

import pytest

from core.dataset.formats import DatasetInfo, Format, Rejected, Scale
from core.dataset.importing import Mapping, Quoting, inspect, read, read_tsv_text


@pytest.fixture
def put(tmp_path):
    def put(text, name="data.csv"):
        path = tmp_path / name
        path.write_bytes(text.encode())
        return path

    return put


def test_paraphrases_with_a_mark_crlf_and_stray_quotation_marks(put):
    """As the MSR paraphrase corpus: read with quoting, a hundred lines of 3,577 would run together."""
    lines = [
        f"{n % 2}\t{n}\t{n + 1}\t{chr(34) if n % 30 == 0 else ''}Amrozi accused his brother {n}.\tHe {chr(34) if n % 40 == 0 else ''}said {n}."
        for n in range(3577)
    ]
    path = put(
        "\ufeffQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\r\n" + "\r\n".join(lines) + "\r\n", "msr.txt"
    )
    seen = inspect(path)
    assert (seen.encoding, seen.reading.quoting) == ("utf-8-sig", Quoting.PLAIN)
    result = read(path)
    assert (len(result.examples), result.rejected, result.scale) == (3577, [], Scale(0, 1))
    assert result.examples[0].texts == ('"Amrozi accused his brother 0.', 'He "said 0.')


def test_score_first_and_mostly_missing(put):
    lines = [f'{n % 6 if n % 5 == 0 else ""}\tA "first text {n}\tThe "second" text {n}' for n in range(2000)]
    result = read(put("\n".join(lines), "sts.tsv"))
    assert (result.format, result.scale, len(result.examples)) == (Format.SCORED, Scale(0, 5), 2000)
    assert result.notes[-1] == "1,600 rows without a score: unlabelled."


def test_a_headerless_file_that_does_need_quoting(put):
    lines = [f'"A man said ""hello"" {n}, loudly","A person, {n}",{n % 6}.0' for n in range(300)]
    result = read(put("\n".join(lines)))
    assert len(result.examples) == 300 and result.examples[1].texts == (
        'A man said "hello" 1, loudly',
        "A person, 1",
    )


def test_triplets_without_names_and_a_line_with_a_field_too_many(put):
    lines = [f"what is {n}\tthe right answer {n}\tanother answer {n}" for n in range(300)]
    lines[7] += "\textra"
    result = read(put("\n".join(lines), "triples.tsv"))
    assert (result.format, len(result.examples)) == (Format.TRIPLETS, 299)
    assert result.rejected == [Rejected(8, "it has 4 columns, expected 3")]


def test_garbled_letters_of_the_quotes(data_dir):
    """Garbled, then put in small letters: all rows with marks such as â€ or ã©, and those in Arabic (ø£), are found."""
    from core.dataset.importing import Reading

    path = data_dir / "quotes" / "seed002_pairs.csv"
    kept, mended = read(path), read(path, reading=Reading(repair=True))
    assert mended.notes == ["Garbled letters were repaired in 249 rows."]
    assert any("hold garbled letters" in note for note in kept.notes)
    assert any("â€™" in example.texts[0] for example in kept.examples)
    assert not any("â€" in text or "Ã" in text for example in mended.examples for text in example.texts)
    assert sum(a.texts != b.texts for a, b in zip(kept.examples, mended.examples)) == 249


@pytest.mark.parametrize("word", ["Größe", "créée", "voïeées"])
def test_two_accented_letters_side_by_side_are_still_western(tmp_path, word):
    """In a column of sizes nearly every such letter has a neighbour, as in Greek."""
    path = tmp_path / "t.csv"
    path.write_bytes(("anchor,positive\n" + f"Kleid,{word} 38\nHose,{word} 40\n" * 30).encode("cp1252"))
    assert inspect(path).encoding == "cp1252" and read(path).examples[0].texts == ("Kleid", f"{word} 38")


def test_a_scale_whose_best_is_its_smallest_number(tmp_path):
    """German school marks: 1 is the best, 6 the worst."""
    marks = Scale(6, 1)
    path = tmp_path / "marks.csv"
    path.write_text("sentence1,sentence2,score\na,b,1\nc,d,6\ne,f,7\n", encoding="utf-8")
    mapping = Mapping(Format.SCORED, {"text_a": "sentence1", "text_b": "sentence2", "score": "score"}, marks)
    result = read(path, mapping)
    assert [row.score for row in result.examples] == [1.0, 0.0] and [one.line for one in result.rejected] == [
        4
    ]
    info = DatasetInfo(1, "Marks", Format.SCORED, scale=marks)
    rows, rejected = read_tsv_text("a\tb\t1\nc\td\t6\ne\tf\t7\n", info)
    assert [row.score for row in rows] == [1.0, 0.0] and [one.line for one in rejected] == [3]


def test_a_note_with_half_a_character_costs_its_own_row_only(tmp_path):
    """Nothing can store it: the rest of the file would have been refused with it."""
    line = '{"anchor": "a", "positive": "b%d", "split": "", "status": "", "flag": "no", "note": "%s", "source": "%s"}\n'
    path = tmp_path / "t.jsonl"
    path.write_text(line % (1, "\\ud800", "s") + line % (2, "n", "\\udcff") + line % (3, "ü", "s"), "utf-8")
    result = read(path)
    assert [(row.texts[1], row.note) for row in result.examples] == [("b3", "ü")]
    assert [(one.line, one.reason) for one in result.rejected] == [
        (line, "its note or source holds bytes that are not text") for line in (1, 2)
    ]
