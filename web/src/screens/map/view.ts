// Pan and zoom, without React. While the map moves, the compositor moves what is drawn (moving.ts); where it
// rests it is drawn, and React and what keeps its size on the screen hear of the step of its scale.

import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Point } from "@/api/types";
import type { Box } from "./boxes";
import { glided } from "./glide";
import { LARGEST, SMALLEST, scaleOf, stepOf } from "./levels";
import { BEYOND, isEnough, moveOf } from "./moving";

export interface View {
  x: number;
  y: number;
  scale: number;
}

const MARGIN = 28;
const FIT_LARGEST = 1.4; // what is small is not blown up
const WHEEL_STEP = 0.0016;
const KEY_ZOOM = 1.3;
const KEY_PAN = 90;
const CLICK_SLACK = 4;
const REST_MS = 120; // after the latest movement

const limited = (scale: number) => Math.max(SMALLEST, Math.min(LARGEST, scale));

/** The view with all of `box` in the middle of the frame, no larger than FIT_LARGEST. Pure. */
export function fitted(box: Box, frame: { width: number; height: number }, margin: number): View {
  const scale = limited(
    Math.min((frame.width - 2 * margin) / box.width, (frame.height - 2 * margin) / box.height, FIT_LARGEST),
  );
  return {
    scale,
    x: frame.width / 2 - (box.x + box.width / 2) * scale,
    y: frame.height / 2 - (box.y + box.height / 2) * scale,
  };
}

/** The view after zooming by `factor` with `at` standing still. Pure. */
export function zoomed(view: View, factor: number, at: Point): View {
  const scale = limited(view.scale * factor);
  const by = scale / view.scale;
  return { scale, x: at[0] - (at[0] - view.x) * by, y: at[1] - (at[1] - view.y) * by };
}

export function useView(svg: RefObject<SVGSVGElement | null>, layer: RefObject<SVGGElement | null>) {
  const view = useRef<View>({ x: 0, y: 0, scale: 1 });
  const drawn = useRef<View | null>(null);
  const frame = useRef(0);
  const rest = useRef(0);
  const written = useRef(Number.NaN);
  const [step, setStep] = useState(stepOf(1));

  // The frame that the drawing is seen through; the drawing itself is larger.
  const size = useCallback(
    () => svg.current?.parentElement?.getBoundingClientRect() ?? new DOMRect(0, 0, 1, 1),
    [svg],
  );
  const draw = useCallback(() => {
    const { x, y, scale } = view.current;
    const { width, height } = size();
    drawn.current = view.current;
    layer.current?.setAttribute(
      "transform",
      `translate(${x + BEYOND * width} ${y + BEYOND * height}) scale(${scale})`,
    );
    svg.current?.style.removeProperty("transform");
    const now = stepOf(scale);
    if (now === written.current) return;
    written.current = now;
    svg.current?.style.setProperty("--scale", String(scaleOf(now)));
    setStep(now);
  }, [svg, layer, size]);

  const set = useCallback(
    (next: View) => {
      view.current = next;
      if (frame.current) return;
      frame.current = requestAnimationFrame(() => {
        frame.current = 0;
        window.clearTimeout(rest.current);
        const move = drawn.current && moveOf(drawn.current, view.current);
        if (!move || !isEnough(move, size())) return draw();
        if (svg.current)
          svg.current.style.transform = `translate(${move.x}px, ${move.y}px) scale(${move.by})`;
        rest.current = window.setTimeout(draw, REST_MS);
      });
    },
    [svg, size, draw],
  );
  useEffect(() => {
    const element = svg.current?.parentElement;
    if (!element) return;
    const watch = new ResizeObserver(() => drawn.current && draw());
    watch.observe(element);
    return () => {
      watch.disconnect();
      window.clearTimeout(rest.current);
    };
  }, [svg, draw]);

  const api = useMemo(() => {
    const zoom = (factor: number, at?: Point) => {
      const { width, height } = size();
      set(zoomed(view.current, factor, at ?? [width / 2, height / 2]));
    };
    return {
      zoom,
      zoomIn: () => zoom(KEY_ZOOM),
      zoomOut: () => zoom(1 / KEY_ZOOM),
      pan: (dx: number, dy: number) =>
        set({ ...view.current, x: view.current.x + dx, y: view.current.y + dy }),
      // `covered`: by something that lies over the map.
      fit: (box: Box, covered: { right?: number; bottom?: number } = {}) => {
        const { width, height } = size();
        const free = { width: width - (covered.right ?? 0), height: height - (covered.bottom ?? 0) };
        set(fitted(box, free, MARGIN));
      },
      /** There in one movement; what is returned ends it. */
      glide: (box: Box, ms: number) => {
        const { width, height } = size();
        const from = view.current;
        const to = fitted(box, { width, height }, MARGIN);
        const start = performance.now();
        let next = requestAnimationFrame(function move(now) {
          const share = Math.min(1, Math.max(0, (now - start) / ms));
          set(glided(from, to, share, [width / 2, height / 2]));
          if (share < 1) next = requestAnimationFrame(move);
        });
        return () => cancelAnimationFrame(next);
      },
    };
  }, [set, size]);

  useGestures(svg, api);
  return useMemo(() => ({ ...api, step }), [api, step]);
}

