// “I see who of my class has not activated, remind them, and see who has read it; the student finds the message on the phone.”
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { desk, engines, phone, story } from "../support/story.mjs";

/** Waits until the letters of the sending lie in the folder: without a mail server that is where they go. */
async function letters(school, number) {
  const folder = join(school.folder, "files/mail");
  for (let waited = 0; waited < 30_000; waited += 200) {
    const files = await readdir(folder).catch(() => []);
    if (files.length >= number) return files;
    await new Promise((go) => setTimeout(go, 200));
  }
  throw new Error(`there are no ${number} letters in ${folder}`);
}

for (const engine of engines) {
  story("就业专员按班级提醒未激活的学生，学生在手机上看到并去办理", async (school) => {
    await school.command("roster", "confirm", "--class-year", "2027", "--college", "S01", "--expected");
    const student = await school.student("尚未加入");
    await student.goto("/student/record");
    const className = (await student.page.locator("#class_name .row-value").innerText()).split("\n")[0].trim();

    const officer = await school.person("书院", { viewport: desk });
    await officer.goto("/manage");
    await officer.press("未激活：查看和提醒");
    await officer.sees("激活进度");
    await officer.checkPage("progress");
    const pending = await officer.tile("未激活");
    assert.ok(pending > 0, "somebody has not activated");
    await officer.page.getByLabel("班级", { exact: true }).fill(className);
    await officer.press("查询");
    await officer.page.waitForURL(/class_name=/);
    const ofClass = await officer.tile("未激活");
    assert.ok(ofClass > 0 && ofClass <= pending);
    await officer.page.getByRole("link", { name: /^选中可提醒的/ }).click();
    await officer.page.locator("[data-select-row]:checked").first().waitFor();
    await officer.checkPage("progress-class");
    await officer.press("提醒选中学生");
    await officer.sees(`已选 ${ofClass} 人，将提醒`);
    await officer.checkPage("reminder-question");
    await officer.press("发送提醒");
    await officer.sees(`已提醒 ${ofClass} 人`);
    await officer.checkPage("reminder-record");

    await student.goto("/student");
    await student.page.getByRole("link", { name: /^消息/ }).first().click();
    await student.sees("1 条未读");
    await student.checkPage("messages");
    await student.page.getByRole("link", { name: "请激活就业账户" }).click();
    await student.sees("逐项核对信息并激活");
    await student.checkPage("message");
    await student.press("去办理");
    await student.page.waitForURL("**/student/activation");

    await officer.page.reload();
    await officer.sees("已读 1");
    const files = await letters(school, 1);
    assert.ok(files.every((file) => file.endsWith(".eml")), files.join());

    // A second reminder on the same day reaches nobody.
    await officer.goto(`/manage/activation?class_name=${encodeURIComponent(className)}&mode=all`);
    await officer.press("提醒选中学生");
    await officer.sees("今天已提醒过，不再发送");
    assert.equal(await officer.page.getByRole("button", { name: "发送提醒" }).count(), 0);
  }, { engine });
}

story("就业专员按组看进度，以学生视角查看，学生知道谁看过", async (school) => {
  await school.command("roster", "confirm", "--class-year", "2027", "--college", "S01", "--expected");
  const student = await school.student("尚未加入");
  await student.goto("/student/record");
  const number = (await student.page.locator("#student_no .row-value").innerText()).split("\n")[0].trim();
  for (const viewport of [desk, phone]) {
    const officer = await school.person("书院", { viewport });
    await officer.goto("/manage/activation");
    await officer.checkPage("progress");
    await officer.goto("/manage/activation/groups?by=class");
    await officer.checkPage("progress-groups");
    await officer.goto(`/manage/activation?q=${number}`);
    await officer.press(number);
    await officer.sees("正在以学生视角查看");
    await officer.checkPage("as-student");
    // What the student would press does not react.
    const links = officer.page.locator(".as-student a");
    assert.ok((await links.count()) > 0);
    await links.first().click({ force: true, timeout: 2000 }).catch(() => {});
    assert.match(new URL(officer.page.url()).pathname, /\/manage\/students\/\d+\/view$/);
    await officer.goto("/manage/activation/reminders");
    await officer.checkPage("reminders");
  }
  await student.goto("/student/disclosures");
  await student.sees("以你的视角查看了页面");
});
