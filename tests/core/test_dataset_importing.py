"""The importer on small files made for the purpose: roles, scales, rejected lines, encodings."""

from __future__ import annotations

import pytest

from core.dataset.formats import Example, Format, Rejected, Scale
from core.dataset.importing import Mapping, inspect, parse_columns, read
from core.dataset.scores import detect_scale, parse_score
from core.errors import Cancelled, ImportProblem, UsageError


@pytest.fixture
def put(tmp_path):
    def put(text, name="data.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    return put


def texts(result):
    return [example.texts for example in result.examples]


# --- roles -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "row", "format", "columns"),
    [
        ("anchor,positive", "a b,c d", "pairs", "anchor=anchor positive=positive"),
        ("positive,anchor", "a b,c d", "pairs", "anchor=anchor positive=positive"),
        ("query,answer,negative", "a,b,c", "triplets", "anchor=query positive=answer negative=negative"),
        ("question,pos,neg", "a,b,c", "triplets", "anchor=question positive=pos negative=neg"),
        ("query,positive,negative_1,negative_2", "a,b,c,d", "triplets",
         "anchor=query positive=positive negative_1=negative_1 negative_2=negative_2"),
        ("sentence_0,sentence_1", "a,b", "pairs", "anchor=sentence_0 positive=sentence_1"),
        ("sentence_0,sentence_1,label", "a,b,1", "scored", "text_a=sentence_0 text_b=sentence_1 score=label"),
        ("sentence_0,sentence_1,sentence_2", "a,b,c", "triplets",
         "anchor=sentence_0 positive=sentence_1 negative=sentence_2"),
        ("sentence1,sentence2,score", "a,b,0.5", "scored", "text_a=sentence1 text_b=sentence2 score=score"),
        ("score,sentence2,sentence1", "0.5,b,a", "scored", "text_a=sentence1 text_b=sentence2 score=score"),
        ("id,question1,question2,is_duplicate", "7,a,b,1", "scored",
         "text_a=question1 text_b=question2 score=is_duplicate"),
        ("sentence_A,sentence_B,relatedness_score", "a,b,4.5", "scored",
         "text_a=sentence_A text_b=sentence_B score=relatedness_score"),
        ("Quality,#1 String,#2 String", "1,a,b", "scored", "text_a=#1 String text_b=#2 String score=Quality"),
        ("premise,hypothesis", "a,b", "pairs", "anchor=premise positive=hypothesis"),
        ("premise,entailment,contradiction", "a,b,c", "triplets",
         "anchor=premise positive=entailment negative=contradiction"),
        ("anchor,positive,split", "a,b,dev", "pairs", "anchor=anchor positive=positive split=split"),
        ("text1,text2,similarity_score", "a,b,0.1", "scored", "text_a=text1 text_b=text2 score=similarity_score"),
    ],
)  # fmt: skip
def test_roles_by_name(put, header, row, format, columns):
    mapping = inspect(put(f"{header}\n{row}\n")).mapping
    assert mapping.format == format
    assert " ".join(f"{key}={value}" for key, value in mapping.columns.items()) == columns


def test_headerless_files_are_guessed_by_content(put):
    pairs = read(put("red dress,crimson gown\nblue hat,azure cap\n"))
    assert texts(pairs) == [("red dress", "crimson gown"), ("blue hat", "azure cap")]
    after = read(put("Wood,Sandpaper,1.0\nRust,Oil,0.0\n"))
    assert after.mapping.columns == {"text_a": "column 1", "text_b": "column 2", "score": "column 3"}
    before = read(put("4.5\tone text\tanother text\n0.5\tone text\ta third\n", "x.tsv"))
    assert texts(before)[1] == ("one text", "a third") and before.scale == Scale(0, 5)


def test_the_names_of_a_mapping_decide_about_the_header(put):
    path = put("frage,antwort\nwas,das\n")
    as_header = read(path, Mapping(Format.PAIRS, {"anchor": "frage", "positive": "antwort"}))
    as_data = read(path, Mapping(Format.PAIRS, {"anchor": "column 1", "positive": "column 2"}))
    assert texts(as_header) == [("was", "das")]
    assert texts(as_data) == [("frage", "antwort"), ("was", "das")]


def test_a_format_can_be_forced(put):
    path = put("anchor,positive,negative\na,b,c\n")
    result = read(path, format=Format.PAIRS)
    assert texts(result) == [("a", "b")] and result.notes == ['Not used: column "negative".']
    with pytest.raises(
        ImportProblem, match='"anchor", "positive", "negative", but needed are two texts and a score'
    ):
        read(path, format=Format.SCORED)


def test_scored_without_a_score_column_is_unlabelled_when_asked_for(put):
    result = read(put("a,b\nx,y\n"), Mapping(Format.SCORED, {"anchor": "a", "positive": "b"}))
    assert result.examples == [Example(("x", "y"), source="data.csv")]
    assert result.notes == ["1 row without a score: unlabelled."]


def test_unused_columns_are_named(put):
    result = read(put("id,anchor,positive,source\n1,a,b,web\n"))
    assert result.notes == ['Not used: columns "id", "source".']


