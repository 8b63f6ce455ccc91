"""Deletes what is known of somebody."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from recommender.management.base import RecommenderCommand
from recommender.management.progress import ProgressDisplay
from recommender.models import Interaction, Visitor
from recommender.services import forgetting


class Command(RecommenderCommand):
    help = """Delete a visitor and all of the visitor's events, for good. Models forget at the next training.

The shop's own orders stay; `recommender_backfill` would learn of them again."""

    def add_arguments(self, parser: CommandParser) -> None:
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("--user", metavar="NAME", help="The user's login name or primary key.")
        who.add_argument("--visitor", metavar="UUID", help="The visitor's id, as the admin shows it.")
        parser.add_argument("--yes", action="store_true", help="Do not ask.")
        super().add_arguments(parser)

    def run(self, display: ProgressDisplay, **options: Any) -> None:
        visitor = _of_user(options["user"]) if options["user"] else _of_id(options["visitor"])
        events = Interaction.objects.filter(visitor=visitor).count() if visitor is not None else 0
        deleted = 0
        if visitor is not None and not options["dry_run"]:
            if not options["yes"]:
                self._confirm(visitor, events)
            deleted = forgetting.forget_visitor(visitor)
        self.report(
            options["json"],
            {
                "visitor": str(visitor.pk) if visitor is not None else None,
                "events": events,
                "deleted": deleted,
                "dry_run": options["dry_run"],
            },
            [_sentence(visitor, events, dry_run=options["dry_run"])],
        )

    def _confirm(self, visitor: Visitor, events: int) -> None:
        self.stderr.write(f"Visitor {visitor.pk} and {events:,} events will be deleted for good.")
        self.stderr.write("Type yes to go on: ", ending="")
        try:
            answer = input()
        except EOFError:
            answer = ""
        if answer.strip().lower() != "yes":
            raise CommandError("Nothing was deleted. Answer yes, or give --yes.")


def _of_user(name: str) -> Visitor | None:
    users = get_user_model()._default_manager
    field = get_user_model().USERNAME_FIELD
    user = users.filter(**{field: name}).first()
    if user is None:
        try:
            user = users.filter(pk=name).first()
        except (ValueError, ValidationError):
            user = None
    if user is None:
        raise CommandError(f"There is no user {name}. Events of deleted users are deleted with them.")
    return Visitor.objects.filter(user=user).first()


def _of_id(text: str) -> Visitor:
    try:
        visitor = Visitor.objects.filter(pk=uuid.UUID(text)).first()
    except ValueError:
        raise CommandError(f"{text!r} is no visitor's id: give a UUID, as the admin shows it.", returncode=2) from None
    if visitor is None:
        raise CommandError(f"There is no visitor {text}.")
    return visitor


def _sentence(visitor: Visitor | None, events: int, *, dry_run: bool) -> str:
    if visitor is None:
        return "Nothing is known of this user."
    if dry_run:
        return f"Visitor {visitor.pk} and {events:,} events would be deleted."
    return f"Visitor {visitor.pk} and {events:,} events were deleted. Models forget at the next training."
