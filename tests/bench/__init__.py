"""What `make bench` measures: each figure beside its floor, from the same run."""
