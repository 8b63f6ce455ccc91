"""The API's description as a page to read: every address, parameter, answer and shape, without any script."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

Described = Mapping[str, Any]


@dataclass(frozen=True)
class Member:
    """A parameter of an operation, or a member of a shape; `shape` names the shape it is made of, if any."""

    name: str
    kind: str
    shape: str
    is_required: bool
    text: SafeString
    place: str = ""


@dataclass(frozen=True)
class Answer:
    """What an operation may be answered."""

    status: str
    text: SafeString
    shape: str


@dataclass(frozen=True)
class Operation:
    """One method of one address."""

    method: str
    path: str
    name: str
    summary: str
    text: SafeString
    parameters: list[Member]
    body: str
    sent: str
    answers: list[Answer]
    received: str


@dataclass(frozen=True)
class Shape:
    """A JSON object, or a closed list of words."""

    name: str
    text: SafeString
    members: list[Member]
    words: list[str]


@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """The page, in English as the rest of the documentation."""
    return render(request, "recommender/api/reference.html", _content())


@lru_cache(maxsize=1)
def _content() -> dict[str, Any]:
    """What the page shows; the same for everybody for as long as the process lives."""
    with translation.override("en"):
        described = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
        schema = json.loads(json.dumps(described, default=str))  # translatable texts, in the language of the moment
    groups: dict[str, list[Operation]] = {}
    for path, methods in schema["paths"].items():
        for method, one in methods.items():
            groups.setdefault(one["tags"][0], []).append(_operation(method, path, one))
    shapes = [_shape(name, one) for name, one in schema["components"]["schemas"].items()]
    return {"info": schema["info"], "groups": groups, "shapes": shapes}


def _operation(method: str, path: str, described: Described) -> Operation:
    answers, received = [], ""
    for status, answer in sorted(described["responses"].items()):
        media = _first(answer.get("content"))
        answers.append(Answer(status, _prose(answer.get("description", "")), _kind(media.get("schema", {}))[1]))
        if status < "300":
            received = received or _example(media)
    media = _first(described.get("requestBody", {}).get("content"))
    return Operation(
        method=method.upper(),
        path=path,
        name=described["operationId"],
        summary=described["summary"],
        text=_prose(described.get("description", "")),
        parameters=[
            _member(one["name"], one["schema"], one.get("required", False), one.get("description", ""), one["in"])
            for one in described.get("parameters", [])
        ],
        body=_kind(media.get("schema", {}))[1],
        sent=_example(media),
        answers=answers,
        received=received,
    )


def _shape(name: str, described: Described) -> Shape:
    required = described.get("required", [])
    members = [
        _member(member, schema, member in required, schema.get("description", ""))
        for member, schema in described.get("properties", {}).items()
    ]
    words = [str(word) for word in described.get("enum", []) if word is not None]
    return Shape(name, _prose(described.get("description", "")), members, words)


def _member(name: str, schema: Described, required: bool, text: str, place: str = "") -> Member:
    kind, shape = _kind(schema)
    return Member(name, kind, shape, required, _prose(text), place)


def _kind(schema: Described) -> tuple[str, str]:
    """What a value is, in words, and the shape it is made of.

    >>> _kind({"type": "array", "items": {"$ref": "#/components/schemas/Product"}})
    ('list of', 'Product')
    >>> _kind({"type": "integer", "minimum": 1, "maximum": 48})
    ('integer, from 1, to 48', '')
    """
    for part in (schema, *schema.get("allOf", ()), *schema.get("oneOf", ())):
        if "$ref" in part:
            return "" if not schema.get("nullable") else "null or", part["$ref"].rpartition("/")[2]
    kind = schema.get("format") or schema.get("type", "")
    if kind == "array":
        inner, shape = _kind(schema["items"])
        return f"list of {inner}".strip(), shape
    return ", ".join([kind, *_bounds(schema)]).strip(", "), ""


def _bounds(schema: Described) -> Iterator[str]:
    words = {
        "minimum": "from {}",
        "maximum": "to {}",
        "maxLength": "at most {} characters",
        "default": "{} when absent",
    }
    yield from (text.format(json.dumps(schema[name])) for name, text in words.items() if name in schema)
    if schema.get("nullable"):
        yield "may be null"


def _first(content: Described | None) -> Described:
    """The first of the media types that a body may have; all of ours have one."""
    found: Described = next(iter((content or {}).values()), {})
    return found


def _example(media: Described) -> str:
    """The first example of a body, as it is sent; empty without one."""
    example = next(iter(media.get("examples", {}).values()), None)
    return "" if example is None else json.dumps(example["value"], indent=2, ensure_ascii=False)


def _prose(text: str) -> SafeString:
    """Text with `code` marked as such."""
    pieces = enumerate(re.split(r"`([^`]+)`", text.strip()))
    return format_html_join("", "{}", ((format_html("<code>{}</code>", one) if i % 2 else one,) for i, one in pieces))
