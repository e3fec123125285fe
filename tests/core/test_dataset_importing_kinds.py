"""The forms that data sets and labelling tools come in: folders, judgements, annotations, archives, spreadsheets."""

from __future__ import annotations

import gzip
import io
import json
import tracemalloc
import zipfile

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.dataset.formats import Format, Rejected, Scale
from core.dataset.importing import Mapping, Quoting, Reading, inspect, read, read_texts
from core.errors import Cancelled, FileProblem, ImportProblem


@pytest.fixture
def put(tmp_path):
    def put(text, name="data.csv", encoding="utf-8"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    return put


def texts(result):
    return [example.texts for example in result.examples]


def lines(*objects):
    return "\n".join(json.dumps(item) for item in objects) + "\n"


# --- a file under a person's reading ---------------------------------------------------------------------------------------


def test_every_choice_changes_what_is_read(put):
    path = put("# exported\nquestion;answer\nwas;'das; da'\nwer;\"der\"\n")
    seen = inspect(path)
    assert (seen.reading.delimiter, seen.reading.skip, seen.header) == (";", 1, True)
    assert seen.rejected == [
        Rejected(1, "it stands above the table"),
        Rejected(3, "it has 3 columns, expected 2"),
    ]
    assert texts(seen) == [("wer", "der")] and seen.found == "CSV with semicolons"
    plain = inspect(path, Reading(quoting=Quoting.PLAIN))
    assert texts(plain) == [("wer", '"der"')] and not plain.quoted
    with_header = inspect(path, Reading(header=False))
    assert texts(with_header) == [("question", "answer"), ("wer", "der")]
    assert inspect(path, Reading(skip=3, header=False)).columns == ["column 1", "column 2"]
    by_line = inspect(path, Reading(delimiter=""))
    assert by_line.reading.corpus == "column 1" and by_line.texts[0] == "# exported"
    assert by_line.reading.delimiter == "" and by_line.kind == "text"


@pytest.mark.parametrize(
    "reading", [*(Reading(delimiter=sign) for sign in ('"', "ab", "\n", "\\")), Reading(skip=-1)]
)
def test_what_cannot_be_is_said(put, reading):
    with pytest.raises(ImportProblem, match="cannot"):
        inspect(put("a,b\n"), reading)


def test_a_mapping_whose_columns_are_gone_is_guessed_anew(put):
    path = put("anchor,positive\na;b,c;d\n")
    mapping = inspect(path).mapping
    seen = inspect(path, Reading(delimiter=";", mapping=mapping))
    assert (seen.mapping != mapping and seen.columns == ["anchor,positive"]) or seen.reading.delimiter == ";"


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "anchor,positive\ncafé,façade\nüber,Größe\n"),
        ("iso8859_7", "anchor,positive\nΑλέξανδρος ο μεγάλος,Λεωνίδας\nΜύρων,Ευφορβος ο γραφέας\n"),
        ("cp1251", "anchor,positive\nпривет мир,добрый день\nкрасная шапка,серый волк\n"),
        ("koi8_r", "anchor,positive\nпривет мир,добрый день\nкрасная шапка,серый волк\n"),
        ("gb18030", "anchor,positive\n红色连衣裙,深红色礼服\n蓝色帽子,天蓝色的帽\n"),
        ("shift_jis", "anchor,positive\nこんにちは世界,おはようございます\n赤いドレス,深紅のガウン\n"),
        ("big5", "anchor,positive\n紅色連衣裙,深紅色禮服\n藍色帽子,天藍色的帽\n"),
        ("euc_kr", "anchor,positive\n안녕하세요 세계,좋은 아침입니다\n빨간 드레스,진홍색 가운\n"),
        ("utf-16", "anchor,positive\ncafé,façade\n"),
        ("utf-8-sig", "anchor,positive\ncafé,façade\n"),
    ],
)
def test_encodings_are_recognised_and_offered(put, encoding, text):
    path = put(text, encoding=encoding)
    seen = inspect(path)
    assert seen.encoding == encoding == seen.encodings[0] == seen.reading.encoding
    assert "\n".join(",".join(pair) for pair in texts(seen)) == text.strip().partition("\n")[2]
    assert 0 < seen.confidence <= 1
    if encoding not in ("utf-16", "utf-8-sig"):
        assert seen.confidence < 1 and "latin-1" in seen.encodings


