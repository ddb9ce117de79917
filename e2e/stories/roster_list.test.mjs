// “I look at the roster, change the view, export what I see, and take somebody off again.”
import assert from "node:assert/strict";
import { engines, phone, story } from "../support/story.mjs";
import { readSheet } from "../support/workbook.mjs";

/** An officer of 明德书院 whose graduates are all on the roster. */
async function withRoster(school) {
  await school.command("roster", "confirm", "--class-year", "2027", "--college", "S01", "--expected");
  return school.person("书院就业专员");
}

async function cells(person, row) {
  return (await person.page.locator(row).allInnerTexts()).map((text) => text.replace(/\s*(▲|▼|显示)$/, "").trim());
}

for (const engine of engines) {
  story("导出的就是屏幕上的：同样的视图、列和行，证件号已遮盖", async (school) => {
    const officer = await withRoster(school);
    await officer.goto("/manage/roster");
    const headings = (await cells(officer, "#results thead th[scope=col]")).filter((heading) => heading !== "本页");
    const total = Number((await officer.page.locator(".pager span").first().innerText()).match(/\d+/)[0]);
    assert.ok(total > 25, "more than one page");

    const file = await officer.download("导出excel");
    assert.match(file.name, /\.xlsx$/);
    const [header, ...rows] = await readSheet(file.path);
    assert.deepEqual(header, headings);
    assert.equal(rows.length, total);
    const first = await cells(officer, "#results tbody tr:first-child > :not(.pick)");
    assert.deepEqual(rows[0].map((cell) => cell || "—"), first.map((cell) => cell || "—"));
    const identity = header.indexOf("证件号");
    assert.ok(rows.some((row) => row[identity].includes("*")));
    assert.ok(rows.every((row) => !/\d{15}/.test(row[identity])), "no identity number is whole");
  }, { engine });
}

story("信息视图与签约视图可以来回切换", async (school) => {
  const officer = await withRoster(school);
  await officer.goto("/manage/roster");
  await officer.checkPage("roster-info");
  await officer.press("学生用户列表（签约视图）");
  assert.match(officer.page.url(), /view=signing/);
  await officer.checkPage("roster-signing");
  await officer.press("学生用户列表（信息视图）");
  assert.match(officer.page.url(), /view=info/);
});

story("从菜单再打开时，上次的条件还在，一按就清除", async (school) => {
  const officer = await withRoster(school);
  await officer.goto("/manage/roster");
  await officer.page.locator("#activation").selectOption({ label: "未激活" });
  await officer.press("查询");
  await officer.page.waitForURL(/activation=pending/);
  await officer.checkPage("roster-filtered");
  const narrow = await school.person("书院就业专员", { viewport: phone });
  await narrow.goto("/manage/roster?activation=pending");
  await narrow.checkPage("roster-filtered");

  await officer.goto("/manage");
  await officer.page.getByRole("link", { name: "学生用户管理", exact: true }).first().click();
  await officer.page.waitForURL(/activation=pending/);
  await officer.press("清除筛选");
  await officer.page.waitForURL(/clear=1/);

  await officer.goto("/manage");
  await officer.page.getByRole("link", { name: "学生用户管理", exact: true }).first().click();
  await officer.page.waitForURL(`${school.url}/manage/roster`);
  assert.equal(await officer.page.getByText("清除筛选").count(), 0);
});

story("说明用途后，可以导出完整的证件号", async (school) => {
  const officer = await withRoster(school);
  await officer.goto("/manage/roster");
  await officer.press("导出完整证件号");
  await officer.press("导出excel");
  assert.equal(await officer.page.locator(".invalid-feedback").count(), 1, "without a purpose it is refused");
  await officer.checkPage("roster-export");
  await officer.page.getByLabel("用途").fill("上报省教育厅");
  const file = await officer.download("导出excel");
  const [header, ...rows] = await readSheet(file.path);
  const identity = header.indexOf("证件号");
  assert.ok(rows.some((row) => /^\d{17}[\dX]$/.test(row[identity])));
});

story("移出生源库须写原因，移出后可以再添加", async (school) => {
  const officer = await withRoster(school);
  await officer.goto("/manage/roster");
  const studentNo = (await cells(officer, "#results tbody tr:first-child > :not(.pick)"))[0];
  await officer.page.locator("[data-select-row]").first().click();
  await officer.press("移出生源库");
  await officer.press("确认移出 1 人");
  assert.equal(await officer.page.locator(".invalid-feedback").count(), 1, "without a reason it is refused");
  await officer.checkPage("roster-removal");
  await officer.page.getByLabel("移出原因").fill("申请延期毕业");
  await officer.press("确认移出 1 人");
  await officer.goto(`/manage/roster/candidates?q=${studentNo}`);
  await officer.sees("共 1 人");
});

story("就业中心调整届别前先看到是哪些人；没有其他届别时说明原因", async (school) => {
  await withRoster(school);
  const centre = await school.person("就业中心");
  await centre.goto("/manage/roster");
  await centre.page.locator("[data-select-row]").first().click();
  await centre.press("调整届别");
  await centre.sees("没有其他已开启的届别");
  await centre.checkPage("roster-move");
});
