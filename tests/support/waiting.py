"""Waiting for a condition, never for a time."""
import time


def wait_until(condition, timeout_s=20, what=None, pause_s=0.02):
    """The first true value of condition(); an AssertionError that says what did not happen in time."""
    end = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {timeout_s} s: {what or getattr(condition, '__doc__', None) or condition}"
                                 f" (last: {value!r})")
        time.sleep(pause_s)


def within_one_window(stack, run, seconds=60):
    """What run() gives, when no window of a limit has begun meanwhile (they are of the clock); else it runs once more."""
    def number():
        return stack.value("select floor(extract(epoch from clock_timestamp()) / %s)", seconds)
    for _ in range(4):
        before = number()
        result = run()
        if number() == before:
            return result
    raise AssertionError("this takes longer than a window of the limit lasts")