def test_an_encoding_can_be_chosen(put):
    path = put("anchor,positive\nŁódź,Kraków\n", encoding="cp1250")
    assert texts(read(path, reading=Reading(encoding="cp1250"))) == [("Łódź", "Kraków")]
    wrong = read(path, reading=Reading(encoding="utf-8"))
    assert wrong.rejected == [Rejected(2, "it holds bytes that are not text")]
    for name in ("no-such", "zlib", "rot13", "unicode_escape", "idna"):
        with pytest.raises(ImportProblem, match="no text encoding"):
            read(path, reading=Reading(encoding=name))


def test_a_mark_at_the_beginning_is_no_text_whatever_is_chosen(put):
    marked = put("anchor,positive\na,b\n", encoding="utf-8-sig")
    wide = put("anchor,positive\na,b\n", "w.csv", encoding="utf-16")
    for path, name in ((marked, "utf-8"), (marked, "UTF8"), (wide, "utf-16-le"), (wide, "utf-16")):
        seen = inspect(path, Reading(encoding=name))
        assert seen.columns == ["anchor", "positive"]
        assert texts(read(path, reading=seen.reading)) == [("a", "b")]


def test_backslashes_escape_only_what_needs_it(put):
    rows = 'id,anchor,positive\n1,Hello\\, world,C:\\new\n2,"say \\"hi\\"","a\\\\b"\n3,x,y\n'
    seen = inspect(put(rows))
    assert seen.reading.quoting is Quoting.BACKSLASH
    assert texts(seen) == [("Hello, world", "C:\\new"), ('say "hi"', "a\\b"), ("x", "y")]


def test_backslashes_beside_quotation_marks_that_enclose_nothing(put):
    rows = "".join(f'{n},The "Kid"\\, part {n},a film of {n}\n' for n in range(30))
    seen = inspect(put(f"id,anchor,positive\n{rows}"))
    assert seen.reading.quoting is Quoting.BACKSLASH and not seen.rejected
    assert texts(read(seen.path, reading=seen.reading))[1] == ('The "Kid", part 1', "a film of 1")


def test_the_separator_that_excel_names_in_the_first_line(put):
    path = put("sep=;\nanchor;positive\na,b;c\n")
    seen = inspect(path)
    assert (seen.reading.delimiter, seen.reading.skip, seen.header) == (";", 1, True)
    assert texts(read(path)) == [("a,b", "c")]


def test_words_in_the_score_column_are_mapped_by_the_person(put):
    path = put("sentence1,sentence2,label\na,b,entailment\nc,d,neutral\ne,f,contradiction\ng,h,-\ni,j,odd\n")
    seen = inspect(path)
    assert seen.mapping.format is Format.SCORED and "holds no numbers" in seen.problem
    assert seen.labels == {"entailment": 1, "neutral": 1, "contradiction": 1, "-": 1, "odd": 1}
    labels = {"entailment": 1.0, "neutral": 0.5, "contradiction": 0.0, "-": None}
    result = read(path, reading=Reading(labels=labels))
    assert [(e.score, e.raw_score, e.note) for e in result.examples] == [
        (1.0, "1", "entailment"),
        (0.5, "0.5", "neutral"),
        (0.0, "0", "contradiction"),
        (None, "", "-"),
    ]
    assert result.rejected == [Rejected(6, 'score "odd" is not a number')]


def test_garbled_letters_are_repaired_only_when_asked(put):
    path = put("anchor,positive\nitâ€™s cafÃ©,plain\nfine,“É”\n")
    seen = inspect(path)
    assert seen.garbled == 1 and seen.mojibake == (("itâ€™s cafÃ©", "it’s café"),)
    assert texts(read(path))[0] == ("itâ€™s cafÃ©", "plain")
    mended = read(path, reading=Reading(repair=True))
    assert texts(mended) == [("it’s café", "plain"), ("fine", "“É”")]
    assert mended.notes == ["Garbled letters were repaired in 1 row."]
    assert inspect(path, Reading(repair=True)).preview[0][0] == "it’s café"


