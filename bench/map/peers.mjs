// Lays graphs out with elkjs (layered) and dagre, for bench/map.cc: `node peers.mjs FOLDER` reads
// FOLDER/NAME.graph.json and writes FOLDER/NAME.PEER.json with the points of each edge and the time.

import dagre from "@dagrejs/dagre";
import ELK from "elkjs/lib/elk.bundled.js";
import fs from "node:fs";
import path from "node:path";

async function withElk(graph) {
  const laid = await new ELK().layout({
    id: "root",
    layoutOptions: { "elk.algorithm": "layered", "elk.direction": "RIGHT" },
    children: graph.nodes.map(({ id, width, height }) => ({ id, width, height })),
    edges: graph.edges.map(({ id, from, to }) => ({ id, sources: [from], targets: [to] })),
  });
  return laid.edges.map(({ id, sections }) => {
    const { startPoint, bendPoints = [], endPoint } = sections[0];
    return { id, points: [startPoint, ...bendPoints, endPoint].map(({ x, y }) => [x, y]) };
  });
}

function withDagre(graph) {
  const laid = new dagre.graphlib.Graph({ multigraph: true });
  laid.setGraph({ rankdir: "LR" });
  for (const { id, width, height } of graph.nodes) laid.setNode(id, { width, height });
  for (const { id, from, to } of graph.edges) laid.setEdge(from, to, {}, id);
  dagre.layout(laid);
  return laid.edges().map((edge) => ({
    id: edge.name,
    points: laid.edge(edge).points.map(({ x, y }) => [x, y]),
  }));
}

const folder = process.argv[2];
for (const file of fs.readdirSync(folder).filter((name) => name.endsWith(".graph.json")).sort()) {
  const graph = JSON.parse(fs.readFileSync(path.join(folder, file), "utf8"));
  for (const [peer, layOut] of [["elk", withElk], ["dagre", withDagre]]) {
    const start = performance.now();
    const edges = await layOut(graph);
    const ms = performance.now() - start;
    fs.writeFileSync(path.join(folder, file.replace("graph", peer)), JSON.stringify({ ms, edges }));
  }
}
