"""The tables of the journal."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, MetaData, Table, Text

VERSION: Final = 1
"""The version of the schema; a journal of a newer one is refused."""

MICRO: Final = 1_000_000
"""Money is kept as whole millionths of a USD, so that sums are exact."""

metadata = MetaData()

meta = Table(
    "get3w_batch_meta",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

rows = Table(
    "get3w_batch_rows",
    metadata,
    Column("key", Text, primary_key=True),
    Column("position", Integer),  # null where the present input does not hold the row
    Column("model", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("worker", Text),  # who is at it; null where nobody is
    Column("attempt", Text),  # names the latest submit, so that late news find it or nothing
    Column("sent_body", Text),  # what was sent, where uploads changed it
    Column("sent_at", Float),
    Column("ended_at", Float),
    Column("submission", Text),  # of a submit that ended without a clear answer
    Column("checked_at", Float),  # when its task was last looked for in vain
    Column("task", Text, unique=True),
    Column("handle", Text),
    Column("outputs", Text),
    Column("files", Text),
    Column("error", Text),
    Column("code", Text),
    Column("estimate", BigInteger),
    Column("cost", BigInteger),
    Column("finished_at", Float),
    Column("folder", Text),  # of the results that this row's line belongs to
    Column("reported", Boolean, nullable=False),
)
Index("get3w_batch_to_do", rows.c.state, rows.c.worker, rows.c.position)
Index("get3w_batch_to_report", rows.c.folder, rows.c.reported)
Index("get3w_batch_content", rows.c.content)

# Earlier submits of rows that were tried again: what they cost is not forgotten.
past = Table(
    "get3w_batch_past",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False, index=True),
    Column("state", Text, nullable=False),
    Column("task", Text, unique=True),
    Column("error", Text),
    Column("estimate", BigInteger),
    Column("cost", BigInteger),
)

workers = Table(
    "get3w_batch_workers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("lease", Float, nullable=False),  # until when it is taken for alive
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("born", Text, nullable=False),
    Column("share", Integer),  # of the account's limit; null where it sends nothing
    Column("busy", Integer),  # how many tasks it had when it last took its share
)

folders = Table(
    "get3w_batch_folders",
    metadata,
    Column("id", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),  # how much of results.jsonl is known to be whole
    Column("stale", Boolean, nullable=False),  # whether a line in it is no longer true
)
