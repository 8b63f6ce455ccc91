"""One placement's shelf: as a piece of a page for our script, as a page of its own for a browser without scripts."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import select_template
from django.utils.translation import check_for_language, get_language, override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from recommender import widgets
from recommender.exceptions import UnknownPlacementError, UnknownProductError

_PAGE = "recommender/placement.html"
_SCRIPT = "recommender-shelf"


@never_cache
@vary_on_headers("X-Requested-With")
@require_safe
def placement(request: HttpRequest, slug: str) -> HttpResponse:
    """The shelf, in the language of the page that asks for it."""
    language = request.GET.get("language", "")
    with override(language if check_for_language(language) else get_language()):
        try:
            shelf = widgets.asked_shelf(request, slug, request.GET)
        except (UnknownPlacementError, UnknownProductError) as error:
            raise Http404 from error
        is_piece = request.headers.get("X-Requested-With") == _SCRIPT
        template = select_template(shelf.templates if is_piece else [_PAGE])
        return HttpResponse(template.render({"shelf": shelf}, request))
