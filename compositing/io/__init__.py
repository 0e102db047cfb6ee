"""Where pictures enter and leave the engine: 8-bit, encoded and straight live here and nowhere else."""
