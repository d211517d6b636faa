"""The thirteen operations that a meter server answers, and how we read what it says.

Knows no Flask and no database. A meter server's spelling stops here.
"""
