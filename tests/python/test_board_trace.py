"""The reading of the browser's traces, by which the board's frames are judged."""

import pytest

from board_trace import FRAME, TASK, frame_work

PAGE = {"pid": 7, "tid": 1}


def frame(at, **more):
    return {"name": FRAME, "ph": "I", "ts": at} | PAGE | more


def task(at, dur, **more):
    return {"name": TASK, "ph": "X", "ts": at, "dur": dur} | PAGE | more


def test_a_frame_has_the_task_that_ends_with_it_and_all_since_the_one_before():
    events = [task(900, 3000), frame(1000), task(5000, 2000), task(16900, 1000), frame(17000), task(20000, 1), frame(33000)]
    assert frame_work(events) == [3.0, 0.001]


def test_time_in_which_the_thread_waits_for_a_processor_is_not_its_work():
    assert frame_work([frame(1000), task(2000, 9000, tdur=4000), frame(17000)]) == [4.0]


def test_other_threads_and_pages_do_not_count():
    other = {"pid": 9}
    events = [frame(1000), task(2000, 8000, tid=2), task(2000, 8000, **other), frame(1500, **other), frame(17000)]
    assert frame_work(events) == [0.0]


def test_a_trace_without_frames_is_no_good_trace():
    with pytest.raises(ValueError):
        frame_work([task(0, 1000)])
