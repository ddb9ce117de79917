// Every page that somebody can reach by following links is checked, wide and narrow, in every role.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { desk, phone, story } from "../support/story.mjs";

/** Pages of the same kind are looked at once: their addresses differ in numbers and in what they ask for. */
const kind = ({ pathname }) => pathname.replaceAll(/\/\d+(?=\/|$)/g, "/{id}");
const isFile = ({ pathname }) => /\.\w+$|^\/assets\/|\/template\/|\/answer$|\/attachments\/\d+$|\/portal-changes\/export$|\/photo\/image$|\/jobs\/\d+\/file$/.test(pathname);

/** A page shown 以学生视角 has the student's links; who is staff gets no further by them than to the sign-in. */
const isOfOthers = ({ pathname }, start) => start === "/manage" && /^\/(student|portal)(\/|$)/.test(pathname);

/** What all of them have seen together. */
const seenByAny = new Set();
/** What is no page, and pages that links do not lead to: sign_in, sso_cas, sso_oidc, directed_and_groups and roster_list.test.mjs look at those. */
const apart = ["/api/v1/portal-changes", "/manage/corrections.xlsx", "/manage/assessment.xlsx", "/manage/directed.xlsx", "/manage/leadership/template.xlsx", "/student/directed-unit", "/manage/portal-changes/export", "/portal/photo/image", "/healthz", "/readyz", "/manage/roster.xlsx", "/manage/assessment.pdf", "/student/recommendation/draft.pdf", "/student/recommendation/form.pdf", "/manage/recommendations/{id}/form.pdf", "/", "/sign-in/staff", "/sign-in/student", "/sign-in/staff/sso", "/sign-in/cas", "/sign-in/oidc", "/manage/roster/moves", "/manage/roster/removals"];

/** Follows every link from `start`, wide and narrow, and checks each kind of page. Answers the kinds seen, and the faults. */
async function walk(school, who, start, { wide, narrow }) {
  const seen = new Set();
  const faults = [];
  const ahead = [new URL(start, school.url)];
  while (ahead.length > 0) {
    const address = ahead.shift();
    if (seen.has(kind(address))) continue;
    seen.add(kind(address));
    for (const person of [wide, narrow]) {
      const status = (await person.goto(address.href)).status();
      if (status !== 200) faults.push(`${address.pathname} answers ${status}`);
      const picture = `page-${who}${kind(address).replaceAll(/\W+/g, "-")}`;
      await person.checkPage(picture).catch((error) => faults.push(`${error.message}\n${error.actual ?? ""}`));
      person.complaints.length = 0;
    }
    const links = await wide.page.locator("a[href]").evaluateAll((all) => all.map((link) => link.href));
    const own = links.map((href) => new URL(href)).filter((link) => link.origin === address.origin && !isFile(link) && !isOfOthers(link, start));
    ahead.push(...own.filter((link) => !seen.has(kind(link))));
  }
  for (const page of seen) seenByAny.add(page);
  return { seen, faults };
}

for (const who of ["书院", "学院", "中心", "管理员"]) {
  story(`${who}能到的每一页都没有障碍，也不超出屏幕`, async (school) => {
    for (const college of ["S01", "003"]) {
      await school.command("roster", "confirm", "--class-year", "2027", "--college", college, "--expected");
    }
    const wide = await school.person(who, { viewport: desk });
    const narrow = await school.person(who, { viewport: phone });
    const { seen, faults } = await walk(school, who, "/manage", { wide, narrow });
    assert.equal(faults.join("\n\n"), "");
    assert.ok(seen.size >= 4, `${who} reaches ${[...seen].join(", ")}`);
  });
}

for (const who of ["已在生源库", "尚未加入", "推荐表已通过"]) {
  story(`学生（${who}）能到的每一页都没有障碍，也不超出屏幕`, async (school) => {
    const wide = await school.student(who, { viewport: desk });
    const narrow = await school.student(who, { viewport: phone });
    const { seen, faults } = await walk(school, who, "/student", { wide, narrow });
    assert.equal(faults.join("\n\n"), "");
    assert.ok(seen.has("/student"), `${who} reaches ${[...seen].join(", ")}`);
  });
}

test("没有漏掉任何一页", async () => {
  const list = await readFile(join(import.meta.dirname, "../../docs/routes.txt"), "utf8");
  const pages = [...list.matchAll(/^GET\s+(\S+)/gm)].map((match) => match[1]).filter((page) => !page.includes("{"));
  assert.deepEqual(pages.filter((page) => !seenByAny.has(page) && !apart.includes(page)), []);
});
