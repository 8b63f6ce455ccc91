"""What the demo does once the servers run, in order. Each step looks first whether it is done: a broken start resumes.

Django must be set up before this module is imported.
"""

import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from django.contrib.auth.models import User
from django.db.models import Max
from django.utils import timezone

from recommender.models import ImageEmbedding, Impression, Job, Snapshot
from recommender.tasks import train
from shopsite.demo.progress import Bars
from shopsite.stack import Child, StackError

PASSWORD = "demo"  # noqa: S105 - of a shop that only this machine can reach, and told on the screen
ACCOUNTS = {"admin": True, "demo": False}
"""Login name: whether it may enter the admin."""

POLL_SECONDS = 0.5
STALL_SECONDS = 300.0
"""How long nothing may move before we say so."""

Idle = Callable[[], None]
"""Called while waiting: looks after the servers."""


class Steps:
    """The steps, over one folder.

    Args:
        folder: the demo's.
        environment: what the shop's settings read.
        bars: where progress is shown.
        idle: called twice a second while a step waits.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str], bars: Bars, idle: Idle) -> None:
        self._folder = folder
        self._environment = environment
        self._bars = bars
        self._idle = idle
        self.range = folder / "range"

    def run(self) -> None:
        """All of them."""
        self.open_accounts()
        self.draw_range()
        self.import_range()
        self.await_pictures()
        self.train()
        self.imagine_shelves()

    def open_accounts(self) -> None:
        """Make the demo's logins."""
        for name, is_staff in ACCOUNTS.items():
            if not User.objects.filter(username=name).exists():
                make = User.objects.create_superuser if is_staff else User.objects.create_user
                make(username=name, email=f"{name}@shop.example", password=PASSWORD)

    def draw_range(self) -> None:
        """Draw the invented phones and imagine their shoppers. A broken-off drawing goes on where it was."""
        if self._is_imported():
            return

        def show(child: Child) -> None:
            words = child.last_words(1).split("\t")
            if len(words) == 3:
                self._bars.show(words[0], int(words[1]), int(words[2]))

        self._run("draw", ["-m", "shopsite.demo.draw", str(self.range)], show)

    def import_range(self) -> None:
        """Load phones and what people did with them. Afterwards every picture is on its way to the workers."""
        if self._is_imported():
            return
        begun = timezone.now()

        def show(child: Child) -> None:
            job = Job.objects.filter(kind=Job.Kind.IMPORT, started_at__gte=begun).first()
            if job is not None and job.message:
                self._bars.show(job.message, job.done, job.total or None)

        command = ["manage.py", "recommender_import", str(self.range), "--no-wait", "--verbosity=0"]
        self._run("import", command, show)

    def show_pictures(self) -> bool:
        """Show how many pictures are looked at; return whether all are."""
        waiting = ImageEmbedding.objects.filter(status=ImageEmbedding.Status.PENDING).count()
        total = ImageEmbedding.objects.count()
        self._bars.show("Pictures looked at by the workers", total - waiting, total)
        return waiting == 0

    def await_pictures(self) -> None:
        """Wait for the workers to look at every picture."""
        self._wait_until(self.show_pictures, lambda: ImageEmbedding.objects.aggregate(at=Max("updated_at"))["at"])
        if failed := ImageEmbedding.objects.filter(status=ImageEmbedding.Status.FAILED).count():
            self._bars.say(f"{failed} pictures could not be looked at; the admin says why, under Image embeddings.")

    def train(self) -> None:
        """Have a worker learn what belongs together, unless a snapshot is being served already."""
        if Snapshot.objects.filter(is_active=True).exists():
            return
        begun = timezone.now()
        train.delay()
        jobs = Job.objects.filter(kind=Job.Kind.TRAIN, started_at__gte=begun)

        def is_done() -> bool:
            job = jobs.first()
            if job is not None:
                self._bars.show("Learning what belongs together", job.done, job.total or None)
                if job.state == Job.State.FAILED:
                    raise StackError(f"The training failed: {job.message}")
            return Snapshot.objects.filter(is_active=True).exists() and (job is None or job.state == Job.State.DONE)

        self._wait_until(is_done, lambda: jobs.values_list("heartbeat_at", flat=True).first())

    def imagine_shelves(self) -> None:
        """Say what the shoppers saw on shelves, so that the page of figures is alive; once."""
        if Impression.objects.exists():
            return
        command = ["manage.py", "demo_shelves", "--verbosity=0"]
        self._run("shelves", command, lambda _child: self._bars.show("What shoppers saw on shelves", 0, None))

    def _is_imported(self) -> bool:
        return Job.objects.filter(kind=Job.Kind.IMPORT, state=Job.State.DONE).exists()

    def _run(self, name: str, arguments: list[str], show: Callable[[Child], None]) -> None:
        child = Child(
            name,
            [sys.executable, *arguments],
            self._folder,
            environment=self._environment,
            stop_signal=signal.SIGINT,  # which a command answers by closing its job
        )
        child.start()
        try:
            while child.is_running():
                self._idle()
                show(child)
                time.sleep(POLL_SECONDS)
            show(child)
            if child.exit_code:
                raise StackError(f"`{name}` failed. The end of {child.log}:\n{child.last_words(20)}")
        finally:
            child.stop()

    def _wait_until(self, is_done: Callable[[], bool], mark: Callable[[], object]) -> None:
        last, moved_at = mark(), time.monotonic()
        while not is_done():
            self._idle()
            time.sleep(POLL_SECONDS)
            if (now := mark()) != last:
                last, moved_at = now, time.monotonic()
            elif time.monotonic() - moved_at > STALL_SECONDS:
                logs = self._folder / "logs"
                raise StackError(f"Nothing has moved for {STALL_SECONDS:.0f} s. The workers' logs are in {logs}.")
