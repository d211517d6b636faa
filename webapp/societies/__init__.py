"""Societies, their meter servers and profiles; society files."""