# --- unpaired texts --------------------------------------------------------------------------------------------------------


def test_lines_of_text_are_a_corpus(put):
    path = put("Red dress, size 4\n\nnull\n  Blue hat; new\n\x00bad\n", "catalogue.txt")
    seen = inspect(path)
    assert (seen.mapping, seen.reading.corpus, seen.problem) == (None, "column 1", "")
    result = read_texts(path, seen.reading)
    assert result.texts == ["Red dress, size 4", "null", "  Blue hat; new"]
    assert result.rejected == [Rejected(5, "a text holds a NUL character")]


def test_the_one_text_column_of_a_table_is_a_corpus(put):
    path = put("id,name\n1,linen dress\n2,straw hat\n")
    seen = inspect(path)
    assert seen.reading.corpus == "name" and seen.texts == ["linen dress", "straw hat"]
    assert read_texts(path, Reading(corpus="name")).texts == ["linen dress", "straw hat"]
    with pytest.raises(ImportProblem, match='no column "colour"'):
        read_texts(path, Reading(corpus="colour"))
    with pytest.raises(ImportProblem, match="needed are"):
        read(path)


# --- archives --------------------------------------------------------------------------------------------------------------

CSV = "anchor,positive\nNA,null\n"


def test_gzip_and_zip_of_one_file(put):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("folder/", "")
        archive.writestr("__MACOSX/._a.csv", "x")
        archive.writestr("folder/a.csv", CSV)
    for path in (put(gzip.compress(CSV.encode()), "a.csv.gz"), put(packed.getvalue(), "a.zip")):
        assert texts(read(path)) == [("NA", "null")]
        assert inspect(path).found.startswith("CSV, ")


def test_a_file_is_chosen_in_an_archive_of_several(put):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", CSV)
        archive.writestr("b.jsonl", lines({"query": "q", "pos": ["p"], "neg": ["n"]}))
    path = put(packed.getvalue(), "both.zip")
    seen = inspect(path)
    assert seen.members == ("a.csv", "b.jsonl") and seen.reading.member == "a.csv" and seen.notes
    assert texts(read(path, reading=Reading(member="b.jsonl"))) == [("q", "p", "n")]
    with pytest.raises(ImportProblem, match='no file "c"'):
        read(path, reading=Reading(member="c"))


def test_parquet_and_workbooks_inside_archives(put):
    table = io.BytesIO()
    pq.write_table(pa.table({"anchor": ["a"], "positive": ["b"]}), table)
    assert texts(read(put(gzip.compress(table.getvalue()), "t.parquet.gz"))) == [("a", "b")]


# --- JSON ------------------------------------------------------------------------------------------------------------------


def test_lists_sets_and_texts_with_labels(put):
    lists = put('["a","b","c"]\n["d","e","f"]\n3\n', "l.jsonl")
    seen = inspect(lists)
    assert seen.columns == ["column 1", "column 2", "column 3"] and seen.found == "JSON lists"
    mapping = Mapping(Format.TRIPLETS, {"anchor": "column 1", "positive": "column 2", "negative": "column 3"})
    result = read(lists, mapping)
    assert texts(result) == [("a", "b", "c"), ("d", "e", "f")]
    assert result.rejected == [Rejected(3, "it is not a list")]
    sets = read(put(lines({"set": ["a", "b", "c"]}, {"set": ["x"]}), "s.jsonl"))
    assert texts(sets) == [("a", "b"), ("a", "c"), ("b", "c")]
    assert sets.rejected == [Rejected(2, 'it has no "set" of two texts or more')]
    scored = read(put(lines({"texts": ["a", "b"], "label": 0.5}), "t.jsonl"))
    assert scored.format is Format.SCORED and scored.examples[0].score == 0.5


def test_a_json_object_around_the_rows_and_a_lone_one(put):
    wrapped = put(json.dumps({"version": 1, "data": [{"anchor": "a", "positive": "b"}]}, indent=1), "w.json")
    lone = put(json.dumps({"anchor": "a", "positive": "b"}, indent=1), "o.json")
    assert texts(read(wrapped)) == texts(read(lone)) == [("a", "b")]


