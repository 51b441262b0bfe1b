"""Whatever diff calls compatible is: each body that the old schema took, the new one takes."""

from get3w_codegen.diff.catalogues import compare_models
from get3w_codegen.diff.changes import Weight, heaviest
from get3w_emulator.schemas.validation import compiled
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from tests.codegen.random_schemas import changed, schemas, values_for


@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.data_too_large,
    ],
)
@given(st.data())
def test_compatible_means_compatible(data):
    """A judge that knows nothing of diff accepts by the new schema what it accepted by the old."""
    old = data.draw(schemas, label="old")
    new = data.draw(changed(old), label="new")
    weight = heaviest(compare_models(old, new))
    event(weight.value)
    if weight is Weight.BREAKING:
        return
    before, after = compiled(old), compiled(new)
    bodies = data.draw(st.lists(values_for(old), min_size=8, max_size=16), label="bodies")
    for body in bodies:
        if before.is_valid(body):
            event("judged")
            assert after.is_valid(body), body
