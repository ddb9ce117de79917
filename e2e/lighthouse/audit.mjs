// node lighthouse/audit.mjs: accessibility and best practices must be 100 on the pages that people see most.
import lighthouse from "lighthouse";
import { withTemplate } from "../support/server.mjs";
import { visit } from "../support/story.mjs";

const categories = ["accessibility", "best-practices"];
const port = 9333;
const pages = ["/sign-in/staff", "/manage", "/manage/roster/candidates", "/manage/roster"];

await withTemplate(() => visit("SQLite", async (school) => {
  await school.command("roster", "confirm", "--class-year", "2027", "--college", "S01", "--expected");
  const officer = await school.person("书院就业专员");
  const cookies = await officer.page.context().cookies();
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  for (const page of pages) {
    const extraHeaders = page.startsWith("/manage") ? { Cookie: cookie } : {};
    const flags = { port, onlyCategories: categories, extraHeaders, logLevel: "error" };
    const { lhr } = await lighthouse(school.url + page, flags, { extends: "lighthouse:default", settings: { formFactor: "desktop", screenEmulation: { mobile: false, width: 1440, height: 900, deviceScaleFactor: 1, disabled: false } } });
    const scores = categories.map((name) => Math.round(lhr.categories[name].score * 100));
    console.log(`${page.padEnd(28)} ${categories.map((name, index) => `${name} ${scores[index]}`).join("  ")}`);
    if (lhr.finalDisplayedUrl !== school.url + page) throw new Error(`${page} led to ${lhr.finalDisplayedUrl}`);
    if (scores.some((score) => score < 100)) {
      const failed = Object.values(lhr.audits).filter((audit) => audit.score === 0).map((audit) => `${audit.id}: ${audit.title}`);
      console.log(failed.join("\n"));
      process.exitCode = 1;
    }
  }
}, { args: [`--remote-debugging-port=${port}`] }));