@pytest.mark.parametrize("layout", ["lists", "pandas"])
def test_a_json_table_by_columns(put, layout):
    columns = {"anchor": ["a", "b"], "positive": ["c", "d"]}
    if layout == "pandas":
        columns = {name: dict(enumerate(cells)) for name, cells in columns.items()}
    for indent in (None, 1):
        path = put(json.dumps(columns, indent=indent), "t.json")
        assert (
            texts(read(path)) == [("a", "c"), ("b", "d")] and inspect(path).found == "JSON table by columns"
        )


def test_a_json_array_of_texts_is_a_corpus(put):
    path = put('["one text", "null", 3, {"a": 1}]', "t.json")
    seen = inspect(path)
    result = read_texts(path, seen.reading)
    assert result.texts == ["one text", "null", "3"] and len(result.rejected) == 1


def test_a_large_array_is_read_piece_by_piece(put, monkeypatch):
    from core.dataset.importing import jsontext

    rows = [{"anchor": f"a {n} ]", "positive": "b" * (n % 7), "n": n} for n in range(60)]
    monkeypatch.setattr(jsontext, "_CHUNK", 16)
    result = read(
        put(json.dumps(rows), "x.json"), Mapping(Format.PAIRS, {"anchor": "anchor", "positive": "n"})
    )
    assert texts(result) == [(row["anchor"], str(row["n"])) for row in rows] and not result.rejected


# --- labelling tools -------------------------------------------------------------------------------------------------------


def test_prodigy(put):
    hashes = {"_input_hash": 1, "_task_hash": 2}
    options = [{"id": 1, "text": "p"}, {"id": 2, "text": "n"}, {"id": 3, "text": "m"}]
    choice = [
        {"text": "q", "options": options, "accept": [1], "answer": "accept", **hashes},
        {"text": "r", "options": options[:2], "accept": [], "answer": "accept", **hashes},
        {"text": "s", "options": options, "accept": [1], "answer": "ignore", **hashes},
    ]
    result = read(put(lines(*choice), "choice.jsonl"))
    assert texts(result) == [("q", "p", "n"), ("q", "p", "m")]
    assert [item.reason for item in result.rejected] == [
        "none of its options was chosen in Prodigy",
        "it was ignored in Prodigy",
    ]
    pairs = [
        {"text1": "a", "text2": "b", "answer": answer, **hashes} for answer in ("accept", "reject", "ignore")
    ]
    scored = read(put(lines(*pairs), "pairs.jsonl"))
    assert [example.score for example in scored.examples] == [1.0, 0.0, None]
    labels = [
        {"text": f"t{n}", "label": "AB"[n % 2], "answer": "reject" if n == 3 else "accept", **hashes}
        for n in range(6)
    ]
    path = put(lines(*labels), "labels.jsonl")
    categories = read(path)
    assert categories.format is Format.CATEGORIES and texts(categories)[:2] == [("t0", "A"), ("t1", "B")]
    assert categories.rejected == [Rejected(4, "it was rejected in Prodigy")]
    assert inspect(path).found == "Prodigy annotations"


def test_label_studio(put):
    def task(fields, *annotations):
        return {"id": 1, "data": fields, "annotations": list(annotations)}

    def choice(value, **more):
        return {
            "result": [{"from_name": "similarity", "type": "rating", "value": {"rating": value}}],
            **more,
        }

    pair = {"text1": "a", "text2": "b"}
    tasks = [task(pair, choice(4), choice(2)), task(pair), task(pair, choice(1, was_cancelled=True))]
    path = put(json.dumps(tasks), "tasks.json")
    result = read(path)
    assert [example.raw_score for example in result.examples] == ["4", "2", ""]
    assert result.rejected == [Rejected(1, "it was skipped in Label Studio")]
    assert inspect(path).found == "Label Studio annotations"
    compared = {"result": [{"type": "pairwise", "value": {"selected": "right"}, "from_name": "x"}]}
    answers = {"prompt": "q", "answer1": "l", "answer2": "r"}
    assert texts(read(put(json.dumps([task(answers, compared)]), "pw.json"))) == [("q", "r", "l")]
    short = {**pair, "similarity": "3", "annotator": 1, "annotation_id": 9, "lead_time": 2.5}
    assert read(put(json.dumps([short]), "min.json")).examples[0].raw_score == "3"


