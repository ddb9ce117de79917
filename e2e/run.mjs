// node run.mjs [FILE…]: makes the demo university once, then tells the stories (all of them, or those named).
// Expects target/debug/qihang; builds nothing.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeTemplate } from "./support/server.mjs";

const here = import.meta.dirname;
const stories = (await readdir(join(here, "stories"))).filter((name) => name.endsWith(".test.mjs"));
const files = process.argv.length > 2 ? process.argv.slice(2) : stories.sort().map((name) => join(here, "stories", name));

const template = await mkdtemp(join(tmpdir(), "qihang-demo-"));
try {
  await makeTemplate(template);
  const tests = spawn(process.execPath, ["--test", "--test-reporter=spec", "--test-concurrency=1", ...files], {
    stdio: "inherit",
    env: { ...process.env, QIHANG_E2E_TEMPLATE: template },
  });
  [process.exitCode] = await once(tests, "exit");
} finally {
  await rm(template, { recursive: true, force: true });
}
