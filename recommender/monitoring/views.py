"""What a load balancer and Prometheus ask."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from http import HTTPStatus
from importlib.util import find_spec
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from recommender.conf import settings
from recommender.services import gauging, probing


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """That the process answers. Nothing else is looked at: restarting it would not bring a database back."""
    return JsonResponse({"status": probing.State.OK})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Whether to send visitors here: 503 when the database or its tables are missing, 200 when degraded."""
    states = probing.probe()
    status = probing.worst(states)
    code = HTTPStatus.SERVICE_UNAVAILABLE if status is probing.State.FAILING else HTTPStatus.OK
    return JsonResponse({"status": status, "checks": states}, status=code)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """All numbers in Prometheus' text format, for who holds `METRICS_TOKEN`; for others the page does not exist."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS_TOKEN or find_spec("prometheus_client") is None:
        raise Http404
    if not secrets.compare_digest(given.encode(errors="replace"), settings.METRICS_TOKEN.encode()):
        raise Http404
    from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest, multiprocess

    whole_shop = CollectorRegistry()
    whole_shop.register(_ShopCollector())
    processes = REGISTRY
    if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        processes = CollectorRegistry()
        multiprocess.MultiProcessCollector(processes, folder)  # type: ignore[no-untyped-call]
    return HttpResponse(generate_latest(processes) + generate_latest(whole_shop), content_type=CONTENT_TYPE_LATEST)


class _ShopCollector:
    """The gauges: the same whichever process is asked."""

    def collect(self) -> Iterable[Any]:
        """Each gauge as Prometheus' own family."""
        from prometheus_client.core import GaugeMetricFamily

        found = gauging.read()
        yield _family("recommender_pictures", "Pictures by state; pending ones wait.", "status", found.pictures)
        queue = "How long the oldest request for an embedding has been waiting."
        yield GaugeMetricFamily("recommender_queue_age_seconds", queue, found.queue_age_seconds)
        if found.snapshot_age_seconds is not None:
            age = "Since the active snapshot was made."
            yield GaugeMetricFamily("recommender_snapshot_age_seconds", age, found.snapshot_age_seconds)
        products = "Products of the active snapshot."
        yield GaugeMetricFamily("recommender_snapshot_products", products, found.snapshot_products)
        yield _family("recommender_job_failed", "Whether the last run failed.", "kind", found.failed_jobs)
        silence = "Since the last sign of life of running work."
        yield _family("recommender_job_silent_seconds", silence, "kind", found.silent_seconds)
        states = {name: state is probing.State.OK for name, state in probing.probe().items()}
        yield _family("recommender_ok", "Whether a part is as it should be.", "check", states)


def _family(name: str, text: str, label: str, values: dict[str, Any]) -> Any:
    from prometheus_client.core import GaugeMetricFamily

    family = GaugeMetricFamily(name, text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], float(value))
    return family
