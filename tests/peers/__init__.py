"""Our numbers beside those of another library, which runs in an environment of its own: `make test-peers`."""
