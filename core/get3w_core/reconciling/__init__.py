"""Find the task of a submit whose outcome is unknown, by what the server has on record.

`saved` is such a submit as plain data, `inputs` compares what was sent with what a task shows,
`memory` is what one client knows of its submits, `pages` and `reader` ask the server, `search`
judges, `results` are the answers. It may import everything below the clients, and never a client.
It only reads: nothing here submits, and no result says that submitting again is safe.
"""
