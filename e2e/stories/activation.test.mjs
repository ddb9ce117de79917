// “I sign in on my phone, see what is missing, come back to what I typed, and open my account.”
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { desk, engines, phone, story } from "../support/story.mjs";

const contact = { 手机: "10000000001", 邮箱: "someone@mail.example", 通讯地址: "虚构省虚构市虚构路 1 号", 邮政编码: "000000", 家庭电话: "0000-0000000" };

async function fill(student, values) {
  for (const [label, value] of Object.entries(values)) await student.page.getByLabel(label, { exact: true }).fill(value);
}

for (const engine of engines) {
  story("学生在手机上核对信息、暂存、激活", async (school) => {
    const student = await school.student("本科生，已在生源库");
    await student.goto("/student/activation");
    await student.sees("修改激活信息");
    await student.checkPage("activation-form");

    // What is typed is kept as it is typed, and says so only then.
    await fill(student, { 通讯地址: contact["通讯地址"] });
    await student.sees("正在输入，尚未保存");
    await student.sees(/^已保存 \d\d:\d\d:\d\d$/);
    await student.page.context().setOffline(true);
    await fill(student, { 邮政编码: "0000" });
    await student.sees("没有保存：网络不通");
    student.complaints.length = 0;
    await student.page.context().setOffline(false);
    await fill(student, { 邮政编码: "00000" });
    await student.sees(/^已保存/);
    await student.goto("/student/activation");
    assert.equal(await student.page.getByLabel("通讯地址").inputValue(), contact["通讯地址"]);

    // Refused: the focus is on the summary, and its links lead to the fields.
    await student.press("激活账户");
    await student.sees("还不能激活");
    assert.match(await student.page.evaluate(() => document.activeElement.textContent), /还不能激活/);
    await student.sees("邮政编码应为 6 位数字");
    await student.checkPage("activation-refused");
    await student.page.getByRole("link", { name: /邮政编码/ }).click();
    await student.picture("activation-refused-field-390");

    await fill(student, contact);
    await student.page.getByLabel("已逐项核对").check();
    await student.picture("activation-ready-390");
    await student.press("激活账户");
    await student.sees("账户已激活");
    await student.checkPage("activation-done");

    // The registrar mends the name later: only that is asked.
    const file = join(school.folder, "mended.csv");
    const number = (await student.page.locator("#student_no dd").innerText()).trim();
    const of = async (id) => (await student.page.locator(`#${id} dd`).innerText()).trim();
    await writeFile(file, `学号,姓名,学院,专业,入学年份\n${number},生僻字𫚖,${await of("school")},${await of("major")},${await of("admission_year")}\n`);
    await school.command("import", "students", file);
    await student.goto("/student/activation");
    await student.sees("有 1 项信息在你确认之后被更改");
    await student.checkPage("activation-changed");
    await student.press("更改属实，确认");
    await student.sees("账户已激活");
    await student.sees("生僻字𫚖");
  }, { engine });
}

story("没有脚本也能暂存和激活", async (school) => {
  const student = await school.student("研究生，已在生源库", { viewport: phone, javaScriptEnabled: false });
  await student.goto("/student/activation");
  await fill(student, { 通讯地址: contact["通讯地址"], 邮政编码: "1" });
  await student.press("暂存");
  await student.sees(/^已保存/);
  assert.equal(await student.page.getByLabel("邮政编码").inputValue(), "1");
  await student.press("激活账户");
  await student.sees("还不能激活");
  await fill(student, contact);
  await student.page.getByLabel("已逐项核对").check();
  await student.press("激活账户");
  await student.sees("账户已激活");
  await fill(student, { 手机: "10000000002" });
  await student.press("保存联系方式");
  await student.sees("联系方式已保存");
});

story("缺生源所在地的学生被指到门户，未入库的学生看到原因", async (school) => {
  for (const viewport of [phone, desk]) {
    const student = await school.student("须先补全生源所在地", { viewport });
    await student.goto("/student/activation");
    await student.sees("激活前有 1 项需要处理");
    await student.checkPage("activation-origin");
    await student.page.getByRole("link", { name: "请到校内信息门户修改" }).and(student.page.locator("[href='/portal/profile']")).waitFor();
    const other = await school.student("尚未加入生源库", { viewport });
    await other.goto("/student/activation");
    await other.sees("还不在生源信息库中");
    await other.checkPage("activation-not-listed");
  }
});

story("就业中心设置本届激活字段", async (school) => {
  for (const viewport of [desk, phone]) {
    const centre = await school.person("就业中心", { viewport });
    await centre.goto("/manage/class-years/2027");
    await centre.press("激活字段设置");
    await centre.page.getByLabel("家庭电话必填").uncheck();
    await centre.checkPage("activation-fields");
    await centre.press("保存");
    await centre.sees("已保存，1 项设置有变化");
    await centre.page.getByLabel("家庭电话必填").check();
    await centre.press("保存");
    await centre.sees("已保存，1 项设置有变化");
  }
});
