"""Training of the learned edge refiner. Needs torch, so the worker's environment; nothing in the engine imports this."""
