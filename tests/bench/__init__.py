"""Hilo beside what others reach, measured in the same run on the same machine (`make bench`).

`HILO_BENCH` is not a setting of Hilo; lengths are stretched by `BENCH_TIMES=4 make bench`.
"""
