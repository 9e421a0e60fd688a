// Programs colour what they write for terminals; a page shows the words. Pure.

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const SEQUENCE = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const OTHERS = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

export const plain = (text: string) => text.replace(SEQUENCE, "").replace(OTHERS, "");
