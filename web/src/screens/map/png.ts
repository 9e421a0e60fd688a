// The map as a picture of pixels. It is painted shape by shape: an SVG as an image would need a wider
// content security policy, and would not have the font.

import { MARGIN } from "./export";

const SHARPNESS = 2;
const SIDE_MOST = 8192; // what browsers paint

type Pen = CanvasRenderingContext2D;

function hatch(pen: Pen, color: string): CanvasPattern | string {
  const tile = document.createElement("canvas");
  tile.width = 10;
  tile.height = 10;
  const on = tile.getContext("2d");
  if (!on) return color;
  on.strokeStyle = color;
  on.lineWidth = 3;
  on.beginPath();
  for (const shift of [-10, 0, 10]) {
    on.moveTo(shift, 10);
    on.lineTo(shift + 10, 0);
  }
  on.stroke();
  const pattern = pen.createPattern(tile, "repeat");
  pattern?.setTransform(new DOMMatrix().scale(0.5));
  return pattern ?? color;
}

const number = (element: Element, name: string) => Number(element.getAttribute(name) ?? 0);

function shapeOf(element: SVGElement): Path2D | undefined {
  if (element instanceof SVGPathElement) return new Path2D(element.getAttribute("d") ?? "");
  const shape = new Path2D();
  if (element instanceof SVGCircleElement)
    shape.arc(number(element, "cx"), number(element, "cy"), number(element, "r"), 0, 2 * Math.PI);
  else if (element instanceof SVGRectElement) {
    const [width, height] = [number(element, "width"), number(element, "height")];
    const radius = Math.min(number(element, "rx"), width / 2, height / 2);
    shape.roundRect(number(element, "x"), number(element, "y"), width, height, radius);
  } else return undefined;
  return shape;
}

function paintText(pen: Pen, element: SVGTextElement, style: CSSStyleDeclaration) {
  pen.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  pen.textAlign = style.textAnchor === "middle" ? "center" : style.textAnchor === "end" ? "right" : "left";
  const text = element.textContent ?? "";
  const [x, y] = [number(element, "x"), number(element, "y")];
  if (style.stroke !== "none") pen.strokeText(text, x, y);
  if (style.fill !== "none") pen.fillText(text, x, y);
}

function paint(pen: Pen, element: Element, toLayer: DOMMatrix, opacity: number) {
  if (!(element instanceof SVGGraphicsElement)) return;
  const style = getComputedStyle(element);
  if (style.display === "none" || style.visibility === "hidden") return;
  const visible = opacity * Number(style.opacity);
  if (visible === 0) return;
  if (element instanceof SVGGElement) {
    for (const child of element.children) paint(pen, child, toLayer, visible);
    return;
  }
  const own = element.getCTM();
  if (!own) return;
  pen.save();
  const { a, b, c, d, e, f } = toLayer.multiply(own);
  pen.transform(a, b, c, d, e, f);
  pen.globalAlpha = visible;
  pen.fillStyle = style.fill.startsWith("url(") ? hatch(pen, style.stroke) : style.fill;
  pen.strokeStyle = style.stroke;
  pen.lineWidth = Number.parseFloat(style.strokeWidth);
  pen.lineCap = style.strokeLinecap as CanvasLineCap;
  pen.lineJoin = style.strokeLinejoin as CanvasLineJoin;
  pen.setLineDash(
    style.strokeDasharray === "none" ? [] : style.strokeDasharray.split(",").map(Number.parseFloat),
  );
  const shape = shapeOf(element);
  if (element instanceof SVGTextElement) paintText(pen, element, style);
  if (shape && style.fill !== "none") pen.fill(shape);
  if (shape && style.stroke !== "none") pen.stroke(shape);
  pen.restore();
}

/** `scale`: pixels on the screen for a unit of the drawing. */
export async function pngFile(svg: SVGSVGElement, layer: SVGGElement, scale: number): Promise<Blob> {
  const box = layer.getBBox();
  const [width, height] = [box.width + 2 * MARGIN, box.height + 2 * MARGIN];
  const by = Math.min(scale * SHARPNESS, SIDE_MOST / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(width * by);
  canvas.height = Math.ceil(height * by);
  const pen = canvas.getContext("2d");
  const layerAt = layer.getCTM();
  if (!pen || !layerAt) throw new Error("This browser does not paint.");
  pen.fillStyle = getComputedStyle(svg).backgroundColor;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.scale(by, by);
  pen.translate(MARGIN - box.x, MARGIN - box.y);
  const toLayer = DOMMatrix.fromMatrix(layerAt).inverse();
  for (const child of layer.children) paint(pen, child, toLayer, 1);
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      blob => (blob ? resolve(blob) : reject(new Error("The picture is too large."))),
      "image/png",
    ),
  );
}
