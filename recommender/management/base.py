"""What the recommender's commands share: JSON on request, progress on stderr, errors that name their cure."""

from __future__ import annotations

import json
from argparse import RawDescriptionHelpFormatter
from typing import Any, TextIO, cast

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser, DjangoHelpFormatter
from django.db import OperationalError, ProgrammingError

from recommender.conf import settings
from recommender.exceptions import RecommenderError
from recommender.management.progress import ProgressDisplay

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it."""


class RecommenderCommand(BaseCommand):
    """A command that says how far it is, may be stopped at any time, and can report to a machine.

    Exit codes: 0 it is done; 1 it could not be done, and the message names the cure; 2 it was called the wrong way;
    130 it was stopped, and the same call goes on.
    """

    writes = True
    requires_migrations_checks = True

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Keep the line breaks of the help text."""
        return super().create_parser(prog_name, subcommand, formatter_class=_HelpFormatter, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        """Arguments that all commands have."""
        parser.add_argument("--json", action="store_true", help="Print the result as JSON on standard output.")
        if self.writes:
            parser.add_argument("--dry-run", action="store_true", help="Say what would happen, and change nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run, translating what went wrong into one line."""
        try:
            # The stream itself: Django's wrapper ends every write with a new line, which tears bars apart.
            stream = cast(TextIO, self.stderr._out)
            with ProgressDisplay(stream, shown=options["verbosity"] > 0) as display:
                self.run(display, **options)
        except (RecommenderError, ImproperlyConfigured) as error:
            raise CommandError(str(error)) from error
        except (OperationalError, ProgrammingError) as error:
            raise CommandError(f"The database does not answer: {error}. Is it there, and migrated?") from error
        except KeyboardInterrupt:
            raise CommandError("Stopped. The same command goes on where it was.", returncode=INTERRUPTED) from None

    def run(self, display: ProgressDisplay, **options: Any) -> None:
        """The command's own work."""
        raise NotImplementedError

    def report(self, as_json: bool, data: dict[str, Any], lines: list[str]) -> None:
        """Print the result: `data` for a machine, or `lines` for a person."""
        self.stdout.write(json.dumps(data, indent=2, default=str) if as_json else "\n".join(lines))


def expiry_note(expired: int) -> list[str]:
    """A line on events that are past their retention already; none without such events."""
    if not expired:
        return []
    return [
        f"Note: {expired:,} of these events are older than {settings.EVENT_RETENTION_DAYS} days and go with the next "
        'purge. To keep them, raise RECOMMENDER["EVENT_RETENTION_DAYS"].'
    ]


class _HelpFormatter(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Django's order of options, and descriptions as they were written."""
