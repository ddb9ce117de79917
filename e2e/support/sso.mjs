// Real single sign-on: the servers of e2e/sso, started for one story. They are at `localhost` and the system is at
// 127.0.0.1, so that coming back is what it is for people: a step from one site to another.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { demoStudents, freePort } from "./server.mjs";
import { visit } from "./story.mjs";

const root = join(import.meta.dirname, "../..");
const python = join(root, "target/sso/bin/python");

/** The password of everybody at the CAS server. */
const password = "竹外桃花三两枝";

/** People of the demo university: a student who is on the roster, one who is not, one without a place of origin, and 计算机学院's
 * officer by 工号. */
export async function people() {
  const students = await demoStudents();
  const find = (word) => students.find((one) => one.who.includes(word));
  return { listed: find("已在生源库"), unlisted: find("尚未加入"), incomplete: find("须先补全生源所在地"), officer: { number: "t003", name: "计算机学院老师" } };
}

/** A story with a CAS server that knows the people, and one more, `guest`, whom the university does not know. */
export function casStory(title, tell, { attribute } = {}) {
  test(`${title}（CAS）`, { timeout: 180_000 }, async () => {
    const known = await people();
    const users = [...Object.values(known).map(({ number }) => [number, number, password]), ["guest", "2999999999", password], ["alias", known.listed.number, password]];
    const cas = await Cas.start(users);
    const settings = { QIHANG_CAS_URL: cas.url, ...(attribute ? { QIHANG_CAS_ATTRIBUTE: attribute } : {}) };
    try {
      await visit("SQLite", (school) => tell(school, { cas, ...known }), { settings });
    } finally {
      await cas.stop();
      await rm(cas.folder, { recursive: true, force: true });
    }
  });
}

/** A story with a provider of OpenID Connect, which lets everybody in as whoever they say. */
export function oidcStory(title, tell) {
  test(`${title}（OIDC）`, { timeout: 180_000 }, async () => {
    const oidc = new Oidc(await freePort());
    const settings = { QIHANG_OIDC_ISSUER: oidc.url, QIHANG_OIDC_CLIENT_ID: "qihang", QIHANG_OIDC_CLIENT_SECRET: "a secret of the stories" };
    try {
      await visit("SQLite", async (school) => {
        await oidc.start(school.url);
        await tell(school, { oidc, ...(await people()) });
      }, { settings });
    } finally {
      await oidc.stop();
    }
  });
}

class Server {
  #process;

  async run(command, args, answers) {
    const server = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
    let complaints = "";
    server.stderr.on("data", (text) => { complaints += text; });
    this.#process = server;
    for (let waited = 0; waited < 60_000; waited += 100) {
      if (server.exitCode !== null) throw new Error(`${args[0]} ended with ${server.exitCode}:\n${complaints}`);
      if ((await fetch(answers).catch(() => null))?.ok) return;
      await new Promise((go) => setTimeout(go, 100));
    }
    throw new Error(`${args[0]} does not answer:\n${complaints}`);
  }

  /** The browser has left again; what the server's own page complained about is not ours. */
  async left(person) {
    await person.page.waitForURL((address) => address.port !== String(this.port));
    person.complaints.length = 0;
  }

  /** Goes down; `start` brings it up again where it was. */
  async stop() {
    const server = this.#process;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    server.kill("SIGTERM");
    await once(server, "exit");
  }
}

class Cas extends Server {
  static async start(users) {
    assert.ok(existsSync(python), "the CAS server is not installed: run `make sso-tools`");
    const cas = new Cas();
    cas.users = users;
    cas.folder = await mkdtemp(join(tmpdir(), "qihang-cas-"));
    cas.port = await freePort();
    cas.url = `http://localhost:${cas.port}/cas`;
    await cas.start();
    return cas;
  }

  async start() {
    const program = join(import.meta.dirname, "../sso/run_cas.py");
    await this.run(python, [program, this.folder, String(this.port), JSON.stringify(this.users)], `${this.url}/login`);
  }

  /** Fills in the server's own page. */
  async signIn(person, user) {
    await person.page.waitForURL(`${this.url}/login**`);
    await person.page.locator("#id_username").fill(user);
    await person.page.locator("#id_password").fill(password);
    await person.page.locator("#login_form button[type=submit]").click();
    await this.left(person);
  }
}

class Oidc extends Server {
  constructor(port) {
    super();
    this.port = port;
    this.url = `http://localhost:${port}`;
  }

  async start(system) {
    this.system = system ?? this.system;
    const program = join(import.meta.dirname, "../sso/run_oidc.mjs");
    await this.run(process.execPath, [program, String(this.port), this.system], `${this.url}/.well-known/openid-configuration`);
  }

  /** Fills in the provider's own pages. */
  async signIn(person, user) {
    await person.page.waitForURL(`${this.url}/interaction/**`);
    await person.page.locator("[name=login]").fill(user);
    await person.page.locator("[name=password]").fill("whatever");
    await person.page.locator("button[type=submit]").click();
    // Then it asks whether this system may know who it is.
    await person.page.locator("form:not(:has([name=login])) button[type=submit]").click();
    await this.left(person);
  }
}
