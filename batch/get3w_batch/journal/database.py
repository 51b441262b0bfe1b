"""Open the database of a journal: an SQLite file, or PostgreSQL."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    create_engine,
    event,
    func,
    insert,
    literal,
    make_url,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
)

from get3w_batch.errors import JournalError
from get3w_batch.journal.tables import VERSION, meta, metadata

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement

_BUSY_SECONDS = 60
# How many connections are made in all where those before were cut. One that is refused is final.
_CONNECTIONS = 5
# Any number: all who create the tables take the same lock.
_CREATING = 7_335_021


def open_database(journal: str | Path, enter: Callable[[Connection], object]) -> Engine:
    """Open a journal, and make its tables if they are not there.

    Args:
        journal: A path of an SQLite file, or an address such as `postgresql://user@host/name`.
        enter: Called in the same transaction, once more for each connection that is cut.

    Raises:
        JournalError: It is of a newer version, or no such database can be used.
    """
    url = _url_of(journal)
    with ExitStack() as undo:
        try:
            engine = _sqlite(url) if url.get_backend_name() == "sqlite" else _postgresql(url)
            undo.callback(engine.dispose)
            _enter(engine, enter)
        except (SQLAlchemyError, OSError) as error:
            raise JournalError(
                f"The journal {shown(journal)} cannot be opened: {reason(error)}"
            ) from error
        undo.pop_all()
    return engine


def _enter(engine: Engine, enter: Callable[[Connection], object]) -> None:
    for left in reversed(range(_CONNECTIONS)):
        try:
            with engine.begin() as connection:
                _prepare(connection)
                enter(connection)
        except DBAPIError as error:
            if not (left and error.connection_invalidated):
                raise
        else:
            return


def reason(error: Exception) -> str:
    """Return what the database said, without the statement."""
    return str(getattr(error, "orig", None) or error).strip()


def shown(journal: str | Path) -> str:
    """Return a journal's name without its password."""
    return repr(_url_of(journal).render_as_string()) if _is_url(journal) else repr(str(journal))


def is_shared(journal: str | Path) -> bool:
    """Whether other machines can use a journal too: it is PostgreSQL."""
    return _url_of(journal).get_backend_name() == "postgresql"


def _is_url(journal: str | Path) -> bool:
    return isinstance(journal, str) and "://" in journal


def _url_of(journal: str | Path) -> URL:
    if not _is_url(journal):
        return URL.create("sqlite", database=str(journal))
    try:
        url = make_url(str(journal))
    except (ArgumentError, ValueError):
        raise JournalError("The address of the journal cannot be read") from None
    if url.drivername in {"postgresql", "postgres"}:
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in {"sqlite", "postgresql"}:
        raise JournalError(
            f"A journal is an SQLite file or PostgreSQL, not {url.get_backend_name()!r}"
        )
    return url


def _sqlite(url: URL) -> Engine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS}, hide_parameters=True)

    # SQLAlchemy's own recipe: the driver begins nothing by itself, and every transaction takes the
    # lock at its begin, so that none of two has to be undone at its end.
    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: object) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")  # a commit is on the disk when it returns
        cursor.close()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _postgresql(url: URL) -> Engine:
    try:
        return create_engine(
            url,
            pool_size=1,
            pool_pre_ping=True,
            hide_parameters=True,
            # What the moves are made for; another default of the server would undo many of them.
            isolation_level="READ COMMITTED",
            connect_args={"connect_timeout": 10},
        )
    except (ImportError, NoSuchModuleError):
        raise JournalError('PostgreSQL needs psycopg: pip install "get3w-models[batch]"') from None


def _prepare(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_CREATING)))
        connection.execute(text("SET LOCAL client_min_messages = warning"))
    known = connection.dialect.has_table(connection, meta.name)
    version = read_meta(connection, "version") if known else None
    if version is not None and not (version.isdecimal() and int(version) <= VERSION):
        raise JournalError(
            f"The journal is of version {version[:20]}, and this program knows version {VERSION}:"
            " use the newer get3w-models that made it"
        )
    metadata.create_all(connection)
    if version is None:
        connection.execute(insert(meta).values(name="version", value=str(VERSION)))
        connection.execute(insert(meta).values(name="reserved", value="0"))
        connection.execute(insert(meta).values(name="limit", value="{}"))


def read_meta(connection: Connection, name: str, *, lock: bool = False) -> str | None:
    """Return what the journal keeps under *name*; *lock* keeps other writers away from it."""
    query = select(meta.c.value).where(meta.c.name == name)
    return connection.scalar(query.with_for_update() if lock else query)


def write_meta(connection: Connection, name: str, value: str) -> None:
    """Keep *value* under *name*."""
    statement = upsert(connection, meta).values(name=name, value=value)
    connection.execute(
        statement.on_conflict_do_update(index_elements=[meta.c.name], set_={"value": value})
    )


def upsert(connection: Connection, table: Any) -> Any:
    """Return the insert of the connection's own dialect, which knows `on_conflict_do_update`."""
    return (postgresql_insert if connection.dialect.name == "postgresql" else sqlite_insert)(table)


def clock(connection: Connection) -> ColumnElement[Any]:
    """Return the Unix time that leases are measured by: one clock for all who share a journal."""
    return database_clock() if connection.dialect.name == "postgresql" else literal(time.time())


def database_clock() -> ColumnElement[Any]:
    """Return the time by PostgreSQL's clock."""
    return func.extract("epoch", func.clock_timestamp())


def is_lost(error: BaseException) -> bool:
    """Whether the database did not answer, is full or busy: the same may work later."""
    if isinstance(error, OperationalError):
        return not reason(error).startswith("no such ")  # tables that are gone do not come back
    return bool(getattr(error, "connection_invalidated", False))
