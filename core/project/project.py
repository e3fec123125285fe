"""An open project: the one place where edits happen."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from core.dataset.formats import Example, Format, Scale
from core.errors import DataProblem, FileProblem, ProjectLocked, ProjectProblem
from core.locks import FileLock
from core.project import history, layout, plaintext, schema
from core.project.cells import Cell, SetCells
from core.project.connection import (
    corrupt,
    explained,
    interruptible,
    is_busy,
    make_durable,
    open_reader,
    open_writer,
    shorten_log,
    transaction,
)
from core.project.corpus import AddTexts, RemoveTexts
from core.project.edits import CreateDataset, DeleteExamples, Edit, InsertExamples, SetMeta
from core.project.names import free_name
from core.project.probes import Probe, SetProbe, put
from core.project.queries import Queries
from core.project.reader import Reader, check_file, open_verified
from core.project.step import Change, Step

if TYPE_CHECKING:
    from core.project.detached import Detached

_CHECKED_AT_ONCE = 4 * 2**20  # bytes; larger files are checked by `back_up`, in a worker


class Project(Queries):
    """A project folder. With `write=True` it is ours alone until `close`; every edit is on the disk when its call returns.

    Used by one thread at a time; other threads take a `reader()`. `back_up` and `tidy` may run in a worker meanwhile.
    """

    def __init__(
        self,
        folder: Path,
        connection: sqlite3.Connection,
        lock: FileLock | None,
        *,
        should_stop: Callable[[], bool] | None = None,
    ) -> None:
        super().__init__(folder, connection)
        self._lock = lock
        self._should_stop = should_stop
        self._detached: Detached | None = None

    # -- opening and closing --------------------------------------------------------------------------------------------

    @staticmethod
    def is_project(folder: Path) -> bool:
        return layout.is_project(Path(folder))

    @classmethod
    def create(cls, folder: Path, name: str, description: str = "") -> Project:
        """A new, empty project, open for writing. Missing folders are made.

        Raises:
            ProjectProblem: there is a project already, or the folder cannot be written.
            DiskFull
        """
        folder = Path(folder)
        if folder.is_dir() and layout.is_project(folder):
            raise ProjectProblem(
                f"There is already a project in {folder}.", "Open it, or choose another folder."
            )
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ProjectProblem(
                f"Cannot make the folder {folder}: {error.strerror}.", "Choose another place."
            ) from error
        from core.project import storage

        lock = _take_lock(folder)
        try:
            storage.create(
                folder, [SetMeta("name", name.strip() or folder.name), SetMeta("description", description)]
            )
            return cls(folder, _open_for_writing(folder), lock)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def open(cls, folder: Path, *, write: bool = True) -> Project:
        """Open a project. A plain-text one gets its database first.

        Raises:
            ProjectLocked: with `write`, when it is open for writing elsewhere.
            ProjectNewer, ProjectCorrupt (with the backups), ProjectProblem
        """
        folder = Path(folder)
        layout.check_folder(folder)
        layout.require_project(folder)
        if not write:
            plaintext.materialise_if_needed(folder)
            return cls(folder, open_verified(folder), None)
        lock = _take_lock(folder)
        try:
            if plaintext.is_plain(folder):
                plaintext.materialise(folder)
            return cls(folder, _open_for_writing(folder), lock)
        except BaseException:
            lock.release()
            raise

    @staticmethod
    def backups(folder: Path) -> tuple[Path, ...]:
        """The backups of the project in `folder`, newest first."""
        return layout.backups(Path(folder))

    @staticmethod
    def restore(folder: Path, backup: Path | str) -> Path | None:
        """Put a backup in the place of a damaged database, which is kept beside it. See `backups.restore`."""
        from core.project import backups

        return backups.restore(Path(folder), Path(backup))

    def close(self) -> None:
        """Close the database and let others write. Closing twice is allowed."""
        if self._detached is not None:
            self._detached.end()
        self._connection.close()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def reader(self) -> Reader:
        """A connection for another thread, which closes it."""
        return Reader._of_open_project(self.folder)

    @property
    def read_only(self) -> bool:
        return self._lock is None

    @property
    def runs_folder(self) -> Path:
        return self.folder / layout.RUNS

    @property
    def cache_folder(self) -> Path:
        return self.folder / layout.CACHE

    def rows(self, dataset_id: int) -> Iterator[Example]:
        """As `Queries.rows`; edits made while it runs do not disturb it."""
        self.dataset(dataset_id)
        with self.reader() as reader:
            yield from reader.rows(dataset_id)

    # -- edits ----------------------------------------------------------------------------------------------------------

    def apply(self, edit: Edit, label: str, origin: str = "") -> Change:
        """Carry out an edit as one step of the history. When it returns, the edit is on the disk.

        Raises:
            DataProblem: the edit does not fit the data. DiskFull, ProjectProblem, ProjectCorrupt: it cannot be stored.
            In every case nothing was changed.
        """
        with self._writing() as step:
            inverse = edit.apply(step)
            if inverse is not None:
                history.push(step.connection, label, inverse)
        return step.change(label, origin)

    def undo(self, origin: str = "") -> Change | None:
        """Take back the last step. None when there is none."""
        return self._turn(history.undo, origin)

    def redo(self, origin: str = "") -> Change | None:
        """Do the step again that was undone last. None when there is none."""
        return self._turn(history.redo, origin)

    def _turn(self, way: Callable[[Step], str | None], origin: str) -> Change | None:
        try:
            with self._writing() as step:
                label = way(step)
        except (
            DataProblem,
            LookupError,
            TypeError,
            ValueError,
            OverflowError,
            sqlite3.IntegrityError,
        ) as error:
            raise ProjectProblem(
                f"The history of the project in {self.folder} is damaged; this step cannot be undone or redone.",
                "The data itself is as it was.",
                details=str(error),
            ) from error
        return None if label is None else step.change(label, origin)

    def detach(self, doing: str) -> Detached:
        """Hand the right to edit to a worker until `Detached.end`; `doing` ("deleting 120,000 rows") is what others are told.

        Raises:
            ProjectProblem: the project is read-only, or such an edit is being done already.
        """
        from core.project.detached import Detached

        self._require_right()
        self._detached = Detached(self, doing, self._lock)
        return self._detached

    def attach(self, detached: Detached) -> None:
        """The end of `detach`."""
        if self._detached is detached:
            self._detached = None

    def stopped(self) -> bool:
        """In a worker's edit: whether the person has cancelled it; long preparations ask now and then."""
        return self._should_stop is not None and self._should_stop()

    @property
    def detached(self) -> Detached | None:
        """What is being done in the background; None when the project can be edited."""
        return self._detached

    @property
    def undo_label(self) -> str:
        """What `undo` would take back; "" when nothing."""
        with explained(self.folder):
            return history.labels(self._connection)[0]

    @property
    def redo_label(self) -> str:
        """What `redo` would do again; "" when nothing."""
        with explained(self.folder):
            return history.labels(self._connection)[1]

    @property
    def undo_weight(self) -> int:
        """About how many rows `undo` would touch: many are better done by a worker."""
        with explained(self.folder):
            return history.weights(self._connection)[0]

    @property
    def redo_weight(self) -> int:
        """About how many rows `redo` would touch."""
        with explained(self.folder):
            return history.weights(self._connection)[1]

    def _require_right(self) -> None:
        if self._detached is not None:
            raise self._detached.refusal()
        if self.read_only:
            raise ProjectProblem(
                f"The project in {self.folder} is open read-only.",
                "Close it in the other window and open it again.",
            )

    @contextmanager
    def _writing(self) -> Iterator[Step]:
        self._require_right()
        step = Step(self._connection)
        with explained(self.folder):
            try:
                with (
                    transaction(self._connection),
                    interruptible(self._connection, self._should_stop),
                ):
                    yield step
                shorten_log(self._connection, self.folder / layout.DATABASE)
            except UnicodeEncodeError as error:
                raise DataProblem(
                    "A text contains half a character, which cannot be stored.", "Remove it and try again."
                ) from error

    # -- edits by name --------------------------------------------------------------------------------------------------

    def set_cells(self, cells: Iterable[Cell], label: str = "", origin: str = "") -> Change:
        """(example id, column key or "split"/"flag"/"note"/"status", value) … as one step. See `SetCells`."""
        cells = tuple(cells)
        return self.apply(
            SetCells(cells),
            label or ("Edit cell" if len(cells) == 1 else f"Edit {len(cells):,} cells"),
            origin,
        )

    def add_examples(
        self, dataset_id: int, examples: Iterable[Example], label: str = "Add rows", origin: str = ""
    ) -> Change:
        """Add rows at the end. `Change.ids` are the new ids, up to 10,000."""
        return self.apply(InsertExamples(dataset_id, examples), label, origin)

    def delete_examples(self, ids: Sequence[int], label: str = "", origin: str = "") -> Change:
        return self.apply(
            DeleteExamples(ids),
            label or ("Delete row" if len(ids) == 1 else f"Delete {len(ids):,} rows"),
            origin,
        )

    def create_dataset(
        self,
        name: str,
        format: Format,
        negatives: int = 1,
        scale: Scale | None = None,
        examples: Iterable[Example] = (),
        label: str = "",
        origin: str = "",
    ) -> Change:
        """A new dataset with its rows as one step; its id is in `Change.dataset_ids`. A name that is taken gets a number."""
        name = free_name(name.strip(), (info.name for info in self.datasets()))
        return self.apply(
            CreateDataset(name, format, negatives, scale or Scale(), examples),
            label or f"Create {name}",
            origin,
        )

    def add_texts(
        self, texts: Iterable[str], source: str = "", label: str = "Add texts", origin: str = ""
    ) -> Change:
        """Add unpaired texts to the corpus; those that are there already are left out."""
        return self.apply(AddTexts(texts, source), label, origin)

    def remove_texts(self, ids: Sequence[int], label: str = "", origin: str = "") -> Change:
        return self.apply(
            RemoveTexts(ids),
            label or ("Remove text" if len(ids) == 1 else f"Remove {len(ids):,} texts"),
            origin,
        )

    def set_recipe(self, recipe: Mapping[str, Any], label: str = "Change recipe", origin: str = "") -> Change:
        """Fix these recipe settings, in the place of all that were fixed before."""
        return self.apply(SetMeta("recipe", json.dumps(dict(recipe), ensure_ascii=False)), label, origin)

    def set_preset(self, key: str, label: str = "Change preset", origin: str = "") -> Change:
        """Fill in the recipe by another preset; what was fixed stays fixed."""
        return self.apply(SetMeta("preset", key), label, origin)

    def add_probe(
        self, text: str, other: str, expectation: str = "", note: str = "", origin: str = ""
    ) -> Change:
        """Keep an eye on a pair of texts, or on a query (without `other`)."""
        return self.apply(SetProbe(0, (text, other, expectation, note)), "Add probe", origin)

    def change_probe(self, probe: Probe, origin: str = "") -> Change:
        return self.apply(put(probe), "Change probe", origin)

    def delete_probe(self, id: int, origin: str = "") -> Change:
        return self.apply(SetProbe(id, None), "Delete probe", origin)

    # -- upkeep, for a worker thread --------------------------------------------------------------------------------------

    def backup(self) -> Path:
        """Tidy up, then copy the database into `backups/` unless the newest copy is the same. See `backups.back_up`."""
        from core.project import backups

        self.tidy()
        return backups.back_up(self.folder)

    def tidy(self) -> None:
        """Delete rows that nothing can bring back any more, in slices between which edits go on."""
        if self.read_only:
            return
        with explained(self.folder), closing(open_writer(self.folder / layout.DATABASE)) as connection:
            more = True
            while more:
                try:
                    with transaction(connection):
                        more = history.tidy_slice(connection)
                except sqlite3.OperationalError as error:
                    if not is_busy(error):
                        raise
                    return  # the person's edits come first; what is left over is tidied another time


def _take_lock(folder: Path) -> FileLock:
    lock = FileLock(folder / layout.LOCK)
    try:
        free = lock.acquire()
    except FileProblem as error:
        raise ProjectProblem(
            f"The project in {folder} cannot be written: {error.message}",
            "Open it read-only, or check its permissions.",
        ) from error
    if not free:
        raise ProjectLocked(
            f"The project in {folder} is open in another window.",
            "Close it there, or open it here read-only.",
        )
    return lock


def _open_for_writing(folder: Path) -> sqlite3.Connection:
    check_file(folder)
    with explained(folder):
        _verify(folder)
        connection = open_writer(folder / layout.DATABASE)
        try:
            make_durable(connection)
            if not schema.is_current(connection):
                from core.project import backups

                backups.back_up(folder)
                schema.upgrade(connection)
        except BaseException:
            connection.close()
            raise
    return connection


def _verify(folder: Path) -> None:
    """Look at the file before anything can be written to it."""
    path = folder / layout.DATABASE
    with closing(open_reader(path)) as connection:
        schema.verify(connection, folder)
        if path.stat().st_size <= _CHECKED_AT_ONCE:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise corrupt(folder, details=str(found))
