"""Generators: sensing, runs, fuel; their pages."""
