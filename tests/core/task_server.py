"""A server of tasks for the clients on a virtual clock: it loses answers and keeps records."""

import json
from datetime import UTC, datetime
from email.utils import formatdate

import httpx


class TaskServer:
    """Accepts submits, loses what it is told to lose, and shows its records as it is told to.

    Attributes:
        clock: The virtual clock; its time and `ahead` are the server's time.
        lose: What happens to the next submits: "after" loses the answer, "before" the request.
        tasks: Every accepted task in order.
        order: Puts the billing records in the order in which they are shown.
        lag: Seconds after which a task is billed.
        missing: Paths that are answered 404.
        history: Whether the history is served.
        show: Makes of a task what a read of it shows.
        requests: Method and path of every request.
    """

    def __init__(self, clock, *, ahead=None):
        self.clock = clock
        self.ahead = ahead
        self.lose = []
        self.tasks = []
        self.order = list
        self.lag = 0
        self.missing = set()
        self.history = False
        self.most_per_page = 100
        self.show = dict
        self.requests = []

    def accept(self, body, *, model="get3w/paint", at=None):
        """Accept a task, also one of somebody else."""
        moment = self.now() if at is None else at
        task = {
            "id": f"pred_{len(self.tasks)}",
            "model": model,
            "status": "processing",
            "input": {name: body[name] for name in body if name != "webhook_url"},
            "created_at": datetime.fromtimestamp(moment, UTC).isoformat(),
        }
        self.tasks.append(task)
        return task

    def now(self):
        return self.clock.now + (self.ahead or 0)

    def __call__(self, request):
        method, path = request.method, request.url.path
        self.requests.append(f"{method} {path}")
        if path in self.missing:
            return self.answer(None, 404)
        if path == "/api/v3/billings":
            return self.answer(self.billings(**request.url.params))
        if path == "/api/v3/files/upload":
            return self.answer({"url": f"https://cdn.get3w.com/uploads/{len(self.requests)}.png"})
        if (method, path) == ("POST", "/api/v3/predictions"):
            return self.found(json.loads(request.content)) if self.history else self.answer({}, 404)
        if method == "POST":
            return self.submitted(json.loads(request.content), path)
        shown = [task for task in self.tasks if task["id"] == path.rpartition("/")[2]]
        return self.answer(self.show(shown[0])) if shown else self.answer(None, 404)

    def submitted(self, body, path):
        fate = self.lose.pop(0) if self.lose else None
        if fate != "before":
            model = path.removeprefix("/api/v3/").removeprefix("/v1/")
            task = self.accept(body, model=model)
        if fate is not None:
            raise httpx.ReadError("lost")
        return self.answer({"id": task["id"], "status": "created"})

    def billings(self, page, per_page, type):  # noqa: A002 - the names of the query
        assert "usage" == type
        size, start = min(int(per_page), self.most_per_page), int(page) - 1
        billed = [task for task in self.tasks if self.billed_at(task) <= self.now()]
        records = [
            {
                "date": datetime.fromtimestamp(self.billed_at(task), UTC).date().isoformat(),
                "type": "usage",
                "amount": -0.01,
                "model": task["model"],
                "task_id": task["id"],
            }
            for task in self.order(billed)
        ]
        shown = records[start * size : (start + 1) * size]
        return {"records": shown, "total": len(records), "page": start + 1, "per_page": size}

    def billed_at(self, task):
        return datetime.fromisoformat(task["created_at"]).timestamp() + self.lag

    def found(self, body):
        if not body.get("include_inputs") or not 1 <= body["page_size"] <= 100:
            return self.answer(None, 400)
        found = [
            {**task, "inputs": task["input"]}
            for task in reversed(self.tasks)
            if task["model"] == body["model"]
            and body["created_after"] <= task["created_at"].replace("+00:00", "Z")
        ]
        start = (body["page"] - 1) * body["page_size"]
        return self.answer({"page": body["page"], "items": found[start:][: body["page_size"]]})

    def answer(self, data, status=200):
        dated = {} if self.ahead is None else {"date": formatdate(self.now(), usegmt=True)}
        body = {"code": status, "message": "success", "data": data}
        return httpx.Response(status, json=body, headers=dated)
