"""Hilo beside what others reach, measured in the same run on the same machine (`make bench`).

`BENCH_TIMES=4 make bench` measures four times as long; `BENCH_PEOPLE=50` lets fewer people write.
"""