def test_split_column(put):
    rows = "a,b,train\nc,d,validation\ne,f,dev\ng,h,test\ni,j,\nk,l,elsewhere\n"
    result = read(put(f"anchor,positive,split\n{rows}"))
    assert [example.split for example in result.examples] == ["train", "eval", "eval", "test", ""]
    assert result.rejected == [Rejected(7, 'split "elsewhere" is none of train, eval, test')]


@pytest.mark.parametrize("text", ["name\nx\n", "id,name\n1,x\n2,y\n", "a,b,c,d\nw,x,y,z\n", "anchor\nx\n"])
def test_wrong_columns_are_listed_with_what_is_needed(put, text):
    path = put(text)
    assert inspect(path).mapping is None
    with pytest.raises(
        ImportProblem, match=r"has the columns .* needed are an anchor and a positive for pairs"
    ):
        read(path)
    with pytest.raises(ImportProblem, match='has no column "query"; its columns are'):
        read(path, Mapping(Format.PAIRS, {"anchor": "query", "positive": inspect(path).columns[0]}))


def test_columns_of_the_command_line():
    assert parse_columns("anchor=q, positive = p 1") == {"anchor": "q", "positive": "p 1"}
    assert parse_columns(r"sentence1=a\,b,label=c=d") == {"text_a": "a,b", "score": "c=d"}
    for wrong in ("", "anchor", "anchor=", "colour=c", "anchor=a,anchor=b", "negative_17=x"):
        with pytest.raises(UsageError):
            parse_columns(wrong)


def test_a_mapping_that_does_not_fit_its_format(put):
    path = put("a,b,c\n1,2,3\n")
    with pytest.raises(ImportProblem, match="no column was named for negative"):
        read(path, Mapping(Format.TRIPLETS, {"anchor": "a", "positive": "b"}))
    with pytest.raises(ImportProblem, match='Pairs have no "score"'):
        read(path, Mapping(Format.PAIRS, {"anchor": "a", "positive": "b", "score": "c"}))


# --- texts and shapes ------------------------------------------------------------------------------------------------------


def test_texts_are_kept_character_for_character(put):
    rows = ["NA,null", "None,nan", "007, padded ", "=1+1,'quoted'", "TRUE,1e3", "\u00a0x,e\u0301"]
    result = read(put("anchor,positive\n" + "\n".join(rows) + "\n"))
    assert texts(result) == [tuple(row.split(",")) for row in rows] and not result.rejected


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_encodings(put, encoding):
    path = put("anchor,positive\r\ncafé au lait,naïve façade\r\n", encoding=encoding)
    assert texts(read(path)) == [("café au lait", "naïve façade")]


def test_chinese_encoding(put):
    result = read(
        put("anchor,positive\n红色的连衣裙,深红色长裙\n蓝色帽子,天蓝色的便帽\n", encoding="gb18030")
    )
    assert texts(result)[0] == ("红色的连衣裙", "深红色长裙")
    assert result.notes[0].startswith("Read as GB 18030")


def test_damaged_utf8_loses_only_its_line(put):
    good = "größe,maß\n" * 50
    result = read(put(b"anchor,positive\n" + good.encode() + b"x\xff,y\n" + good.encode()))
    assert len(result.examples) == 100
    assert result.rejected == [Rejected(52, "it holds bytes that are not text")]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_line_ends_and_embedded_newlines(put, newline, delimiter):
    rows = [
        ("anchor", "positive"),
        ('"one\ntwo"', "b"),
        (f'"x{delimiter}y"', '"say ""hi"""'),
        ("last", "row"),
    ]
    result = read(put(newline.join(delimiter.join(row) for row in rows)))
    assert texts(result) == [("one\ntwo", "b"), (f"x{delimiter}y", 'say "hi"'), ("last", "row")]


def test_unquoted_tabs_with_stray_quotation_marks(put):
    rows = ['"Hello," he said\tHe said "hello', 'a "b" c\t"open', "x\ty", '5" pipe\t"closed" one'] * 5
    result = read(put("sentence1\tsentence2\n" + "\n".join(rows) + "\n", "x.tsv"))
    assert texts(result) == [tuple(row.split("\t")) for row in rows] and not result.rejected


def test_quoted_file_with_one_damaged_line_stays_quoted(put):
    for cell in (
        "a, b",
        "a b",
    ):  # without commas inside, taking the quotation marks for text would look consistent
        rows = [f'"{cell}","c"'] * 20 + ['"broken"x,"c"'] + [f'"a","{cell}"'] * 20
        result = read(put('"anchor","positive"\n' + "\n".join(rows) + "\n"))
        assert len(result.examples) == 40 and texts(result)[0] == (cell, "c")
        assert result.rejected == [Rejected(22, "its quotation marks do not match")]


def test_a_quotation_mark_that_is_never_closed_costs_one_line(put):
    rows = ['"a, b",c'] * 30
    result = read(put("anchor,positive\n" + "\n".join([*rows, '"open,c', *["x,y"] * 30]) + "\n"))
    assert len(result.examples) == 60
    assert result.rejected == [Rejected(32, "its quotation marks do not match")]


