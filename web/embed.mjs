// Writes a C++ table of the built files, for src/board: each as it is, and compressed where that saves
// something. The bytes themselves are taken in by the assembler.
//
//   node embed.mjs DIST OUT.cc

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, extname, join, relative } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/** @type {Record<string, string>} */
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};
const WORTH = 0.9; // of its size, at most, or it is sent as it is

const [dist, out] = process.argv.slice(2);
if (!dist || !out) throw new Error("usage: embed.mjs DIST OUT.cc");
const packed = join(dirname(out), "packed");
mkdirSync(packed, { recursive: true });

const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile())
  .map(entry => join(entry.parentPath, entry.name))
  .sort();

/** @type {string[]} */
const blobs = [];
/** @param {Buffer} bytes @param {string} name */
function blob(bytes, name) {
  const path = join(packed, name);
  writeFileSync(path, bytes);
  blobs.push(path);
  return `Blob(board_blob_${blobs.length - 1}, board_blob_${blobs.length - 1}_end)`;
}

const rows = files.map((file, i) => {
  const type = TYPES[extname(file)];
  if (!type) throw new Error(`${file}: embed.mjs knows no content type for it`);
  const plain = readFileSync(file);
  const tag = createHash("sha256").update(plain).digest("hex").slice(0, 20);
  /** @param {Buffer} bytes */
  const smaller = bytes => (bytes.length < plain.length * WORTH ? bytes : undefined);
  const gzip = smaller(gzipSync(plain, { level: 9 }));
  const brotli = smaller(brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
  const fields = [
    `.path = "/${relative(dist, file)}"`,
    `.type = "${type}"`,
    `.tag = "\\"${tag}\\""`,
    `.plain = ${blob(plain, `${i}`)}`,
    `.gzip = ${gzip ? blob(gzip, `${i}.gz`) : '""'}`,
    `.brotli = ${brotli ? blob(brotli, `${i}.br`) : '""'}`,
  ];
  return `      {${fields.join(", ")}},`;
});

const taken = blobs.map(
  (path, i) => `asm(".section .rodata\\n"
    ".globl board_blob_${i}\\nboard_blob_${i}:\\n.incbin \\"${path}\\"\\n"
    ".globl board_blob_${i}_end\\nboard_blob_${i}_end:\\n.byte 0\\n.previous\\n");
extern "C" const char board_blob_${i}[], board_blob_${i}_end[];`,
);

writeFileSync(
  out,
  `// Written by web/embed.mjs.

#include "board/board.h"

${taken.join("\n")}

namespace board {

namespace {

std::string_view Blob(const char* begin, const char* end) {
  return {begin, static_cast<size_t>(end - begin)};
}

}  // namespace

const std::vector<File>& Files() {
  static const std::vector<File> kFiles = {
${rows.join("\n")}
  };
  return kFiles;
}

}  // namespace board
`,
);
