"""When to ask a meter server again. Pure."""

from datetime import datetime, timedelta

BREAKER_AFTER = 3  # failures in a row; from then on we ask less and less often
SLOWEST_S = 900


def next_try(now: datetime, every_s: float, failures: int, jitter: float) -> datetime:
    """The next time to ask. ``jitter`` in 0…1 spreads servers by a twentieth of their pace.

    The first failures are tried again sooner than the pace; an open breaker backs off to
    ``SLOWEST_S``, or to the pace where that is slower.
    """
    if failures == 0:
        wait = every_s
    elif failures < BREAKER_AFTER:
        wait = min(every_s, 5 * 2**failures)
    else:
        wait = min(every_s * 2 ** min(failures - BREAKER_AFTER, 10), max(SLOWEST_S, every_s))
    return now + timedelta(seconds=wait * (0.975 + 0.05 * jitter))
