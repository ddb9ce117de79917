// “I give a new colleague an account; everything I did stands in the log.”
import assert from "node:assert/strict";
import { story } from "../support/story.mjs";

story("管理员创建账号，新老师首次登录先改密码，审计日志记下全部", async (school) => {
  const administrator = await school.person("管理员");
  await administrator.goto("/manage/accounts/new");
  await administrator.page.getByLabel("账号（工号）").fill("t2041");
  await administrator.page.getByLabel("姓名").fill("周老师");
  await administrator.page.getByLabel("角色").selectOption("officer");
  await administrator.page.getByLabel("院系").selectOption("S02");
  await administrator.press("创建账号");
  const password = await administrator.page.locator("#one-time-password").innerText();
  await administrator.checkPage("account-created");

  const newcomer = await school.visitor();
  await newcomer.signIn({ login: "t2041", password });
  await newcomer.goto("/manage/roster/candidates");
  await newcomer.sees("请先设置自己的密码");
  await newcomer.page.getByLabel("当前密码").fill(password);
  for (const label of ["新密码", "再次输入新密码"]) await newcomer.page.getByLabel(label, { exact: true }).fill("竹外桃花三两枝春江水暖");
  await newcomer.press("修改密码");
  await newcomer.page.locator("#flash .notice-success").waitFor();
  await newcomer.goto("/manage/roster/candidates");
  await newcomer.sees("可直接添加");

  await administrator.goto("/manage/audit");
  await administrator.checkPage("audit");
  const actions = await administrator.page.locator("th[data-label=操作]").allInnerTexts();
  assert.ok(actions.length > 3, actions.join(", "));
  const { stdout } = await school.command("verify");
  assert.ok(stdout.length > 0);
});

story("院系教师看不到账号和审计日志", async (school) => {
  const officer = await school.person("书院就业专员");
  for (const address of ["/manage/accounts", "/manage/audit", "/manage/imports"]) {
    assert.equal((await officer.goto(address)).status(), 403);
    await officer.checkPage();
  }
});
