"""What each kind of recommendation has and lacks in this shop, and how to get it."""

from recommender.services.diagnosing.diagnosis import Diagnosis, Finding, Strategy, diagnose
from recommender.services.diagnosing.facts import Facts, gather

__all__ = ["Diagnosis", "Facts", "Finding", "Strategy", "diagnose", "gather"]
