"""Memory: querysets and artefact files. Rows in, arrays or rows out; no policy."""