def test_every_rejected_line_has_its_number_and_reason(put):
    rows = [
        "sentence1,sentence2,score",
        "a,b,0.5",
        "a,b",  # 3
        "",
        '"two\nlines",b,0.5',  # 5 and 6
        "a,,0.5",  # 7
        "   ,b,0.5",  # 8
        "a,b,high",  # 9
        "a,b,nan",  # 10
        "a,b,7",  # 11
        "a,b,",
        "a,b,1,x",  # 13
        "a,b\0,1",  # 14
        "   ",
        "a,b,1",
        *["c,d,0.25"] * 10,
    ]
    result = read(put("\n".join(rows) + "\n"))
    assert [(r.line, r.reason) for r in result.rejected] == [
        (3, "it has 2 columns, expected 3"),
        (7, "the second text is empty"),
        (8, "the first text is empty"),
        (9, 'score "high" is not a number'),
        (10, 'score "nan" is not a number'),
        (11, "score 7 is out of range: the scores are on the scale 0–1"),
        (13, "it has 4 columns, expected 3"),
        (14, "a text holds a NUL character"),
    ]
    assert len(result.examples) == 14 and result.examples[2] == Example(("a", "b"), source="data.csv")
    assert result.examples[1].texts == ("two\nlines", "b")


def test_progress_and_cancelling(put):
    path = put("anchor,positive\n" + "some words,other words\n" * 20_000)
    seen = []
    result = read(path, on_progress=lambda done, total: seen.append((done, total)))
    assert len(result.examples) == 20_000
    assert seen == sorted(seen) and seen[-1] == (path.stat().st_size,) * 2 and len(seen) > 5
    asked = iter([False, False, True])
    with pytest.raises(Cancelled):
        read(path, should_stop=lambda: next(asked))


# --- scores ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([0, 1, 1, 0], Scale(0, 1)),
        ([0.1, 0.8, 0.3], Scale(0, 1)),
        ([0, 1.5, 3.2, 4.8, 5], Scale(0, 5)),
        ([5.0, 3.8, 2.6, 4.25], Scale(0, 5)),
        ([1, 2, 3, 4, 5, 3], Scale(1, 5)),
        ([1, 3.4, 4.9, 2.2], Scale(1, 5)),
        ([0, 7.5, 9.1, 3], Scale(0, 10)),
        ([-1, 0.5, 1, -0.3], Scale(-1, 1)),
        ([0, 85, 40, 100], Scale(0, 100)),
        ([0, 1] * 50 + [7], Scale(0, 1)),
        ([0.2, 0.9] * 50 + [-3], Scale(0, 1)),
        ([0, 2.5, 5, 4] * 50 + [55, 70], Scale(0, 5)),
        ([-500, 20, 900], None),
        ([], Scale(0, 1)),
    ],
)
def test_scales(values, scale):
    assert detect_scale([float(value) for value in values]) == scale


def test_scores_as_people_write_them():
    assert [parse_score(t) for t in ("1", " 0,5 ", ".5", "1e-1", "-1.", "True", "FALSE")] == [
        1,
        0.5,
        0.5,
        0.1,
        -1,
        1,
        0,
    ]
    assert [parse_score(t) for t in ("", "nan", "inf", "1_0", "٣", "1e999", "0.5x", "1,000.5", "yes")] == [
        None
    ] * 9


def test_raw_scores_are_kept(put):
    result = read(put("text1;text2;score\na;b;2,50\nc;d;05.0\ne;f;\ng;h;0\n"))
    assert [(e.score, e.raw_score) for e in result.examples] == [
        (0.5, "2,50"),
        (1.0, "05.0"),
        (None, ""),
        (0.0, "0"),
    ]
    assert "The scores are on the scale 0–5." in result.notes


def test_a_scale_can_be_given(put):
    mapping = Mapping(Format.SCORED, {"text_a": "a", "text_b": "b", "score": "c"}, Scale(0, 4))
    result = read(put("a,b,c\nx,y,1\nx,z,5\n"), mapping)
    assert result.examples[0].score == 0.25 and result.rejected[0].line == 3


def test_classes_are_no_scores(put):
    with pytest.raises(
        ImportProblem, match=r'"label" of data.csv holds no numbers but "contradiction", "entailment"'
    ):
        read(put("premise,hypothesis,label\na,b,entailment\nc,d,contradiction\n"))
    with pytest.raises(ImportProblem, match="holds the classes 0, 1 and 2"):
        read(put("premise,hypothesis,label\na,b,0\nc,d,1\ne,f,2\n"))
    with pytest.raises(ImportProblem, match="run from -500 to 900"):
        read(put("text1,text2,score\na,b,-500\nc,d,900\n"))


def test_saved_rows_can_be_let_go_of_and_are_still_counted(put):
    result = read(put("sentence1,sentence2,score\n" + "a,b,1\n" * 25_000))
    assert result.examples[24_999].score == 1.0
    result.examples.release()
    assert len(result.examples) == 25_000 and not result.examples.texts
