"""Unpaired texts: added, removed, and back again."""

import pytest

from core.dataset.formats import Example, Format
from core.engine.corpus import Corpora
from core.errors import DataProblem
from core.project import Project


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "p", "Shop") as made:
        yield made


def texts(project):
    return [text.text for text in project.corpus_texts()]


def test_texts_are_kept_letter_for_letter_once_each(project):
    change = project.add_texts(["NA", " linen ", "", "null", " \n", "NA", "Größe\r\n"], "words.txt")
    assert change.kinds == {"texts"}
    assert texts(project) == ["NA", " linen ", "null", "Größe\r\n"]
    assert project.corpus_count() == 4 and {text.source for text in project.corpus_texts()} == {"words.txt"}
    assert project.add_texts(["NA", "null"], "again.txt").kinds == frozenset()
    assert project.undo_label == "Add texts"
    assert [text.text for text in project.corpus_texts(1, 2)] == [" linen ", "null"]


def test_removing_and_adding_undo_to_the_same_texts_and_ids(project):
    empty = project.data_hash()
    project.add_texts(["a", "b", "c"])
    full = project.data_hash()
    project.remove_texts([project.corpus_texts()[1].id])
    fewer = project.data_hash()
    project.add_texts(["b"])
    last = project.data_hash()
    assert texts(project) == ["a", "c", "b"]
    for state in (fewer, full, empty):
        project.undo()
        assert project.data_hash() == state
    for state in (full, fewer, last):
        project.redo()
        assert project.data_hash() == state


def test_a_text_that_cannot_be_kept_leaves_everything_as_it_was(project):
    with pytest.raises(DataProblem, match="NUL"):
        project.add_texts(["fine", "a\0b"])
    assert project.corpus_count() == 0 and project.undo_label == ""


def test_a_search_looks_through_the_texts_of_rows_and_the_unpaired_ones(project):
    project.create_dataset("Pairs", Format.PAIRS, examples=[Example(("anchor", "positive"))])
    project.add_texts(["unpaired", "anchor"])

    def corpus():
        return Corpora().get(project.folder, None, "all", lambda: False).texts

    assert corpus() == ["anchor", "positive", "unpaired"]
    project.remove_texts([text.id for text in project.corpus_texts()])
    assert corpus() == ["anchor", "positive"]
