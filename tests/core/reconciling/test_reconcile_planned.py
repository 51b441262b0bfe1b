"""A submit whose process was killed: what was saved before it finds its task."""

import time

import pytest
from get3w_core import Accepted, Client, ConfigurationError, NoEvidence
from get3w_models import FluxDevRequest, KlingV2_6ProImageToVideoRequest

REQUEST = FluxDevRequest(prompt="a lighthouse", width=16)


@pytest.fixture
def other(get3w_emulator):
    """A client that knows nothing of what others submitted, as in the next process."""
    with Client(api_key=get3w_emulator.api_key, base_url=get3w_emulator.url) as client:
        yield client


def test_task_of_a_killed_submit_is_found(get3w_client, other):
    """The request and the times are enough."""
    sent_at = time.time()
    task = get3w_client.submit(REQUEST)
    saved = other.describe_submit(REQUEST, sent_at=sent_at, ended_at=time.time())
    result = other.reconcile(saved, within=0)

    assert isinstance(result, Accepted)
    assert task.id == result.prediction.id


def test_task_that_is_taken_is_not_given(get3w_client, other):
    """A task that belongs to another submit is no candidate."""
    sent_at = time.time()
    task = get3w_client.submit(REQUEST)
    saved = other.describe_submit(REQUEST, sent_at=sent_at, ended_at=time.time())

    assert isinstance(other.reconcile(saved, within=0, taken=[task.id]), NoEvidence)


def test_request_with_a_local_file_is_refused(other, tmp_path):
    """What was sent in its place is not known."""
    (tmp_path / "a.png").write_bytes(b"x")
    request = KlingV2_6ProImageToVideoRequest(prompt="x", image=tmp_path / "a.png")

    with pytest.raises(ConfigurationError, match="upload it first"):
        other.describe_submit(request, sent_at=0, ended_at=0)
