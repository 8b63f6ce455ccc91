"""Static files for ever: named by their content, compressed, and naming each other by those names."""

from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Also JavaScript modules import each other by hashed names, so that no browser mixes two deploys."""

    support_js_module_import_aggregation = True
