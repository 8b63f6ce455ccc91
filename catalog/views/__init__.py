"""The shop's pages: parse, one call, present."""
