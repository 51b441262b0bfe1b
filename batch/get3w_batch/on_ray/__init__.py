"""Run a batch on a Ray cluster: actors claim rows from one journal, each with the engine inside.

It may import all but `batch` and the command. Ray places the workers, and nothing else: what
becomes of a row is decided by the journal alone, so no call that sends anything is ever repeated
by Ray. `options` and `worker` do not import Ray; `driver` loads it once a batch runs on it.
"""
