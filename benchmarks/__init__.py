"""Every number in the docs, each rebuilt by one command: `python -m benchmarks` lists them."""
