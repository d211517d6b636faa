"""The pages that join the others: what needs a person now, units, one unit, the resident's home."""
