"""What the main thread of a page did for each of its frames, by the browser's own trace."""

import bisect

FRAME = "BeginCommitCompositorFrame"  # what was drawn goes to the compositor
TASK = "RunTask"


def frame_work(events):
    """Milliseconds of the processor for each frame: of the task that ends with it, and of all since the one before."""
    frames = [(event["ts"], (event["pid"], event["tid"])) for event in events if event["name"] == FRAME]
    if len(frames) < 2:
        raise ValueError("the trace has no frames")
    # The browser has other pages of its own: ours makes most of the frames.
    threads = [thread for _, thread in frames]
    main = max(set(threads), key=threads.count)
    ends = sorted(at for at, thread in frames if thread == main)
    work = [0.0] * len(ends)
    for event in events:
        if event["name"] == TASK and event["ph"] == "X" and (event["pid"], event["tid"]) == main:
            frame = bisect.bisect_left(ends, event["ts"])
            if frame < len(work):
                work[frame] += event.get("tdur", event["dur"]) / 1000
    return work[1:]  # the first one began before the trace
