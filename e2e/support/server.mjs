// A demo university for one story: a copy of one that was made once for the whole run, served by the real program.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const program = resolve(import.meta.dirname, "../..", process.env.QIHANG_E2E_PROGRAM ?? "target/debug/qihang");
const postgres = process.env.QIHANG_TEST_POSTGRES;

/** The databases that the stories are told on. PostgreSQL takes part where `make test` has started one. */
export const engines = postgres ? ["SQLite", "PostgreSQL"] : ["SQLite"];

/** Ten days before the roster is due, so that the pages have something to say about it, whenever the stories are told. */
const today = "2026-09-05";

function environment(extra) {
  const { DATABASE_URL, QIHANG_TODAY, ...rest } = process.env;
  return { ...rest, QIHANG_TODAY: today, QIHANG_LOG: "warn", ...extra };
}

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}

const psql = (command) => run("psql", [`${postgres}/postgres`, "-q", "-v", "ON_ERROR_STOP=1", "-c", command]);

/** Makes the demo university that `start` copies, runs `work`, and takes it away again. */
export async function withTemplate(work) {
  const folder = await mkdtemp(join(tmpdir(), "qihang-demo-"));
  try {
    await makeTemplate(folder);
    process.env.QIHANG_E2E_TEMPLATE = folder;
    await work();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function makeTemplate(folder) {
  for (const engine of engines) {
    if (engine === "PostgreSQL") await psql("CREATE DATABASE demo_template");
    const url = engine === "SQLite" ? `sqlite://${folder}/demo.sqlite` : `${postgres}/demo_template`;
    const env = environment({ DATABASE_URL: url, QIHANG_DATA_DIR: join(folder, "files") });
    await run(program, ["migrate"], { env, cwd: folder });
    const { stdout } = await run(program, ["demo"], { env, cwd: folder });
    await writeFile(join(folder, "demo.txt"), stdout);
  }
}

/** The students to try, as `qihang demo` names them: [{ number, name, who }]. */
export async function demoStudents() {
  const told = await readFile(join(process.env.QIHANG_E2E_TEMPLATE, "demo.txt"), "utf8");
  return [...told.matchAll(/^ {2}(\d{8,}) (\S+) (.+)$/gm)].map(([, number, name, who]) => ({ number, name, who }));
}

/** Serves a copy of the demo university, with these settings beside the usual ones. Answers its address, its database and how to stop it. */
export async function start(engine = "SQLite", settings = {}) {
  const template = process.env.QIHANG_E2E_TEMPLATE;
  if (!template) throw new Error("start the stories by `node run.mjs [FILE…]`: it makes the demo university first");
  const folder = await mkdtemp(join(tmpdir(), "qihang-story-"));
  await cp(template, folder, { recursive: true });
  const port = await freePort();
  let databaseUrl = `sqlite://${folder}/demo.sqlite`;
  if (engine === "PostgreSQL") {
    await psql(`CREATE DATABASE story_${port} TEMPLATE demo_template`);
    databaseUrl = `${postgres}/story_${port}`;
  }
  const url = `http://127.0.0.1:${port}`;
  const env = environment({ DATABASE_URL: databaseUrl, QIHANG_DATA_DIR: join(folder, "files"), QIHANG_PUBLIC_URL: url, ...settings });
  const server = spawn(program, ["serve", "--listen", `127.0.0.1:${port}`], { env, cwd: folder, stdio: ["ignore", "inherit", "inherit"] });
  const ended = once(server, "exit");
  await ready(url, server);
  return {
    url,
    folder,
    /** Runs the program on the same database, as an administrator at the console would. */
    command: (...words) => run(program, words, { env, cwd: folder }),
    async stop() {
      server.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function ready(url, server) {
  for (let waited = 0; waited < 30_000; waited += 50) {
    if (server.exitCode !== null) throw new Error(`qihang serve ended with ${server.exitCode}`);
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((go) => setTimeout(go, 50));
  }
  throw new Error("qihang serve does not become ready");
}
