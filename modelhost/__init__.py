"""Learned models: what a folder of weights may hold, and the process that loads them and draws.

`manifest`, `families`, `recipe` and `client` are light (standard library and the engine's sandbox alone): the studio
uses them. `loading`, `drawing`, `pictures`, `preview`, `child` and `tiny` load torch and diffusers and live in
`.venv-worker` alone.
"""
