"""Events from apps, in batches that may be sent again."""

from __future__ import annotations

from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from recommender.api import documentation, identity, shapes
from recommender.api.base import ApiView
from recommender.api.problems import InvalidRequestError
from recommender.services import consent, tracking
from recommender.services.reading_events import KINDS, PUBLIC_KINDS

MAX_EVENTS = 500


class Events(ApiView):
    """What the visitor did."""

    scope = "events"

    @extend_schema(
        operation_id="events_create",
        summary="Report what the visitor did",
        description=(
            "Each event is checked on its own: those with errors are named, the others are kept. An event sent twice, "
            "by its `id`, counts once, so an app may send a batch again when it got no answer. When the visitor does "
            "not agree (`Sec-GPC: 1`, `DNT: 1`, or the shop's own consent), nothing is kept and the answer says so."
        ),
        parameters=[documentation.GUEST_TOKEN, *documentation.HEADERS],
        request=shapes.EventBatchSerializer,
        responses=documentation.answers(
            HTTPStatus.OK,
            shapes.EventReportSerializer,
            "What became of the events.",
            *documentation.WITH_BODY,
            HTTPStatus.FORBIDDEN,
        ),
        examples=[
            OpenApiExample(
                "A view",
                {
                    "events": [
                        {
                            "id": "7e6f4a1c-53d7-4b5c-8b1d-0a1f2f3e4d5c",
                            "kind": "view",
                            "product": "42",
                            "occurred_at": "2026-03-01T09:30:00Z",
                        }
                    ]
                },
                request_only=True,
            ),
            OpenApiExample(
                "Some taken",
                {
                    "accepted": 3,
                    "duplicates": 1,
                    "errors": [{"index": 2, "field": "kind", "code": "invalid_choice"}],
                },
                response_only=True,
            ),
            OpenApiExample(
                "No consent", {"accepted": 0, "duplicates": 0, "errors": [], "consent": False}, response_only=True
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        """What became of the batch."""
        events = _events(request.data)
        if not consent.allows(request._request):
            return Response({"accepted": 0, "duplicates": 0, "errors": [], "consent": False})
        identity.admit(request)
        kinds = KINDS if identity.is_staff_system(request) else PUBLIC_KINDS
        result = tracking.record_batch(lambda: identity.writer(request), events, kinds=kinds)
        errors: list[Any] = [asdict(error) for error in result.errors]
        if len(errors) == len(events):
            raise InvalidRequestError(errors, _("No event is valid; `errors` says why."), "no_valid_event")
        return Response({"accepted": result.accepted, "duplicates": result.duplicates, "errors": errors})


def _events(body: Any) -> list[Any]:
    """The batch in a request's body.

    Raises:
        ValidationError: when the body holds none, or one too large.
    """
    events = body.get("events") if isinstance(body, dict) else None
    if not isinstance(events, list) or not 0 < len(events) <= MAX_EVENTS:
        message = _('Send {"events": [...]} with 1 to %(most)d events.') % {"most": MAX_EVENTS}
        raise ValidationError({"events": ErrorDetail(message, _fault(events))})
    return events


def _fault(events: Any) -> str:
    if events is None:
        return "required"
    if not isinstance(events, list):
        return "not_a_list"
    return "max_length" if events else "empty"
