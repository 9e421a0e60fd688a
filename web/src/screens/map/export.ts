// The map as a file of its own: what the stylesheet says is written into each shape, because the
// file has no stylesheet.

const WRITTEN = [
  "fill",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-linecap",
  "stroke-linejoin",
  "opacity",
  "font-size",
  "font-weight",
  "font-family",
  "font-style",
  "paint-order",
  "display",
  "transform",
];
export const MARGIN = 20;

function writeStyles(from: Element, to: Element) {
  const style = getComputedStyle(from);
  for (const name of WRITTEN) {
    const value = style.getPropertyValue(name);
    if (name !== "transform" || value !== "none") to.setAttribute(name, value);
  }
  for (const name of ["class", "role", "tabindex", "aria-label", "aria-pressed", "style"])
    to.removeAttribute(name);
  for (const [i, child] of [...from.children].entries()) {
    const copy = to.children[i];
    if (copy) writeStyles(child, copy);
  }
}

export function svgFile(svg: SVGSVGElement, layer: SVGGElement): Blob {
  const box = layer.getBBox();
  const copy = svg.cloneNode(true) as SVGSVGElement;
  writeStyles(svg, copy);
  copy.removeAttribute("transform"); // of a map on its way
  copy.querySelector("[data-layer]")?.removeAttribute("transform");
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute(
    "viewBox",
    `${box.x - MARGIN} ${box.y - MARGIN} ${box.width + 2 * MARGIN} ${box.height + 2 * MARGIN}`,
  );
  copy.setAttribute("width", String(Math.ceil(box.width + 2 * MARGIN)));
  copy.setAttribute("height", String(Math.ceil(box.height + 2 * MARGIN)));
  const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  for (const [name, value] of [
    ["x", box.x - MARGIN],
    ["y", box.y - MARGIN],
    ["width", box.width + 2 * MARGIN],
    ["height", box.height + 2 * MARGIN],
  ] as const)
    ground.setAttribute(name, String(value));
  ground.setAttribute("fill", getComputedStyle(svg).backgroundColor);
  copy.prepend(ground);
  return new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" });
}