interface Gestures {
  zoom(factor: number, at: Point): void;
  pan(dx: number, dy: number): void;
}

function useGestures(svg: RefObject<SVGSVGElement | null>, { zoom, pan }: Gestures) {
  useEffect(() => {
    const element = svg.current?.parentElement;
    if (!element) return;
    const fingers = new Map<number, Point>();
    let moved = 0;
    const placeIn = (event: MouseEvent): Point => {
      const { left, top } = element.getBoundingClientRect();
      return [event.clientX - left, event.clientY - top];
    };
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      zoom(Math.exp(-event.deltaY * WHEEL_STEP), placeIn(event));
    };
    const onDown = (event: PointerEvent) => {
      if (event.button !== 0) return;
      fingers.set(event.pointerId, placeIn(event));
    };
    const onMove = (event: PointerEvent) => {
      const before = fingers.get(event.pointerId);
      if (!before) return;
      const now = placeIn(event);
      const [other] = [...fingers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
      moved += Math.hypot(now[0] - before[0], now[1] - before[1]);
      if (moved > CLICK_SLACK) element.setPointerCapture(event.pointerId);
      fingers.set(event.pointerId, now);
      if (!other) pan(now[0] - before[0], now[1] - before[1]);
      else {
        const spread = (p: Point) => Math.hypot(p[0] - other[0], p[1] - other[1]);
        zoom(spread(now) / Math.max(1, spread(before)), other);
      }
    };
    const onUp = (event: PointerEvent) => {
      fingers.delete(event.pointerId);
      // The click that belongs to this comes at once; a later one is another.
      window.setTimeout(() => {
        if (fingers.size === 0) moved = 0;
      });
    };
    // The end of a drag is no click.
    const onClick = (event: MouseEvent) => {
      if (moved > CLICK_SLACK) event.stopPropagation();
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    element.addEventListener("pointerdown", onDown);
    element.addEventListener("pointermove", onMove);
    element.addEventListener("pointerup", onUp);
    element.addEventListener("pointercancel", onUp);
    element.addEventListener("click", onClick, { capture: true });
    return () => {
      element.removeEventListener("wheel", onWheel);
      element.removeEventListener("pointerdown", onDown);
      element.removeEventListener("pointermove", onMove);
      element.removeEventListener("pointerup", onUp);
      element.removeEventListener("pointercancel", onUp);
      element.removeEventListener("click", onClick, { capture: true });
    };
  }, [svg, zoom, pan]);
}

export const viewKeys = (view: ReturnType<typeof useView>, fitAll: () => void) => ({
  "+": view.zoomIn,
  "=": view.zoomIn,
  "-": view.zoomOut,
  "0": fitAll,
  ArrowLeft: () => view.pan(KEY_PAN, 0),
  ArrowRight: () => view.pan(-KEY_PAN, 0),
  ArrowUp: () => view.pan(0, KEY_PAN),
  ArrowDown: () => view.pan(0, -KEY_PAN),
});
