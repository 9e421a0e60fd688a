// How much the map shows at which scale. Pure.
//
// What keeps its size on the screen (signs, thin lines) is drawn for a step of the scale and grows with
// the drawing until the next one: so a frame of a zoom writes one attribute, and what does not overlap
// at the beginning of a step does not until its end.

/** far: a DAG is one sign. mid: stations without names. near: with names. close: each lane has its own sign. */
export type Detail = "far" | "mid" | "near" | "close";

export const SMALLEST = 0.04;
export const LARGEST = 4;

// From these scales on stations can be told apart, names of jobs can be read, and lanes have room.
const MID = 0.3;
const NEAR = 0.56;
const CLOSE = 1.5;

export const detailOf = (scale: number): Detail =>
  scale < MID ? "far" : scale < NEAR ? "mid" : scale < CLOSE ? "near" : "close";

const STEPS_TO_DOUBLE = 6;
const STEP_SLACK = 1e-9; // of the logarithm's rounding

/** The step that a scale lies in. */
export const stepOf = (scale: number) => Math.floor(Math.log2(scale) * STEPS_TO_DOUBLE + STEP_SLACK);
/** The smallest scale of a step. */
export const scaleOf = (step: number) => 2 ** (step / STEPS_TO_DOUBLE);
