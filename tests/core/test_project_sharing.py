"""Two windows, other threads, other processes."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core import paths
from core.dataset.formats import Example, Format
from core.errors import Cancelled, ProjectLocked, ProjectProblem
from core.project import Project, Reader, View


@pytest.fixture
def project(tmp_path: Path):
    with Project.create(tmp_path / "p", "Shop") as project:
        project.create_dataset("P", Format.PAIRS, examples=[Example(("a", "b")), Example(("c", "d"))])
        yield project


def test_only_one_window_writes(project):
    with pytest.raises(ProjectLocked, match="open in another window"):
        Project.open(project.folder)
    with Project.open(project.folder, write=False) as second:
        assert second.read_only and second.counts(1)["all"] == 2
        project.set_cells([(1, "anchor", "edited")])
        assert second.examples([1])[0].texts[0] == "edited" and second.undo_label == "Edit cell"
        for attempt in (second.undo, second.redo, lambda: second.set_cells([(1, "note", "x")])):
            with pytest.raises(ProjectProblem, match="read-only"):
                attempt()
        second.tidy()
    project.set_cells([(1, "anchor", "the reader closed nothing of ours")])
    project.close()
    Project.open(project.folder).close()


def test_the_lock_of_a_killed_window_is_free(tmp_path):
    Project.create(tmp_path / "p", "x").close()
    code = (
        "import sys, time; from pathlib import Path; from core.project import Project\n"
        "p = Project.open(Path(sys.argv[1])); print('open', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "p")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=paths.ROOT) as child:
        assert child.stdout is not None and child.stdout.readline() == "open\n"
        with pytest.raises(ProjectLocked):
            Project.open(tmp_path / "p")
        child.kill()
    Project.open(tmp_path / "p").close()


def test_a_reader_sees_every_commit_and_writes_nothing(project):
    with project.reader() as reader, Reader(project.folder) as other:
        for number in range(5):
            project.set_cells([(2, "note", str(number))])
            assert reader.examples([2])[0].note == other.examples([2])[0].note == str(number)
        assert reader.data_hash() == project.data_hash() and reader.revision == project.revision
        assert (reader.name, reader.texts(), reader.datasets()) == (
            project.name,
            project.texts(),
            project.datasets(),
        )
        with pytest.raises(Exception, match="readonly"):
            reader._connection.execute("DELETE FROM examples")


def test_a_snapshot_is_one_moment(project):
    with project.reader() as reader:
        with reader.snapshot():
            before = reader.counts(1)
            project.delete_examples([1])
            assert reader.counts(1) == before and [row.id for row in reader.rows(1)] == [1, 2]
        assert reader.counts(1)["all"] == 1


def test_rows_of_a_reader_are_one_moment(project):
    with project.reader() as reader:
        project.add_examples(1, [Example((str(n), "x")) for n in range(3000)])
        rows = reader.rows(1)
        next(rows)
        project.undo()
        assert sum(1 for _ in rows) == 3001


def test_a_long_question_can_be_interrupted(project):
    project.add_examples(1, [Example((f"text {n}", "x" * 200)) for n in range(30_000)])
    ended: list[str] = []

    def ask(reader: Reader) -> None:
        try:
            while True:
                reader.ids(1, View(search="nowhere é"))
        except Cancelled:
            ended.append("cancelled")

    with project.reader() as reader:
        thread = threading.Thread(target=ask, args=(reader,))
        thread.start()
        while thread.is_alive():
            reader.interrupt()
            thread.join(0.01)
        assert ended == ["cancelled"]
        assert len(reader.ids(1)) == 30_002  # and it answers again
    reader.interrupt()  # after closing: nothing to do


def test_edits_go_on_while_a_worker_tidies_and_backs_up(project):
    project.add_examples(1, [Example((f"text {n}", "x" * 50)) for n in range(20_000)])
    project.undo()
    project.set_cells([(1, "note", "gives the rows up")])
    worker = threading.Thread(target=project.backup)
    worker.start()
    edits = 0
    while worker.is_alive() or edits < 20:
        project.set_cells([(1, "note", str(edits))])
        edits += 1
    worker.join()
    assert len(Project.backups(project.folder)) == 1 and project.undo() is not None


def test_missing_folders_and_folders_that_are_none(tmp_path):
    (tmp_path / "file").write_text("x")
    for path, words in (
        (tmp_path / "nowhere", "no folder"),
        (tmp_path / "file", "is a file"),
        (tmp_path, "holds no AnchorLab project"),
    ):
        for attempt in (lambda p: Project.open(p), lambda p: Project.open(p, write=False), Reader):
            with pytest.raises(ProjectProblem, match=words):
                attempt(path)
        if path.is_dir():
            assert not (path / "project.lock").exists()  # looking leaves nothing behind


def test_a_folder_that_cannot_be_written(project, monkeypatch):
    """Permission bits do not bind the superuser, so the file system's refusal is simulated."""
    project.close()
    opened = Path.open

    def refuse(path: Path, mode: str = "r", *rest, **more):
        if mode != "rb" and path.parent == project.folder:
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, mode, *rest, **more)

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ProjectProblem, match=r"cannot be written: .*Permission denied.* read-only"):
        Project.open(project.folder)
    with Project.open(project.folder, write=False) as second:
        assert second.counts(1)["all"] == 2
    monkeypatch.undo()
    (project.folder / "project.db").unlink()
    (project.folder / "project.toml").write_text("[project]\nname = 'x'\n")
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ProjectProblem, match="prepared once"):
        Project.open(project.folder, write=False)
