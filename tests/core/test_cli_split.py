"""The command line marks splits and lists what validation finds, the new kinds too."""

from __future__ import annotations

import json

from core.cli import main
from core.project import Project


def made(tmp_path, lines):
    data = tmp_path / "d.csv"
    data.write_text("anchor,positive\n" + "\n".join(lines) + "\n", encoding="utf-8")
    folder = tmp_path / "p"
    assert main(["new", str(folder), "--from", str(data)]) == 0
    return folder


def test_split(tmp_path, capsys):
    folder = made(tmp_path, [f"a {n // 2} x,b {n} y" for n in range(100)])
    capsys.readouterr()
    assert main(["split", str(folder), "--train", "60", "--eval", "20", "--test", "20", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["train"], told["eval"], told["test"], told["shared_texts"]) == (60, 20, 20, 0)
    with Project.open(folder) as project:
        assert project.counts(project.datasets()[0].id)["test"] == 20
        project.undo()
        assert project.counts(project.datasets()[0].id)["test"] == 0
    assert main(["split", str(folder)]) == 0
    assert "hold-out" in capsys.readouterr().out
    assert main(["split", str(folder), "--clear"]) == 0
    assert "100 rows" in capsys.readouterr().out
    assert main(["split", str(folder), "--train", "0", "--eval", "0", "--test", "0"]) == 2
    assert main(["split", str(folder), "--train", "many"]) == 2


def test_check_lists_the_new_kinds(tmp_path, capsys):
    rows = [f"a {n} x,b {n} y" for n in range(20)]
    folder = made(tmp_path, [*rows, "donâ€™t,stop", "word " * 400 + ",long"])
    capsys.readouterr()
    assert main(["check", str(folder), "--json"]) == 0
    issues = {issue["kind"]: issue for issue in json.loads(capsys.readouterr().out)["issues"]}
    assert issues["mojibake"]["rows"] == [21] and issues["truncated"]["rows"] == [22]
    assert "256 tokens" in issues["truncated"]["explanation"]
