"""Alerts and their life, who hears what, deliveries, and the event stream."""
