// Makes dist/: the fonts that are set into printed pages (crates/paper), embedded into the binary. Same input, same
// bytes.
//
// * regular.ttf: the whole face for running text: all of the basic block and Extension A, and the characters of
//   the national list of 8,105 beyond them.
// * bold.ttf: for titles and labels, which are ours or the centre's words: GB 2312 is enough, and the rest falls
//   back to the regular face. The whole face would add 12 MB to the binary.
// * rare-*.ttf: what the sister faces for Hong Kong and Japan have beyond the basic plane (𠮷 is in the latter only).
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import subsetFont from "subset-font";

const here = new URL("./", import.meta.url);
const dist = new URL("dist/", here);
const face = (edition, weight) =>
  readFileSync(new URL(`node_modules/@expo-google-fonts/noto-serif-${edition.toLowerCase()}/${weight}/NotoSerif${edition}_${weight}.ttf`, here));
const range = (first, last) => Array.from({ length: last - first + 1 }, (_, i) => String.fromCodePoint(first + i)).join("");

/** All that GB 2312 can write, and the letters of European names. */
function gb2312() {
  const decoder = new TextDecoder("gb18030");
  const bytes = [];
  for (let row = 0xa1; row <= 0xf7; row += 1) {
    if (row > 0xa9 && row < 0xb0) continue;
    for (let cell = 0xa1; cell <= 0xfe; cell += 1) bytes.push(row, cell);
  }
  return range(0x20, 0x17f) + decoder.decode(Uint8Array.from(bytes)).replace(/[\ue000-\uf8ff\ufffd]/g, "");
}

const beyondTheBasicPlane = range(0x20000, 0x2fa1f) + range(0x30000, 0x323af);
const lines = { noHinting: true };
const fonts = {
  "regular.ttf": face("SC", "400Regular"),
  "bold.ttf": await subsetFont(face("SC", "700Bold"), gb2312(), lines),
  "rare-hk.ttf": await subsetFont(face("HK", "400Regular"), beyondTheBasicPlane, lines),
  "rare-jp.ttf": await subsetFont(face("JP", "400Regular"), beyondTheBasicPlane, lines),
};

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
let all = 0;
for (const [name, bytes] of Object.entries(fonts)) {
  writeFileSync(new URL(name, dist), bytes);
  all += statSync(new URL(name, dist)).size;
  console.log(`${name.padEnd(28)} ${String(bytes.length).padStart(9)}`);
}

// They are part of the binary: docs/adr/0011-paper.md.
const limit = 25_000_000;
console.log(`fonts: ${all} of ${limit} bytes`);
if (all > limit) throw new Error(`the fonts weigh ${all} bytes; the limit is ${limit}`);

// Written last: `make` takes it as the sign that everything is there.
writeFileSync(new URL("licenses.txt", dist), ["SC", "HK", "JP"].map((edition) =>
  `Noto Serif ${edition}\n\n${readFileSync(new URL(`node_modules/@expo-google-fonts/noto-serif-${edition.toLowerCase()}/LICENSE_FONT`, here), "utf8")}`,
).join(`\n${"-".repeat(80)}\n\n`));
