// “The list has come: I see what each row comes to, put it in force, and every school adds its own with one press.”
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { phone, story } from "../support/story.mjs";

async function upload(centre, school, kind, name, content) {
  const path = join(school.folder, name);
  await writeFile(path, content);
  await centre.goto("/manage/special-lists");
  await centre.page.getByLabel("名单", { exact: true }).selectOption(kind);
  await centre.page.getByLabel("文件", { exact: true }).setInputFiles(path);
  await centre.press("上传并核对");
  await centre.page.waitForURL(/special-lists\/\d+/);
}

/** 学号 and 姓名 of the students on the first page of 名单确认 whose 学籍 is 延长学制. */
async function extended(centre) {
  await centre.goto("/manage/roster/candidates?expected=doubtful&type=undergraduate");
  const rows = await centre.page.locator("#results tbody tr", { hasText: "延长学制" }).all();
  return Promise.all(rows.map(async (row) => ({
    number: await row.locator("td[data-label=学号]").innerText(),
    name: await row.locator("[data-label=姓名]").innerText(),
  })));
}

story("就业中心按教务处名单添加延长学制学生，再整份撤销", async (school) => {
  const centre = await school.person("就业中心");
  const students = await extended(centre);
  assert.ok(students.length > 0, "the demo has extended undergraduates");
  const officer = await school.person("书院就业专员");
  await officer.goto("/manage/roster/candidates");
  await officer.sees("延长学制本科生不能在此添加");
  const rows = students.map(({ number, name }) => `${number},${name}\n`).join("");
  const list = `学号,姓名\n${rows}2990000000001,查无此人\n4.4E+17,某人\n`;
  await upload(centre, school, "extended", "延长学制.csv", list);
  assert.equal(await centre.tile("可添加"), students.length);
  assert.equal(await centre.tile("查无此人"), 1);
  assert.equal(await centre.tile("学号无法识别"), 1);
  await centre.checkPage("special-list-preview");
  await centre.press(`添加可添加的 ${students.length} 人`);
  await centre.press("确认执行");
  await centre.sees(`${students.length} 人已加入生源库`);
  const done = centre.page.url();

  await upload(centre, school, "extended", "延长学制.csv", list);
  await centre.sees("没有可添加的学生");
  await centre.checkPage("special-list-nothing");
  const answer = await centre.download("下载带“原因”列的文件");
  assert.equal(answer.name, "延长学制.result.csv");
  await centre.press("放弃");
  await centre.sees("名单已放弃");
  await centre.checkPage("special-lists");

  await centre.goto(done);
  await centre.press("撤销名单");
  await centre.press("确认撤销");
  await centre.sees(`${students.length} 人已移出生源库`);
});

story("学院一次添加名单上的博士生，新版名单先看差异，中心提醒未完成的院", async (school) => {
  const officer = await school.person("学院就业专员");
  await officer.goto("/manage/doctoral-list");
  const missing = await officer.tile("未在库");
  assert.ok(missing > 0, "the demo has doctoral students to add");
  await officer.checkPage("doctoral-list");
  const centre = await school.person("就业中心");
  await centre.goto("/manage/doctoral-list");
  await centre.checkPage("doctoral-list-centre");
  await centre.press("提醒未完成的院");
  await centre.sees("今天已提醒");
  await officer.goto("/manage");
  await officer.sees("人未加入生源库");

  await officer.goto("/manage/doctoral-list");
  await officer.page.getByRole("button", { name: /^添加名单上的 \d+ 人$/ }).click();
  await officer.press("确认添加");
  await officer.sees("已添加到 2027 届生源库");
  assert.ok(await officer.tile("未在库") < missing);
  await officer.checkPage("doctoral-list-added");
  const narrow = await school.person("学院就业专员", { viewport: phone });
  await narrow.goto("/manage/doctoral-list?what=unknown");
  await narrow.sees("4990000000001");
  await narrow.checkPage("doctoral-list-unknown");

  await upload(centre, school, "doctoral", "第二版.csv", "学号,姓名,学院\n4990000000001,查无此人,计算机学院\n4990000000002,查无此人,\n");
  await centre.sees("与第 1 版相比：新增 1，移除");
  await centre.checkPage("special-list-difference");
  await centre.page.locator(".tabs").getByRole("link", { name: /移除/ }).click();
  await centre.sees("前一版有，这一版没有");
  await centre.press("启用这一版名单");
  await centre.press("确认执行");
  await centre.sees("名单已生效");
  await centre.press("撤销名单");
  await centre.press("确认撤销");
  await centre.sees("前一版（如有）重新生效");
});
