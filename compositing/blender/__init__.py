"""Plates traced by Blender: described here, drawn by a program of its own, delivered like any plate."""
