// “I sign in, see what is to be done until when, and sign out again.”
import { desk, phone, story } from "../support/story.mjs";

story("院系教师登录后看到要做的事和截止日期", async (school) => {
  for (const viewport of [desk, phone]) {
    const visitor = await school.visitor({ viewport });
    await visitor.goto("/");
    await visitor.checkPage("public");
    await visitor.press("教师登录");
    await visitor.checkPage("sign-in");

    const officer = await school.person("书院", { viewport });
    await officer.sees("截止");
    await officer.sees("应毕业、未在库（可能遗漏）");
    await officer.checkPage("home");
  }
});

story("密码输错时留下账号，并说明该怎么办", async (school) => {
  const visitor = await school.visitor();
  await visitor.goto("/sign-in/staff");
  await visitor.page.getByRole("textbox", { name: "账号" }).fill("nobody");
  await visitor.page.getByRole("textbox", { name: "密码" }).fill("wrong-password");
  await visitor.press("登录");
  await visitor.sees("账号或密码不正确");
  await visitor.page.getByRole("textbox", { name: "账号" }).and(visitor.page.locator("[value=nobody]")).waitFor();
  await visitor.checkPage("sign-in-refused");
});

story("退出后，原来的页面要求重新登录", async (school) => {
  const officer = await school.person("书院");
  await officer.goto("/manage/roster/candidates");
  await officer.page.locator(".topbar summary").click();
  await officer.press("退出登录");
  await officer.page.waitForURL(`${school.url}/`);
  await officer.goto("/manage/roster/candidates");
  await officer.page.waitForURL("**/sign-in/staff?next=**");
});
