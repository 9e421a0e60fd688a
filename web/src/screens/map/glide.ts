// A movement from one view to another: the middle of the screen travels, the scale changes by the same
// factor in each moment. Pure.

import type { Point } from "@/api/types";
import type { View } from "./view";

const eased = (share: number) => (share < 0.5 ? 2 * share * share : 1 - (2 - 2 * share) ** 2 / 2);

export function glided(from: View, to: View, share: number, middle: Point): View {
  if (share >= 1) return to;
  const t = eased(share);
  const under = (view: View): Point => [(middle[0] - view.x) / view.scale, (middle[1] - view.y) / view.scale];
  const [a, b] = [under(from), under(to)];
  const scale = from.scale * (to.scale / from.scale) ** t;
  const at: Point = [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];
  return { scale, x: middle[0] - at[0] * scale, y: middle[1] - at[1] * scale };
}
