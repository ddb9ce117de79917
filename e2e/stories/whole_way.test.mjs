// “My phone, the university's account, and half an hour later I am activated; the office sees it.” With a real CAS server.
import assert from "node:assert/strict";
import { phone } from "../support/story.mjs";
import { casStory } from "../support/sso.mjs";

const contact = { 手机: "10000000001", 邮箱: "someone@mail.example", 通讯地址: "虚构省虚构市虚构路 1 号", 邮政编码: "000000", 家庭电话: "0000-0000000" };

/** Presses the one main button of the page, which leads to the next step. */
const nextStep = (student) => student.page.locator("main .btn-primary").click();

casStory("从统一身份认证到激活：缺生源所在地的学生在手机上一路走完，就业中心看到", async (school, { cas, incomplete }) => {
  const centre = await school.person("就业中心");
  const find = `/manage/activation?q=${incomplete.number}`;
  await centre.goto(find);
  await centre.sees(incomplete.name);
  await centre.checkPage("way-officer-before");

  const student = await school.visitor({ viewport: phone });
  await student.goto("/");
  await student.picture("way-1-front-390");
  await student.page.getByRole("link", { name: /学生登录/ }).first().click();
  await cas.signIn(student, incomplete.number);
  await student.page.waitForURL(`${school.url}/student`);
  await student.checkPage("way-2-home");

  // The home page leads to what is missing, and from there to where it is mended.
  await nextStep(student);
  await student.checkPage("way-3-missing");
  await student.page.locator("main a[href^='/portal/profile']").first().click();
  await student.page.locator("a[href='/portal/profile/origin']").first().click();
  await student.page.getByRole("searchbox").pressSequentially("yanta", { delay: 30 });
  await student.page.getByRole("radio", { name: /雁塔区/ }).check();
  await student.checkPage("way-4-origin");
  await student.press("保存选中的地区");
  await student.sees("已保存生源所在地");
  await student.checkPage("way-5-saved");

  await student.goto("/student");
  await student.checkPage("way-6-home");
  await nextStep(student);
  await student.page.waitForURL("**/student/activation");
  for (const [label, value] of Object.entries(contact)) await student.page.getByLabel(label, { exact: true }).fill(value);
  await student.page.getByLabel("已逐项核对").check();
  await student.checkPage("way-7-form");
  await student.press("激活账户");
  await student.sees("账户已激活");
  await student.checkPage("way-8-activated");
  await student.goto("/student");
  await student.checkPage("way-9-home");

  await centre.goto(find);
  assert.equal(await centre.page.getByText(incomplete.name).count(), 0, "who has activated is no longer among those who have not");
  await centre.checkPage("way-officer-after");
});
