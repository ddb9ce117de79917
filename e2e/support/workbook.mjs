// Reads the first sheet of an .xlsx as rows of text: enough to compare an export with the screen.
import { readFile } from "node:fs/promises";
import { strFromU8, unzipSync } from "fflate";

const entities = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const plain = (xml) => xml.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (_, decimal, hex, name) =>
  name ? entities[name] : String.fromCodePoint(decimal ? Number(decimal) : Number.parseInt(hex, 16)));
const texts = (xml) => [...xml.matchAll(/<t(?:\s[^>]*)?>([^<]*)<\/t>/g)].map((match) => plain(match[1])).join("");

/** The column of a cell, from 0: “AB12” is 27. */
const column = (reference) => [...reference.match(/^[A-Z]+/)[0]].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;

export async function readSheet(path) {
  const files = unzipSync(await readFile(path));
  const file = (name) => (files[name] ? strFromU8(files[name]) : "");
  const shared = [...file("xl/sharedStrings.xml").matchAll(/<si>(.*?)<\/si>/gs)].map((match) => texts(match[1]));
  const sheet = file("xl/worksheets/sheet1.xml");
  return [...sheet.matchAll(/<row\b[^>]*>(.*?)<\/row>/gs)].map((row) => {
    const cells = [];
    for (const [, attributes, content] of row[1].matchAll(/<c\b([^>]*?)(?:\/>|>(.*?)<\/c>)/gs)) {
      const kind = attributes.match(/\bt="(\w+)"/)?.[1];
      const value = content?.match(/<v>([^<]*)<\/v>/)?.[1] ?? "";
      cells[column(attributes.match(/\br="([A-Z]+\d+)"/)[1])] =
        kind === "s" ? shared[Number(value)] : kind === "inlineStr" ? texts(content) : plain(value);
    }
    return Array.from(cells, (cell) => cell ?? "");
  });
}
