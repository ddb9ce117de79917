// “I look where I stand, read why I am not on the list, say that my name is wrong, and get an answer.”
import assert from "node:assert/strict";
import { desk, engines, phone, story } from "../support/story.mjs";

/** Every link of the page that is big enough for a finger, by its own words. */
async function smallTargets(person) {
  return person.page.locator(".btn, .stages a, .rows a").evaluateAll((all) =>
    all.filter((one) => one.offsetParent && one.getBoundingClientRect().height < 43.5).map((one) => one.innerText));
}

for (const viewport of [phone, desk]) {
  story(`不在名单里的学生看到原因和联系人（${viewport.width}）`, async (school) => {
    const student = await school.student("尚未加入", { viewport });
    await student.sees("你还不在生源信息库中");
    await student.sees("为什么我还不在名单里");
    await student.sees("只是本院还没有把你加入名单");
    assert.equal(await student.page.getByText("修改激活信息").count(), 0);
    await student.checkPage("student-not-listed");
    await student.press("联系本院就业专员");
    assert.match(student.page.url(), /#contacts$/);
    for (const step of ["roster", "record", "activation", "recommendation", "agreement", "leaving"]) {
      await student.goto(`/student/steps/${step}`);
      await student.checkPage(step === "agreement" ? "student-step-not-listed" : undefined);
    }
  });
}

story("在名单里的学生看到进度、期限和下一步，按钮手指点得到", async (school) => {
  const student = await school.student("待激活");
  await student.sees("账户激活截止");
  assert.equal(await student.page.locator("main .btn-primary").count(), 1, "one main button");
  assert.deepEqual(await smallTargets(student), []);
  await student.checkPage("student-home");
  for (const step of ["roster", "record", "activation", "agreement"]) {
    await student.goto(`/student/steps/${step}`);
    await student.checkPage(`student-step-${step}`);
  }
  await student.page.setViewportSize(desk);
  await student.goto("/student");
  await student.checkPage("student-home");
});

for (const engine of engines) {
  story("学生报告信息有误，院系答复，学生收到答复", async (school) => {
    const student = await school.student("本科生，已在生源库");
    await student.page.getByRole("link", { name: /^我的数据/ }).click();
    await student.page.waitForURL("**/student/record");
    await student.checkPage("student-record");
    await student.page.locator("#document_no .row-extra").click();
    await student.sees("隐藏");
    assert.match(await student.page.locator("#document_no").innerText(), /\d{17}[\dX]/);
    await student.page.locator("#name > a").click();
    await student.sees("信息有误？");
    await student.press("报告信息有误");
    assert.equal(await student.page.locator(".invalid-feedback").count(), 1, "without a value it is refused");
    await student.page.getByLabel("正确的值").fill("<i>卢宇钰</i>");
    await student.page.getByLabel("说明").fill("户口本上是“钰”");
    await student.checkPage("student-field");
    await student.press("报告信息有误");
    await student.sees("更正中");
    await student.checkPage("student-field-reported");

    const officer = await school.person("就业中心");
    await officer.goto("/manage/corrections");
    await officer.sees("<i>卢宇钰</i>");
    await officer.checkPage("corrections");
    await officer.page.setViewportSize(phone);
    await officer.checkPage("corrections");
    await officer.page.setViewportSize(desk);
    await officer.page.locator("a", { hasText: "查看和答复" }).first().click();
    await officer.checkPage("correction");
    await officer.page.getByLabel("答复内容").fill("已与教务处核实，现在的值无误");
    await officer.press("答复并办结");
    await officer.sees("已答复，并已通知学生");
    await officer.goto("/manage/corrections/offices");
    await officer.checkPage("correction-offices");

    await student.goto("/student/messages");
    await student.page.getByRole("link", { name: /姓名.*已答复/ }).click();
    await student.sees("现在的值无误");
    await student.press("去办理");
    await student.sees("以前的报告");
    await student.checkPage("student-field-answered");
  }, { engine });
}

story("谁完整看过证件号，学生都看得到", async (school) => {
  const student = await school.student("本科生，已在生源库");
  await student.goto("/student/disclosures");
  await student.sees("没有记录");
  const centre = await school.person("就业中心");
  const studentNo = (await student.page.locator(".menu-head").first().textContent()).trim();
  await centre.goto(`/manage/roster?q=${studentNo}`);
  await centre.page.getByRole("link", { name: /^显示 .* 的证件号/ }).click();
  await centre.page.getByLabel("用途").fill("核对报到证");
  await centre.page.locator("form button.btn-primary").first().click();
  await student.goto("/student/disclosures");
  await student.sees("核对报到证");
  await student.checkPage("student-disclosures");
});
