// node run.mjs [FILE…]: makes the demo university once, then tells the stories (all of them, or those named).
// Expects target/debug/qihang; builds nothing.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { withTemplate } from "./support/server.mjs";

const folder = join(import.meta.dirname, "stories");
const all = (await readdir(folder)).filter((name) => name.endsWith(".test.mjs")).sort().map((name) => join(folder, name));
const files = process.argv.length > 2 ? process.argv.slice(2) : all;

await withTemplate(async () => {
  const options = ["--test", "--test-reporter=spec", "--test-concurrency=2"];
  const tests = spawn(process.execPath, [...options, ...files], { stdio: "inherit" });
  [process.exitCode] = await once(tests, "exit");
});