# --- judgements by id ------------------------------------------------------------------------------------------------------


@pytest.fixture
def beir(put, tmp_path):
    put(lines({"_id": "q1", "text": "linen"}, {"_id": "q2", "text": "hat"}), "beir/queries.jsonl")
    corpus = [{"_id": f"d{n}", "title": "T" if n == 1 else "", "text": f"document {n}"} for n in range(1, 5)]
    put(lines(*corpus), "beir/corpus.jsonl")
    put("query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td2\t0\nq2\td3\t2\nq9\td3\t1\n", "beir/qrels/train.tsv")
    put("query-id\tcorpus-id\tscore\nq2\td4\t1\n", "beir/qrels/dev.tsv")
    return tmp_path / "beir"


def test_a_beir_folder(beir):
    seen = inspect(beir)
    assert seen.found == "BEIR folder" and "zeros" in seen.choices and seen.mapping.format is Format.PAIRS
    result = read(beir)
    assert [(*example.texts, example.split) for example in result.examples] == [
        ("hat", "document 4", "eval"),
        ("linen", "T document 1", "train"),
        ("hat", "document 3", "train"),
    ]
    assert [item.reason for item in result.rejected] == [
        "document d2 was judged 0 for query q1, which is no pair",
        "the text of query q9 is missing",
    ]
    with_zeros = read(beir, reading=Reading(zeros=True))
    assert texts(with_zeros) == [("linen", "T document 1", "document 2")]
    assert len(with_zeros.rejected) == 3
    graded = Mapping(
        Format.SCORED, {"text_a": "query", "text_b": "document", "score": "judgement"}, Scale(0, 2)
    )
    assert [example.score for example in read(beir, graded).examples] == [0.5, 0.5, 0.0, 1.0]


def test_trec_judgements_with_their_texts_beside_them(put):
    qrels = put("q1 0 d1 1\nq1 0 d2 0\nq1 Q0 d3 2\n", "trec/qrels.txt")
    with pytest.raises(FileProblem, match="texts of the queries and documents are in other files"):
        inspect(qrels)
    queries = put("q1\tlinen dress\n", "texts/topics.tsv")
    corpus = put("d1\tone text\nd2\tother text\nd3\tthird text\n", "texts/collection.tsv")
    for companions in ((queries, corpus), (corpus, queries)):
        result = read(qrels, reading=Reading(companions=companions))
        assert texts(result) == [("linen dress", "one text"), ("linen dress", "third text")]
    put(queries.read_bytes(), "trec/queries.tsv")
    put(corpus.read_bytes(), "trec/corpus.tsv")
    assert texts(read(qrels, reading=Reading(zeros=True))) == [
        ("linen dress", "one text", "other text"),
        ("linen dress", "third text", "other text"),
    ]


# --- Hugging Face folders --------------------------------------------------------------------------------------------------


def test_a_repository_folder_with_splits(put, tmp_path):
    put("sentence1,sentence2,score\na,b,1\n,x,1\n", "hf/data/train-00000-of-00001.csv")
    put("sentence1,sentence2,score\nc,d,0\n", "hf/data/validation.csv")
    put("sentence1,sentence2,score\ne,f,0.5\n", "hf/data/test.csv")
    put("# card", "hf/README.md")
    result = read(tmp_path / "hf")
    assert [(*example.texts, example.split, example.score) for example in result.examples] == [
        ("e", "f", "test", 0.5),
        ("a", "b", "train", 1.0),
        ("c", "d", "eval", 0.0),
    ]
    assert result.rejected[0].reason == "the first text is empty"
    assert inspect(tmp_path / "hf").found == "Hugging Face dataset"


def test_every_file_of_a_folder_is_read_as_it_looks(put, tmp_path):
    put("anchor;positive\nä;b\n", "hf/train.csv", encoding="utf-8")
    put("anchor,positive\nö,d\n", "hf/test.csv", encoding="utf-16")
    seen = inspect(tmp_path / "hf")
    result = read(tmp_path / "hf", reading=seen.reading)
    assert texts(result) == [("ö", "d"), ("ä", "b")]


