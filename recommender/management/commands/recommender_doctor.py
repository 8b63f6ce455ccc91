"""Says what works, what is missing, and how to get it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from recommender.management.base import RecommenderCommand
from recommender.management.progress import ProgressDisplay
from recommender.services.diagnosing import Diagnosis, Finding, diagnose, gather


class Command(RecommenderCommand):
    help = """Say what each kind of recommendation has and lacks in this shop, and how to get it.

Exits with 1 when shelves cannot show more than the newest products."""

    writes = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--quick", action="store_true", help="Do not read all orders to see which are no events yet."
        )
        super().add_arguments(parser)

    def run(self, display: ProgressDisplay, **options: Any) -> None:
        if not options["quick"]:
            display.say("Reading the shop's orders")
        facts = gather(orders=not options["quick"], workers=True, progress=display.progress)
        diagnosis = diagnose(facts)
        self.report(options["json"], _data(diagnosis), self._lines(diagnosis))
        if not diagnosis.shelves_work:
            raise CommandError("Shelves can only show the newest products. The lines above say what to do.")

    def _lines(self, diagnosis: Diagnosis) -> list[str]:
        lines = ["Shop", *(self._line(finding) for finding in diagnosis.general)]
        for strategy in diagnosis.strategies:
            state = self.style.SUCCESS("works") if strategy.works else self.style.ERROR("does not work yet")
            lines += ["", f"{strategy.name.capitalize()}: {state}"]
            lines += [self._line(finding) for finding in strategy.findings]
        return lines

    def _line(self, finding: Finding) -> str:
        if finding.ok:
            return f"  {self.style.SUCCESS('✓')} {finding.text}"
        mark = self.style.ERROR("✗") if finding.fatal else self.style.WARNING("!")
        cure = "\n".join(f"      → {line}" for line in finding.cure.splitlines())
        return f"  {mark} {finding.text}" + (f"\n{cure}" if cure else "")


def _data(diagnosis: Diagnosis) -> dict[str, Any]:
    facts = diagnosis.facts
    return {
        "shelves_work": diagnosis.shelves_work,
        "products": facts.products,
        "available": facts.available,
        "with_vector": facts.with_vector,
        "pictures": facts.pictures,
        "overdue": facts.overdue,
        "events": facts.events,
        "visitors": facts.visitors,
        "order_lines_missing": facts.orders_missing,
        "encoder": facts.encoder,
        "snapshot": facts.snapshot.pk if facts.snapshot is not None else None,
        "snapshot_age_days": facts.snapshot_age_days,
        "tasks": facts.tasks,
        "broker": facts.broker,
        "workers": facts.workers,
        "optional_missing": facts.optional_missing,
        "general": [_finding(finding) for finding in diagnosis.general],
        "strategies": {
            strategy.name: {"works": strategy.works, "findings": [_finding(finding) for finding in strategy.findings]}
            for strategy in diagnosis.strategies
        },
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {"ok": finding.ok, "text": finding.text, "cure": finding.cure, "fatal": finding.fatal}
