"""The key and the comp in torch: the same maths as the CPU engine, for workers with a GPU. Loaded by them alone.

The clip's study and each frame's small maps stay on the CPU (they are a twentieth of the pixels and shared with the CPU
engine, so both executors agree on the screen); everything at full size runs here, many frames at a time.
"""
