"""manage.py recommender_suggest: values for attributes that products lack, for people to review."""

from typing import Any

from recommender.management.base import RecommenderCommand
from recommender.management.progress import ProgressDisplay
from recommender.services import proposing


class Command(RecommenderCommand):
    writes = False
    help = (
        "Proposes values for attributes that products lack, by what their pictures look like.\n"
        "People accept, correct or reject them in the admin; nothing is written to products before."
    )

    def run(self, display: ProgressDisplay, **options: Any) -> None:
        display.say("Reading what the pictures say")
        refreshed = proposing.refresh()
        lines = [f"{refreshed.open:,} suggestions wait in the admin under Review suggestions."]
        lines += [
            f"  {name}: {refreshed.found[name]:,} products lack it; right for {accuracy:.1%} of those that have it"
            for name, accuracy in refreshed.accuracy.items()
        ]
        data = {"open": refreshed.open, "found": refreshed.found, "accuracy": refreshed.accuracy}
        self.report(options["json"], data, lines)