def test_configurations_of_a_repository_are_members(tmp_path):
    for name in ("pair", "triplet"):
        (tmp_path / "hf" / name).mkdir(parents=True)
        columns = {"anchor": ["a"], "positive": ["b"], **({"negative": ["c"]} if name == "triplet" else {})}
        pq.write_table(pa.table(columns), tmp_path / "hf" / name / "train-00000-of-00001.parquet")
    seen = inspect(tmp_path / "hf")
    assert seen.members == ("pair", "triplet") and seen.reading.member == "pair"
    result = read(tmp_path / "hf", reading=Reading(member="triplet"))
    assert result.format is Format.TRIPLETS and result.examples[0].split == "train"


def test_numbered_classes_of_a_hub_file_have_their_names(tmp_path):
    names = ["entailment", "neutral", "contradiction"]
    features = {
        "features": {"label": {"names": names, "_type": "ClassLabel"}, "premise": {"dtype": "string"}}
    }
    table = pa.table({"premise": ["a", "b"], "hypothesis": ["c", "d"], "label": [2, -1]})
    table = table.replace_schema_metadata({"huggingface": json.dumps({"info": features})})
    pq.write_table(table, tmp_path / "train.parquet")
    seen = inspect(tmp_path / "train.parquet")
    assert [row[-1] for row in seen.preview] == ["contradiction", ""] and seen.labels == {"contradiction": 1}
    result = read(tmp_path / "train.parquet", reading=Reading(labels={"contradiction": 0.0}))
    assert [(example.score, example.note) for example in result.examples] == [
        (0.0, "contradiction"),
        (None, ""),
    ]
    for damaged in ("[]", '{"info": {"features": {"label": 3}}}', "{", "3"):
        pq.write_table(table.replace_schema_metadata({"huggingface": damaged}), tmp_path / "d.parquet")
        assert [row[-1] for row in inspect(tmp_path / "d.parquet").preview] == ["2", "-1"]


def test_a_dataset_saved_to_disk(tmp_path):
    for split, rows in (("train", ["a", "c"]), ("test", ["e"])):
        place = tmp_path / "saved" / split
        place.mkdir(parents=True)
        table = pa.table({"anchor": rows, "positive": [text * 2 for text in rows]})
        with (
            pa.OSFile(str(place / "data-00000-of-00001.arrow"), "wb") as sink,
            pa.ipc.new_stream(sink, table.schema) as out,
        ):
            out.write_table(table)
        (place / "state.json").write_text(
            json.dumps({"_data_files": [{"filename": "data-00000-of-00001.arrow"}]})
        )
    (tmp_path / "saved" / "dataset_dict.json").write_text(json.dumps({"splits": ["train", "test"]}))
    result = read(tmp_path / "saved")
    assert [(*example.texts, example.split) for example in result.examples] == [
        ("a", "aa", "train"),
        ("c", "cc", "train"),
        ("e", "ee", "test"),
    ]
    (tmp_path / "saved" / "train" / "state.json").write_text(
        json.dumps({"_data_files": [{"filename": "../../../x.arrow"}]})
    )
    with pytest.raises(FileProblem, match="outside"):
        read(tmp_path / "saved")


# --- spreadsheets ----------------------------------------------------------------------------------------------------------

_ODS = """<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:body><office:spreadsheet>{}</office:spreadsheet></office:body></office:document-content>"""
_CELL = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'


def ods(put, *sheets, doctype=""):
    content = "".join(f'<table:table table:name="S{n}">{rows}</table:table>' for n, rows in enumerate(sheets))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", _ODS.format(content).replace("?>", f"?>{doctype}", 1))
    return put(packed.getvalue(), "t.ods")


def row(*cells, times=1):
    inner = "".join(cell if cell.startswith("<") else _CELL.format(cell) for cell in cells)
    return f'<table:table-row table:number-rows-repeated="{times}">{inner}</table:table-row>'


