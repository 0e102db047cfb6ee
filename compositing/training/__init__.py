"""Training of the learned edge refiner. Needs torch, so the worker's environment; the engine imports none of it."""
