// “I sign in with the account that the university gave me.” With a real provider of OpenID Connect.
import assert from "node:assert/strict";
import { phone } from "../support/story.mjs";
import { oidcStory } from "../support/sso.mjs";

oidcStory("学生和教师登录，退出后统一身份认证也退出", async (school, { oidc, listed, officer }) => {
  const student = await school.visitor({ viewport: phone });
  await student.goto("/student");
  await oidc.signIn(student, listed.number);
  await student.page.waitForURL(`${school.url}/student`);
  await student.sees(listed.name);

  await student.page.locator(".topbar summary").click();
  await student.press("退出登录");
  await student.page.waitForURL(`${oidc.url}/session/end**`);
  await student.page.locator("button[value=yes]").click();
  await student.page.waitForURL(`${school.url}/`);
  await student.goto("/student");
  await student.page.waitForURL(`${oidc.url}/interaction/**`);

  const teacher = await school.visitor();
  await teacher.goto("/sign-in/staff");
  await teacher.press("统一身份认证登录");
  await oidc.signIn(teacher, officer.number);
  await teacher.page.waitForURL(`${school.url}/manage`);
  await teacher.sees(officer.name);
});

oidcStory("在统一身份认证退出，这里也就退出", async (school, { oidc, listed }) => {
  const telephone = await school.visitor({ viewport: phone });
  const desk = await school.visitor();
  for (const browser of [telephone, desk]) {
    await browser.goto("/sign-in/student");
    await oidc.signIn(browser, listed.number);
    await browser.page.waitForURL(`${school.url}/student`);
  }

  // Not by our button: as from another system of the university.
  await telephone.page.goto(`${oidc.url}/session/end`);
  await telephone.page.locator("button[value=yes]").click();
  await telephone.page.waitForURL(`${oidc.url}/session/end/success**`);
  telephone.complaints.length = 0;

  await telephone.goto("/student");
  await telephone.page.waitForURL(`${oidc.url}/interaction/**`);
  await desk.goto("/student");
  await desk.sees(listed.name);
});

oidcStory("用过的回应和不认识的人都进不来", async (school, { oidc, listed }) => {
  const student = await school.visitor({ viewport: phone });
  const back = student.page.waitForRequest((request) => request.url().startsWith(`${school.url}/sign-in/oidc?`));
  await student.goto("/sign-in/student");
  await oidc.signIn(student, listed.number);
  const used = (await back).url();
  await student.page.waitForURL(`${school.url}/student`);

  const stranger = await school.visitor({ viewport: phone });
  assert.equal((await stranger.goto(used)).status(), 400);
  await stranger.goto("/sign-in/student");
  await oidc.signIn(stranger, "2999999999");
  await stranger.sees("本系统中没有学号 2999999999");
  await stranger.checkPage("sso-oidc-unknown");
  // At the provider one is still signed in, and still unknown here.
  await stranger.goto("/student");
  await stranger.sees("本系统中没有学号 2999999999");
});

oidcStory("统一身份认证停了，页面说明白，恢复后重试就进来", async (school, { oidc, listed }) => {
  await oidc.stop();
  const student = await school.visitor({ viewport: phone });
  assert.equal((await student.goto("/sign-in/student")).status(), 503);
  await student.sees("统一身份认证暂时不可用");

  await oidc.start();
  await student.press("重试");
  await oidc.signIn(student, listed.number);
  await student.page.waitForURL(`${school.url}/student`);
});
