"""The data set folder format: reading and writing. No Django models."""
