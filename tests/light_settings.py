"""The tests' settings with the light encoder, for tests that start processes of their own."""

from tests.settings import *  # noqa: F403
from tests.settings import RECOMMENDER

RECOMMENDER["ENCODER"] = {"BACKEND": "recommender.engines.colour_encoder.ColourEncoder"}
