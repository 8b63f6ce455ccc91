"""Queries that are asked again and again with other values: to compile one costs more than to ask it."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Expression, Field, QuerySet
from django.db.models.sql.compiler import SQLCompiler


class Gap(Expression):
    """Where values will stand: one of them after `=`, or n of them in `IN`."""

    def __init__(self, name: str, field: Field[Any, Any], n: int = 1) -> None:
        super().__init__(output_field=field)
        self.name, self.n = name, n

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """As many parameters as there are places, each standing for a value that is not known yet."""
        return ", ".join(["%s"] * self.n), [_Place(self.name, i, self.output_field) for i in range(self.n)]


class _Place(NamedTuple):
    name: str
    at: int
    field: Field[Any, Any]


class Compiled:
    """A query with gaps, compiled once for each database.

    Args:
        queryset: with a `Gap` wherever its values differ from one time to the next.
    """

    def __init__(self, queryset: QuerySet[Any, Any]) -> None:
        self._queryset = queryset
        self._compiled: dict[str, tuple[SQLCompiler, str, tuple[Any, ...]] | None] = {}

    def ask(self, **values: Sequence[object]) -> list[Any]:
        """What the queryset holds with these values in its gaps; one query.

        Args:
            values: for each gap by name, at least one and at most n; the last one stands in the places that are left.
        """
        asked: Any = self._queryset.using(self._queryset.db)  # the router is asked once, and may choose at random
        if asked.db not in self._compiled:
            self._compiled[asked.db] = _compile(asked)
        found = self._compiled[asked.db]
        if found is None:
            return []
        connection, (once, text, places) = connections[asked.db], found
        given = tuple(_filled(place, values, connection) for place in places)
        compiler: Any = copy(once)
        compiler.connection, compiler.as_sql = connection, lambda: (text, given)
        asked.query.get_compiler = lambda *_, **__: compiler
        return list(asked)


def _compile(queryset: Any) -> tuple[SQLCompiler, str, tuple[Any, ...]] | None:
    """The compiler with what it knows of the columns, its text and its parameters; None for what is always empty."""
    compiler = queryset.query.get_compiler(using=queryset.db)
    try:
        text, parameters = compiler.as_sql()
    except EmptyResultSet:
        return None
    return compiler, text, tuple(parameters)


def _filled(parameter: Any, values: dict[str, Sequence[object]], connection: Any) -> Any:
    if not isinstance(parameter, _Place):
        return parameter
    own = values[parameter.name]
    return parameter.field.get_db_prep_value(own[min(parameter.at, len(own) - 1)], connection)
