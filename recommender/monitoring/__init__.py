"""For whoever keeps the shop running: health, metrics, and logs that follow a request and name no person."""
