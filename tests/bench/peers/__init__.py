"""What we are compared with; the settings come from ``tests.bench.served``, the rows from BENCH_FOLDER."""