def test_an_opendocument_sheet(put):
    filler = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16000"/></table:table-row>'
    number = '<table:table-cell office:value-type="float" office:value="0.123456"><text:p>0,12</text:p></table:table-cell>'
    note = "<office:annotation><text:p>a remark</text:p></office:annotation>"
    path = ods(
        put,
        row("A list") + row("sentence1", "sentence2", "score") + row("a<text:s text:c='2'/>b", "x<text:line-break/>y", number)
        + row("c", f'<table:table-cell office:value-type="string">{note}<text:p>one</text:p><text:p>two</text:p></table:table-cell>', times=2)
        + filler,
        row("anchor", "positive") + row("NA", "null"),
    )  # fmt: skip
    result = read(path)
    assert texts(result) == [("a  b", "x\ny"), ("c", "one\ntwo"), ("c", "one\ntwo")]
    assert result.examples[0].raw_score == "0.123456"
    seen = inspect(path)
    assert seen.members == ("S0", "S1") and seen.reading.skip == 1 and seen.kind == "ods"
    assert texts(read(path, reading=Reading(member="S1"))) == [("NA", "null")]


def test_repeated_rows_are_not_written_out_before_somebody_reads_them(put):
    """A file of some hundred bytes may ask for a million rows on every one of a hundred sheets."""
    path = ods(put, *[row("anchor", "positive") + row("a", "b", times=1_000_000)] * 100)
    assert path.stat().st_size < 10_000
    tracemalloc.start()
    seen = inspect(path)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(seen.members) == 100 and len(seen.examples) == 50 and most < 20_000_000


@pytest.mark.parametrize("bomb", ["entities", "wide", "tall", "tall in parts", "full", "broken"])
def test_hostile_opendocument_sheets(put, bomb):
    sheet = row("anchor", "positive") + row("a", "b")
    doctype = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' if bomb == "entities" else ""
    sheet += {
        "wide": row(_CELL.format("x").replace("<table:table-cell", '<table:table-cell table:number-columns-repeated="999999999"')),
        "tall": row("a", "b", times=999_999_999),
        "tall in parts": row("a", "b", times=1_000_000) + '</table:table><table:table table:name="S0">' + row("a", "b", times=1_000_000),
        "full": row("a" * 5000, "b", times=1_000_000),
        "broken": "<table:table-row>",
    }.get(bomb, "")  # fmt: skip
    with pytest.raises(FileProblem, match="not a sound OpenDocument"):
        read(ods(put, sheet, doctype=doctype))


# --- stopping --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", ["csv", "latin.csv", "jsonl", "csv.gz", "zip", "ods", "xlsx", "parquet", "beir"]
)
def test_looking_at_a_file_can_be_stopped_before_it_was_read_to_its_end(put, tmp_path, request, kind):
    """What a file is takes long to say where all of it must be read for that: its encoding, its sheets, the texts of ids."""
    table = "anchor,positive\n" + "".join(f"text {n},für {n * n}\n" for n in range(100_000))
    if kind == "beir":
        path = request.getfixturevalue("beir")
    elif kind == "ods":
        path = ods(put, row("anchor", "positive") + "".join(row(f"a{n * n}", f"b{n}") for n in range(20_000)))
    elif kind == "xlsx":
        path = tmp_path / "t.xlsx"
        book = openpyxl.Workbook()
        book.active.append(["anchor", "positive"])
        book.save(path)
    elif kind == "parquet":
        path = tmp_path / "t.parquet"
        pq.write_table(pa.table({"anchor": ["a"], "positive": ["b"]}), path)
    elif kind == "zip":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("t.csv", table)
        path = put(packed.getvalue(), "t.zip")
    elif kind == "csv.gz":
        path = put(gzip.compress(table.encode()), "t.csv.gz")
    elif kind == "jsonl":
        path = put(lines(*({"anchor": f"a{n}", "positive": "b"} for n in range(50_000))), "t.jsonl")
    else:
        path = put(table.encode("latin-1" if kind == "latin.csv" else "utf-8"), "t.csv")
    asked = []

    def count() -> bool:
        asked.append(0)
        return False

    assert inspect(path, None, count) == inspect(path)
    needed = len(asked)
    for last in {1, needed // 2, needed}:
        left = iter(range(1, last))
        with pytest.raises(Cancelled):
            inspect(path, None, lambda left=left: next(left, None) is None)
