"""How the views describe themselves in the OpenAPI schema: their problems, headers and examples."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from recommender.api import problems, shapes, throttles
from recommender.services.visitors import TOKEN_HEADER

EVERYWHERE = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.NOT_ACCEPTABLE,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
"""What any request may be answered."""

GOOD = (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT)

WITH_BODY = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
"""What a request with a body may be answered besides."""

_EXAMPLES: dict[HTTPStatus, tuple[str, str]] = {
    HTTPStatus.BAD_REQUEST: ("invalid", "Some values are not accepted; `errors` names them."),
    HTTPStatus.UNAUTHORIZED: ("authentication_failed", "Invalid token."),
    HTTPStatus.FORBIDDEN: ("permission_denied", "CSRF Failed: CSRF token missing."),
    HTTPStatus.NOT_FOUND: ("not_found", "There is no such product."),
    HTTPStatus.NOT_ACCEPTABLE: ("not_acceptable", "Could not satisfy the request Accept header."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("too_large", "The request body is too large."),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: ("unsupported_media_type", 'Unsupported media type "text/plain" in request.'),
    HTTPStatus.TOO_MANY_REQUESTS: ("throttled", "Request was throttled. Expected available in 12 seconds."),
    HTTPStatus.INTERNAL_SERVER_ERROR: ("error", "Something went wrong on our side. It has been logged."),
    HTTPStatus.SERVICE_UNAVAILABLE: ("unavailable", "This is not available right now. Try again later."),
}
_DESCRIPTIONS: dict[HTTPStatus, str] = {
    HTTPStatus.BAD_REQUEST: "Something in the request is not accepted; `errors` says what.",
    HTTPStatus.UNAUTHORIZED: "The API token or guest token is not valid, or one is needed.",
    HTTPStatus.FORBIDDEN: "A browser's request came without the CSRF token.",
    HTTPStatus.NOT_FOUND: "There is no such product.",
    HTTPStatus.NOT_ACCEPTABLE: "The API answers in JSON only.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is longer than 1 MiB.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The API reads JSON only.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests; `Retry-After` says when to go on, `RateLimit` for which limit.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "A fault of the shop.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The shop cannot answer right now; `Retry-After` says when to ask again.",
}

PRODUCT_ID = OpenApiParameter("product_id", location=OpenApiParameter.PATH, description="A product's `id`.")
GUEST_TOKEN = OpenApiParameter(
    TOKEN_HEADER,
    location=OpenApiParameter.HEADER,
    description="A guest's token, from `POST guests/`. Not needed with an API token or a session.",
)
RETRY_AFTER = OpenApiParameter(
    "Retry-After",
    OpenApiTypes.INT,
    OpenApiParameter.HEADER,
    description="Seconds to wait.",
    response=[HTTPStatus.TOO_MANY_REQUESTS.value, HTTPStatus.SERVICE_UNAVAILABLE.value],
)
_TOLD = [status.value for status in (*GOOD, HTTPStatus.NOT_MODIFIED, HTTPStatus.TOO_MANY_REQUESTS)]
_LIMIT = OpenApiParameter(
    throttles.LIMIT_HEADER,
    location=OpenApiParameter.HEADER,
    description="For each limit that the request counted against: requests that are left, and for how many seconds.",
    examples=[OpenApiExample("Two limits", '"anon";r=599;t=58, "events";r=119;t=58')],
    response=_TOLD,
)
_POLICY = OpenApiParameter(
    throttles.POLICY_HEADER,
    location=OpenApiParameter.HEADER,
    description="For each limit that the request counted against: how many requests in how many seconds.",
    examples=[OpenApiExample("Two limits", '"anon";q=600;w=60, "events";q=120;w=60')],
    response=_TOLD,
)
_LANGUAGE = OpenApiParameter(
    "Accept-Language",
    location=OpenApiParameter.HEADER,
    description="The language of all texts for people; `Content-Language` says which one it became.",
    examples=[OpenApiExample("Simplified Chinese", "zh-hans")],
)
HEADERS = [_LANGUAGE, RETRY_AFTER, _LIMIT, _POLICY]
"""The headers of every operation."""

CACHING = [
    OpenApiParameter(
        "If-None-Match",
        location=OpenApiParameter.HEADER,
        description="The ETag of the answer that the app holds.",
    ),
    OpenApiParameter(
        "ETag",
        location=OpenApiParameter.HEADER,
        description="Names what the answer shows.",
        response=[HTTPStatus.OK.value, HTTPStatus.NOT_MODIFIED.value],
    ),
]
NOT_MODIFIED = {
    HTTPStatus.NOT_MODIFIED.value: OpenApiResponse(description="The answer that the app holds still is right.")
}


def answers(
    status: HTTPStatus, shape: Any, description: str, *more: HTTPStatus, anonymous: bool = False
) -> dict[Any, Any]:
    """An operation's responses: the good one, those of `EVERYWHERE`, and `more` problems.

    Args:
        status: of the good one.
        shape: of its body; None for no body.
        description: what the body holds.
        more: statuses of further problems.
        anonymous: whether the operation looks at no token, so that none can be wrong.
    """
    found = sorted({*EVERYWHERE, *more} - ({HTTPStatus.UNAUTHORIZED} if anonymous else set()))
    good = {status.value: OpenApiResponse(shape, description)}
    return good | {(code.value, problems.MEDIA_TYPE): _problem(code) for code in found}


def _problem(status: HTTPStatus) -> OpenApiResponse:
    code, detail = _EXAMPLES[status]
    value: dict[str, Any] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "code": code,
    }
    if status is HTTPStatus.BAD_REQUEST:
        value["errors"] = [
            {"field": "k", "code": "max_value", "detail": "Ensure this value is less than or equal to 48."}
        ]
    example = OpenApiExample(status.phrase, value, response_only=True)
    return OpenApiResponse(shapes.ProblemSerializer, _DESCRIPTIONS[status], [example])


PRODUCT: dict[str, Any] = {
    "id": "42",
    "title": "Nova X2 128 GB, midnight blue",
    "brand": "Orbis",
    "url": "https://shop.example/products/42/nova-x2-128-gb-midnight-blue/",
    "image": "https://shop.example/media/3f5a9c-320.webp",
    "renditions": [
        {"url": "https://shop.example/media/3f5a9c-320.webp", "width": 320, "height": 320},
        {"url": "https://shop.example/media/3f5a9c-640.webp", "width": 640, "height": 640},
    ],
    "price": {"amount": "199.00", "currency": "EUR"},
    "available": True,
}
RECOMMENDATION = PRODUCT | {
    "score": 0.83,
    "parts": {"visual": 0.5, "collaborative": 0.33},
    "reason": "Same colour and a similar design",
    "source": "visual",
    "promoted": False,
}
RECOMMENDATIONS = OpenApiExample(
    "One product",
    {
        "results": [RECOMMENDATION],
        "next": None,
        "previous": None,
        "recommendation_id": "api~similar.12~7~69a3f0c2~3~5b1f0e77c2a4~q0n8Wg2mZbTg7yXw",
    },
    response_only=True,
)
