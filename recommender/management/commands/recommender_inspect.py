"""manage.py recommender_inspect: what is the matter with the catalogue's pictures."""

from typing import Any

from recommender.management.base import RecommenderCommand
from recommender.management.progress import ProgressDisplay
from recommender.models import Finding
from recommender.services.inspecting import inspect


class Command(RecommenderCommand):
    writes = False
    help = (
        "Looks for duplicates, pictures on two products, labels that pictures contradict, pictures that are\n"
        "too small, blurred or no product, and missing views. The findings are in the admin; what a person\n"
        "found fine stays silent."
    )

    def run(self, display: ProgressDisplay, **options: Any) -> None:
        display.say("Measuring pictures")
        inspection = inspect(display.progress)
        total = sum(inspection.waiting.values())
        lines = [f"{inspection.pictures:,} pictures looked at; {total:,} findings wait in the admin."]
        lines += [f"  {Finding.Kind(kind).label}: {count:,}" for kind, count in inspection.waiting.items() if count]
        self.report(options["json"], {"pictures": inspection.pictures, "waiting": inspection.waiting}, lines)
