// Makes dist/: every asset under a name that holds its digest, with .br and .gz beside it, and a manifest from
// logical to digested names. Same input, same bytes: nothing here reads the clock or the machine.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { buildSync } from "esbuild";
import { transform } from "lightningcss";

const here = new URL("./", import.meta.url);
const read = (path) => readFileSync(new URL(path, here), "utf8");
const npm = (path) => read(`node_modules/${path}`);
const dist = new URL("dist/", here);

// Many university desks still run Windows 7, whose last Chromium is 109: it knows neither oklch() nor light-dark(),
// and without both Tabler 1.6 has no colours. So its constants are lowered to hex.
const oldestBrowsers = { chrome: 109 << 16, firefox: 115 << 16, safari: (15 << 16) | (4 << 8) };

function style(filename, text) {
  return transform({ filename, code: Buffer.from(text), minify: true, targets: oldestBrowsers }).code.toString();
}

function script(text) {
  return text.replace(/^\/\/# sourceMappingURL=.*$/m, "");
}

/** A script that draws on packages: one file with what it uses of them. */
function bundle(path) {
  const built = buildSync({
    entryPoints: [new URL(path, here).pathname], bundle: true, minify: true, write: false, format: "iife",
    target: ["chrome109", "firefox115", "safari15.4"], legalComments: "none", charset: "utf8",
  });
  return built.outputFiles[0].text;
}

/** One SVG of symbols. stroke-width is left to the style sheet, so that an icon can be made bolder where it is used. */
function sprite(names) {
  const symbols = names.map((name) => {
    const svg = npm(`@tabler/icons/icons/outline/${name}.svg`);
    const shapes = svg.slice(svg.indexOf(">") + 1, svg.lastIndexOf("</svg>"))
      .replace('<path stroke="none" d="M0 0h24v24H0z" fill="none" />', "").replace(/\s*\n\s*/g, "");
    return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" ` +
      `stroke-linecap="round" stroke-linejoin="round">${shapes}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
}

const icons = read("icons.txt").split("\n").filter(Boolean);
const assets = {
  "tabler.css": style("tabler.css", npm("@tabler/core/dist/css/tabler.min.css")),
  "app.css": style("app.css", read("src/app.css")),
  "htmx.js": script(npm("htmx.org/dist/htmx.min.js")),
  "app.js": read("src/app.js"),
  "icons.svg": sprite(icons),
  "favicon.svg": read("src/favicon.svg"),
};
// Only on the pages that ask for it.
const onDemand = {
  "charts.js": bundle("src/charts.js"),
};
const licences = [
  read("licenses/tabler-and-bootstrap.txt"),
  `Tabler Icons 3.51.0 (https://tabler.io/icons)\n\n${npm("@tabler/icons/LICENSE")}`,
  `htmx 4.0.1 (https://htmx.org)\n\n${npm("htmx.org/LICENSE")}`,
  `Apache ECharts 6.1.0 (https://echarts.apache.org)\n\n${npm("echarts/NOTICE")}\n${npm("echarts/LICENSE")}`,
  `ZRender 6.1.0 (https://github.com/ecomfe/zrender)\n\n${npm("zrender/LICENSE")}`,
  `tslib 2.3.0 (https://github.com/microsoft/tslib)\n\n${npm("tslib/LICENSE.txt")}`,
].join(`\n${"-".repeat(80)}\n\n`);

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
const manifest = {};
let firstVisit = 0;
for (const [name, text] of Object.entries({ ...assets, ...onDemand })) {
  const bytes = Buffer.from(text);
  const digest = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  const hashed = name.replace(/\.(\w+)$/, `.${digest}.$1`);
  const brotli = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  writeFileSync(new URL(hashed, dist), bytes);
  writeFileSync(new URL(`${hashed}.br`, dist), brotli);
  writeFileSync(new URL(`${hashed}.gz`, dist), gzipSync(bytes, { level: 9 }));
  manifest[name] = hashed;
  if (name in assets) firstVisit += brotli.length;
  console.log(`${hashed.padEnd(28)} ${String(bytes.length).padStart(7)}  br ${brotli.length}`);
}
writeFileSync(new URL("manifest.json", dist), `${JSON.stringify(manifest, null, 2)}\n`);
writeFileSync(new URL("licenses.txt", dist), licences);

// DESIGN.md, "Numbers it must reach".
const limit = 150_000;
console.log(`first visit: ${firstVisit} of ${limit} bytes, compressed`);
if (firstVisit > limit) throw new Error(`the first visit weighs ${firstVisit} bytes; the limit is ${limit}`);
