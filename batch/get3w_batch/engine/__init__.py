"""The engine: sends rows, waits for their tasks, saves what they made.

It may import all but `batch` and the command. Each module has one part: `limiter` how many tasks
run at once, `sender` one submit and its verdict, `waiter` a task's end and its files, `reconciler`
the rows of unknown outcome, `engine` the order in which all of that happens.
"""
