// The map as a file that one keeps.

import { svgFile } from "./export";
import { pngFile } from "./png";

function save(file: Blob, name: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

export async function saveMap(svg: SVGSVGElement, layer: SVGGElement, kind: "svg" | "png", scale: number) {
  const file = kind === "svg" ? svgFile(svg, layer) : await pngFile(svg, layer, scale);
  save(file, `signalbox-map.${kind}`);
}
