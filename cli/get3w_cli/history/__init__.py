"""What this machine has submitted: one SQLite file in the user's state folder.

A submission is on disk before it is sent, so that one whose process was killed is looked for and
never repeated by itself. It never holds the API key. May import `package`, `inputs` and `_common`.
"""
