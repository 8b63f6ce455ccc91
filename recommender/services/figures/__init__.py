"""What the shelves achieved: events summed by day, and read back as a report."""
