// What the stories are told with: a demo university, people who sign in, and checks that every page must pass.
import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { chromium } from "playwright-core";
import { start } from "./server.mjs";

export { engines } from "./server.mjs";

export const desk = { width: 1440, height: 900 };
export const phone = { width: 390, height: 844 };

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const out = join(import.meta.dirname, "../out");

/** A story: its own university and browser, on one engine, perhaps with settings of its own. */
export function story(title, tell, { engine = "SQLite", settings = {} } = {}) {
  test(`${title}（${engine}）`, { timeout: 300_000 }, () => visit(engine, tell, { settings }));
}

/** Lets `tell` do something with a demo university of its own. */
export async function visit(engine, tell, { args = [], settings = {} } = {}) {
  const server = await start(engine, settings);
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, args: process.getuid() === 0 ? [...args, "--no-sandbox"] : args });
  try {
    await tell(new School(server, browser));
  } finally {
    await browser.close();
    await server.stop();
  }
}

class School {
  #signIns;

  constructor(server, browser) {
    this.url = server.url;
    this.command = server.command;
    this.folder = server.folder;
    this.browser = browser;
  }

  /** The demo sign-ins as the sign-in page shows them: [{ who, login, password }]. */
  async signIns() {
    if (!this.#signIns) {
      const visitor = await this.visitor();
      await visitor.goto("/sign-in/staff");
      const rows = await visitor.page.locator("section[aria-labelledby=demo-title] tbody tr").all();
      this.#signIns = await Promise.all(rows.map(async (row) => {
        const [who, login, password] = await row.locator("td").allInnerTexts();
        return { who, login, password };
      }));
      await visitor.leave();
    }
    return this.#signIns;
  }

  /** Somebody with a browser who has not signed in. */
  async visitor({ viewport = desk, javaScriptEnabled = true } = {}) {
    const context = await this.browser.newContext({ baseURL: this.url, viewport, javaScriptEnabled, locale: "zh-CN", timezoneId: "Asia/Shanghai" });
    context.setDefaultTimeout(10_000);
    // Nothing comes from elsewhere: a page that asked for it (those of the single sign-on do) gets nothing.
    await context.route(({ hostname }) => !["127.0.0.1", "localhost"].includes(hostname), (route) => route.abort());
    return new Person(await context.newPage(), javaScriptEnabled);
  }

  /** One of the students to try whose 身份 has this word, signed in. */
  async student(who, options = { viewport: phone }) {
    const student = await this.visitor(options);
    await student.goto("/sign-in/student");
    await student.page.locator("section[aria-labelledby=demo-title] button", { hasText: who }).first().click();
    await student.page.waitForURL("**/student**");
    return student;
  }

  /** Somebody of the demo sign-ins whose 身份 has this word, signed in. */
  async person(who, options) {
    const found = (await this.signIns()).find((one) => one.who.includes(who));
    assert.ok(found, `the demo has a sign-in for ${who}`);
    const person = await this.visitor(options);
    await person.signIn(found);
    return person;
  }
}

class Person {
  /** What the browser's console complained about. */
  complaints = [];

  constructor(page, hasScript) {
    this.page = page;
    this.hasScript = hasScript;
    page.on("console", (message) => {
      // A form that is refused answers 422, on purpose, and so on; the browser reports every such status as an error.
      const refusal = /status of (400|403|404|409|422|503)/.test(message.text());
      if (message.type() === "error" && !refusal) this.complaints.push(message.text());
    });
    page.on("pageerror", (error) => this.complaints.push(String(error)));
  }

  async goto(address) {
    return this.page.goto(address);
  }

  async signIn({ login, password }) {
    await this.goto("/sign-in/staff");
    await this.page.getByRole("textbox", { name: "账号" }).fill(login);
    await this.page.getByRole("textbox", { name: "密码" }).fill(password);
    await this.press("登录");
    await this.page.waitForURL("**/manage**");
  }

  /** Presses the button or link with exactly this name. */
  async press(name) {
    const target = this.page.getByRole("button", { name, exact: true }).or(this.page.getByRole("link", { name, exact: true }));
    await target.first().click();
  }

  async sees(words) {
    await this.page.getByText(words).filter({ visible: true }).first().waitFor();
  }

  /** The number of a tile: what stands under 已添加, 可直接添加 … */
  async tile(title) {
    const tile = this.page.locator(".tile", { has: this.page.getByText(title, { exact: true }) });
    return Number((await tile.locator("dd").innerText()).match(/\d+/)[0]);
  }

  /** Every page: no accessibility violation, nothing wider than the screen, no complaint in the console. */
  async checkPage(name) {
    const address = new URL(this.page.url()).pathname;
    const { width } = this.page.viewportSize();
    if (name) await this.picture(`${name}-${width}`);
    await this.page.evaluate(axe);
    const { violations } = await this.page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
    const told = violations.map(({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map((node) => node.html).join("\n  ")}`);
    assert.deepEqual(told, [], `axe at ${address}, ${width} wide`);
    const excess = await this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(excess <= 0, `${address} is ${excess} pixels wider than a screen of ${width}`);
    assert.deepEqual(this.complaints, [], `console at ${address}`);
  }

  /** Presses what starts a download. Answers the path of the file and the name that the browser gives it. */
  async download(name) {
    const [download] = await Promise.all([this.page.waitForEvent("download"), this.press(name)]);
    return { path: await download.path(), name: download.suggestedFilename() };
  }

  /** A picture of the screen in e2e/out. */
  async picture(name) {
    if (!existsSync(out)) mkdirSync(out, { recursive: true });
    await this.page.screenshot({ path: join(out, `${name}.png`) });
  }

  async leave() {
    await this.page.context().close();
  }
}
