// Of the grid, in pixels.

export const COLUMN = 30;
export const ROW = 27;
export const NAMES = 190;
export const HEAD = 74;
export const TALLEST = 600;
export const BAR = 40;
export const INDENT = 14;
