"""Recharge, cut, restore, load: record → send → settle."""
