"""How much a fault test does: little on every change, all that was promised in `make test-faults`."""

import pytest


def sizes(short, long):
    """Both forms as parameters."""
    return [pytest.param(short, marks=pytest.mark.faults_short), pytest.param(long, marks=pytest.mark.faults)]
