"""Green-screen clips drawn with exact truth: `python -m compositing synth`."""
