"""What the main thread of a page did in each of its frames, by the browser's own trace."""

import bisect

FRAME = "BeginMainThreadFrame"
TASKS = ("RunTask", "ThreadControllerImpl::RunTask")


def frame_work(events):
    """Milliseconds of the processor in each frame: in the task that begins it, and in those until the next one."""
    frames = [(event["ts"], (event["pid"], event["tid"])) for event in events if event["name"] == FRAME]
    if len(frames) < 2:
        raise ValueError("the trace has no frames")
    # The browser has other pages of its own: ours makes most of the frames.
    threads = [thread for _, thread in frames]
    main = max(set(threads), key=threads.count)
    starts = sorted(at for at, thread in frames if thread == main)
    work = [0.0] * len(starts)
    for event in events:
        if event["name"] in TASKS and event["ph"] == "X" and (event["pid"], event["tid"]) == main:
            frame = bisect.bisect_right(starts, event["ts"] + event["dur"]) - 1
            if frame >= 0:
                work[frame] += event.get("tdur", event["dur"]) / 1000
    return work[:-1]  # the last one has no end
