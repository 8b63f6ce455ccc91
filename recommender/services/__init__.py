"""The verbs: the public Python API. Each module is one gerund; load, compute, save."""
