"""A layout of the map for the board's tests, made of GET /map: a row for each lane of stations, a band
for each DAG. Simple, and good enough to see that the board draws what it is given."""

WIDE, HIGH = 9, 3


def layout_of(estate):
    stations, edges, lines = [], [], []
    place, top = {}, 2
    inner = [edge for edge in estate["edges"] if edge["kind"] == "job"]
    for color, dag in enumerate(estate["dags"]):
        columns = _columns([job["id"] for job in dag["jobs"]], inner)
        used = {}
        for job in dag["jobs"]:
            column = columns[job["id"]]
            row = used.get(column, 0)
            used[column] = row + 1
            x, y = 7 + column * WIDE, top + row * HIGH
            place[job["id"]] = (x, y)
            stations.append({
                "id": job["id"], "line": dag["id"], "x": x, "y": y, "tracks": len(job["members"]),
                "interchange": _leads_elsewhere(job["id"], dag, estate),
                "label": {"x": x, "y": y - 1.2, "anchor": "middle", "angle": 0, "text": job["job_id"]},
            })
        lines.append({
            "id": dag["id"], "label": dag["dag_id"], "color": color % 12,
            "tracks": max((len(job["members"]) for job in dag["jobs"]), default=1),
            "zone": "", "label_at": {"x": 5.5, "y": top + 0.3, "anchor": "end"},
        })
        place.setdefault(dag["id"], (7, top))
        top += max(used.values(), default=1) * HIGH + 1
    for edge in estate["edges"]:
        if edge["from"] in place and edge["to"] in place:
            kind = "line" if edge["kind"] == "job" else "transfer"
            owner = "dag:" + edge["from"].split(":", 1)[1].split("/")[0]
            edges.append({
                "id": edge["id"], "kind": kind, "line": owner,
                "points": _way(place[edge["from"]], place[edge["to"]]),
            })
    width = max((x for x, _ in place.values()), default=10) + 4
    return {"version": "of-the-tests", "width": width, "height": top, "lines": lines,
            "stations": stations, "edges": edges, "zones": [], "assets": []}


def _columns(jobs, edges):
    """By job: after all that lead to it."""
    columns = dict.fromkeys(jobs, 0)
    for _ in jobs:
        for edge in edges:
            if edge["from"] in columns and edge["to"] in columns:
                columns[edge["to"]] = max(columns[edge["to"]], columns[edge["from"]] + 1)
    return columns


def _leads_elsewhere(job, dag, estate):
    return any(job in (edge["from"], edge["to"]) and edge["kind"] in ("cross_dag", "trigger")
               for edge in estate["edges"])


def _way(start, end):
    """Straight on, a turn of 45 degrees in the middle, straight on."""
    (x1, y1), (x2, y2) = start, end
    down = abs(y2 - y1)
    if down == 0:
        return [[x1, y1], [x2, y2]]
    if x2 - x1 >= down:
        bend = (x1 + x2 - down) / 2
        return [[x1, y1], [bend, y1], [bend + down, y2], [x2, y2]]
    return [[x1, y1], [x1 + 1, y1 + (1 if y2 > y1 else -1)], [x1 + 1, y2 - (1 if y2 > y1 else -1)], [x1 + 2, y2], [x2, y2]]
